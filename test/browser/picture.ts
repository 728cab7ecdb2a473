/** Draws docs/images/chat.png for the README. By hand: `node test/browser/picture.ts`, best where the font Inter is there. */

import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import t from 'tap'
import { BrowserTests } from './support/browser.ts'
import { setClockBack } from './support/clock.ts'
import { Person, startPeople } from './support/person.ts'
import type { ServerEvent } from '../../protocol/events.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import type { Contact } from '../../protocol/http-people.ts'

const target = fileURLToPath(new URL('../../docs/images/chat.png', import.meta.url))
const browser = new BrowserTests(t)
const names = ['Alice', 'Bob', 'Carol', 'Dave', 'Grandma Ruth']
const [alice, bob, carol, dave, ruth] = names.map((name) => new Person(name)) as [
  Person,
  Person,
  Person,
  Person,
  Person,
]

/** Each with the minutes since the one before; the last one is `until` minutes old. */
async function talk(
  lines: readonly (readonly [after: number, who: Person, to: Person, text: string])[],
  until = 0,
): Promise<void> {
  let left = lines.reduce((sum, [after]) => sum + after, until)
  for (const [after, who, to, text] of lines) {
    left -= after
    setClockBack(left)
    await who.say(to, text)
    await to.holds(who, text)
  }
}

/** What Bob found: a lake between hills. */
async function drawLake(page: Page): Promise<Buffer> {
  await page.setContent(`<style>body{margin:0}</style><svg width="520" height="300" viewBox="0 0 520 300">
    <linearGradient id="sky" x2="0" y2="1"><stop stop-color="#f9c98b"/><stop offset="1" stop-color="#fbe9d0"/></linearGradient>
    <linearGradient id="lake" x2="0" y2="1"><stop stop-color="#7fb6bd"/><stop offset="1" stop-color="#2f6f86"/></linearGradient>
    <rect width="520" height="300" fill="url(#sky)"/><circle cx="372" cy="88" r="34" fill="#fff3d6"/>
    <path d="M0 190 C90 90 150 120 220 170 S330 110 400 140 S480 120 520 150 V300 H0Z" fill="#7c9a86"/>
    <path d="M0 200 C60 150 120 190 190 190 S330 170 390 184 S470 170 520 178 V300 H0Z" fill="#4f7560"/>
    <rect y="196" width="520" height="104" fill="url(#lake)"/>
    <path d="M330 214 h84 M346 228 h52 M322 244 h100 M356 262 h34" stroke="#fdf0d0" stroke-width="4" stroke-linecap="round" opacity=".7"/>
    <path d="M96 230 l46 -78 l46 78 Z" fill="#d9622b"/><path d="M142 152 l14 78 h-28 Z" fill="#7d3213"/>
    <path d="M0 236 C80 222 170 226 250 240 S330 300 330 300 H0Z" fill="#3f5e46"/>
    <path d="M96 234 l46 -82 l46 82 Z" fill="#e0703a"/><path d="M142 152 l15 82 h-30 Z" fill="#7d3213"/></svg>`)
  return await page.locator('svg').screenshot({ type: 'jpeg', quality: 88 })
}

/** What an event says of conversations. */
function conversationsIn(event: ServerEvent): readonly Conversation[] {
  if (event.type === 'snapshot') return event.conversations
  return event.type === 'conversation' ? [event.conversation] : []
}

/** Alice's, with the other two, who say something there. */
async function weekend(): Promise<void> {
  const contacts = await alice.client.list<Contact>('/contacts')
  const members = contacts.filter(({ name }) => name === 'Bob' || name === 'Carol').map(({ id }) => id)
  const { id } = await alice.client.ask<Conversation>('POST', '/conversations', {
    kind: 'group',
    name: 'Lake weekend',
    members,
  })
  for (const each of [bob, carol]) {
    await each.hear((event) => conversationsIn(event).find((known) => known.id === id))
    await each.client.ask('POST', `/conversations/${id}/answer`, { answer: 'accept' })
  }
  const text = 'I bring the cake 🍰'
  await carol.client.ask('POST', `/conversations/${id}/messages`, { text, clientId: crypto.randomUUID() })
  await alice.hear((event) => conversationsIn(event).find(({ last }) => last?.text === text))
}

await browser.before(async () => {
  setClockBack(4 * 24 * 60)
  await startPeople(t, alice, bob, carol, dave, ruth)
  for (const each of [bob, carol, dave, ruth]) await each.befriend(alice)
  const colors = [
    [alice, '#9a3f9e'],
    [bob, '#2f62b5'],
    [carol, '#1f7a4d'],
    [dave, '#8a5a00'],
    [ruth, '#b8325f'],
  ] as const
  for (const [each, color] of colors) await each.client.ask('PATCH', '/me', { color })
  await talk(
    [
      [0, ruth, alice, 'Thank you for the photos, dear'],
      [50, alice, dave, 'The keys are under the flower pot'],
      [10, dave, alice, 'Found them!'],
      [180, alice, alice, 'Library card ends in March'],
      [1200, alice, bob, 'Did the new router arrive?'],
      [4, bob, alice, 'Yes, and both laptops saw each other at once. No account, no setup.'],
      [1, alice, bob, 'That is how it should be 🎉'],
      [1290, bob, alice, 'Lake on Saturday? The forecast looks good.'],
      [2, alice, bob, 'I am in! What shall I bring?'],
      [
        3,
        bob,
        alice,
        'I have the tent. Could you take\n– the small stove\n– a map, just in case\n– something for breakfast',
      ],
      [2, alice, bob, 'Sure. This is the way from the station:\nhttps://maps.example.org/lake'],
      [9, carol, alice, 'Can I come too? I would bring cake'],
      [3, bob, alice, 'Perfect. This is the place:'],
    ],
    17,
  )
})

browser.test('the picture', async (t, visits) => {
  const page = await visits.open(alice, { context: { viewport: { width: 1280, height: 800 } } })
  const canvas = await page.context().newPage()
  await bob.sendFile(alice, 'the-lake.jpg', await drawLake(canvas))
  await canvas.close()
  setClockBack(9)
  await weekend()
  await talk([
    [1, alice, bob, 'Then it is settled. See you at nine!'],
    [1, bob, alice, '🏕️'],
    [1, alice, bob, 'And I will bring the good coffee ☕'],
  ])
  const theirs = await visits.open(bob)
  for (const [each, name] of [
    [page, 'Bob'],
    [theirs, 'Alice'],
  ] as const) {
    await each.getByRole('link').filter({ hasText: name }).click()
    await each.getByRole('log').press('End')
  }
  await page.getByTestId('message').filter({ hasText: 'the good coffee' }).getByRole('img', { name: 'Read' }).waitFor()
  await page.getByRole('link').filter({ hasText: 'Dave' }).click()
  await page.getByText('Found them!').last().waitFor()
  await page.getByRole('link').filter({ hasText: 'Bob' }).click()
  await page.getByTestId('message').filter({ hasText: 'the good coffee' }).waitFor()
  t.equal(await page.getByTestId('jump').count(), 0)
  mkdirSync(fileURLToPath(new URL('.', `file://${target}`)), { recursive: true })
  await page.screenshot({ path: target })
})
