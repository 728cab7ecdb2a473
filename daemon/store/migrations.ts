/** The steps from older versions of the rows, in order. A version once released stays for ever. */

import { decode, encode, readArray, readUint, type Value } from '../../protocol/codec.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Engine, Operation } from './engine.ts'
import { encodeNumbers } from './keys.ts'
import { operation, type Migration } from './schema.ts'
import { tables, type IndexKey, type SealedTable } from './store.ts'

/** A conversation's row as it was, in two: what there is, and what is kept of it under its own key. */
function halves(row: Uint8Array): { index: Uint8Array; state: Uint8Array } {
  const f: readonly Value[] = readArray(decode(row), 9)
  const [scope = null, kind = null, person = null, generations = null, ...counts] = f
  const [unread = null, readUpTo = null, lastOrder = null, muted = null, draft = null] = counts
  return {
    index: encode([scope, kind, person, 0, muted]),
    state: encode([generations, unread, readUpTo, lastOrder, muted, draft, 1]),
  }
}

/** What is kept of a conversation, its registers too, moves under the conversation's own key, so that it can be deleted with it. */
async function underOwnKeys(engine: Engine): Promise<Operation[]> {
  const out: Operation[] = []
  for (const { at, value } of await engine.range(tables.conversation, {})) {
    const [under = 0] = at
    if (!engine.hasKey(under)) continue
    const { index, state } = halves(value)
    out.push(operation({ table: tables.conversation, at }, index), operation({ table: tables.state, at, under }, state))
  }
  for (const { at, value } of await engine.range(tables.register, {})) {
    const [under = 0] = at
    const moved = { table: tables.register, at, under }
    out.push(engine.hasKey(under) ? operation(moved, value) : operation({ table: tables.register, at }, undefined))
  }
  return out
}

/** Rows that one write of this step moves. */
const rowsAtOnce = 2000

/** Indexes were sealed, and are numbers in plain sight. Rows that a step moved before it was cut off do not open: they are done. */
async function plainIndexes(engine: Engine): Promise<Operation[]> {
  const out: Operation[] = []
  const put = async (key: IndexKey, numbers: readonly number[]): Promise<void> => {
    out.push(operation(key, encodeNumbers(numbers)))
    if (out.length >= rowsAtOnce) await engine.prepare(out.splice(0))()
  }
  for (const { at } of await engine.range(tables.conversation, {})) {
    const [under = 0] = at
    if (!engine.hasKey(under)) continue
    const options = { prefix: [under], under, damaged: () => undefined }
    for (const row of await engine.numbers(tables.order, options)) await put({ table: tables.order, at: row }, [])
    for (const row of await engine.range(tables.client as number as SealedTable, options)) {
      const place = readArray(decode(row.value), 2, 2).map((each) => readUint(each))
      await put({ table: tables.client, at: row.at }, place)
    }
  }
  return out
}

const groupKind = 3

/** People came into groups by links without a word of theirs: everybody would hold others to belong than before. */
async function noGroups(engine: Engine): Promise<Operation[]> {
  for (const { value } of await engine.range(tables.conversation, {})) {
    if (readArray(decode(value), 2)[1] === groupKind)
      throw new WarrenError(
        'STORE_OLDER',
        'groups in this home were made by a Warren from before the first version, which this one cannot read: begin with a new home',
      )
  }
  return []
}

const identityAt = [1]

/** Recovery keys were named without a word of theirs: who begins a person now proves to hold the one that is named. */
async function noIdentity(engine: Engine): Promise<Operation[]> {
  const rows = await engine.range(tables.setting, { prefix: identityAt })
  if (rows.length > 0)
    throw new WarrenError(
      'STORE_OLDER',
      'this home was begun by a Warren from before the first version, which this one cannot read: begin with a new home',
    )
  return []
}

export const migrations: readonly Migration[] = [
  { to: 2, run: underOwnKeys },
  { to: 3, run: plainIndexes },
  // Rows of groups came: an older Warren would take each for the owner's notes.
  { to: 4, run: () => Promise.resolve([]) },
  { to: 5, run: noGroups },
  { to: 6, run: noIdentity },
]
