/** What is inside a sealed payload: a content type with a fallback text, so that older readers can show something. */

import { decode, encode, readArray, readBytes, readEach, readText, readUint, type Value } from './codec.ts'
import { readPlain } from './entry.ts'
import { entryIdOf, generationOf, idBytes, type EntryId, type Generation } from './ids.ts'
import { limits } from './limits.ts'

/** `erase` entries delete for everyone; `notice` and `call` are kept free for what comes. */
export const contentTypes = { text: 1, edit: 2, reaction: 3, attachments: 4, notice: 5, call: 6 } as const

export interface Content {
  readonly type: number
  readonly version: number
  /** The text itself if `type` is text, else what an older reader shows. */
  readonly text: string
  /** The sender's own id of this message, for exactly-once. */
  readonly clientId: string
  /** Entries that this one speaks of: replied to, edited, reacted to. */
  readonly references: readonly EntryId[]
  /** What the type adds (content-bodies.ts); empty for text. */
  readonly body: readonly Value[]
}

export const textContent = (text: string, clientId: string): Content => ({
  type: contentTypes.text,
  version: 1,
  text,
  clientId,
  references: [],
  body: [],
})

export const encodeContent = (content: Content): Uint8Array =>
  encode([
    content.type,
    content.version,
    content.text,
    content.clientId,
    content.references.map((each) => idBytes(each)),
    content.body,
  ])

/** Throws BAD_SHAPE, TOO_LARGE. */
export function readContent(bytes: Uint8Array): Content {
  const f = readArray(decode(bytes), 6)
  return {
    type: readUint(f[0], 65_535),
    version: readUint(f[1], 65_535),
    text: readText(f[2], limits.textBytes),
    clientId: readText(f[3], limits.clientIdBytes),
    references: readEach(f[4], limits.contentReferences, (each) => entryIdOf(readBytes(each, 32))),
    body: readArray(f[5]),
  }
}

/** The plain payload of a `closeGeneration` entry: where the old generation of this feed ended, as far as its device knows. */
export interface GenerationEnd {
  readonly generation: Generation
  readonly seq: number
  readonly id: EntryId
}

export const encodeGenerationEnd = ({ generation, seq, id }: GenerationEnd): Uint8Array =>
  encode([idBytes(generation), seq, idBytes(id)])

/** Throws BAD_SHAPE. */
export function readGenerationEnd(payload: Uint8Array): GenerationEnd {
  const f = readPlain(payload)
  return { generation: generationOf(readBytes(f[0], 8)), seq: readUint(f[1]), id: entryIdOf(readBytes(f[2], 32)) }
}

/** The plain payload of an `erase` entry: what its author, being entitled, takes back for everyone. */
export const encodeErase = (entries: readonly EntryId[]): Uint8Array => encode([entries.map((each) => idBytes(each))])

/** Throws BAD_SHAPE, TOO_LARGE. */
export const readErase = (payload: Uint8Array): EntryId[] =>
  readEach(readPlain(payload)[0], limits.eraseEntries, (each) => entryIdOf(readBytes(each, 32)))
