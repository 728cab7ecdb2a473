/** Another device answers where the owner found a contact: seen in the list, above the conversation and in the details, until put away. */

import t from 'tap'
import { axe } from './support/axe.ts'
import { BrowserTests } from './support/browser.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const [alice, bob, mallory] = [new Person('Alice'), new Person('Bob'), new Person('Mallory')]
await browser.before(async () => {
  await startPeople(t, alice, bob)
  t.teardown(async () => await mallory.stop())
  await alice.befriend(bob)
})

browser.test('it comes up by itself, tells both fingerprints, and goes when it is put away', async (t, visits) => {
  const page = await visits.open(alice)
  const row = page.getByTestId('conversation').filter({ hasText: 'Bob' })
  await row.waitFor()
  t.equal(await row.getByText('Another device answers').count(), 0)
  const { fingerprint } = await bob.me()
  await bob.stop()
  await mallory.startInPlaceOf(bob)
  await row.getByText('Another device answers at their address').waitFor({ state: 'attached' })
  await row.click()
  const bar = page.getByTestId('mismatch-bar')
  await bar.getByText(bob.address).waitFor()
  await axe(t, page, 'the bar')
  await bar.getByRole('button', { name: 'Details' }).press('Enter')
  const notice = page.getByTestId('mismatch')
  await notice.getByText((await mallory.me()).fingerprint).waitFor()
  await notice.getByText(fingerprint).waitFor()
  await axe(t, page, 'the notice')
  await notice.getByRole('button', { name: /^I know about/ }).press('Enter')
  await notice.waitFor({ state: 'detached' })
  await bar.waitFor({ state: 'detached' })
  await row.getByText('Another device answers').waitFor({ state: 'detached' })
  t.equal((await alice.contact('Bob', () => true)).mismatches, undefined)
  await page.reload()
  await page.getByTestId('details').waitFor()
  t.equal(await page.getByTestId('mismatch').count(), 0, 'and stays away')
})
