/** A contact who goes on as another person: offered in the conversation, followed by a press, and led on from there. */

import t from 'tap'
import type { Linking } from '../../protocol/http-devices.ts'
import { axe } from './support/axe.ts'
import { BrowserTests } from './support/browser.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const [desk, lap, bob] = [new Person('Alice'), new Person('Alice at home'), new Person('Bob')]

/** Asks until it stands there. */
async function until({ client }: Person, state: Linking['state']): Promise<void> {
  while ((await client.ask<Linking>('GET', '/devices/linking')).state !== state)
    await new Promise((resolve) => setImmediate(resolve))
}

/** `lap` becomes a device of the person of `desk`. */
async function link(): Promise<void> {
  const { code = '' } = await desk.client.ask<Linking>('POST', '/devices/linking', {})
  await lap.client.ask('POST', '/devices/linking', { code, address: desk.address })
  await Promise.all([desk, lap].map(async (each) => await until(each, 'comparing')))
  for (const each of [lap, desk]) await each.client.ask('POST', '/devices/linking/confirm', {})
  await until(desk, 'done')
}

await browser.before(async () => {
  await startPeople(t, desk, lap, bob)
  await lap.befriend(bob)
  await bob.say(lap, 'Said before')
  await link()
  await bob.contact('Alice at home', ({ movedTo }) => movedTo?.answer === 'open')
})

browser.test('it is offered quietly, and a press leads on', async (t, visits) => {
  const page = await visits.open(bob)
  await page.getByTestId('conversation').filter({ hasText: 'Continues as Alice' }).click()
  await page.getByTestId('moved').getByText('Alice at home has linked their devices').waitFor()
  t.equal(await page.getByTestId('incoming-request').count(), 0, 'there is no card besides')
  t.equal(await page.getByTestId('mismatch-bar').count(), 0, 'and no warning')
  await axe(t, page, 'the offer')
  await page.getByTestId('follow').press('Enter')
  const title = page.getByTestId('chat-title')
  await title.getByText('Alice', { exact: true }).waitFor()
  await page.getByTestId('open-details').click()
  await page.getByTestId('earlier').click()
  await page.getByText('Said before').first().waitFor()
  const foot = page.getByTestId('went-on')
  await foot.getByText('What is new is said in the conversation with Alice.').waitFor()
  await axe(t, page, 'the way on')
  await page.getByRole('link', { name: 'Open conversation' }).press('Enter')
  await foot.waitFor({ state: 'detached' })
  t.match(await bob.contact('Alice', ({ state }) => state === 'accepted'), { verified: false })
})
