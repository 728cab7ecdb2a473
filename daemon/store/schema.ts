/** The version of what rooms keep in their rows, the store's id, and the steps from older versions. */

import { toBase32 } from '../../protocol/bytes.ts'
import { decode, encode, readBytes, readUint } from '../../protocol/codec.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import type { Engine, Operation } from './engine.ts'
import { encodeKey } from './keys.ts'
import type { RandomBytes } from './seal.ts'
import { tables, type IndexKey, type Key } from './store.ts'

/** One step. It may be cut off anywhere and run again, and ends in the writes that go into one batch with its version. */
export interface Migration {
  readonly to: number
  run(engine: Engine): Promise<readonly Operation[]>
}

const firstVersion = 1
const storeIdBytes = 16
const versionKey: Key = { table: tables.meta, at: [0, 0] }
const storeIdKey: Key = { table: tables.meta, at: [0, 1] }

/** A write as a migration hands it over. */
export const operation = (key: Key | IndexKey, value: Uint8Array | undefined): Operation => ({
  key,
  bytes: encodeKey(key.table, key.at),
  value,
})

const read = (engine: Engine, key: Key | IndexKey): Uint8Array => {
  const value = engine.get(key, encodeKey(key.table, key.at))
  if (value === undefined) throw new WarrenError('STORE_DAMAGED', 'the database does not say which version it is')
  return value
}

export interface SchemaDeps {
  readonly engine: Engine
  readonly randomBytes: RandomBytes
  /** A version or an id that was lost is written anew: as this version, as another home. */
  readonly mend?: boolean
}

/** Puts back what the store itself needs and a damaged disk took. */
async function mendMeta({ engine, randomBytes }: SchemaDeps, newest: number): Promise<void> {
  const rows = [operation(versionKey, encode(newest)), operation(storeIdKey, randomBytes(storeIdBytes))]
  await engine.prepare(rows.filter(({ key }) => isLost(engine, key)))()
}

function isLost(engine: Engine, key: Key | IndexKey): boolean {
  try {
    read(engine, key)
    return false
  } catch (error) {
    if (errorCode(error) !== 'STORE_DAMAGED') throw error
    return true
  }
}

/**
 * Writes the schema of a new database (`empty`) or brings an older one up to date by `steps`, which are in the order of their
 * versions, from 2 on, without a gap; resolves with the store's id. Throws
 * STORE_NEWER, STORE_DAMAGED, and what a step throws: STORE_OLDER for what cannot be brought up to date.
 */
export async function prepareSchema(deps: SchemaDeps, empty: boolean, steps: readonly Migration[]): Promise<string> {
  const { engine, randomBytes } = deps
  const newest = steps.at(-1)?.to ?? firstVersion
  if (empty) {
    const id = randomBytes(storeIdBytes)
    await engine.prepare([operation(versionKey, encode(newest)), operation(storeIdKey, id)])()
    return toBase32(id)
  }
  if (deps.mend === true) await mendMeta(deps, newest)
  const version = readUint(decode(read(engine, versionKey)))
  if (version > newest) throw new WarrenError('STORE_NEWER', 'the database was made by a newer Warren')
  for (const step of steps) {
    if (step.to <= version) continue
    await engine.prepare([...(await step.run(engine)), operation(versionKey, encode(step.to))])()
  }
  return toBase32(readBytes(read(engine, storeIdKey), storeIdBytes))
}
