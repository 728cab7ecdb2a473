/** Strangers flood a running daemon in every way they can: an honest contact notices nothing, and memory stays in its budget. */

import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { askHello, helloProtocol } from '../../daemon/net/hello-stream.ts'
import { limits } from '../../protocol/limits.ts'
import { again, muxHead, muxOf, nextTurn, pause, pour, sockets } from '../support/attacks.ts'
import {
  befriend,
  memoryBudgetBytes,
  roundTrip,
  startHouse,
  startStranger,
  toll,
  type House,
  type Stranger,
} from '../support/hostile.ts'

t.setTimeout(240_000)

const mib = 1024 * 1024
const many = (index: number): string => `127.0.${1 + ((index >> 8) % 250)}.${1 + (index % 250)}`
const one = (): string => '127.0.0.5'
const multistream = Buffer.from('\x13/multistream/1.0.0\n')

interface Stage {
  readonly alice: House
  readonly bob: House
  readonly chat: string
  readonly mallory: Stranger
  /** Where strangers dial from, if not from where everybody does. */
  readonly from?: string
}

type Attack = (signal: AbortSignal, stage: Stage) => Promise<unknown>

const speak = async (signal: AbortSignal, { mallory, alice }: Stage, bytes: () => Uint8Array): Promise<number> =>
  await again(signal, mallory, alice, async (connection) => await pour(signal, muxOf(connection), bytes))

const attacks: Record<string, Attack> = {
  'connections from one address, silent': async (signal, { alice }) =>
    await sockets(signal, alice, one, () => undefined),
  'connections from hundreds of addresses, silent': async (signal, { alice }) =>
    await sockets(signal, alice, many, () => undefined),
  'handshakes of hundreds of addresses, a byte at a time': async (signal, { alice }) =>
    await sockets(signal, alice, many, (socket) => {
      let at = 0
      const drip = setInterval(() => socket.write(multistream.subarray(at, (at += 1))), 100)
      socket.on('close', () => clearInterval(drip))
    }),
  'greetings of the first protocol without end, unread': async (signal, { alice }) =>
    await sockets(signal, alice, many, (socket) => {
      socket.pause()
      const flood = Buffer.concat(Array.from({ length: 3000 }, () => multistream))
      const more = (): void => void (socket.writable && socket.write(flood, () => setImmediate(more)))
      more()
    }),
  'noise instead of Noise': async (signal, { alice }) =>
    await sockets(signal, alice, many, (socket) => void socket.write(Buffer.alloc(100_000, 0xa5))),
  'a frame of yamux that is 4 GiB long': async (signal, stage) => {
    let begun = false
    const piece = new Uint8Array(64 * 1024)
    return await again(signal, stage.mallory, stage.alice, async (connection) => {
      begun = false
      await pour(signal, muxOf(connection), () => {
        if (begun) return piece
        begun = true
        return muxHead(0, 1, 1, 0xffff_ffff)
      })
    })
  },
  'pings without end, and no answer read': async (signal, stage) => {
    const pings = Buffer.concat(Array.from({ length: 500 }, (_, at) => muxHead(2, 1, 0, at)))
    return await speak(signal, stage, () => pings)
  },
  'streams opened without end': async (signal, stage) => {
    let stream = -1
    return await speak(signal, stage, () => muxHead(1, 1, (stream += 2), 0))
  },
  'streams opened and reset at once': async (signal, stage) => {
    let stream = -1
    return await speak(signal, stage, () => {
      stream += 2
      return Buffer.concat([muxHead(1, 1, stream, 0), muxHead(1, 8, stream, 0)])
    })
  },
  'a hello a byte at a time, with a new device whenever it is shown out': async (signal, { alice }) => {
    while (!signal.aborted) {
      const peer = await startStranger()
      try {
        const stream = await (await peer.dial(alice.address)).newStream(helloProtocol)
        for (let at = 0; at < 20 && !signal.aborted && stream.status === 'open'; at += 1) {
          stream.send(Uint8Array.of(0))
          await pause(50)
        }
      } catch {
        await pause(20)
      } finally {
        await peer.stop()
      }
    }
  },
  'hellos without end': async (signal, { mallory, alice }) =>
    await again(signal, mallory, alice, async (connection) => {
      while (!signal.aborted && connection.status === 'open') {
        await askHello(await connection.newStream(helloProtocol), mallory.hello(), AbortSignal.timeout(5000))
      }
    }),
  'requests of ever new people': async (signal, { alice, from }) => {
    while (!signal.aborted) {
      const peer = await startStranger(randomBytes(32), from)
      await peer.greet(alice.address).catch(async () => await nextTurn())
      await peer.stop()
    }
  },
}

async function stage(t: Test, from?: string): Promise<Stage> {
  const [alice, bob] = await Promise.all([startHouse(t, 'alice'), startHouse(t, 'bob')])
  const chat = await befriend(bob, alice)
  const mallory = await startStranger(randomBytes(32), from)
  t.teardown(async () => await mallory.stop())
  return { alice, bob, chat, mallory, ...(from === undefined ? {} : { from }) }
}

t.test('whatever strangers do, contacts are served and memory stays in its budget', async (t) => {
  const on = await stage(t)
  for (const [name, attack] of Object.entries(attacks)) {
    const { mostlyMs, budgetMs, longestMs, addedBytes, trips } = await toll(
      on.alice,
      on.bob,
      on.chat,
      async (signal) => await attack(signal, on),
    )
    const cost = `${trips} round trips, mostly under ${Math.round(mostlyMs)}, at most ${Math.round(longestMs)} ms, ${Math.round(addedBytes / mib)} MiB more`
    t.comment(`${name}: ${cost}`)
    t.ok(mostlyMs < budgetMs, `${name}: ${cost}; the budget is ${Math.round(budgetMs)} ms`)
    t.ok(addedBytes < memoryBudgetBytes, `${name}: ${cost}`)
  }
  const { contacts } = await requests(on.alice)
  t.ok(contacts <= limits.pendingRequests, `${contacts} requests wait`)
})

t.test('a contact gets in while strangers hold every door, also from where nobody knows it', async (t) => {
  // Whoever comes from the contact's very address shares its places: nothing tells them apart before a handshake.
  const on = await stage(t, '127.0.0.9')
  const { alice, bob, chat } = on
  const over = new AbortController()
  const begin = async (name: string): Promise<void> => {
    await attacks[name]?.(over.signal, on)
  }
  const crowd = Object.keys(attacks)
    .filter((name) => /hundreds of addresses, silent|hellos|requests/.test(name))
    .map(begin)
  t.equal(crowd.length, 3)
  // Full of handshakes that do not end.
  await pause(1000)
  await bob.stop()
  await alice.seat.contact('accepted', false)
  // On another port: alice cannot reach it before it has come.
  const back = await startHouse(t, 'bob', bob.home)
  await alice.seat.contact('accepted', true)
  t.ok((await roundTrip(back, alice, chat)) > 0)
  over.abort()
  await Promise.all(crowd)
})

async function requests({ seat }: House): Promise<{ contacts: number }> {
  return { contacts: (await seat.contacts()).filter(({ state }) => state === 'incoming').length }
}
