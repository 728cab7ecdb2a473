/** What a line of an export says before anything of it is believed. */

import { fromBase64url } from './base64url.ts'
import { checkSignature, readHeader, type SealedHeader } from './entry.ts'
import { WarrenError } from './errors.ts'
import type { ExportHead, FeedName, ForkProof } from './export-format.ts'
import { exportFormat, exportVersion, firstExportVersion, operationsBegin } from './export-format.ts'
import { generationOf, readConversationId, readDeviceId, readPersonId } from './ids.ts'
import { fromBase32 } from './bytes.ts'
import { limits } from './limits.ts'

export type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Throws BAD_SHAPE for what is no JSON object. */
export function readFields(line: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw new WarrenError('BAD_SHAPE', 'not a line of JSON', { cause })
  }
  if (!isObject(value)) throw new WarrenError('BAD_SHAPE', 'not a JSON object')
  return value
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string') throw new WarrenError('BAD_SHAPE', `no text "${name}"`)
  return value
}

export function numberOf(fields: Fields, name: string): number {
  const value = fields[name]
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new WarrenError('BAD_SHAPE', `no number "${name}"`)
  return value
}

export const bytesOf = (fields: Fields, name: string): Uint8Array => fromBase64url(textOf(fields, name))

export const headerOf = (fields: Fields): SealedHeader => readHeader(bytesOf(fields, 'header'))

/** The signature, if there is one; checked. Throws BAD_SIGNATURE. */
export function signatureOf(fields: Fields, sealed: SealedHeader): Uint8Array | undefined {
  if (fields['signature'] === undefined) return undefined
  const signature = bytesOf(fields, 'signature')
  checkSignature(sealed, signature)
  return signature
}

export const feedNameIn = (fields: Fields): FeedName => ({
  device: readDeviceId(fields['device']),
  generation: generationOf(fromBase32(textOf(fields, 'generation'))),
})

/** The proof of a fork, if there is one; as headersOf(), for what it contradicts. */
export const forkProofOf = (fields: Fields): ForkProof | undefined =>
  fields['headers'] === undefined ? undefined : headersOf(fields)

/** Headers that hang together, and the signature of the first; checked. Throws BAD_SHAPE, BAD_HASH, BAD_SIGNATURE. */
export function headersOf(fields: Fields): ForkProof {
  const headers = listOf(fields, 'headers', limits.runEntries, (item) => {
    if (typeof item !== 'string') throw new WarrenError('BAD_SHAPE', 'a header that is no text')
    return readHeader(fromBase64url(item))
  })
  const [top] = headers
  if (top === undefined) throw new WarrenError('BAD_SHAPE', 'a proof without a header')
  for (const [at, { id, header }] of headers.slice(1).entries()) {
    const above = headers[at]?.header
    if (above?.prev !== id || above.seq !== header.seq + 1)
      throw new WarrenError('BAD_HASH', 'the headers of a proof do not hang together')
  }
  const signature = signatureOf(fields, top)
  if (signature === undefined) throw new WarrenError('BAD_SIGNATURE', 'a proof that nobody signed')
  return { headers, signature }
}

const partOf = (fields: Fields, name: string): Fields => {
  const value = fields[name]
  if (!isObject(value)) throw new WarrenError('BAD_SHAPE', `no object "${name}"`)
  return value
}

function listOf<T>(fields: Fields, name: string, most: number, read: (item: unknown) => T): T[] {
  const value = fields[name]
  if (!Array.isArray(value) || value.length > most) throw new WarrenError('BAD_SHAPE', `no short list "${name}"`)
  return value.map((item: unknown) => read(item))
}

/** The most persons of a conversation, by its kind; it is a newer Warren's if that is none of these. */
const mostPersons: Readonly<Record<ExportHead['conversation']['kind'], number>> = {
  self: 1,
  direct: 2,
  group: limits.exportPersons,
}

const kindOf = (text: string, version: number): ExportHead['conversation']['kind'] => {
  if (text === 'self' || text === 'direct' || (text === 'group' && version > firstExportVersion)) return text
  throw new WarrenError('UNSUPPORTED_VERSION', 'a kind of conversation that only a newer Warren can check')
}

function readParts(fields: Fields, version: number): ExportHead {
  const made = partOf(fields, 'made')
  const conversation = partOf(fields, 'conversation')
  const kind = kindOf(textOf(conversation, 'kind'), version)
  const most = mostPersons[kind]
  return {
    version,
    made: {
      at: numberOf(made, 'at'),
      by: readPersonId(made['by']),
      device: readDeviceId(made['device']),
      warren: textOf(made, 'warren'),
    },
    conversation: {
      id: readConversationId(conversation['id']),
      kind,
      persons: listOf(conversation, 'persons', most, readPersonId),
    },
    names: listOf(fields, 'names', most, (item) => {
      if (!isObject(item)) throw new WarrenError('BAD_SHAPE', 'a name of nobody')
      return { person: readPersonId(item['person']), name: textOf(item, 'name') }
    }),
  }
}

/** How every version begins. */
export const headBegin = `{"format":"${exportFormat}","version":`

/** Reads the first line. Throws NOT_AN_EXPORT, UNSUPPORTED_VERSION, BAD_SHAPE. */
export function readHead(line: string): ExportHead {
  if (!line.startsWith(headBegin)) throw new WarrenError('NOT_AN_EXPORT', 'this is no export of a conversation')
  const version = /^\d{1,9}(?=[,}])/.exec(line.slice(headBegin.length))?.[0]
  if (version === undefined || Number(version) < firstExportVersion)
    throw new WarrenError('BAD_SHAPE', 'an export without a version')
  if (Number(version) > exportVersion)
    throw new WarrenError('UNSUPPORTED_VERSION', 'this export was made by a newer Warren')
  if (!line.endsWith(operationsBegin))
    throw new WarrenError('NOT_AN_EXPORT', 'this is no export as Warren wrote it: its lines were changed')
  return readParts(readFields(`${line.slice(0, -operationsBegin.length)}}`), Number(version))
}
