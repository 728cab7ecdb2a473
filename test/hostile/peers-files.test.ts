/** A contact abuses the streams on which files are given: others get theirs, talk as before, and memory stays in its budget. */

import { randomBytes } from 'node:crypto'
import type { Connection, Stream } from '@libp2p/interface'
import t, { type Test } from 'tap'
import { blobProtocol } from '../../daemon/net/blob-talk.ts'
import { joinFrames } from '../../daemon/net/frame-bytes.ts'
import { encodeBlobFrame, type BlobFrame } from '../../protocol/blob-frames.ts'
import { encode } from '../../protocol/codec.ts'
import type { Attachment } from '../../protocol/http-files.ts'
import { blobIdOf, directId, readBlobId, readPersonId, type BlobId, type Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { closed } from '../daemon/net/raw-peer.ts'
import { pause } from '../support/attacks.ts'
import {
  accepted,
  memoryBudgetBytes,
  link,
  startStranger,
  table,
  type Table,
  toll,
  type House,
} from '../support/hostile.ts'

t.setTimeout(240_000)

const mib = 1024 * 1024

interface Stage {
  readonly connection: Connection
  /** The conversation of the victim and the attacker, and a file in it. */
  readonly scope: Scope
  readonly blob: BlobId
}

type Attack = (signal: AbortSignal, stage: Stage) => Promise<unknown>

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}

/** A message with a file of random bytes. */
async function post({ seat }: House, conversation: string, size: number): Promise<string> {
  const query = new URLSearchParams({ conversation, name: 'a.bin', type: 'application/octet-stream' })
  const { id } = await seat.client.upload<Attachment>(`/blobs?${query.toString()}`, inOne(randomBytes(size)), size)
  const message = { text: '', clientId: id, attachments: [id] }
  await seat.client.ask('POST', `/conversations/${conversation}/messages`, message)
  return id
}

/** Resolves once all of a file is here. */
async function arrives({ seat }: House, conversation: string, id: string): Promise<void> {
  await seat.until(
    async () => {
      const path = `/conversations/${conversation}/attachments/${id}`
      const file = await seat.client.ask<Attachment>('GET', path).catch(() => undefined)
      return file?.state === 'whole' ? true : undefined
    },
    'a file',
    60_000,
  )
}

/** How many were opened. */
let streams = 0

async function open({ connection }: Stage): Promise<Stream> {
  const signal = AbortSignal.timeout(60_000)
  const stream = await connection.newStream(blobProtocol, { signal, maxOutboundStreams: limits.blobStreams })
  streams += 1
  return stream
}

const framed = (...frames: readonly Exclude<BlobFrame, { is: 'unknown' }>[]): Uint8Array =>
  joinFrames(frames.map((each) => encodeBlobFrame(each)))

const everything = ({ scope, blob }: Stage): Uint8Array =>
  framed(
    { is: 'ask-list', scope, blob, from: 0 },
    { is: 'ask', scope, blob, from: 0, to: 31 },
    { is: 'ask', scope, blob, from: 0, to: 31 },
  )

/** Does something with a stream over and over, until it is cut off or all is over. */
async function again(signal: AbortSignal, stream: Stream, act: () => Promise<unknown>): Promise<void> {
  try {
    while (!signal.aborted && stream.status === 'open') await act()
  } catch {
    // It was cut off.
  }
}

/** Asks, and reads nothing. */
async function stall(signal: AbortSignal, stream: Stream, ask: Uint8Array): Promise<void> {
  stream.pause()
  await again(signal, stream, async () => {
    for (let each = 0; each < 50 && stream.writeBufferLength < mib; each += 1) stream.send(ask)
    await pause(20)
  })
}

/** A byte of a question at a time, never the last. */
async function trickle(signal: AbortSignal, stream: Stream, ask: Uint8Array): Promise<void> {
  let sent = 0
  await again(signal, stream, async () => {
    if (sent < 50) stream.send(ask.subarray(sent, (sent += 1)))
    await pause(20)
  })
}

const attacks: Record<string, Attack> = {
  'all places held: by readers that stall, bytes that trickle, and silence': async (signal, stage) => {
    const ask = everything(stage)
    const kinds = [stall, trickle, async () => await Promise.resolve()]
    const works: Promise<void>[] = []
    for (let count = 0; count < limits.blobStreams; count += 1) {
      const stream = await open(stage)
      works.push((kinds[count % kinds.length] ?? stall)(signal, stream, ask))
    }
    await Promise.all(works)
  },
  'a file taken over and over, and streams without end for what is not there': async (signal, stage) => {
    const ask = everything(stage)
    const taking = Array.from({ length: 2 }, async () => {
      const stream = await open(stage)
      await again(signal, stream, async () => {
        if (stream.writeBufferLength < 64 * 1024) stream.send(ask)
        await pause(2)
      })
    })
    await Promise.all([...taking, flood(signal, stage)])
  },
}

const isOver = (stream: Stream | undefined): boolean => stream?.status !== 'open'

/** Streams, each with many questions for what is not there, and frames of no known type. */
async function flood(signal: AbortSignal, stage: Stage): Promise<void> {
  const { connection, scope } = stage
  const question = joinFrames([
    encode([99, randomBytes(1000)]),
    encodeBlobFrame({ is: 'ask-list', scope, blob: blobIdOf(randomBytes(32)), from: 0 }),
  ])
  while (!signal.aborted && connection.status === 'open') {
    const stream = await open(stage).catch(() => undefined)
    for (let count = 0; count < 200 && !isOver(stream); count += 1) stream?.send(question)
    await pause(5)
  }
}

/** A new contact of alice's, linked with her, to whom she sent a file. */
async function contact(t: Test, { alice }: Table): Promise<Stage & { stop: () => Promise<void> }> {
  const mallory = await startStranger()
  t.teardown(async () => await mallory.stop())
  await accepted(alice, mallory)
  const { personId } = await alice.seat.me()
  const scope = directId(readPersonId(personId), mallory.person)
  const blob = readBlobId(await post(alice, scope, 32 * limits.chunkBytes))
  const { connection } = await link(alice, mallory)
  return { connection, scope, blob, stop: async () => await mallory.stop() }
}

t.test(
  'whatever a contact does with streams for files, others are served and memory stays in its budget',
  async (t) => {
    const at = await table(t)
    for (const [name, attack] of Object.entries(attacks)) {
      const stage = await contact(t, at)
      let came = 0
      streams = 0
      const { mostlyMs, budgetMs, longestMs, addedBytes, trips } = await toll(
        at.alice,
        at.bob,
        at.chat,
        async (signal) => {
          const attacking = attack(signal, stage)
          await arrives(at.bob, at.chat, await post(at.alice, at.chat, mib))
          came += 1
          await attacking
        },
      )
      const cost = `${trips} round trips, mostly under ${Math.round(mostlyMs)}, at most ${Math.round(longestMs)} ms, ${Math.round(addedBytes / mib)} MiB more`
      t.comment(`${name}: ${cost}, ${stage.connection.status}`)
      t.ok(streams > 0, `${name}: ${streams} streams were opened`)
      t.equal(came, 1, `${name}: a friend got a file meanwhile`)
      t.ok(mostlyMs < budgetMs, `${name}: ${cost}; the budget is ${Math.round(budgetMs)} ms`)
      t.ok(addedBytes < memoryBudgetBytes, `${name}: ${cost}`)
      await stage.stop()
    }
    const stage = await contact(t, at)
    const stream = await open(stage)
    stream.send(framed({ is: 'chunk', number: 0, bytes: randomBytes(1000) }))
    await closed(stage.connection)
    t.not(stage.connection.status, 'open', 'who gives what nobody asked for loses the link')
  },
)
