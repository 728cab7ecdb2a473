/** Groups at their owners' pages: made, written in, looked after, closed. */

import type { Page } from 'playwright-core'
import t from 'tap'
import { BrowserTests } from './support/browser.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const alice = new Person('Alice')
const bob = new Person('Bob')
await browser.before(async () => {
  await startPeople(t, alice, bob)
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

browser.test('a group of one: made, written in, renamed, closed and deleted', async (t, visits) => {
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
  await page.getByTestId('delete-conversation').first().click()
  await page.locator('[data-testid=confirm-yes]:visible').click()
  await row(page, 'Plans').waitFor({ state: 'detached' })
})
