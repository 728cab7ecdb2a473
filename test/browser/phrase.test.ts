/** The recovery phrase on the page: shown after a deliberate press, gone with the lock, written down and forgotten. */

import type { Page } from 'playwright-core'
import t from 'tap'
import type { ShownPhrase } from '../../protocol/http-phrase.ts'
import { axe } from './support/axe.ts'
import { BrowserTests, consoleSays } from './support/browser.ts'
import { fits } from './support/looks.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const alice = new Person('Alice')
const passphrase = 'four tulips hum softly'
const expected = [consoleSays.refused, consoleSays.daemonGone]
const context = { reducedMotion: 'reduce' } as const

await browser.before(async () => {
  await startPeople(t, alice)
  await alice.client.ask('PATCH', '/me', { welcomed: true })
  await alice.client.ask('POST', '/key-slots', { kind: 'passphrase', passphrase, removeFile: true })
})

async function showWords(page: Page): Promise<string[]> {
  await page.getByTestId('show-phrase').click()
  await page.getByTestId('phrase-current').fill(passphrase)
  await page.getByTestId('phrase-show').click()
  await page.getByTestId('phrase-words').waitFor()
  return await page.getByTestId('phrase-words').locator('.word').allTextContents()
}

async function settings(page: Page): Promise<void> {
  await page.getByTestId('open-settings').click()
  await page.getByTestId('phrase-state').scrollIntoViewIfNeeded()
}

const answer = async (page: Page, words: readonly string[]): Promise<void> => {
  for (const field of await page.getByLabel(/^Word \d+$/).all()) {
    const label = await field.evaluate((input) => (input as HTMLInputElement).labels?.[0]?.textContent ?? '')
    await field.fill(words[Number(label.replaceAll(/\D/g, '')) - 1] ?? '')
  }
  await page.getByTestId('phrase-confirm').click()
}

browser.test('the words are asked for, and leave the page with the dialog and with the lock', async (t, visits) => {
  const page = await visits.open(alice, { width: 360, scheme: 'dark', expected, context })
  await settings(page)
  await axe(t, page, 'phrase-due-360-dark')
  const words = await showWords(page)
  t.equal(words.length, 24)
  await axe(t, page, 'phrase-words-360-dark')
  t.ok(await fits(page))
  await page.keyboard.press('Escape')
  await page.getByTestId('phrase-words').waitFor({ state: 'detached' })
  t.strictSame(await showWords(page), words)
  await alice.client.ask('POST', '/lock', {})
  await page.getByTestId('lock-screen').waitFor()
  t.equal(await page.getByTestId('phrase-words').count(), 0)
  await alice.client.ask('POST', '/unlock', { passphrase })
  await page.getByTestId('show-phrase').waitFor()
  t.equal(await page.getByTestId('phrase-words').count(), 0)
})

browser.test('three of them are asked for; then it says when they were written down', async (t, visits) => {
  const page = await visits.open(alice, { width: 1280, scheme: 'light', expected, context })
  await settings(page)
  const words = await showWords(page)
  await axe(t, page, 'phrase-words-1280-light')
  await page.getByTestId('phrase-written').click()
  await answer(page, words.toReversed())
  await page.getByRole('alert').getByText('is another one.').waitFor()
  await axe(t, page, 'phrase-asked-1280-light')
  await answer(page, words)
  await page.getByTestId('phrase-state').getByText('Written down on').waitFor()
  await axe(t, page, 'phrase-written-1280-light')
  await t.rejects(alice.client.ask<ShownPhrase>('POST', '/recovery-phrase/show', { current: { passphrase } }), {
    code: 'NOT_FOUND',
  })
})

browser.test('who lost the words begins anew with others, after a question', async (t, visits) => {
  const page = await visits.open(alice, { width: 360, scheme: 'light', expected, context })
  await settings(page)
  await page.getByText('The words are lost').click()
  await page.getByTestId('begin-anew').scrollIntoViewIfNeeded()
  await axe(t, page, 'phrase-lost-360-light')
  t.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
  await alice.client.ask('POST', '/conversations', { kind: 'group', members: [], name: 'Book club' })
  const before = (await alice.client.ask<{ personId: string }>('GET', '/me')).personId
  await page.getByTestId('begin-anew').click()
  await page.getByTestId('anew-groups').getByText('Book club').waitFor()
  await page.getByTestId('anew-groups').getByText('it is yours').waitFor()
  const yes = page.getByTestId('anew-yes')
  await page.getByTestId('anew-current').fill('not the passphrase')
  await yes.click()
  await page.getByTestId('anew-dialog').getByRole('alert').waitFor()
  await axe(t, page, 'anew-360-light')
  await page.getByTestId('anew-current').fill(passphrase)
  await yes.click()
  await page.getByTestId('show-phrase').waitFor()
  const { personId, name } = await alice.client.ask<{ personId: string; name: string }>('GET', '/me')
  t.not(personId, before)
  t.equal(name, 'Alice')
})
