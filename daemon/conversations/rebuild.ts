/** Puts back what lists entries where a damaged disk took it: feeds and scopes, from the headers of the entries themselves. */

import { utf8 } from '../../protocol/bytes.ts'
import { feedOf, kinds, lanes, type SealedHeader } from '../../protocol/entry.ts'
import { directId, generationOf, selfId, type PersonId, type Scope } from '../../protocol/ids.ts'
import { orderKey } from '../../protocol/order.ts'
import { addRange, type Range } from '../../protocol/vector.ts'
import { errorCode } from '../../protocol/errors.ts'
import { numbersThatMayBeLost } from '../store/dictionary.ts'
import { tables, type DictionaryId, type Store } from '../store/store.ts'
import { firstNumbers } from '../store/sweep.ts'
import {
  feedName,
  feedRow,
  indexRow,
  keptOf,
  readEntryRow,
  readFeedRow,
  readIndexRow,
  scopeRow,
  type ScopeIndex,
  type ScopeRecord,
} from './rows.ts'

export interface RebuildDeps {
  readonly store: Store
  readonly own: PersonId
  readonly random: (length: number) => Uint8Array
}

const pageEntries = 1000

/** What the entries under one number say of it. */
interface Heard {
  readonly number: number
  readonly scope: Scope
  readonly isPerson: boolean
  readonly isGroup: boolean
}

/** Before the rooms are opened. Resolves with how many rows it put back. */
export async function rebuild(deps: RebuildDeps): Promise<number> {
  const { store } = deps
  let count = 0
  const heard: Heard[] = []
  for (const number of await firstNumbers(store, tables.entry)) {
    if (isDeleted(store, number)) continue
    let scope: Scope | undefined
    let isPerson = false
    let isGroup = false
    for (const feed of await firstNumbers(store, tables.entry, [number])) {
      const first = await firstOf(store, number, feed)
      if (first === undefined) continue
      scope ??= feedOf(first).scope
      // The numbers of kinds mean something else in the other lane.
      isPerson ||= first.header.lane === lanes.roster && first.header.kind === kinds.createPerson
      isGroup ||= first.header.lane === lanes.roster && first.header.kind === kinds.createGroup
      await nameAgain(store, feedName(feedOf(first)), feed)
      if (store.get({ table: tables.feed, at: [number, feed], under: number }) !== undefined) continue
      await rebuildFeed(store, number, feed, first)
      count += 1
    }
    if (scope !== undefined) heard.push({ number, scope, isPerson, isGroup })
  }
  for (const { at, value } of await store.range(tables.conversation))
    await nameAgain(store, readIndexRow(value).scope, at[0] ?? 0)
  count += await rebuildScopes(deps, heard)
  await fence(store)
  return count
}

/** What a number stands for, where the dictionary lost it. */
async function nameAgain(store: Store, id: DictionaryId, number: number): Promise<void> {
  if (store.numberOf(id) === number) return
  await store.commit((batch) => batch.put({ table: tables.dictionary, at: [number] }, utf8(id)))
}

/** Numbers of ids that nobody remembers may still stand in rows, and must not come to mean somebody else. */
async function fence(store: Store): Promise<void> {
  let highest = 0
  for (const table of [tables.entry, tables.feed, tables.order, tables.client, tables.state, tables.dictionary]) {
    const numbers = await firstNumbers(store, table)
    highest = Math.max(highest, ...numbers)
    if (table !== tables.entry && table !== tables.feed) continue
    for (const number of numbers) highest = Math.max(highest, ...(await firstNumbers(store, table, [number])))
  }
  const at = [highest + numbersThatMayBeLost]
  await store.commit((batch) => batch.put({ table: tables.dictionary, at }, utf8(`fence ${at[0]}`)))
}

async function firstOf(store: Store, number: number, feed: number): Promise<SealedHeader | undefined> {
  try {
    for (let after = [0]; ;) {
      const options = { prefix: [number, feed], under: number, after, limit: 1 }
      let bad: readonly number[] | undefined
      const damaged = (at: readonly number[]): void => void (bad = at)
      const [row] = await store.range(tables.entry, { ...options, damaged })
      if (row !== undefined) return readEntryRow(row.value).sealed
      if (bad?.[2] === undefined) return undefined
      after = [bad[2]]
    }
  } catch (error) {
    // Its key was dropped with the conversation.
    if (errorCode(error) === 'NO_KEY') return undefined
    throw error
  }
}

async function rebuildFeed(store: Store, number: number, feed: number, first: SealedHeader): Promise<void> {
  let ranges: readonly Range[] = []
  let top = first
  for (let after = 0; ;) {
    const passed: number[] = []
    const rows = await store.range(tables.entry, {
      prefix: [number, feed],
      under: number,
      after: [after],
      limit: pageEntries,
      damaged: (at) => void passed.push(at[2] ?? 0),
    })
    for (const { at, value } of rows) {
      top = readEntryRow(value).sealed
      ranges = addRange(ranges, [top.header.seq, top.header.seq])
      passed.push(at[2] ?? 0)
    }
    after = Math.max(0, ...passed)
    if (after === 0) break
  }
  const name = feedOf(top)
  const { seq, hlc } = top.header
  await store.commit((batch) => {
    const position = { ranges, seq, highest: seq, head: top.id, hlc, frozen: false }
    batch.put({ table: tables.feed, at: [number, feed], under: number }, feedRow(name, position))
  })
}

/** What is left of it is shut for good, and is cleared away by itself. */
function isDeleted(store: Store, number: number): boolean {
  const row = store.get({ table: tables.conversation, at: [number] })
  return row !== undefined && readIndexRow(row).isDeleted
}

/** Of persons the log itself says whose it is; of conversations the persons that are known. */
async function rebuildScopes({ store, own, random }: RebuildDeps, heard: readonly Heard[]): Promise<number> {
  const people = new Set<PersonId>([own])
  for (const { scope, isPerson } of heard) if (isPerson) people.add(scope as PersonId)
  let count = 0
  for (const { number, scope, isPerson, isGroup } of heard) {
    const row = store.get({ table: tables.conversation, at: [number] })
    const index =
      row === undefined ? (isGroup ? groupIndex(scope, own) : indexOf(scope, own, isPerson, people)) : readIndexRow(row)
    const state = { table: tables.state, at: [number], under: number }
    // With somebody whose log is lost, too: the number waits for them to be added again.
    await nameAgain(store, scope, number)
    if (row !== undefined && store.get(state) !== undefined) continue
    if (index === undefined) continue
    const record = await newRecord(store, index, number, random)
    await store.commit((batch) => {
      batch.put({ table: tables.conversation, at: [number] }, indexRow({ ...index, isDeleted: false }))
      if (batch.get(state) === undefined) batch.put(state, scopeRow(record))
    })
    count += 1
  }
  return count
}

/** The order key of the newest message; empty if there is none. */
async function newestOf(store: Store, scope: Scope, number: number): Promise<string> {
  const [row] = await store.rangeIndex(tables.order, { prefix: [number], reverse: true, limit: 1 })
  const [, wallMs = 0, count = 0, feed = 0, seq = 0] = row ?? []
  const kept = store.get({ table: tables.feed, at: [number, feed], under: number })
  if (row === undefined || kept === undefined) return ''
  const { device, generation } = readFeedRow(scope, kept).feed
  return orderKey({ hlc: { wallMs, count }, device, generation, seq })
}

const groupIndex = (scope: Scope, own: PersonId): ScopeIndex => ({
  scope,
  kind: 'group',
  person: own,
  ...keptOf(undefined),
})

function indexOf(
  scope: Scope,
  own: PersonId,
  isPerson: boolean,
  people: ReadonlySet<PersonId>,
): ScopeIndex | undefined {
  const kept = keptOf(undefined)
  if (isPerson) return { scope, kind: 'person', person: scope as PersonId, ...kept }
  if (scope === selfId(own)) return { scope, kind: 'self', person: own, ...kept }
  const person = [...people].find((each) => each !== own && directId(own, each) === scope)
  return person === undefined ? undefined : { scope, kind: 'direct', person, ...kept }
}

/** Drafts and what was read are lost; nobody knows how far the old generations went. */
async function newRecord(
  store: Store,
  index: ScopeIndex,
  number: number,
  random: RebuildDeps['random'],
): Promise<ScopeRecord> {
  const newest = await newestOf(store, index.scope, number)
  const generations = [generationOf(random(8)), generationOf(random(8))] as const
  return {
    ...index,
    generations,
    unread: 0,
    readUpTo: newest,
    lastOrder: newest,
    draft: '',
    listed: true,
    invites: [],
    unheard: [],
  }
}
