/**
 * Loaded into a real daemon with `node --import`: takes hold of its rooms as they open, and does jobs for the bench from inside,
 * where nothing of the local API is in the way. Changes nothing of what the daemon does.
 */

import { randomBytes } from 'node:crypto'
import { Blobs } from '../../daemon/blobs/blobs.ts'
import { limits } from '../../protocol/limits.ts'
import { Conversations } from '../../daemon/conversations/conversations.ts'
import type { ConversationsDeps } from '../../daemon/conversations/conversations.ts'
import type { BusEvent } from '../../daemon/bus.ts'
import { Meeting } from '../../daemon/net/meeting.ts'
import { Net } from '../../daemon/net/net.ts'
import { Sync } from '../../daemon/sync/sync.ts'
import type { BlobId, ConversationId } from '../../protocol/ids.ts'
import { serveJobs } from './jobs.ts'
import type { ProbeJobs } from './probe-jobs.ts'

interface Hold {
  readonly deps: ConversationsDeps
  readonly log: Conversations
}

const opened = Promise.withResolvers<Hold>()
const started = Promise.withResolvers<Net>()
const linked = Promise.withResolvers<{ readonly epochMs: number; readonly ms: number }>()

const open = Conversations.open.bind(Conversations)
Conversations.open = async (deps, create) => {
  const log = await open(deps, create)
  opened.resolve({ deps, log })
  return log
}
const filesOpened = Promise.withResolvers<Blobs>()
const openBlobs = Blobs.open.bind(Blobs)
Blobs.open = async (...all) => {
  const blobs = await openBlobs(...all)
  filesOpened.resolve(blobs)
  return blobs
}
const start = Reflect.get(Net.prototype, 'start')
Net.prototype.start = async function startAndTell(this: Net) {
  await start.call(this)
  started.resolve(this)
}
const addLink = Reflect.get(Sync.prototype, 'addLink')
Sync.prototype.addLink = function addLinkAndTell(this: Sync, link) {
  linked.resolve({ epochMs: Date.now(), ms: performance.now() })
  addLink.call(this, link)
}
const leave = Reflect.get(Meeting.prototype, 'leave')
let left: Promise<void> = Promise.resolve()
Meeting.prototype.leave = function leaveAndTell(this: Meeting, ms) {
  left = leave.call(this, ms)
  return left
}

/** Posts under way at any time: a bot that writes as fast as it can. */
const window = 500

/** Waits for bus events; a condition is looked at after each. */
async function until(deps: ConversationsDeps, fits: (event: BusEvent) => boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = deps.bus.subscribe((event) => {
      if (!fits(event)) return
      stop()
      resolve()
    })
  })
}

const delivered =
  (conversation: string, seq: number) =>
  (event: BusEvent): boolean =>
    event.type === 'ticks' && event.conversation === conversation && event.delivered >= seq

let posts = 0
const post = async ({ log }: Hold, conversation: string): Promise<number> => {
  posts += 1
  const text = `Message ${posts} of a bench, as long as most that people write to each other`
  const { message } = await log.owner.post(conversation as ConversationId, text, `bench ${process.pid} ${posts}`)
  return message.seq
}

async function sendOne(hold: Hold, conversation: string): Promise<number> {
  const before = performance.now()
  let most = 0
  const stop = hold.deps.bus.subscribe((event) => {
    if (event.type === 'ticks' && event.conversation === conversation) most = event.delivered
  })
  const seq = await post(hold, conversation)
  stop()
  if (most < seq) await until(hold.deps, delivered(conversation, seq))
  return performance.now() - before
}

async function flood(hold: Hold, conversation: string, count: number, acked: boolean) {
  const before = performance.now()
  let left = count
  let last = 0
  let held = 0
  const stop = hold.deps.bus.subscribe((event) => {
    if (event.type === 'ticks' && event.conversation === conversation) held = event.delivered
  })
  const writer = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      last = Math.max(last, await post(hold, conversation))
    }
  }
  await Promise.all(Array.from({ length: window }, writer))
  stop()
  const storedMs = performance.now() - before
  if (acked && held < last) await until(hold.deps, delivered(conversation, last))
  return { storedMs, ackedMs: performance.now() - before }
}

async function catchUp(hold: Hold, { conversation, top, missing, page }: ProbeJobs['catchUp']['asks']) {
  const { log, deps } = hold
  const id = conversation as ConversationId
  const newest = Promise.withResolvers<number>()
  const all = Promise.withResolvers<number>()
  let held = 0
  let looking = false
  const stopAppended = log.peers.onAppended(({ scope, runs }) => {
    if (scope !== id) return
    for (const { entries } of runs) if (entries[0]?.sealed.header.lane === 1) held += entries.length
    if (held >= missing) all.resolve(performance.now())
  })
  const look = async (): Promise<void> => {
    looking = true
    const { items } = await log.owner.page(id, { before: undefined, after: undefined, limit: page })
    looking = items.length === page && items[0]?.seq === top && items.every(({ unreadable }) => !unreadable)
    if (looking) newest.resolve(performance.now())
  }
  const stopEvents = deps.bus.subscribe(({ type }) => {
    if (type === 'message' && !looking) look().catch(newest.reject)
  })
  const [{ ms }, newestAt, allAt] = await Promise.all([linked.promise, newest.promise, all.promise])
  stopAppended()
  stopEvents()
  return { newestMs: newestAt - ms, allMs: allAt - ms }
}

/** Resolves with the time at which so many messages of a conversation have come since. */
async function hold({ log }: Hold, conversation: string, entries: number): Promise<number> {
  let held = 0
  return await new Promise<number>((resolve) => {
    const stop = log.peers.onAppended(({ scope, runs }) => {
      if (scope !== conversation) return
      for (const run of runs) if (run.entries[0]?.sealed.header.lane === 1) held += run.entries.length
      if (held < entries) return
      stop()
      resolve(Date.now())
    })
  })
}

const pieceBytes = 1024 * 1024

async function* pieces(bytes: number): AsyncGenerator<Uint8Array> {
  const piece = randomBytes(pieceBytes)
  for (let left = bytes; left > 0; left -= pieceBytes) {
    await Promise.resolve()
    yield piece.subarray(0, Math.min(left, pieceBytes))
  }
}

async function addFile({ log }: Hold, conversation: ConversationId, bytes: number) {
  const blobs = await filesOpened.promise
  const before = performance.now()
  const { id } = await blobs.add(conversation, pieces(bytes), { name: 'bench', type: 'application/octet-stream' })
  const ms = performance.now() - before
  const files = await blobs.posting(conversation, [id])
  await log.owner.post(conversation, 'a file', `bench ${id}`, files)
  return { id, ms }
}

async function fetchFile({ deps }: Hold, conversation: ConversationId, id: BlobId): Promise<number> {
  const blobs = await filesOpened.promise
  const isOf = (event: BusEvent): boolean => event.type === 'blob' && event.blob === id
  if (blobs.find(conversation, id) === undefined) await until(deps, isOf)
  const reference = blobs.find(conversation, id)
  if (reference === undefined) throw new Error('no message refers to the file')
  const before = performance.now()
  const whole = until(deps, (event) => isOf(event) && blobs.state(conversation, reference).state === 'whole')
  await blobs.want(conversation, reference)
  await whole
  return performance.now() - before
}

serveJobs<ProbeJobs>({
  async send({ conversation, count }) {
    const hold = await opened.promise
    const took: number[] = []
    for (let each = 0; each < count; each += 1) took.push(await sendOne(hold, conversation))
    return took
  },
  flood: async ({ conversation, count, acked }) => await flood(await opened.promise, conversation, count, acked),
  async look({ address, count }) {
    const net = await started.promise
    const took: number[] = []
    for (let each = 0; each < count; each += 1) {
      const before = performance.now()
      await net.look(address, AbortSignal.timeout(10_000))
      took.push(performance.now() - before)
      // As the floor does: the end of one connection is no part of the next one's time.
      await left
    }
    // On the whole no faster than strangers are let in.
    await new Promise((resolve) => void setTimeout(resolve, (count * 1200) / limits.strangerHellosPerSecond))
    return took
  },
  addFile: async ({ conversation, bytes }) =>
    await addFile(await opened.promise, conversation as ConversationId, bytes),
  fetchFile: async ({ conversation, id }) =>
    await fetchFile(await opened.promise, conversation as ConversationId, id as BlobId),
  hold: async ({ conversation, entries }) => await hold(await opened.promise, conversation, entries),
  catchUp: async (asks) => await catchUp(await opened.promise, asks),
  linkedAt: async () => (await linked.promise).epochMs,
  usage: () => {
    const { user, system } = process.cpuUsage()
    return Promise.resolve({ rssBytes: process.memoryUsage.rss(), cpuMicros: user + system })
  },
  counts: async () => ({ ...(await opened.promise).deps.store.counts }),
})
