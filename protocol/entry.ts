/** One item of a feed: a signed chain of headers, each with a payload that hangs off it by its hash. */

import { compareBytes, concat, label, sameBytes } from './bytes.ts'
import { CborReader } from './cbor-reader.ts'
import { CborWriter } from './cbor-writer.ts'
import { decode, encode, readArray, readBytesUpTo, readValue, type Value } from './codec.ts'
import { sha256, signBytes, verifyBytes, type SigningKey } from './crypto.ts'
import { verifyKeyOf } from './device-key.ts'
import { WarrenError } from './errors.ts'
import { compareHlc, maxCount, maxWallMs, type Hlc } from './hlc.ts'
import {
  deviceBytes,
  deviceIdOf,
  deviceView,
  entryIdOf,
  epochIdOf,
  generationOf,
  idBytes,
  scopeOf,
  type DeviceId,
  type EntryId,
  type EpochId,
  type Generation,
  type Scope,
} from './ids.ts'
import { limits } from './limits.ts'

export type Lane = 0 | 1
export const lanes = { roster: 0, messages: 1 } as const

/** What an entry is. Lane 0: person log 1–15, conversation 16–63. Lane 1: 1–3. Others were made by a newer Warren. */
export const kinds = {
  createPerson: 1,
  addDevice: 2,
  removeDevice: 3,
  rotateRecovery: 4,
  movedTo: 5,
  createGroup: 16,
  add: 17,
  accept: 18,
  decline: 19,
  leave: 20,
  remove: 21,
  setRole: 22,
  settings: 23,
  invite: 24,
  revokeInvite: 25,
  admit: 26,
  cutOff: 27,
  epoch: 28,
  close: 29,
  transfer: 30,
  content: 1,
  closeGeneration: 2,
  erase: 3,
} as const

/** One device's append-only chain. */
export interface Feed {
  readonly scope: Scope
  readonly device: DeviceId
  readonly lane: Lane
  readonly generation: Generation
}

export interface Header {
  /** Undefined only in the entry that creates its scope: the scope is its id. */
  readonly scope: Scope | undefined
  readonly device: DeviceId
  readonly lane: Lane
  readonly generation: Generation
  /** 1 to 255. Version 1 seals with HKDF-SHA-256 and AES-256-GCM; ids and signatures are the same in all of them. */
  readonly version: number
  /** Counts from 1 within the feed. */
  readonly seq: number
  /** Undefined only if seq is 1. */
  readonly prev: EntryId | undefined
  readonly hlc: Hlc
  readonly kind: number
  /** Undefined if the payload is plain. */
  readonly epoch: EpochId | undefined
  /** Seconds that the payload may live; 0 is for ever. */
  readonly lifetime: number
  readonly payloadHash: Uint8Array
  readonly payloadLength: number
  /** For newer versions; empty today. */
  readonly extension: readonly Value[]
}

/** A header as it travels, with what follows from its bytes. */
export interface SealedHeader {
  readonly bytes: Uint8Array
  readonly id: EntryId
  readonly header: Header
}

export const entryVersion = 1
const fieldCount = 15
const frontCount = 12
const none = new Uint8Array(0)

const emptyArray = encode([])
const writer = new CborWriter()

/** What `write` writes. */
function written(write: () => void): Uint8Array {
  try {
    write()
    return writer.take()
  } catch (error) {
    writer.clear()
    throw error
  }
}

/** Bytes that a base32 text spells, or none: without memory for them, as this runs for every message. */
function writeId(id: Scope | EntryId | EpochId | Generation | undefined): void {
  if (id === undefined) writer.bytes(none)
  else writer.base32(id)
}

/** The fields up to the lifetime, in the order of readFields(), behind the head of the whole header. */
function writeFront(header: HeaderFront): void {
  writer.array(fieldCount)
  writer.uint(header.version)
  writer.uint(header.lane)
  writeId(header.scope)
  writer.bytes(deviceView(header.device))
  writeId(header.generation)
  writer.uint(header.seq)
  writeId(header.prev)
  writer.uint(header.hlc.wallMs)
  writer.uint(header.hlc.count)
  writer.uint(header.kind)
  writeId(header.epoch)
  writer.uint(header.lifetime)
}

/** What of a header is fixed before its payload is sealed. */
export type HeaderFront = Omit<Header, 'payloadHash' | 'payloadLength' | 'extension'>

/** An entry's associated data: the header bytes before the payload's hash. */
export const associatedData = (header: HeaderFront): Uint8Array => written(() => writeFront(header))

/** The associated data of a header as it travelled: never re-encoded. */
export function associatedDataOf({ bytes }: SealedHeader): Uint8Array {
  const from = new CborReader(bytes)
  from.array()
  for (let field = 0; field < frontCount; field += 1) from.skip()
  return bytes.subarray(0, from.position)
}

/** Encodes a header and names it. `front`: its associatedData(), where that is known. */
export function sealHeader(header: Header, front: Uint8Array = associatedData(header)): SealedHeader {
  const extension = header.extension.length === 0 ? emptyArray : encode(header.extension)
  const bytes = written(() => {
    writer.encoded(front)
    writer.bytes(header.payloadHash)
    writer.uint(header.payloadLength)
    writer.encoded(extension)
  })
  return { bytes, id: entryIdOf(sha256(bytes)), header }
}

const uintUpTo = (from: CborReader, most: number): number => {
  const value = from.uint()
  if (value > most) throw new WarrenError('BAD_SHAPE', `not an integer up to ${most}`)
  return value
}
const optional = <Id>(bytes: Uint8Array | undefined, name: (bytes: Uint8Array) => Id): Id | undefined =>
  bytes === undefined ? undefined : name(bytes)

/** Reads the fields in the order of writeFront(), straight from the bytes: this runs once for every entry of a history. */
function readFields(from: CborReader): Header {
  const version = uintUpTo(from, 255)
  const lane = uintUpTo(from, 1) as Lane
  const header: Header = {
    version,
    lane,
    scope: optional(from.optionalView(32), scopeOf),
    device: deviceIdOf(from.view(32)),
    generation: generationOf(from.view(8)),
    seq: from.uint(),
    prev: optional(from.optionalView(32), entryIdOf),
    hlc: { wallMs: uintUpTo(from, maxWallMs), count: uintUpTo(from, maxCount) },
    kind: uintUpTo(from, 65_535),
    epoch: optional(from.optionalView(32), epochIdOf),
    lifetime: uintUpTo(from, limits.lifetimeSeconds),
    payloadHash: from.view(32).slice(),
    payloadLength: uintUpTo(from, lane === lanes.roster ? limits.operationBytes : limits.sealedPayloadBytes),
    extension: readArray(readValue(from, limits.valueDepth - 1)),
  }
  return header
}

/** Why the fields of any version contradict each other. */
function contradiction({ version, lane, scope, seq, prev, kind }: Header): string | undefined {
  const creates = lane === lanes.roster && seq === 1 && (kind === kinds.createPerson || kind === kinds.createGroup)
  if (version === 0) return 'there is no version 0'
  if (seq < 1 || (seq === 1) !== (prev === undefined)) return 'seq and prev disagree'
  return (scope === undefined) === creates ? undefined : 'scope and kind disagree'
}

/** Why the fields of version 1 contradict each other. */
function sealingContradiction({ lane, kind, epoch, lifetime }: Header): string | undefined {
  const isPlain = lane === lanes.roster || kind === kinds.closeGeneration || kind === kinds.erase
  if (isPlain && (epoch !== undefined || lifetime !== 0)) return 'plain payloads have no epoch and stay'
  // Content that names no epoch would be content that anyone can read.
  return !isPlain && kind === kinds.content && epoch === undefined ? 'content without an epoch' : undefined
}

/** Reads header bytes of a peer or of the disk. Versions above ours may have more fields. Throws BAD_SHAPE, TOO_LARGE. */
export function readHeader(bytes: Uint8Array): SealedHeader {
  if (bytes.length > limits.headerBytes) throw new WarrenError('TOO_LARGE', 'a header is too long')
  const from = new CborReader(bytes)
  const count = from.array()
  if (count < fieldCount) throw new WarrenError('BAD_SHAPE', 'a header has 15 fields')
  const header = readFields(from)
  if (header.version === entryVersion && count !== fieldCount) {
    throw new WarrenError('BAD_SHAPE', 'a header has 15 fields')
  }
  for (let more = count - fieldCount; more > 0; more -= 1) readValue(from, limits.valueDepth - 1)
  from.end()
  const wrong = contradiction(header) ?? (header.version === entryVersion ? sealingContradiction(header) : undefined)
  if (wrong !== undefined) throw new WarrenError('BAD_SHAPE', wrong)
  return { bytes, id: entryIdOf(sha256(bytes)), header }
}

/** Throws BAD_HASH unless `payload` is the one that the header names. */
export function checkPayload({ header }: SealedHeader, payload: Uint8Array): void {
  if (payload.length !== header.payloadLength || !sameBytes(sha256(payload), header.payloadHash)) {
    throw new WarrenError('BAD_HASH', 'a payload is not the one that its header names')
  }
}

const entryLabel = label('entry')
const signed = (id: EntryId): Uint8Array => concat(entryLabel, idBytes(id))

/** The author's signature over an entry and, through `prev`, over all before it. */
export const signEntry = (key: SigningKey, id: EntryId): Uint8Array => signBytes(key, signed(id))

/** Throws BAD_SIGNATURE unless the entry's own device signed it. */
export function checkSignature({ id, header }: SealedHeader, signature: Uint8Array): void {
  if (!verifyBytes(verifyKeyOf(header.device), signed(id), signature)) {
    throw new WarrenError('BAD_SIGNATURE', 'an entry is not signed by the device that it names')
  }
}

/** The feed that an entry belongs to. */
export const feedOf = ({ id, header }: SealedHeader): Feed => ({
  scope: header.scope ?? (id as string as Scope),
  device: header.device,
  lane: header.lane,
  generation: header.generation,
})

/** True if both entries are of one feed. */
export function inOneFeed(a: SealedHeader, b: SealedHeader): boolean {
  const { header: x } = a
  const { header: y } = b
  return (
    x.device === y.device &&
    x.generation === y.generation &&
    x.lane === y.lane &&
    (x.scope ?? (a.id as string)) === (y.scope ?? (b.id as string))
  )
}

/** The feed's own spelling, for map keys and `Message.feed`. */
export const feedKey = (feed: Feed): string => `${feed.scope}/${feed.device}/${feed.lane}/${feed.generation}`

/** Where an entry stands on screen; the same everywhere. */
export const compareOrder = (a: Header, b: Header): number =>
  compareHlc(a.hlc, b.hlc) ||
  (a.device === b.device ? 0 : compareBytes(deviceBytes(a.device), deviceBytes(b.device))) ||
  (a.generation === b.generation ? 0 : compareBytes(idBytes(a.generation), idBytes(b.generation))) ||
  a.seq - b.seq

/** The bytes that a lane-1 payload's key is derived with. */
export const feedInfo = (feed: Feed): Uint8Array =>
  concat(
    label('payload'),
    idBytes(feed.scope),
    deviceBytes(feed.device),
    Uint8Array.of(feed.lane),
    idBytes(feed.generation),
  )

/** Reads a plain payload's array. Throws BAD_SHAPE, TOO_LARGE. */
export const readPlain = (payload: Uint8Array): readonly Value[] =>
  readArray(decode(readBytesUpTo(payload, limits.operationBytes)))
