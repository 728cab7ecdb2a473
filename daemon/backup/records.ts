/** What lies in the sealed part of a backup: one record after the other, a type, two lengths and the bytes. docs/backup.md. */

import { concat } from '../../protocol/bytes.ts'
import { WarrenError } from '../../protocol/errors.ts'

/** A file is any number of pieces, and an end. */
export const recordTypes = { facts: 1, keys: 2, row: 3, piece: 4, fileEnd: 5, end: 9 } as const
export type RecordType = (typeof recordTypes)[keyof typeof recordTypes]

export interface BackupRecord {
  readonly type: RecordType
  /** Of a row; of what belongs to a file, its name; else empty. */
  readonly key: Uint8Array
  readonly value: Uint8Array
}

const frontBytes = 9
const mostKeyBytes = 1024
const mostValueBytes = 64 * 1024 * 1024
const types: ReadonlySet<number> = new Set(Object.values(recordTypes))

export function recordFront({ type, key, value }: BackupRecord): Uint8Array {
  const front = Buffer.alloc(frontBytes)
  front[0] = type
  front.writeUInt32BE(key.length, 1)
  front.writeUInt32BE(value.length, 5)
  return front
}

export const encodeRecord = (record: BackupRecord): Uint8Array => concat(recordFront(record), record.key, record.value)

interface Front {
  readonly type: RecordType
  readonly keyBytes: number
  readonly bytes: number
}

function readFront(bytes: Uint8Array): Front {
  const view = new DataView(bytes.buffer, bytes.byteOffset, frontBytes)
  const type = view.getUint8(0)
  const keyBytes = view.getUint32(1)
  const valueBytes = view.getUint32(5)
  if (!types.has(type)) throw new WarrenError('STORE_NEWER', 'the backup was made by a newer Warren')
  if (keyBytes > mostKeyBytes || valueBytes > mostValueBytes)
    throw new WarrenError('BAD_SHAPE', 'a record of the backup is too long')
  return { type: type as RecordType, keyBytes, bytes: frontBytes + keyBytes + valueBytes }
}

/** Holds no more than one record and one chunk. Throws STORE_NEWER, BAD_SHAPE; also where it ends in the middle of one. */
export async function* readRecords(plain: AsyncIterable<Uint8Array>): AsyncGenerator<BackupRecord> {
  let held: Uint8Array = new Uint8Array(0)
  let parts: Uint8Array[] = []
  let length = 0
  let needed = frontBytes
  for await (const part of plain) {
    parts.push(part)
    length += part.length
    if (length < needed) continue
    held = Buffer.concat(parts, length)
    for (;;) {
      const front = held.length < frontBytes ? undefined : readFront(held)
      needed = front?.bytes ?? frontBytes
      if (front === undefined || held.length < front.bytes) break
      const keyEnd = frontBytes + front.keyBytes
      yield { type: front.type, key: held.subarray(frontBytes, keyEnd), value: held.subarray(keyEnd, front.bytes) }
      held = held.subarray(front.bytes)
    }
    parts = [Uint8Array.from(held)]
    length = held.length
  }
  if (length > 0) throw new WarrenError('BAD_SHAPE', 'the backup ends within a record')
}
