/** A home with a long history, written in bulk: the same rows as posting makes, without a reader for each. */

import { createHash, randomBytes, randomFillSync } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Bus } from '../../daemon/bus.ts'
import { Author } from '../../daemon/conversations/author.ts'
import { orderOf } from '../../daemon/conversations/reader.ts'
import { orderRowKey } from '../../daemon/conversations/recovery.ts'
import { entryRow, feedRow, scopeRow, type Position, type StoredEntry } from '../../daemon/conversations/rows.ts'
import { entryKey, feedRowKey, scopeKey, ScopeTable } from '../../daemon/conversations/scope-table.ts'
import type { FeedState, ScopeState } from '../../daemon/conversations/scope-state.ts'
import { openRooms } from '../../daemon/rooms.ts'
import { openStore } from '../../daemon/store/level-store.ts'
import type { Batch, Store } from '../../daemon/store/store.ts'
import { systemTimers } from '../../daemon/sync/timers.ts'
import { textContent } from '../../protocol/content.ts'
import { kinds, signEntry } from '../../protocol/entry.ts'
import { selfId } from '../../protocol/ids.ts'
import type { Identity } from '../../daemon/identity/identity.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const kept = `${root}build/bench`
const perBatch = 1000

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

const pool = new Uint8Array(64 * 1024)
let taken = pool.length
/** A call of the CSPRNG costs more than the bytes. */
function pooledRandom(length: number): Uint8Array {
  if (taken + length > pool.length) {
    randomFillSync(pool)
    taken = 0
  }
  taken += length
  return pool.slice(taken - length, taken)
}

const nobody = {
  keep: () => {},
  greet: () => Promise.resolve(),
  look: () => Promise.reject(new Error('there is no network')),
  disconnect: () => {},
  learn: () => {},
}

/** A new home with a person, and one message in Notes to self, so that feed, epoch and key are there. */
async function prepare(store: Store): Promise<Identity> {
  const deps = { store, bus: new Bus(), log: () => {}, timers: systemTimers, random, reach: () => nobody }
  const rooms = await openRooms(deps, 'bench')
  await rooms.conversations.owner.post(selfId(rooms.identity.person), 'first', 'first')
  await rooms.close()
  return rooms.identity
}

interface Writing {
  readonly scope: ScopeState
  readonly feed: FeedState
  readonly author: Author
  readonly identity: Identity
}

/** Appends messages to the feed; answers where it ends. */
function write(batch: Batch, { scope, feed, author, identity }: Writing, from: Position, count: number): Position {
  const [epoch, key] = [...scope.keys][0] ?? []
  if (epoch === undefined || key === undefined) throw new Error('a conversation without a key')
  let position = from
  let stored: StoredEntry | undefined
  for (let each = 1; each <= count; each += 1) {
    const seq = position.seq + 1
    const content = textContent(`Note ${seq} of a long history`, `note ${seq}`)
    const drafted = author.content(feed.feed, position, kinds.content, { epoch, key }, content)
    const { id, header } = drafted.sealed
    const signature = each === count ? signEntry(identity.signingKey, id) : undefined
    stored = { ...drafted, storedAt: Date.now(), signature }
    batch.put(entryKey(scope, feed.number, seq), entryRow(stored))
    batch.put(orderRowKey(scope, feed.number, stored), new Uint8Array(0))
    position = { ...position, ranges: [[1, seq]], seq, head: id, hlc: header.hlc }
  }
  batch.put(feedRowKey(scope, feed.number), feedRow(feed.feed, position))
  const lastOrder = stored === undefined ? scope.record.lastOrder : orderOf(stored)
  batch.put(scopeKey(scope), scopeRow({ ...scope.record, lastOrder }))
  return position
}

/** Makes `home` with `count` messages in Notes to self. */
async function makeBigHome(home: string, count: number): Promise<void> {
  const store = await openStore(home, {}, { randomBytes: random })
  try {
    const identity = await prepare(store)
    const scopes = new ScopeTable(store, random)
    await scopes.load()
    const scope = scopes.get(selfId(identity.person))
    const [feed] = scope?.feedsOf(identity.device, 1) ?? []
    if (scope === undefined || feed === undefined) throw new Error('the first message is not there')
    const author = new Author(() => Date.now(), pooledRandom)
    author.hlc = feed.durable.hlc
    const writing = { scope, feed, author, identity }
    let position = feed.durable
    while (position.seq < count) {
      const from = position
      position = await store.commit((batch) => write(batch, writing, from, Math.min(perBatch, count - from.seq)))
    }
  } finally {
    await store.close()
  }
}

/** What decides how the rows of a home look. */
function formatDigest(): string {
  const hash = createHash('sha256')
  const files = ['protocol/*.ts', 'daemon/store/*.ts', 'daemon/conversations/*.ts', 'scripts/bench/big-home.ts']
  for (const file of files.flatMap((pattern) => globSync(pattern, { cwd: root })).toSorted()) {
    hash.update(readFileSync(`${root}${file}`))
  }
  return hash.digest('hex').slice(0, 12)
}

/** A home with `count` messages that is kept for later runs, until a format may have changed. */
export async function bigHome(count: number): Promise<string> {
  const home = `${kept}/home-${count}-${formatDigest()}`
  if (existsSync(home)) return home
  mkdirSync(kept, { recursive: true })
  for (const old of globSync(`home-${count}-*`, { cwd: kept }))
    rmSync(`${kept}/${old}`, { recursive: true, force: true })
  const making = `${kept}/making-${process.pid}`
  await makeBigHome(making, count)
  renameSync(making, home)
  return home
}
