/** What a backup says of itself, and how a reader knows that all of it is there: records in their order, counted and hashed. */

import { decode, encode, readArray, readBytes, readEach, readText, readUint } from '../../protocol/codec.ts'
import { createHash } from 'node:crypto'
import { WarrenError } from '../../protocol/errors.ts'
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

export interface BackupSource {
  readonly facts: BackupFacts
  readonly keys: KeyringContents
  readonly rows: AsyncIterable<readonly RawRow[]>
}

const plain = (type: RecordType, value: Uint8Array): BackupRecord => ({ type, key: none, value })

const factsValue = ({ madeAt, warren }: BackupFacts): Uint8Array => encode([madeAt, warren])

const keysValue = ({ homeKey, conversationKeys, keysMade }: KeyringContents): Uint8Array =>
  encode([homeKey, [...conversationKeys], keysMade])

function readKeys(bytes: Uint8Array): KeyringContents {
  const [homeKey, keys, keysMade] = readArray(decode(bytes), 3)
  const conversationKeys = readEach(keys, Infinity, (item): [number, Uint8Array] => {
    const [conversation, key] = readArray(item, 2, 2)
    return [readUint(conversation), readBytes(key, 32)]
  })
  return { homeKey: readBytes(homeKey, 32), conversationKeys: new Map(conversationKeys), keysMade: readUint(keysMade) }
}

/** The bytes to be sealed, as they are asked for. */
export async function* writeContents({ facts, keys, rows }: BackupSource): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let count = 0
  yield encodeRecord(plain(recordTypes.facts, factsValue(facts)))
  yield encodeRecord(plain(recordTypes.keys, keysValue(keys)))
  for await (const found of rows) {
    for (const [key, value] of found) {
      const bytes = encodeRecord({ type: recordTypes.row, key, value })
      hash.update(bytes)
      count += 1
      yield bytes
    }
  }
  yield encodeRecord(plain(recordTypes.end, encode([count, hash.digest()])))
}

export interface ContentsReader {
  readonly facts: (facts: BackupFacts) => void | Promise<void>
  readonly keys: (keys: KeyringContents) => void | Promise<void>
  readonly row: (row: RawRow) => void | Promise<void>
}

export interface ContentsRead {
  readonly rows: number
  /** Of all rows, in hexadecimal. */
  readonly hash: string
}

const wrong = (): WarrenError => new WarrenError('BAD_SHAPE', 'the records of the backup do not fit together')

/** Hands over what is there. Throws BAD_SHAPE unless it is all, in its order; until this resolves nobody knows that it is. */
export async function readContents(
  records: AsyncIterable<BackupRecord>,
  reader: ContentsReader,
): Promise<ContentsRead> {
  const hash = createHash('sha256')
  const seen: RecordType[] = []
  let count = 0
  let ended: ContentsRead | undefined
  for await (const record of records) {
    if (ended !== undefined) throw wrong()
    const { type, key, value } = record
    if (type === recordTypes.row) {
      if (seen.length !== 2) throw wrong()
      hash.update(recordFront(record)).update(key).update(value)
      count += 1
      await reader.row([key, value])
      continue
    }
    seen.push(type)
    if (type === recordTypes.facts && seen.length === 1) {
      const [madeAt, warren] = readArray(decode(value), 2)
      await reader.facts({ madeAt: readUint(madeAt), warren: readText(warren, 64) })
    } else if (type === recordTypes.keys && seen.length === 2) await reader.keys(readKeys(value))
    else if (type === recordTypes.end && seen.length === 3) {
      const [rows, said] = readArray(decode(value), 2)
      const found = hash.digest()
      if (readUint(rows) !== count || Buffer.compare(found, readBytes(said, 32)) !== 0) throw wrong()
      ended = { rows: count, hash: found.toString('hex') }
    } else throw wrong()
  }
  if (ended === undefined) throw wrong()
  return ended
}
