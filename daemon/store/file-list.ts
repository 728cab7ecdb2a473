/** LevelDB's list of files (its MANIFEST), read without LevelDB: which tables the database is made of. */

import { recordsOf } from './log-file.ts'

/** The tags of LevelDB's VersionEdit. */
const tags = {
  comparator: 1,
  logNumber: 2,
  nextFile: 3,
  lastSequence: 4,
  compactAt: 5,
  goneFile: 6,
  newFile: 7,
  oldLogNumber: 9,
} as const

class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isOver(): boolean {
    return this.#at >= this.#bytes.length
  }

  number(): number {
    let number = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at]
      if (byte === undefined) throw new RangeError('a list of files ends in a number')
      this.#at += 1
      number += (byte & 127) * scale
      if (byte < 128) return number
    }
  }

  skipText(): void {
    const length = this.number()
    this.#at += length
  }
}

function readEdit(bytes: Uint8Array, tables: Set<number>): void {
  const reader = new Reader(bytes)
  while (!reader.isOver) {
    const tag = reader.number()
    switch (tag) {
      case tags.comparator:
        reader.skipText()
        break
      case tags.logNumber:
      case tags.nextFile:
      case tags.lastSequence:
      case tags.oldLogNumber:
        reader.number()
        break
      case tags.compactAt:
        reader.number()
        reader.skipText()
        break
      case tags.goneFile:
        reader.number()
        tables.delete(reader.number())
        break
      case tags.newFile:
        reader.number()
        tables.add(reader.number())
        reader.number()
        reader.skipText()
        reader.skipText()
        break
      default:
        throw new RangeError(`a list of files has the unknown tag ${tag}`)
    }
  }
}

/** The numbers of the tables in use. Files beside them are leftovers, perhaps half written. Throws RangeError if it cannot be read. */
export function tablesInUse(manifest: Uint8Array): ReadonlySet<number> {
  const tables = new Set<number>()
  for (const record of recordsOf(manifest)) readEdit(record, tables)
  return tables
}
