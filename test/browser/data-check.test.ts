/** The data of the device, checked and mended from the settings. */

import { randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import t from 'tap'
import { openStore } from '../../daemon/store/level-store.ts'
import { tables } from '../../daemon/store/store.ts'
import { axe } from './support/axe.ts'
import { BrowserTests, consoleSays } from './support/browser.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const [alice, bob] = [new Person('Alice'), new Person('Bob')]

await browser.before(async () => {
  await startPeople(t, alice, bob)
  await alice.befriend(bob)
  for (const text of ['one', 'two', 'three']) await bob.say(alice, text)
  await alice.holds(bob, 'three')
})

/** Takes rows out of the order of the conversations while nobody runs. */
async function harm({ home }: Person): Promise<void> {
  const store = await openStore(home, {}, { randomBytes })
  const rows = await store.rangeIndex(tables.order, { limit: 2 })
  await store.commit((batch) => {
    for (const at of rows) batch.delete({ table: tables.order, at })
  })
  await store.close()
}

const settings = async (page: Page): Promise<void> => {
  await page.evaluate(() => {
    location.hash = '#/settings'
  })
  await page.getByTestId('check-data').waitFor()
}

const shown = (page: Page) => page.getByTestId('data-check')

browser.test('an answer from before a check does not take its place, and its end is said', async (t, visits) => {
  const page = await visits.open(alice, { routed: true })
  const begun = Promise.withResolvers<void>()
  let isFirst = true
  await page.route('**/api/v1/examination', async (route) => {
    const isOld = isFirst
    isFirst = false
    const answer = await route.fetch()
    if (isOld) await begun.promise
    await route.fulfill({ response: answer })
  })
  await settings(page)
  const answered = page.waitForResponse((answer) => answer.request().method() === 'POST')
  await page.getByTestId('check-data').click()
  await answered
  begun.resolve()
  await page.getByTestId('announcer').getByText('entries are whole.').waitFor()
  await shown(page).getByText('entries are whole.').waitFor()
  t.equal(await shown(page).getAttribute('data-state'), 'done')
})

browser.test('a check says that all is well, finds what is wrong, and mends it', async (t, visits) => {
  const page = await visits.open(alice, { expected: [consoleSays.refused, consoleSays.daemonGone] })
  await settings(page)
  await page.getByTestId('check-data').click()
  await shown(page)
    .getByText(/All is well: \d+ entries are whole\.$/)
    .waitFor()
  await axe(t, page, 'all is well')
  await alice.stop()
  await harm(alice)
  await alice.start()
  await page.reload()
  await settings(page)
  t.equal(await page.getByTestId('mend').count(), 0)
  await page.getByTestId('check-data').click()
  await shown(page).getByText('2 list entries are wrong.').waitFor()
  await axe(t, page, 'something is wrong')
  await page.getByTestId('mend').click()
  await shown(page).getByText('2 list entries are wrong. It is mended.').waitFor()
  t.equal(await page.getByTestId('mend').count(), 0)
  await page.getByTestId('check-data').click()
  await shown(page)
    .getByText(/All is well/)
    .waitFor()
  await page.getByRole('button', { name: 'Back', exact: true }).click()
  await page.getByRole('link').filter({ hasText: 'Bob' }).click()
  await page.getByText('two', { exact: true }).waitFor()
})
