/** LevelDB's files as bytes, without LevelDB: records of its logs put together again, and how blocks of its tables are stored. */

const blockBytes = 32 * 1024
const headBytes = 7

/**
 * The records of a log (doc/log_format.md of LevelDB) behind each other, without the heads that cut a long record into pieces:
 * a text may lie across such a cut.
 */
export function logRecords(bytes: Uint8Array): Buffer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const pieces: Uint8Array[] = []
  for (let at = 0; at + headBytes <= bytes.length;) {
    const left = blockBytes - (at % blockBytes)
    if (left < headBytes) {
      at += left
      continue
    }
    const length = Math.min(view.getUint16(at + 4, true), left - headBytes)
    pieces.push(bytes.subarray(at + headBytes, at + headBytes + length))
    at += headBytes + length
  }
  return Buffer.concat(pieces)
}

interface Handle {
  readonly offset: number
  readonly size: number
}

/** A cursor over varints. */
class Reader {
  readonly #bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes
    this.at = at
  }

  varint(): number {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.at]
      if (byte === undefined) throw new Error('a table ends too early')
      this.at += 1
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }

  handle(): Handle {
    return { offset: this.varint(), size: this.varint() }
  }
}

const footerBytes = 48
const magic = 0xdb4775248b80fb57n

function handlesOf(table: Uint8Array, index: Handle): Handle[] {
  const block = table.subarray(index.offset, index.offset + index.size)
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength)
  const end = block.length - 4 - 4 * view.getUint32(block.length - 4, true)
  const handles: Handle[] = []
  for (const reader = new Reader(block); reader.at < end;) {
    reader.varint() // bytes shared with the key before
    const keyBytes = reader.varint()
    const valueBytes = reader.varint()
    handles.push(new Reader(block, reader.at + keyBytes).handle())
    reader.at += keyBytes + valueBytes
  }
  return handles
}

/** For each data block of a table (doc/table_format.md) its compression: 0 is none. Throws if it is no table. */
export function blockCompressions(table: Uint8Array): number[] {
  const footer = table.subarray(table.length - footerBytes)
  const view = new DataView(footer.buffer, footer.byteOffset, footer.byteLength)
  if (footer.length < footerBytes || view.getBigUint64(footerBytes - 8, true) !== magic) throw new Error('no table')
  const reader = new Reader(footer)
  reader.handle() // of the metaindex
  const index = reader.handle()
  return [index, ...handlesOf(table, index)].map(({ offset, size }) => table[offset + size] ?? -1)
}
