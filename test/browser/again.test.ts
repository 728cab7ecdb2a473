/** Contacts that come and go, and people who look like others, as the page shows them. */

import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import type { Contact } from '../../protocol/http-people.ts'
import { axe } from './support/axe.ts'
import { BrowserTests, consoleSays, type Visits } from './support/browser.ts'
import { fits } from './support/looks.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const alice = new Person('Alice')
const bob = new Person('Bob')
const carol = new Person('Carol')
const mallory = new Person('Воb')
await browser.before(async () => {
  await startPeople(t, alice, bob, carol, mallory)
  await alice.befriend(bob)
  await alice.befriend(carol)
})

const composer = (page: Page, name: string) => page.getByRole('textbox', { name: `Message to ${name}` })
const contactOf = async (person: Person, name: string): Promise<Contact> => await person.contact(name, () => true)
/** The same place on a phone at night: nothing sticks out, axe finds nothing. */
async function onPhone(t: Test, visits: Visits, who: Person, hash: string, shown: string): Promise<void> {
  const phone = await visits.open(who, { width: 360, scheme: 'dark', context: { reducedMotion: 'reduce' } })
  await phone.evaluate((to) => void (location.hash = to), hash)
  await phone.getByText(shown).first().scrollIntoViewIfNeeded()
  await axe(t, phone, `phone ${shown}`)
  t.ok(await fits(phone), 'fits')
  await phone.close()
}
const open = async (page: Page, name: string): Promise<void> =>
  await page.getByTestId('conversation').filter({ hasText: name }).click()

browser.test('a request of somebody who looks like a contact is loud, with both fingerprints', async (t, visits) => {
  const page = await visits.open(alice)
  await mallory.request(alice, 'it is me, Bob')
  const card = page.getByTestId('incoming-request')
  const warning = card.getByTestId('lookalike')
  await warning.getByText('the names only look alike').waitFor()
  for (const each of [bob, mallory]) await warning.getByText((await each.me()).fingerprint).waitFor()
  await axe(t, page, 'a request with a warning')
  await onPhone(t, visits, alice, '#/', 'the names only look alike')
  await page.evaluate((hash) => void (location.hash = hash), '#/add/address')
  await page.getByRole('textbox', { name: 'Address or contact link' }).fill(mallory.address)
  await page.getByRole('button', { name: 'Look who is there' }).click()
  await page.getByTestId('request').getByTestId('lookalike').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await card.getByRole('button', { name: 'Block' }).click()
  await card.waitFor({ state: 'detached' })
})

browser.test('a declined request stays in the settings, and can be accepted there', async (t, visits) => {
  const page = await visits.open(bob)
  await carol.request(bob, 'hello from Carol')
  const card = page.getByTestId('incoming-request')
  await card.getByRole('button', { name: 'Decline' }).click()
  await card.waitFor({ state: 'detached' })
  await carol.contact('Bob', ({ declined }) => declined)
  await page.getByTestId('open-settings').click()
  const row = page.getByTestId('declined-request')
  await row.getByText('hello from Carol').waitFor()
  const { id } = await contactOf(carol, 'Bob')
  await carol.client.ask('POST', '/contacts', { contactId: id, note: 'please' })
  await row.getByText('Has asked again').waitFor()
  await row.scrollIntoViewIfNeeded()
  await axe(t, page, 'declined requests')
  await onPhone(t, visits, bob, '#/settings', 'Has asked again')
  await row.getByRole('button', { name: 'Accept Carol' }).click()
  await composer(page, 'Carol').waitFor()
  await carol.contact('Bob', ({ state }) => state === 'accepted')
})

browser.test('the other side ends it: what waits says so, and one may ask again', async (t, visits) => {
  const page = await visits.open(alice, { expected: [consoleSays.daemonGone, consoleSays.refused] })
  await open(page, 'Bob')
  await composer(page, 'Bob').waitFor()
  await bob.stop()
  await alice.contact('Bob', ({ online }) => !online)
  await composer(page, 'Bob').fill('are you there?')
  await composer(page, 'Bob').press('Enter')
  await page.getByText('Will be delivered when Bob is back').waitFor()
  // He ends it before anything could reach him.
  await alice.stop()
  await bob.start()
  await bob.client.ask('DELETE', `/contacts/${(await contactOf(bob, 'Alice')).id}`)
  await alice.start()
  await page.getByText('Bob removed you and is no longer a contact.').waitFor()
  await page.getByText('Not delivered: Bob is not a contact').waitFor()
  t.equal(await composer(page, 'Bob').count(), 0)
  await axe(t, page, 'a conversation with a former contact')
  const { hash } = new URL(page.url())
  await onPhone(t, visits, alice, hash, 'Bob removed you and is no longer a contact.')
  await onPhone(t, visits, alice, `${hash}/details`, 'They removed you from their contacts.')
  await page.getByRole('button', { name: 'Send a new request' }).click()
  await page.getByText('You have asked Bob again.').waitFor()
  const asking = await bob.contact('Alice', ({ state }) => state === 'incoming')
  await bob.client.ask('PATCH', `/contacts/${asking.id}`, { state: 'declined' })
  await page.getByTestId('not-contacts').getByText('Bob declined your request.').waitFor()
  await bob.client.ask('PATCH', `/contacts/${asking.id}`, { state: 'accepted' })
  await composer(page, 'Bob').waitFor()
  await bob.holds(alice, 'are you there?')
})

browser.test('removing a contact, with what was said', async (t, visits) => {
  await carol.say(alice, 'forget this')
  const page = await visits.open(alice)
  await open(page, 'Carol')
  await page.getByRole('button', { name: 'Details of Carol' }).click()
  await page.getByRole('button', { name: 'Remove contact' }).click()
  await page.getByRole('dialog', { name: 'Remove Carol?' }).waitFor()
  await page.getByRole('checkbox', { name: 'Delete the conversation on this device, too' }).check()
  await axe(t, page, 'the question')
  await page.locator('[data-testid=confirm-yes]:visible').click()
  await page.getByRole('heading', { name: 'Pick a conversation' }).waitFor()
  await page.getByTestId('conversation').filter({ hasText: 'Carol' }).waitFor({ state: 'detached' })
  await alice.hear((event) => {
    const isGone = event.type === 'snapshot' && !event.contacts.some(({ name }) => name === 'Carol')
    return isGone || event.type === 'contact-gone' ? true : undefined
  })
  await carol.contact('Alice', ({ state }) => state === 'ended')
  t.ok((await carol.texts(alice)).includes('forget this'), 'she keeps hers')
})
