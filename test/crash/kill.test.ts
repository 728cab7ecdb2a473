/** kill -9 of a real daemon at any moment, while it is posted to and while it syncs: nothing acknowledged is lost, doubled or moved. */

import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { MessagePage } from '../../protocol/http.ts'
import { Seat } from '../support/seat.ts'
import { WarrenProcess } from '../support/warren-process.ts'

const rounds = process.env['WARREN_LONG'] === '1' ? 200 : 20
/** The longest that a daemon is let live once it is up. */
const mostLifeMs = 250

interface Ready {
  readonly listen: readonly string[]
}

/** One home, and the process that holds it now. */
class Daemon {
  readonly seat: Seat
  readonly #name: string
  #process: WarrenProcess | undefined
  #port = 0

  constructor(folder: string, name: string) {
    this.#name = name
    this.seat = new Seat(join(folder, name))
  }

  get port(): number {
    return this.#port
  }

  async start(): Promise<void> {
    const flags = [
      '--no-open',
      '--no-mdns',
      '--announce-loopback',
      '--json',
      '--listen',
      '127.0.0.1',
      '--api-port',
      '0',
    ]
    const words = ['start', '--home', this.seat.home, '--name', this.#name, ...flags, '--peer-port', `${this.#port}`]
    this.#process = new WarrenProcess(words, { home: this.seat.home })
    const { listen } = await this.#process.json<Ready>()
    this.#port = Number(/\/tcp\/(\d+)/.exec(listen[0] ?? '')?.[1])
    this.seat.follow()
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    this.#process?.child.kill(signal)
    return (await this.#process?.ended)?.code ?? null
  }
}

interface Pair {
  readonly alice: Daemon
  readonly bob: Daemon
  readonly chat: string
}

async function pair(t: Test): Promise<Pair> {
  const folder = mkdtempSync(join(tmpdir(), 'warren-'))
  const alice = new Daemon(folder, 'alice')
  const bob = new Daemon(folder, 'bob')
  t.teardown(async () => {
    await Promise.all([alice.kill(), bob.kill()])
    rmSync(folder, { recursive: true, force: true })
  })
  await Promise.all([alice.start(), bob.start()])
  const peer = await alice.seat.look(`127.0.0.1:${bob.port}`)
  await alice.seat.client.ask('POST', '/contacts', { deviceId: peer.deviceId, note: '' })
  const { id } = await bob.seat.contact('incoming')
  await bob.seat.client.ask('PATCH', `/contacts/${id}`, { state: 'accepted' })
  await Promise.all([alice.seat.contact('accepted', true), bob.seat.contact('accepted', true)])
  return { alice, bob, chat: (await alice.seat.direct()).id }
}

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
  const { alice, bob, chat } = await pair(t)
  const said: string[] = []
  for (let round = 0; round < rounds; round += 1) {
    // In turn: the one who writes dies, the one who receives dies, both die.
    const dying = [[alice], [bob], [alice, bob]][round % 3] ?? [alice]
    const writing = (dying[0] === alice ? [alice, bob] : [bob, alice]).map(
      async (each) => await postUntilDeath(each, chat, `${round} ${each === alice ? 'alice' : 'bob'}`, said),
    )
    await new Promise((resolve) => void setTimeout(resolve, randomInt(mostLifeMs)))
    await Promise.all(dying.map(async (each) => await each.kill()))
    for (const each of [alice, bob]) if (!dying.includes(each)) await each.kill('SIGTERM')
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
  const before = performance.now()
  t.strictSame(await Promise.all([alice.kill('SIGTERM'), bob.kill('SIGTERM')]), [0, 0])
  t.ok(performance.now() - before < 3000, 'both close within 3 s')
})
