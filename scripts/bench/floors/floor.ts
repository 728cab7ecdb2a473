/** The program of a floor: does with the bare libraries what the daemon does with everything around them. */

import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { limits } from '../../../protocol/limits.ts'
import { serveJobs } from '../jobs.ts'
import type { FloorJobs } from './jobs.ts'
import {
  ackBytes,
  ackOf,
  answer,
  batchOf,
  batchProtocol,
  batchRecords,
  createNode,
  echoProtocol,
  messageProtocol,
  nextKey,
  onWhole,
  openDatabase,
  recordBytes,
  type Database,
} from './raw-node.ts'
import { streamProtocol, streamTo, takeStream } from './bare-stream.ts'
import { serveLocally } from './local-api.ts'
import { checkRecord, sealContent, sealValue, signatureBytes, signRecord } from './needed.ts'

let node: Libp2p
let database: Database
const linked = Promise.withResolvers<number>()

/** One record durable on both sides at a time. */
async function openEcho(to: string): Promise<() => Promise<void>> {
  const stream = await node.dialProtocol(multiaddr(to), echoProtocol)
  let acked: (() => void) | undefined
  onWhole(stream, ackBytes, () => acked?.())
  return async () => {
    const record = randomBytes(recordBytes)
    const { promise, resolve } = Promise.withResolvers<void>()
    acked = resolve
    await database.put(nextKey(), record, { sync: true })
    stream.send(record)
    await promise
  }
}

/**
 * As openEcho(), with a payload sealed and a signature made by the author, who signs while the disk writes, the signature
 * checked by the holder before it writes, and values that are sealed on both disks.
 */
async function openMessages(to: string): Promise<() => Promise<void>> {
  const stream = await node.dialProtocol(multiaddr(to), messageProtocol)
  let acked: (() => void) | undefined
  onWhole(stream, ackBytes, () => acked?.())
  return async () => {
    const record = randomBytes(recordBytes)
    const { promise, resolve } = Promise.withResolvers<void>()
    acked = resolve
    sealContent(record)
    const key = nextKey()
    const written = database.put(key, sealValue(key, record), { sync: true })
    const signature = signRecord(record)
    await written
    stream.send(Buffer.concat([signature, record]))
    await promise
  }
}

async function answerMessages(): Promise<void> {
  await node.handle(messageProtocol, (stream) => {
    onWhole(stream, signatureBytes + recordBytes, (bytes) => {
      const record = bytes.subarray(signatureBytes)
      checkRecord(record, bytes.subarray(0, signatureBytes))
      const key = nextKey()
      void database.put(key, sealValue(key, record), { sync: true }).then(() => stream.send(ackOf()))
    })
  })
}

async function timed(count: number, step: () => Promise<unknown>): Promise<number[]> {
  const took: number[] = []
  for (let each = 0; each < count; each += 1) {
    const before = performance.now()
    await step()
    took.push(performance.now() - before)
  }
  return took
}

/** Batches are written and sent one after the other; the far side's writes overlap with ours. */
async function flood(to: string, count: number): Promise<number> {
  const stream = await node.dialProtocol(multiaddr(to), batchProtocol)
  const batches = Math.max(1, Math.round(count / batchRecords))
  const { promise, resolve } = Promise.withResolvers<void>()
  let acks = 0
  onWhole(stream, ackBytes, () => {
    acks += 1
    if (acks === batches) resolve()
  })
  const before = performance.now()
  for (let each = 0; each < batches; each += 1) {
    const bytes = randomBytes(recordBytes * batchRecords)
    await database.batch(batchOf(bytes), { sync: true })
    stream.send(bytes)
  }
  await promise
  const tookMs = performance.now() - before
  await stream.close()
  return (tookMs * count) / (batches * batchRecords)
}

async function verifyRuns(count: number): Promise<{ firstMs: number; allMs: number }> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const hash = randomBytes(32)
  const signature = sign(null, hash, privateKey)
  const run = batchOf(randomBytes(Math.min(count, limits.runEntries) * recordBytes))
  const before = performance.now()
  let firstMs = 0
  for (let done = 0; done < count; done += run.length) {
    if (!verify(null, hash, publicKey, signature)) throw new Error('a good signature is refused')
    const entries = run.map((each) => ({ ...each, key: nextKey() }))
    await database.batch(entries, { sync: true })
    if (done === 0) firstMs = performance.now() - before
  }
  return { firstMs, allMs: performance.now() - before }
}

serveJobs<FloorJobs>({
  async start({ folder, mdns = false }) {
    database = await openDatabase(folder)
    node = await createNode(mdns)
    await answer(node, database)
    await answerMessages()
    await node.handle(streamProtocol, takeStream)
    node.addEventListener('connection:open', () => linked.resolve(Date.now()))
    node.addEventListener('peer:discovery', ({ detail }) => {
      node.dial(detail.multiaddrs).catch(() => undefined)
    })
    return node.getMultiaddrs()[0]?.toString() ?? ''
  },
  echo: async ({ to, count }) => await timed(count, await openEcho(to)),
  message: async ({ to, count }) => await timed(count, await openMessages(to)),
  serveMessages: async ({ to, socket }) => await serveLocally(socket, await openMessages(to)),
  flood: async ({ to, count }) => await flood(to, count),
  stream: async ({ to, bytes }) => await streamTo(await node.dialProtocol(multiaddr(to), streamProtocol), bytes),
  async dial({ to, count }) {
    const address = multiaddr(to)
    const took: number[] = []
    for (let each = 0; each < count; each += 1) {
      const before = performance.now()
      const connection = await node.dial(address, { force: true })
      took.push(performance.now() - before)
      await connection.close()
    }
    return took
  },
  async connect({ to }) {
    for (const each of to) await node.dial(multiaddr(each))
    return node.getConnections().length
  },
  verify: async ({ count }) => await verifyRuns(count),
  linkedAt: async () => await linked.promise,
  usage: () => {
    const { user, system } = process.cpuUsage()
    return Promise.resolve({ rssBytes: process.memoryUsage.rss(), cpuMicros: user + system })
  },
})
