/** A long history: it comes in pages, whichever way one scrolls, and one stays where one reads. */

import { EventEmitter, once } from 'node:events'
import type { Locator, Page } from 'playwright-core'
import type { ServerEvent } from '../../protocol/events.ts'
import t from 'tap'
import { BrowserTests } from './support/browser.ts'
import { setClockBack } from './support/clock.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const alice = new Person('Alice')
const bob = new Person('Bob')
const carol = new Person('Carol')

const count = 1800
const days = 3
const dayMinutes = 24 * 60
const text = (n: number): string =>
  `message ${n}.${n % 7 === 0 ? '\nwith a second\nand a third line' : ''}${n % 11 === 0 ? ' and more of it'.repeat(20) : ''}`
const texts = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, at) => text(from + at))

await browser.before(async () => {
  setClockBack(days * dayMinutes)
  await startPeople(t, alice, bob, carol)
  await alice.befriend(bob)
  await alice.befriend(carol)
  await bob.stop()
  await carol.stop()
  for (let day = 0; day < days; day += 1) {
    setClockBack((days - day) * dayMinutes)
    await alice.sayMany(bob, texts((day * count) / days, ((day + 1) * count) / days))
  }
  setClockBack(0)
})

const messages = (page: Page): Locator => page.getByTestId('messages')
const words = (page: Page, n: number): Locator => page.locator('.words').filter({ hasText: `message ${n}.` })

async function openChat(page: Page, name: string): Promise<void> {
  await page.getByRole('link').filter({ hasText: name }).click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
  await messages(page).and(page.locator('.placed')).waitFor()
}

interface Walk {
  /** The numbers of all messages that stood on the screen. */
  readonly seen: number[]
  /** What stood below a message although it is older. */
  readonly disorder: string[]
}

/** Scrolls nearly a screen a frame until the message is on the screen. */
const walkTo = async (page: Page, goal: number, direction: -1 | 1): Promise<Walk> =>
  await messages(page).evaluate(
    async (list, { goal, direction }) => {
      const seen = new Set<number>()
      const disorder: string[] = []
      while (!seen.has(goal)) {
        const shown = [...list.querySelectorAll('.words')]
          .filter((each) => each.getBoundingClientRect().bottom > 0 && each.getBoundingClientRect().top < innerHeight)
          .map((each) => Number(/message (\d+)/.exec(each.textContent)?.[1]))
        for (const [at, each] of shown.entries()) {
          seen.add(each)
          if (at > 0 && each !== (shown[at - 1] ?? 0) + 1) disorder.push(`${shown[at - 1]}, ${each}`)
        }
        list.scrollTop += direction * list.clientHeight * 0.85
        // What comes on the screen is drawn in the first frame, and by the second its height is known: until then it may move once more.
        for (let frame = 0; frame < 2; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve))
      }
      return { seen: [...seen], disorder }
    },
    { goal, direction },
  )

const top = async (page: Page, n: number): Promise<number> => Math.round((await words(page, n).boundingBox())?.y ?? -1)

/** Where it stands once nothing moves any more. */
async function still(page: Page, n: number): Promise<number> {
  for (let last = -1; ;) {
    const now = await top(page, n)
    if (now === last) return now
    last = now
    await page.evaluate(async () => {
      for (let frame = 0; frame < 3; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve))
    })
  }
}

browser.test(
  'the whole history passes by, every message once and in its place, up and down again',
  async (t, visits) => {
    const page = await visits.open(alice)
    await openChat(page, 'Bob')
    await words(page, count - 1).waitFor()
    t.notOk(await page.getByTestId('jump').isVisible(), 'one is at the end')
    const up = await walkTo(page, 0, -1)
    t.equal(up.seen.length, count)
    t.strictSame(up.disorder, [])
    await page.getByText('Your conversation begins here.').waitFor()
    const down = await walkTo(page, count - 1, 1)
    t.equal(down.seen.length, count)
    t.strictSame(down.disorder, [])
    await page.getByTestId('jump').waitFor({ state: 'detached' })
    t.ok((await page.locator('.row').count()) < 100, 'only what is near the screen is in the document')
  },
)

browser.test('every day has its header', async (t, visits) => {
  const page = await visits.open(alice)
  await openChat(page, 'Bob')
  await words(page, count - 1).waitFor()
  await walkTo(page, (count / days) * 2 - 1, -1)
  await page.getByRole('log').getByRole('heading', { name: 'Yesterday' }).waitFor()
  t.equal(await page.getByRole('log').getByRole('heading', { name: 'Yesterday' }).count(), 1)
})

browser.test(
  'one stays where one reads: in another conversation and back, and when something new comes',
  async (t, visits) => {
    const page = await visits.open(alice)
    await openChat(page, 'Bob')
    await words(page, count - 1).waitFor()
    await walkTo(page, count - 500, -1)
    await words(page, count - 500).scrollIntoViewIfNeeded()
    // Left so soon after that the scroll is hardly over.
    await messages(page).evaluate(async (list) => {
      for (const by of [40, 13]) {
        list.scrollTop -= by
        await new Promise((resolve) => requestAnimationFrame(resolve))
      }
    })
    const before = await still(page, count - 500)
    await openChat(page, 'Carol')
    await openChat(page, 'Bob')
    await words(page, count - 500).waitFor()
    const there = await still(page, count - 500)
    t.ok(Math.abs(there - before) <= 2, `${before} px, then ${there} px`)
    await alice.say(bob, text(count))
    await page
      .getByTestId('conversation')
      .filter({ hasText: `message ${count}` })
      .waitFor()
    t.equal(await still(page, count - 500), there)
    await page.getByRole('button', { name: 'To the newest message' }).click()
    await words(page, count).waitFor()
    await page.getByTestId('jump').waitFor({ state: 'detached' })
  },
)

browser.test('a long absence: reading goes on at the first unread message', async (t, visits) => {
  await bob.start()
  await alice.contact('Bob', ({ online }) => online)
  await bob.holds(alice, text(count))
  await bob.sayMany(alice, texts(count + 1, count + 401))
  await alice.holds(bob, text(count + 400))
  const page = await visits.open(alice, { width: 360 })
  await page.waitForFunction(() => document.title === '(400) Warren')
  await openChat(page, 'Bob')
  await page.getByText('New messages').waitFor()
  await words(page, count + 1).waitFor()
  await page.getByRole('button', { name: /To the newest message, \d+ unread/ }).waitFor()
  const down = await walkTo(page, count + 400, 1)
  t.strictSame(down.disorder, [])
  t.ok(
    [...Array(400).keys()].every((n) => down.seen.includes(count + 1 + n)),
    'all unread messages passed by',
  )
  await page.waitForFunction(() => document.title === 'Warren')
  t.equal((await alice.conversation(bob)).unread, 0)
})

type Told = Extract<ServerEvent, { type: 'message' }>

/** All of them as one event, and the last of them. */
function gathered(held: readonly Told[]): readonly ServerEvent[] {
  const sorted = held.toSorted((a, b) => (a.message.order < b.message.order ? -1 : 1))
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (first === undefined || last === undefined) throw new Error('nothing came')
  const { conversation, order: to } = last.message
  return [{ id: last.id, type: 'messages', conversation, from: first.message.order, to }, last]
}

/** From now on the page hears of messages once it is called with the words of the last of them, then of all as one event, however fast they came. */
async function gathering(page: Page): Promise<(until: string) => Promise<void>> {
  const held: Told[] = []
  const heard = new EventEmitter()
  await page.routeWebSocket('**/api/v1/events', (socket) => {
    socket.connectToServer().onMessage((data) => {
      const event = JSON.parse(String(data)) as ServerEvent
      if (event.type === 'message') {
        held.push(event)
        heard.emit('message')
      } else if (event.type !== 'messages') socket.send(data)
    })
    heard.on('tell', () => {
      for (const each of gathered(held)) socket.send(JSON.stringify(each))
    })
  })
  return async (until) => {
    while (held.every(({ message }) => message.text !== until)) await once(heard, 'message')
    heard.emit('tell')
  }
}

browser.test(
  'many that come at once: whoever reads stays there, and all of them are in their places',
  async (t, visits) => {
    const page = await visits.open(alice)
    const tell = await gathering(page)
    await page.reload()
    await openChat(page, 'Bob')
    await words(page, count + 400).waitFor()
    await walkTo(page, count + 100, -1)
    await words(page, count + 100).scrollIntoViewIfNeeded()
    const there = await still(page, count + 100)
    await bob.sayMany(alice, texts(count + 401, count + 701))
    await tell(text(count + 700))
    await page
      .getByTestId('conversation')
      .filter({ hasText: `message ${count + 700}` })
      .waitFor()
    const now = await still(page, count + 100)
    t.ok(Math.abs(now - there) <= 1, `${there} px, then ${now} px`)
    const down = await walkTo(page, count + 700, 1)
    t.strictSame(down.disorder, [])
    t.ok(
      [...Array(300).keys()].every((n) => down.seen.includes(count + 401 + n)),
      'all that came passed by',
    )

    await bob.sayMany(alice, texts(count + 701, count + 731))
    await tell(text(count + 730))
    await words(page, count + 730).waitFor()
    t.ok(await words(page, count + 729).isVisible(), 'whoever is at the end stays there')
    t.ok(await words(page, count + 728).isVisible())
  },
)
