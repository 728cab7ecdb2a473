/** A table of LevelDB, read without LevelDB: whether it is as it was written, and else what rows of it are left. */

import { entriesOf, findBlock, isWholeBlock, readHandle, trailerBytes, type BlockHandle } from './table-block.ts'

/** One version of a row. */
export interface FoundRow {
  readonly key: Uint8Array
  /** Undefined: it was deleted. */
  readonly value: Uint8Array | undefined
  /** Of two versions of a row the one with the greater number counts. */
  readonly sequence: number
  /** False: it lay among damaged bytes, and may be damaged itself. */
  readonly isSure: boolean
}

const footerBytes = 48
const magic = 0xdb4775248b80fb57n
/** Behind each key: which version it is, and whether it is a value. */
const versionBytes = 8

/** Where the list of blocks lies, and what else is beside the rows. */
interface Footer {
  readonly metaindex: BlockHandle
  readonly index: BlockHandle
}

function footerOf(bytes: Uint8Array): Footer | undefined {
  const at = bytes.length - footerBytes
  if (at < 0 || new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(bytes.length - 8, true) !== magic)
    return undefined
  const metaindex = readHandle(bytes, at)
  const index = metaindex && readHandle(bytes, metaindex.end)
  return metaindex === undefined || index === undefined ? undefined : { metaindex, index }
}

const handlesIn = (bytes: Uint8Array, block: BlockHandle): BlockHandle[] =>
  entriesOf(bytes, block).flatMap(({ value }) => readHandle(value) ?? [])

/** The list of blocks, if it can be trusted. */
function blocksOf(bytes: Uint8Array): BlockHandle[] | undefined {
  const index = footerOf(bytes)?.index
  return index !== undefined && isWholeBlock(bytes, index) ? handlesIn(bytes, index) : undefined
}

/** Whether another program than Warren wrote it, which lets LevelDB compress: of such a table nothing is known here. */
export function isCompressed(bytes: Uint8Array): boolean {
  const index = footerOf(bytes)?.index
  return index !== undefined && (bytes[index.offset + index.size] ?? 0) !== 0
}

/** Whether every byte that LevelDB goes by is as it was written. It does not look itself: it reads on, or ends the process. */
export function isWholeTable(bytes: Uint8Array): boolean {
  const footer = footerOf(bytes)
  const blocks = blocksOf(bytes)
  if (footer === undefined || blocks === undefined || !isWholeBlock(bytes, footer.metaindex)) return false
  // Filters have the checksum of a block.
  return [...blocks, ...handlesIn(bytes, footer.metaindex)].every((each) => isWholeBlock(bytes, each))
}

/** All versions of rows that can be told apart. */
export function* rowsOfTable(bytes: Uint8Array): Generator<FoundRow, void> {
  const known = blocksOf(bytes)
  for (const block of known ?? findBlocks(bytes)) {
    const isSure = known === undefined || isWholeBlock(bytes, block)
    for (const { key, value } of entriesOf(bytes, block)) {
      const row = rowOf(key, value, isSure)
      if (row !== undefined) yield row
    }
  }
}

function rowOf(internal: Uint8Array, value: Uint8Array, isSure: boolean): FoundRow | undefined {
  const end = internal.length - versionBytes
  if (end < 1) return undefined
  const version = new DataView(internal.buffer, internal.byteOffset).getBigUint64(end, true)
  const kind = Number(version & 0xffn)
  if (kind > 1) return undefined
  const row = { key: internal.subarray(0, end), sequence: Number(version >> 8n), isSure }
  return { ...row, value: kind === 1 ? value : undefined }
}

/** Without a list: what looks like a block, and has its checksum. */
function* findBlocks(bytes: Uint8Array): Generator<BlockHandle, void> {
  for (let at = 0; at < bytes.length;) {
    const block = findBlock(bytes, at)
    if (block !== undefined && !isList(bytes, block)) yield block
    at = block === undefined ? at + 1 : block.offset + block.size + trailerBytes
  }
}

/** The list of blocks is a block, too: of places that follow each other from the beginning of the file on. */
function isList(bytes: Uint8Array, block: BlockHandle): boolean {
  const [first, second] = entriesOf(bytes, block).map(({ value }) => ({ handle: readHandle(value), value }))
  if (first?.handle === undefined || first.handle.offset !== 0 || first.handle.end !== first.value.length) return false
  return second === undefined || second.handle?.offset === first.handle.size + trailerBytes
}
