/** Draws docs/images/chat.png for the README. By hand: `node test/browser/picture.ts`, best where the font Inter is there. */

import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { BrowserTests } from './support/browser.ts'
import { setClockBack } from './support/clock.ts'
import { Person, startPeople } from './support/person.ts'

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

/** Each with the minutes since the one before. */
async function talk(
  lines: readonly (readonly [after: number, who: Person, to: Person, text: string])[],
): Promise<void> {
  let left = lines.reduce((sum, [after]) => sum + after, 0)
  for (const [after, who, to, text] of lines) {
    left -= after
    setClockBack(left)
    await who.say(to, text)
    await to.holds(who, text)
  }
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
  await talk([
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
    [3, bob, alice, 'Perfect. And Carol wants to join, with cake.'],
    [1, alice, bob, 'Then it is settled. See you at nine!'],
    [1, bob, alice, '🏕️'],
    [1, alice, bob, 'And I will bring the good coffee ☕'],
  ])
})

browser.test('the picture', async (t, visits) => {
  const page = await visits.open(alice, { context: { viewport: { width: 1280, height: 800 } } })
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
