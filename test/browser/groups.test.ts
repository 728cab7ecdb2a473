/** Groups at several pages: made, joined by invitation and by link, written in, looked after, left. */

import type { Page } from 'playwright-core'
import t from 'tap'
import { judgeFile } from '../../daemon/export/check-file.ts'
import { BrowserTests, consoleSays } from './support/browser.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const alice = new Person('Alice')
const bob = new Person('Bob')
const carol = new Person('Carol')
await browser.before(async () => {
  await startPeople(t, alice, bob, carol)
  await alice.befriend(bob)
})

const words = (page: Page, text: string) => page.locator('.words').filter({ hasText: text })
const notice = (page: Page, text: string) => page.getByTestId('notice').filter({ hasText: text })
const row = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Conversations' }).getByRole('link').filter({ hasText: name })

async function write(page: Page, group: string, text: string): Promise<void> {
  const composer = page.getByRole('textbox', { name: `Message to ${group}` })
  await composer.fill(text)
  await composer.press('Enter')
}

async function toDetails(page: Page, group: string): Promise<void> {
  await row(page, group).click()
  await page.getByRole('button', { name: `Details of ${group}` }).click()
  await page.getByTestId('members').waitFor()
}

async function makeGroup(page: Page, name: string, ...members: readonly Person[]): Promise<void> {
  await page.getByRole('button', { name: 'New group' }).click()
  for (const member of members) await page.getByRole('checkbox', { name: member.name }).check()
  await page.getByTestId('next').click()
  await page.getByTestId('group-name').fill(name)
  await page.getByTestId('group-name').press('Enter')
  // Below a dialog that fades away nothing can be typed.
  await page
    .getByRole('textbox', { name: `Message to ${name}` })
    .and(page.locator(':focus'))
    .waitFor()
}

browser.test('a group of one: made, written in, renamed and closed', async (t, visits) => {
  const page = await visits.open(alice)
  await makeGroup(page, 'Draft')
  await notice(page, 'You created the group').waitFor()
  await write(page, 'Draft', 'nobody hears me yet')
  await words(page, 'nobody hears me yet').waitFor()
  await toDetails(page, 'Draft')
  await page.getByTestId('edit-group').click()
  await page.getByRole('textbox', { name: 'Name of the group' }).fill('Plans')
  await page.getByTestId('save-group').click()
  await page.getByRole('heading', { name: 'Plans', level: 1 }).waitFor()
  await notice(page, 'You named the group “Plans”').waitFor()
  await page.getByTestId('close-group').click()
  await page.locator('[data-testid=confirm-yes]:visible').click()
  await page.getByTestId('no-writing').getByText('This group was closed.').waitFor()
  t.equal(await page.getByTestId('composer').count(), 0)
  // Loaded anew the page knows less of it; nothing is asked of the daemon that is not there any more.
  await page.reload()
  await page.getByTestId('members').waitFor()
  await page.getByTestId('member').first().waitFor()
  await page.getByTestId('export-conversation').click()
  await page.getByText('The file leaves the protection of Warren').waitFor()
  await page.getByRole('radio', { name: 'A file that can be checked (JSON)' }).check()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('[data-testid=export-save]:visible').click(),
  ])
  t.match(download.suggestedFilename(), /^warren-plans-\d{4}-\d\d-\d\d\.json$/)
  const verdict = await judgeFile(await download.path())
  t.match(verdict, { valid: true, report: { messages: 1, group: { name: 'Plans', closed: true } } })
  await page.locator('[data-testid=export-save]:visible').waitFor({ state: 'detached' })
  await page.getByTestId('group-details').getByTestId('delete-conversation').click()
  await page.locator('[data-testid=confirm-yes]:visible').click()
  await row(page, 'Plans').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'New group' }).waitFor()
  const { items } = await alice.client.ask<{ items: { title: string }[] }>('GET', '/conversations')
  t.notOk(items.some(({ title }) => title === 'Plans'))
})

browser.test('an invitation is accepted, words go both ways, and a removal shuts out', async (t, visits) => {
  const page = await visits.open(alice)
  const theirs = await visits.open(bob)
  await makeGroup(page, 'Lake', bob)
  await row(theirs, 'Lake').getByText('Invitation from Alice').waitFor()
  await row(theirs, 'Lake').click()
  await theirs.getByText('Alice invites you.').waitFor()
  await theirs.getByTestId('accept-group').click()
  await theirs.getByRole('textbox', { name: 'Message to Lake' }).waitFor()
  await notice(page, 'Bob joined').waitFor()
  await write(page, 'Lake', 'Saturday at nine?')
  await words(theirs, 'Saturday at nine?').waitFor()
  await write(theirs, 'Lake', 'I bring the tent')
  await words(page, 'I bring the tent').waitFor()
  await page.locator('.author').getByText('Bob').waitFor()
  const own = page.getByTestId('message').filter({ hasText: 'Saturday at nine?' })
  await own.getByRole('img', { name: 'Read' }).waitFor()
  const ticks = own.getByRole('button', { name: 'Who has this message?' })
  await ticks.focus()
  await page.keyboard.press('Enter')
  const info = page.getByRole('dialog', { name: 'Who has this message?' })
  await page.getByTestId('receipt').filter({ hasText: 'Bob' }).getByText('at the latest').waitFor()
  await page.getByText('The other device holds it.').waitFor()
  await page.keyboard.press('Escape')
  await info.waitFor({ state: 'detached' })
  await ticks.and(page.locator(':focus')).waitFor()
  await toDetails(page, 'Lake')
  await page.getByTestId('member').filter({ hasText: 'Bob' }).click()
  await page.getByRole('radio', { name: 'Reader' }).check()
  await theirs.getByTestId('no-writing').getByText('You are a reader here.').waitFor()
  await page.getByTestId('remove-member').click()
  await page.locator('[data-testid=confirm-yes]:visible').click()
  await theirs.getByTestId('no-writing').getByText('You were removed from this group.').waitFor()
  await words(theirs, 'Saturday at nine?').waitFor()
  await notice(page, 'You removed Bob').waitFor()
})

browser.test('a link lets somebody in whom nobody knows, and they leave again', async (t, visits) => {
  const page = await visits.open(alice)
  const theirs = await visits.open(carol, { expected: [consoleSays.refused] })
  await makeGroup(page, 'Garden')
  await toDetails(page, 'Garden')
  await page.getByTestId('open-invites').click()
  await page.getByTestId('make-link').click()
  const link = (await page.getByTestId('group-link').getByTestId('copy-text').textContent()) ?? ''
  t.match(link, /^warren:/)
  await theirs.getByRole('button', { name: 'Add someone' }).first().click()
  await theirs.getByRole('tab', { name: 'Address' }).click()
  await theirs.getByTestId('address').fill(link)
  await theirs.getByTestId('look').click()
  await theirs.getByTestId('join').getByRole('heading', { name: 'Garden' }).waitFor()
  await theirs.getByTestId('join-group').click()
  await row(theirs, 'Garden').click()
  await notice(theirs, 'You joined by link').waitFor()
  await notice(page, 'joined by link').waitFor()
  await write(theirs, 'Garden', 'hello, gardeners')
  await words(page, 'hello, gardeners').waitFor()
  await page.keyboard.press('Escape')
  await page.getByTestId('group-link').waitFor({ state: 'hidden' })
  await toDetails(page, 'Garden')
  await page.getByTestId('member').filter({ hasText: 'Carol' }).click()
  await page.getByTestId('member-ask').click()
  await page.getByTestId('member-dialog').getByText('Asked, no answer yet').waitFor()
  await theirs.getByTestId('incoming-request').getByText('You are both in “Garden”.').waitFor()
  await theirs.getByRole('button', { name: 'Details of Garden' }).click()
  await theirs.getByTestId('leave-group').click()
  await theirs.locator('[data-testid=confirm-yes]:visible').click()
  await theirs.getByTestId('no-writing').getByText('You left this group.').waitFor()
  await notice(page, 'Carol left').waitFor()
})
