/** A contact turns hostile: others are served as before, memory stays in its budget, and whoever does not stop is cut off. */

import { randomBytes } from 'node:crypto'
import type { Stream } from '@libp2p/interface'
import t, { type Test } from 'tap'
import { joinFrames } from '../../daemon/net/frame-bytes.ts'
import { mostDroppedBytes } from '../../daemon/net/readable.ts'
import { encode } from '../../protocol/codec.ts'
import { signingKeyFromSeed } from '../../protocol/crypto.ts'
import { encodeFrame, type KnownFrame } from '../../protocol/frames.ts'
import {
  directId,
  entryIdOf,
  epochIdOf,
  generationOf,
  personIdOf,
  readPersonId,
  type Scope,
} from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { encodeAddresses, registerKeys, signRegister } from '../../protocol/register.ts'
import { runOf, PersonLog } from '../protocol/cast.ts'
import { muxHead, muxOf, nextTurn, pour } from '../support/attacks.ts'
import {
  accepted,
  memoryBudgetBytes,
  link,
  startStranger,
  table,
  toll,
  type House,
  type Stranger,
  type Table,
} from '../support/hostile.ts'

t.setTimeout(240_000)

const mib = 1024 * 1024
const turnBytes = 64 * 1024

interface Stage {
  readonly alice: House
  readonly bob: House
  readonly chat: string
  readonly mallory: Stranger
  readonly seed: Uint8Array
  /** The conversation of alice and mallory. */
  readonly scope: Scope
}

/** What mallory does on a link that stands. */
type Attack = (signal: AbortSignal, stage: Stage, stream: Stream) => Promise<unknown>

/** Sends what `next` makes as fast as it is taken, or faster where the attack does not care. */
async function flood(signal: AbortSignal, stream: Stream, next: () => Uint8Array): Promise<void> {
  while (!signal.aborted && stream.status === 'open') {
    try {
      // Little in one turn: who attacks shares its process with who measures.
      for (let sent = 0; sent < turnBytes && stream.writeBufferLength < 4 * mib;) {
        const bytes = next()
        stream.send(bytes)
        sent += bytes.length
      }
    } catch {
      return
    }
    await nextTurn()
  }
}

const bytesOf = (...frames: readonly KnownFrame[]): Uint8Array => joinFrames(frames.map((each) => encodeFrame(each)))
const times = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at))

const feedOf = ({ mallory }: Stage, at: number) =>
  ({
    device: mallory.device,
    lane: 1,
    generation: generationOf(Buffer.from(`gen ${at}`.padEnd(8).slice(0, 8))),
  }) as const

/** Whether what is sent is read is up to the test: libp2p reads into nothing. */
const unread = (stream: Stream): void => stream.pause()

const attacks: Record<string, Attack> = {
  'typing without end': async (signal, { scope }, stream) => {
    const many = bytesOf(...times(500, (): KnownFrame => ({ is: 'live', scope, what: 1, value: null })))
    await flood(signal, stream, () => many)
  },
  'heartbeats without end, and no answer read': async (signal, _stage, stream) => {
    unread(stream)
    const many = bytesOf(...times(2000, (number): KnownFrame => ({ is: 'heartbeat', number, answer: false })))
    await flood(signal, stream, () => many)
  },
  'frames of no known type without end': async (signal, _stage, stream) => {
    const many = joinFrames(times(2000, () => encode([999])))
    await flood(signal, stream, () => many)
  },
  'offers without end, each answered by a vector': async (signal, { scope }, stream) => {
    await flood(signal, stream, () => bytesOf({ is: 'offer', scopes: [{ scope, digest: randomBytes(16) }] }))
  },
  'offers of thousands of scopes that do not exist': async (signal, _stage, stream) => {
    const scopes = times(limits.offerScopes, () => ({ scope: personIdOf(randomBytes(32)), digest: randomBytes(16) }))
    const offer = bytesOf({ is: 'offer', scopes })
    await flood(signal, stream, () => offer)
  },
  'a vector that never ends': async (signal, stage, stream) => {
    const row = { ranges: [[1, 9]] as const, head: entryIdOf(randomBytes(32)), hlc: { wallMs: 1, count: 0 } }
    const rows = times(limits.vectorRows, (at) => ({ ...feedOf(stage, at), ...row }))
    const part = bytesOf({ is: 'vector', scope: stage.scope, rows, more: true })
    await flood(signal, stream, () => part)
  },
  'vectors that promise what does not exist': async (signal, stage, stream) => {
    const row = { ranges: [[1, Number.MAX_SAFE_INTEGER]] as const, hlc: { wallMs: 1, count: 0 } }
    let at = 0
    await flood(signal, stream, () => {
      const rows = times(100, () => ({ ...feedOf(stage, (at += 1)), ...row, head: entryIdOf(randomBytes(32)) }))
      return bytesOf({ is: 'vector', scope: stage.scope, rows, more: false })
    })
  },
  'wants of everything, and no answer read': async (signal, stage, stream) => {
    unread(stream)
    const feeds = times(limits.vectorRows, (at) => ({ ...feedOf(stage, at), ranges: [[1, 1e12]] as const }))
    const want = bytesOf({ is: 'want', scope: stage.scope, feeds, budget: limits.wantBytes })
    await flood(signal, stream, () => want)
  },
  'acknowledgements of what was never sent': async (signal, stage, stream) => {
    let at = 0
    await flood(signal, stream, () => {
      const feeds = times(500, () => ({ ...feedOf(stage, (at += 1)), ranges: [[1, 1e12]] as const }))
      return bytesOf({ is: 'have', scope: stage.scope, feeds })
    })
  },
  'keys asked for without end': async (signal, { scope }, stream) => {
    const asked = times(limits.frameItems, () => epochIdOf(randomBytes(32)))
    const keys = bytesOf({ is: 'keys', scope, asked, given: [] })
    await flood(signal, stream, () => keys)
  },
  'addresses that change without end': async (signal, { mallory, seed }, stream) => {
    const key = signingKeyFromSeed(seed)
    let wallMs = Date.now()
    await flood(signal, stream, () => {
      const registers = times(16, () => {
        wallMs += 1
        const addresses = times(16, (at) => `/ip4/127.0.${wallMs % 250}.${at}/tcp/9`)
        return signRegister(key, {
          scope: mallory.person,
          device: mallory.device,
          key: registerKeys.addresses,
          hlc: { wallMs, count: 0 },
          value: encodeAddresses(addresses),
        })
      })
      return bytesOf({ is: 'registers', registers })
    })
  },
  'one signed operation a thousand times in a frame, again and again': async (signal, { mallory, seed }, stream) => {
    const log = new PersonLog({ key: signingKeyFromSeed(seed), device: mallory.device })
    const run = runOf([...log.entries])
    const frame = bytesOf({ is: 'entries', scope: mallory.person, runs: times(1000, () => run), done: true })
    await flood(signal, stream, () => frame)
  },
  'a long frame a byte a frame of yamux': async (signal, { mallory, alice }, stream) => {
    const frame = bytesOf({ is: 'live', scope: mallory.person, what: 1, value: randomBytes(250_000) })
    const connection = mallory.node.libp2p.getConnections().find(({ streams }) => streams.includes(stream))
    if (connection === undefined) throw new Error(`no connection to ${alice.home}`)
    const id = Number(stream.id)
    let at = 0
    const piece = (): Uint8Array =>
      Buffer.concat([muxHead(0, 0, id, 1), Buffer.of(frame[(at += 1) % frame.length] ?? 0)])
    // From its first byte on, so that the lengths are right.
    at = -1
    await pour(
      signal,
      muxOf(connection),
      () => Buffer.concat(times(50, piece)),
      () => at < 250_000,
    )
  },
}

/** A new contact of alice's, linked with her. */
async function contact(t: Test, at: Table): Promise<{ on: Stage; stream: Stream }> {
  const seed = randomBytes(32)
  const mallory = await startStranger(seed)
  t.teardown(async () => await mallory.stop())
  await accepted(at.alice, mallory)
  const { personId } = await at.alice.seat.me()
  const { sync: stream } = await link(at.alice, mallory)
  return { on: { ...at, seed, mallory, scope: directId(readPersonId(personId), mallory.person) }, stream }
}

t.test('whatever a contact sends, others are served and memory stays in its budget', async (t) => {
  const at = await table(t)
  for (const [name, attack] of Object.entries(attacks)) {
    const { on, stream } = await contact(t, at)
    const { mostlyMs, budgetMs, longestMs, addedBytes, trips } = await toll(
      at.alice,
      at.bob,
      at.chat,
      async (signal) => {
        await attack(signal, on, stream)
      },
    )
    const cost = `${trips} round trips, mostly under ${Math.round(mostlyMs)}, at most ${Math.round(longestMs)} ms, ${Math.round(addedBytes / mib)} MiB more`
    t.comment(`${name}: ${cost}, ${stream.status}`)
    t.ok(mostlyMs < budgetMs, `${name}: ${cost}; the budget is ${Math.round(budgetMs)} ms`)
    t.ok(addedBytes < memoryBudgetBytes, `${name}: ${cost}`)
    stream.abort(new Error('over'))
    await on.mallory.stop()
  }
})

t.test('who sends on after the end of its link is read for a while and then cut off', async (t) => {
  const { on, stream } = await contact(t, await table(t))
  let sent = 0
  const many = bytesOf(...times(500, (): KnownFrame => ({ is: 'live', scope: on.scope, what: 1, value: null })))
  stream.send(joinFrames([encode([0, 'no offer'])]))
  // Until it is cut off: nothing else ends it, and reading on for the whole of a bye's time would be ten times as much.
  await flood(new AbortController().signal, stream, () => {
    sent += many.length
    return many
  })
  const taken = sent - stream.writeBufferLength
  const most = mostDroppedBytes + 2 * limits.connectionBacklogBytes
  t.comment(`${Math.round(taken / mib)} MiB, ${stream.status}`)
  t.ok(taken < most, `${taken} bytes were taken`)
  t.not(stream.status, 'open')
})
