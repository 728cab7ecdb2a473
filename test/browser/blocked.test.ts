/** In a group what a blocked person says is not shown, as long as they are blocked. */

import t from 'tap'
import type { Conversation } from '../../protocol/http-conversations.ts'
import { axe } from './support/axe.ts'
import { BrowserTests } from './support/browser.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const [alice, bob] = [new Person('Alice'), new Person('Bob')]
let group = ''

await browser.before(async () => {
  await startPeople(t, alice, bob)
  await alice.befriend(bob)
  const { id: bobs } = await alice.contact('Bob', () => true)
  const made = { kind: 'group', name: 'Gardeners', members: [bobs] }
  group = (await alice.client.ask<Conversation>('POST', '/conversations', made)).id
  await bob.hear((event) => {
    const all =
      event.type === 'snapshot' ? event.conversations : event.type === 'conversation' ? [event.conversation] : []
    return all.find(({ id }) => id === group)
  })
  await bob.client.ask('POST', `/conversations/${group}/answer`, { answer: 'accept' })
  const said = alice.hear((event) =>
    (event.type === 'snapshot' && event.conversations.some(({ last }) => last?.text === 'The beans are up')) ||
    (event.type === 'message' && event.message.text === 'The beans are up')
      ? true
      : undefined,
  )
  const post = { text: 'The beans are up', clientId: 'one' }
  await bob.client.ask('POST', `/conversations/${group}/messages`, post)
  await said
})

for (const width of [360, 1280] as const)
  for (const scheme of ['light', 'dark'] as const)
    browser.test(`hidden at once, and shown again, at ${width} px, ${scheme}`, async (t, visits) => {
      const page = await visits.open(alice, { width, scheme })
      await page.getByTestId('conversation').first().waitFor({ state: 'attached' })
      await page.evaluate((to) => {
        location.hash = to
      }, `#/c/${group}`)
      const words = page.getByTestId('messages').getByText('The beans are up')
      await words.waitFor()
      const { id } = await alice.contact('Bob', () => true)
      await alice.client.ask('PATCH', `/contacts/${id}`, { state: 'blocked' })
      await page.getByTestId('messages').getByText('Hidden: you blocked them.').waitFor()
      t.equal(await words.count(), 0)
      t.equal(await page.getByText('The beans are up').count(), 0, 'nor in the list')
      await axe(t, page, `group-blocked-${width}-${scheme}`)
      await alice.client.ask('PATCH', `/contacts/${id}`, { state: 'unblocked' })
      await words.waitFor()
    })
