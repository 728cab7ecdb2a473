/** Linking one more device on two pages: a code, words to compare, and one person afterwards. */

import type { Page } from 'playwright-core'
import t from 'tap'
import { axe } from './support/axe.ts'
import { BrowserTests, consoleSays } from './support/browser.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const old = new Person('Alice')
const bob = new Person('Bob')
const young = new Person('laptop', { fresh: true })
const other = new Person('Mallory')
await browser.before(async () => {
  await startPeople(t, old, bob, young, other)
  await old.befriend(bob)
  await bob.say(old, 'Hello Alice')
})

async function showCode(page: Page): Promise<string> {
  await page.goto(`${new URL(page.url()).origin}/#/settings`)
  await page.getByTestId('link-device').click()
  return (await page.getByTestId('device-code').textContent()) ?? ''
}
async function join(page: Page, code: string, address: string): Promise<void> {
  await page.getByLabel('Code of the other device').fill(code)
  await page.getByLabel('Its address, if it is not nearby').fill(address)
  await page.getByTestId('join-device').click()
}
const words = async (page: Page): Promise<string[]> =>
  await page.getByTestId('device-words').getByRole('listitem').allTextContents()

browser.test(
  'a code on one page, typed on the first screen of another; both show the same words',
  async (t, visits) => {
    const here = await visits.open(old)
    const there = await visits.open(young, { expected: [consoleSays.refused, consoleSays.daemonGone] })
    const code = await showCode(here)
    t.match(code, /^\d{4} \d{4}$/)
    await there.getByText('I already use Warren on another device').click()
    await axe(t, there, 'first run')
    await join(there, code === '0000 0000' ? '1111 1111' : '0000 0000', old.address)
    await there.getByText('That is not the code that the other device shows.').waitFor()
    await join(there, code, old.address)
    await Promise.all([here, there].map(async (page) => await page.getByTestId('same-words').waitFor()))
    t.strictSame(await words(here), await words(there))
    await axe(t, here, 'comparing')
    await there.getByTestId('same-words').click()
    await here.getByTestId('same-words').click()
    await here.getByText('Linked. Conversations and contacts are on their way.').waitFor()
    await there.getByRole('link').filter({ hasText: 'Bob' }).first().click()
    await there.getByText('Hello Alice').first().waitFor()
    t.equal(await here.getByTestId('devices').getByRole('listitem').count(), 2)
  },
)

browser.test('words that differ end it on both pages', async (t, visits) => {
  const here = await visits.open(old)
  const there = await visits.open(other)
  const code = await showCode(here)
  await there.goto(`${new URL(there.url()).origin}/#/settings`)
  await there.getByText('Make this one a device of somebody who uses Warren elsewhere').click()
  await join(there, code, old.address)
  await there.getByRole('button', { name: 'They differ' }).click()
  const said = 'The words differ: somebody may be in between. Nothing was linked.'
  for (const page of [here, there]) await page.getByText(said).waitFor()
})
