/** Deleting a conversation: asked first, gone from every page at once, begun anew by either side; and a page that mends itself. */

import type { Page } from 'playwright-core'
import t from 'tap'
import { axe } from './support/axe.ts'
import { BrowserTests } from './support/browser.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const alice = new Person('Alice')
const bob = new Person('Bob')
await browser.before(async () => {
  await startPeople(t, alice, bob)
  await alice.befriend(bob)
})

const composer = (page: Page, name: string) => page.getByRole('textbox', { name: `Message to ${name}` })
const words = (page: Page, text: string) => page.locator('.words').filter({ hasText: text })
const row = (page: Page, name: string) => page.getByRole('link').filter({ hasText: name })

async function openChat(page: Page, name: string): Promise<void> {
  await row(page, name).click()
  await composer(page, name).waitFor()
}

browser.test('it is asked first; then it is gone from both pages, and the draft with it', async (t, visits) => {
  await alice.say(bob, 'to be deleted')
  await bob.holds(alice, 'to be deleted')
  const page = await visits.open(alice)
  const other = await visits.open(alice, { width: 360 })
  for (const each of [page, other]) {
    await openChat(each, 'Bob')
    await words(each, 'to be deleted').waitFor()
  }
  await composer(page, 'Bob').fill('a draft')
  await page.getByTestId('open-details').click()
  await page.getByTestId('delete-conversation').click()
  await page.getByText('deleted on this device, for good').waitFor()
  await axe(t, page, 'delete-question')
  await page.getByRole('button', { name: 'Cancel' }).locator('visible=true').click()
  await page.locator('[data-testid=confirm-yes]:visible').waitFor({ state: 'detached' })
  await page.getByTestId('delete-conversation').click()
  await page.getByText('deleted on this device, for good').waitFor()
  await page.locator('[data-testid=confirm-yes]:visible').click()
  for (const each of [page, other]) {
    await each.getByTestId('begin-anew').filter({ hasText: 'Bob' }).waitFor()
    t.equal(await row(each, 'Bob').count(), 0)
    t.equal(await words(each, 'to be deleted').count(), 0)
  }
  await axe(t, page, 'contact-without-conversation')
  await page.reload()
  await page.getByTestId('begin-anew').filter({ hasText: 'Bob' }).click()
  await composer(page, 'Bob').waitFor()
  t.equal(await composer(page, 'Bob').inputValue(), '')
  t.equal(await page.getByTestId('message').count(), 0)
})

browser.test('a later message of the other side opens it again, empty', async (t, visits) => {
  await alice.client.ask('DELETE', `/conversations/${(await alice.conversation(bob)).id}`)
  const page = await visits.open(alice)
  await page.getByTestId('begin-anew').filter({ hasText: 'Bob' }).waitFor()
  await bob.say(alice, 'are you there?')
  await row(page, 'Bob').waitFor()
  await page.getByTestId('begin-anew').waitFor({ state: 'detached' })
  await openChat(page, 'Bob')
  await words(page, 'are you there?').waitFor()
  t.equal(await page.getByTestId('message').count(), 1)
  await composer(page, 'Bob').fill('I am')
  await composer(page, 'Bob').press('Enter')
  await bob.holds(alice, 'I am')
  t.strictSame(await bob.texts(alice), ['to be deleted', 'are you there?', 'I am'])
})

browser.test('all notes are deleted, and the page stays where it is', async (t, visits) => {
  const page = await visits.open(alice)
  await row(page, 'Notes to self').click()
  const box = composer(page, 'Notes to self')
  await box.fill('a note')
  await box.press('Enter')
  await words(page, 'a note').waitFor()
  await page.getByRole('button', { name: 'Delete all notes' }).first().click()
  await page.getByText('All notes on this device are deleted for good').waitFor()
  await page.locator('[data-testid=confirm-yes]:visible').click()
  await words(page, 'a note').waitFor({ state: 'detached' })
  await box.fill('another')
  await box.press('Enter')
  await words(page, 'another').waitFor()
  t.equal(await page.getByTestId('message').count(), 1)
})
