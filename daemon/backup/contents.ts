/** What a backup holds: records in their order, counted and hashed, so that a reader knows that all of it is there. */

import { createHash, type Hash } from 'node:crypto'
import { utf8 } from '../../protocol/bytes.ts'
import { encode } from '../../protocol/codec.ts'
import type { KeyringContents } from '../store/keyring-file.ts'
import { encodeRecord, recordFront, recordTypes, type BackupRecord, type RecordType } from './records.ts'

const none = new Uint8Array(0)

export interface BackupFacts {
  /** Epoch milliseconds. */
  readonly madeAt: number
  /** Of the program. */
  readonly warren: string
}

/** A row of the database as it lies there: the key in plain sight, the value sealed or an index. */
export type RawRow = readonly [key: Uint8Array, value: Uint8Array]

/** A file of conversations as it lies beside the database, sealed. */
export interface FileSource {
  readonly name: string
  /** Its bytes; returns whether that was all of it, and one that was not is as good as not saved. */
  read(): AsyncGenerator<Uint8Array, boolean, undefined>
}

export interface BackupSource {
  readonly facts: BackupFacts
  readonly keys: KeyringContents
  readonly rows: AsyncIterable<readonly RawRow[]>
  /** By name; undefined if they are left out. */
  readonly files: readonly FileSource[] | undefined
}

const plain = (type: RecordType, value: Uint8Array): BackupRecord => ({ type, key: none, value })

const factsValue = ({ madeAt, warren }: BackupFacts): Uint8Array => encode([madeAt, warren])

const keysValue = ({ homeKey, conversationKeys, keysMade }: KeyringContents): Uint8Array =>
  encode([homeKey, [...conversationKeys], keysMade])

/** Counts records of a kind, and hashes them. */
export class Tally {
  readonly #hash: Hash = createHash('sha256')
  count = 0

  add(record: BackupRecord): void {
    this.#hash.update(recordFront(record)).update(record.key).update(record.value)
  }

  end(): [count: number, hash: Uint8Array] {
    return [this.count, this.#hash.digest()]
  }
}

/** The bytes to be sealed, as they are asked for. */
export async function* writeContents({ facts, keys, rows, files }: BackupSource): AsyncGenerator<Uint8Array> {
  yield encodeRecord(plain(recordTypes.facts, factsValue(facts)))
  yield encodeRecord(plain(recordTypes.keys, keysValue(keys)))
  const tally = new Tally()
  for await (const found of rows) {
    for (const [key, value] of found) {
      const record: BackupRecord = { type: recordTypes.row, key, value }
      tally.add(record)
      tally.count += 1
      yield encodeRecord(record)
    }
  }
  const ofFiles = files === undefined ? [] : yield* writeFiles(files)
  yield encodeRecord(plain(recordTypes.end, encode([...tally.end(), ...ofFiles])))
}

const emptyList = encode([])

/** Its pieces, and its end: how many bytes they have, or nothing if they are not all of it. */
async function* recordsOf(file: FileSource): AsyncGenerator<BackupRecord> {
  const key = utf8(file.name)
  const pieces = file.read()
  let bytes = 0
  try {
    let next = await pieces.next()
    for (; next.done !== true; next = await pieces.next()) {
      bytes += next.value.length
      yield { type: recordTypes.piece, key, value: next.value }
    }
    yield { type: recordTypes.fileEnd, key, value: next.value ? encode([bytes]) : emptyList }
  } finally {
    await pieces.return(false)
  }
}

async function* writeFiles(files: readonly FileSource[]): AsyncGenerator<Uint8Array, [number, Uint8Array], undefined> {
  const tally = new Tally()
  for (const file of files) {
    for await (const record of recordsOf(file)) {
      tally.add(record)
      if (record.type === recordTypes.fileEnd && record.value.length > emptyList.length) tally.count += 1
      yield encodeRecord(record)
    }
  }
  return tally.end()
}
