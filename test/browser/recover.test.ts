/** The first screen of a new device takes 24 words: who was found, which devices are lost, and one's own conversations afterwards. */

import t from 'tap'
import type { ShownPhrase } from '../../protocol/http-phrase.ts'
import { axe } from './support/axe.ts'
import { BrowserTests, consoleSays } from './support/browser.ts'
import { fits } from './support/looks.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const [alice, bob] = [new Person('Alice'), new Person('Bob')]
const young = new Person('somebody', { fresh: true })
const context = { reducedMotion: 'reduce' } as const
let words: string[] = []

await browser.before(async () => {
  await startPeople(t, alice, bob, young)
  await alice.befriend(bob)
  await bob.say(alice, 'Hello Alice')
  words = (await alice.client.ask<ShownPhrase>('POST', '/recovery-phrase/show', {})).words
  await alice.stop()
})

browser.test('words, then who answered, then one is back', async (t, visits) => {
  const expected = [consoleSays.refused, consoleSays.daemonGone]
  const wide = await visits.open(young, { width: 1280, scheme: 'dark', expected, context })
  const page = await visits.open(young, { width: 360, scheme: 'light', expected, context })
  for (const each of [page, wide]) await each.getByText('My devices are lost, and I have my 24 words').click()
  await axe(t, page, 'recover-words-360-light')
  const look = async (typed: readonly string[]): Promise<void> => {
    await page.getByTestId('recovery-words').fill(typed.join(' '))
    await page.getByTestId('recovery-address').fill(bob.address)
    await page.getByTestId('recovery-look').click()
  }
  await look(words.with(2, 'warren'))
  await page.getByText('Word 3 is not a word of a recovery phrase.', { exact: false }).waitFor()
  await look(words)
  await page.getByTestId('recovery-found').waitFor()
  t.equal(await page.getByTestId('recovery-words').count(), 0, 'the words are on no screen any more')
  await page.getByTestId('recovery-found').getByText('Bob').waitFor()
  await page.locator('warren-recover fieldset input').check()
  const ask = page.getByTestId('recovery-ask')
  t.notOk(await ask.isChecked(), 'nobody is asked unless one says so')
  await ask.check()
  await axe(t, page, 'recover-found-360-light')
  t.ok(await fits(page))
  await wide.getByTestId('recovery-found').waitFor()
  await axe(t, wide, 'recover-found-1280-dark')
  await page.getByTestId('recovery-finish').click()
  await page.getByRole('link').filter({ hasText: 'Bob' }).first().click()
  await page.getByTestId('messages').getByText('Hello Alice').waitFor()
})
