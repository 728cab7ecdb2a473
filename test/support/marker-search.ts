/** Looks for secrets in all bytes of a home and of what its daemon said, in every form in which they could be written. */

import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { toBase32 } from '../../protocol/bytes.ts'
import { blockCompressions, logRecords } from './level-files.ts'

export interface Form {
  readonly name: string
  readonly bytes: Buffer
}

/** base64 at each of the three places that it may have in a longer text, without what depends on its neighbours. */
function base64Forms(bytes: Uint8Array): string[] {
  const forms: string[] = []
  for (const before of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '')
    const core = text.slice(before === 0 ? 0 : before + 1, -1)
    forms.push(core, core.replaceAll('+', '-').replaceAll('/', '_'))
  }
  return [...new Set(forms)]
}

const latin = (text: string): Buffer => Buffer.from(text, 'latin1')

function spellings(bytes: Uint8Array): Buffer[] {
  const hex = Buffer.from(bytes).toString('hex')
  return [Buffer.from(bytes), latin(hex), latin(hex.toUpperCase()), ...base64Forms(bytes).map((text) => latin(text))]
}

/** A text of the owner's: UTF-8, UTF-16, hex, base64. */
export function textForms(name: string, text: string): Form[] {
  const swapped = Buffer.from(text, 'utf16le').swap16()
  const all = [...spellings(Buffer.from(text)), Buffer.from(text, 'utf16le'), swapped]
  return all.map((bytes) => ({ name, bytes }))
}

/** Bytes such as an id or a key: raw, hex, base32, base64. */
export const byteForms = (name: string, bytes: Uint8Array): Form[] =>
  [...spellings(bytes), latin(toBase32(bytes)), latin(toBase32(bytes).toUpperCase())].map((each) => ({
    name,
    bytes: each,
  }))

export interface Place {
  readonly name: string
  readonly bytes: Buffer
}

/** Every file below a folder: its bytes, the records of LevelDB's logs, and the names of all. Sockets have no bytes. */
export function placesIn(folder: string): Place[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = entries.map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
  const names = paths.map(({ path }) => relative(folder, path)).join('\n')
  const files = paths.filter(({ entry }) => entry.isFile())
  return [{ name: 'file names', bytes: Buffer.from(names) }, ...files.flatMap(({ path }) => placesOf(folder, path))]
}

function placesOf(folder: string, path: string): Place[] {
  const name = relative(folder, path)
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch {
    return [] // LevelDB has removed it since
  }
  const isLog = /^(?:\d+\.log|MANIFEST-\d+)$/.test(basename(path))
  return [{ name, bytes }, ...(isLog ? [{ name: `records of ${name}`, bytes: logRecords(bytes) }] : [])]
}

/** `where: what`, for each secret that was found. */
export function findForms(places: readonly Place[], forms: readonly Form[]): string[] {
  const found = new Set<string>()
  for (const { name, bytes } of places) {
    for (const form of forms) if (bytes.includes(form.bytes)) found.add(`${name}: ${form.name}`)
  }
  return [...found]
}

/** Tables with a compressed block: bytes in it could not be found by looking. */
export const compressedTables = (places: readonly Place[]): string[] =>
  places
    .filter(({ name, bytes }) => name.endsWith('.ldb') && blockCompressions(bytes).some((kind) => kind !== 0))
    .map(({ name }) => name)

/** All of a database, whose type does not tell that it can. */
export async function compact(database: object): Promise<void> {
  const { compactRange } = database as { compactRange: (from: Uint8Array, to: Uint8Array) => Promise<void> }
  await compactRange.call(database, Buffer.of(0), Buffer.of(255))
}
