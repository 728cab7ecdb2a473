/** Reads what a backup holds: hands it over record by record, and knows in the end whether that was all of it. */

import { readUtf8 } from '../../protocol/bytes.ts'
import { decode, readArray, readBytes, readEach, readText, readUint, type Value } from '../../protocol/codec.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { isFileName } from '../store/blob-files.ts'
import type { KeyringContents } from '../store/keyring-file.ts'
import { Tally, type BackupFacts, type RawRow } from './contents.ts'
import { recordTypes, type BackupRecord, type RecordType } from './records.ts'

function readKeys(bytes: Uint8Array): KeyringContents {
  const [homeKey, keys, keysMade] = readArray(decode(bytes), 3)
  const conversationKeys = readEach(keys, Infinity, (item): [number, Uint8Array] => {
    const [conversation, key] = readArray(item, 2, 2)
    return [readUint(conversation), readBytes(key, 32)]
  })
  return { homeKey: readBytes(homeKey, 32), conversationKeys: new Map(conversationKeys), keysMade: readUint(keysMade) }
}

export interface ContentsReader {
  readonly facts: (facts: BackupFacts) => void | Promise<void>
  readonly keys: (keys: KeyringContents) => void | Promise<void>
  readonly row: (row: RawRow) => void | Promise<void>
  /** What comes next of a file; pieces of two files are never mixed. */
  readonly piece: (name: string, bytes: Uint8Array) => void | Promise<void>
  /** That was all of it, or nothing of it counts. */
  readonly fileEnd: (name: string, isWhole: boolean) => void | Promise<void>
}

/** Files that are whole in a backup. */
export interface FilesRead {
  readonly count: number
  readonly bytes: number
  /** Of all of them, in hexadecimal. */
  readonly hash: string
}

export interface ContentsRead {
  readonly rows: number
  /** Of all rows, in hexadecimal. */
  readonly hash: string
  /** Undefined where files were left out. */
  readonly files: FilesRead | undefined
}

const wrong = (): WarrenError => new WarrenError('BAD_SHAPE', 'the records of the backup do not fit together')

/** Compares what was counted with what the last record says. */
function settle(tally: Tally, count: Value | undefined, hash: Value | undefined): string {
  const [found, own] = tally.end()
  if (readUint(count) !== found || Buffer.compare(own, readBytes(hash, 32)) !== 0) throw wrong()
  return Buffer.from(own).toString('hex')
}

const { facts, keys, row, piece, fileEnd, end } = recordTypes
const ofFiles: readonly RecordType[] = [keys, row, fileEnd, piece]

/** What each may come behind. */
const follows: Readonly<Record<RecordType, readonly (RecordType | undefined)[]>> = {
  [facts]: [undefined],
  [keys]: [facts],
  [row]: [keys, row],
  [piece]: ofFiles,
  [fileEnd]: ofFiles,
  [end]: [keys, row, fileEnd],
}

/** Which records may follow which, and what they say together. */
class Reading {
  readonly #reader: ContentsReader
  readonly #rows = new Tally()
  readonly #files = new Tally()
  #last: RecordType | undefined
  /** The file that pieces came of, or came of last; each comes once, in the order of names. */
  #name = ''
  #isWithin = false
  #bytes = 0
  #wholeBytes = 0
  #hasFiles = false
  read: ContentsRead | undefined

  constructor(reader: ContentsReader) {
    this.#reader = reader
  }

  async take(record: BackupRecord): Promise<void> {
    if (!follows[record.type].includes(this.#last)) throw wrong()
    this.#last = record.type
    switch (record.type) {
      case recordTypes.facts:
        return await this.#facts(record.value)
      case recordTypes.keys:
        return await this.#reader.keys(readKeys(record.value))
      case recordTypes.row:
        return await this.#row(record)
      case recordTypes.piece:
        return await this.#piece(record)
      case recordTypes.fileEnd:
        return await this.#fileEnd(record)
      case recordTypes.end:
        return this.#end(record.value)
    }
  }

  async #facts(value: Uint8Array): Promise<void> {
    const [madeAt, warren] = readArray(decode(value), 2)
    await this.#reader.facts({ madeAt: readUint(madeAt), warren: readText(warren, 64) })
  }

  async #row(record: BackupRecord): Promise<void> {
    this.#rows.add(record)
    this.#rows.count += 1
    await this.#reader.row([record.key, record.value])
  }

  #nameOf({ key }: BackupRecord): string {
    const name = readUtf8(key)
    if (this.#isWithin ? name !== this.#name : !isFileName(name) || name <= this.#name) throw wrong()
    this.#name = name
    return name
  }

  async #piece(record: BackupRecord): Promise<void> {
    const name = this.#nameOf(record)
    this.#isWithin = true
    this.#files.add(record)
    this.#bytes += record.value.length
    await this.#reader.piece(name, record.value)
  }

  async #fileEnd(record: BackupRecord): Promise<void> {
    const name = this.#nameOf(record)
    this.#files.add(record)
    const [bytes] = readArray(decode(record.value), 0)
    const isWhole = bytes !== undefined
    if (isWhole && (readUint(bytes) !== this.#bytes || this.#bytes === 0)) throw wrong()
    if (isWhole) this.#files.count += 1
    if (isWhole) this.#wholeBytes += this.#bytes
    this.#isWithin = false
    this.#bytes = 0
    this.#hasFiles = true
    await this.#reader.fileEnd(name, isWhole)
  }

  #end(value: Uint8Array): void {
    const [rows, hash, count, ofFiles] = readArray(decode(value), 2)
    if (count === undefined && this.#hasFiles) throw wrong()
    const read = { rows: this.#rows.count, hash: settle(this.#rows, rows, hash) }
    const bytes = this.#wholeBytes
    const files =
      count === undefined ? undefined : { count: this.#files.count, bytes, hash: settle(this.#files, count, ofFiles) }
    this.read = { ...read, files }
  }
}

/** Hands over what is there. Throws BAD_SHAPE unless it is all, in its order; until this resolves nobody knows that it is. */
export async function readContents(
  records: AsyncIterable<BackupRecord>,
  reader: ContentsReader,
): Promise<ContentsRead> {
  const reading = new Reading(reader)
  for await (const record of records) await reading.take(record)
  if (reading.read === undefined) throw wrong()
  return reading.read
}
