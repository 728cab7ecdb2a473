/** kill -9 of a real daemon at any moment, while it is posted to and while it syncs: nothing acknowledged is lost, doubled or moved. */

import { randomInt } from 'node:crypto'
import t, { type Test } from 'tap'
import type { MessagePage } from '../../protocol/http-conversations.ts'
import { pairOfProcesses, type Daemon } from '../support/pair-of-processes.ts'
import type { Seat } from '../support/seat.ts'

const rounds = process.env['WARREN_LONG'] === '1' ? 200 : 12
/** The longest that a daemon is let live once it is up. */
const mostLifeMs = 250

/** Milliseconds in which a daemon that is asked to end is gone, mostly: now and then the machine does something else. */
const mostlyEndsMs = 3000

/** Posts until the daemon dies, a few at a time; what was answered counts. */
async function postUntilDeath({ seat }: Daemon, chat: string, prefix: string, said: string[]): Promise<string[]> {
  const open: string[] = []
  let isOver = false
  const one = async (lane: number): Promise<void> => {
    for (let each = 0; !isOver; each += 1) {
      const text = `${prefix} ${lane} ${each}`
      open.push(text)
      try {
        await seat.say(chat, text)
        said.push(text)
        open.splice(open.indexOf(text), 1)
      } catch {
        isOver = true
      }
    }
  }
  await Promise.all([one(0), one(1), one(2)])
  return open
}

const newest = async (seat: Seat, chat: string): Promise<MessagePage> =>
  await seat.client.ask('GET', `/conversations/${chat}/messages?limit=1`)

/** Everything said is there once, and what one lane said after another is behind it. */
function checkTexts(t: Test, texts: readonly string[], said: readonly string[]): void {
  t.equal(new Set(texts).size, texts.length, 'nothing is doubled')
  const at = new Map(texts.map((text, index) => [text, index]))
  t.strictSame(
    said.filter((text) => !at.has(text)),
    [],
    'nothing is lost',
  )
  const lanes = new Map<string, number>()
  const moved = texts.filter((text) => {
    const [, lane = '', number = ''] = /^(.*) (\d+)$/.exec(text) ?? []
    const before = lanes.get(lane) ?? -1
    lanes.set(lane, Number(number))
    return Number(number) < before
  })
  t.strictSame(moved, [], 'nothing is moved')
}

t.setTimeout(rounds * 15_000)

t.test('nothing acknowledged is lost by kill -9', async (t) => {
  const { alice, bob, chat } = await pairOfProcesses(t)
  const said: string[] = []
  const endings: number[] = []
  const end = async (each: Daemon): Promise<void> => {
    const begun = performance.now()
    t.equal((await each.end('SIGTERM'))?.code, 0)
    endings.push(performance.now() - begun)
  }
  for (let round = 0; round < rounds; round += 1) {
    // In turn: the one who writes dies, the one who receives dies, both die.
    const dying = [[alice], [bob], [alice, bob]][round % 3] ?? [alice]
    const writing = (dying[0] === alice ? [alice, bob] : [bob, alice]).map(
      async (each) => await postUntilDeath(each, chat, `${round} ${each === alice ? 'alice' : 'bob'}`, said),
    )
    await new Promise((resolve) => void setTimeout(resolve, randomInt(mostLifeMs)))
    await Promise.all(dying.map(async (each) => await each.end('SIGKILL')))
    for (const each of [alice, bob]) if (!dying.includes(each)) await end(each)
    const open = (await Promise.all(writing)).flat()
    await Promise.all([alice.start(), bob.start()])
    // The page asks again for what it was not answered.
    for (const text of open) {
      await (text.includes('alice') ? alice : bob).seat.say(chat, text)
      said.push(text)
    }
    await Promise.all([alice.seat.contact('accepted', true), bob.seat.contact('accepted', true)])
    const last = `${round} end 0`
    await alice.seat.say(chat, last)
    said.push(last)
    await bob.seat.hears(chat, last)
  }
  await bob.seat.say(chat, 'the end 0')
  await alice.seat.hears(chat, 'the end 0')
  const [here, there] = [await alice.seat.texts(chat), await bob.seat.texts(chat)]
  t.comment(`${rounds} rounds, ${said.length} messages`)
  checkTexts(t, here, said)
  t.strictSame(there, here, 'both show the same')
  t.equal((await newest(alice.seat, chat)).items.length, 1)
  await Promise.all([end(alice), end(bob)])
  const middleMs = endings.toSorted((a, b) => a - b)[endings.length >> 1] ?? Infinity
  t.ok(
    middleMs < mostlyEndsMs,
    `of ${endings.length} that were asked to end half took under ${Math.round(middleMs)} ms`,
  )
})
