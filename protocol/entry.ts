/** One item of a feed: a signed chain of headers, each with a payload that hangs off it by its hash. */

import { compareBytes, concat, label } from './bytes.ts'
import {
  decode,
  encode,
  readArray,
  readBytes,
  readBytesUpTo,
  readOptionalBytes,
  readUint,
  type Value,
} from './codec.ts'
import { sha256, signBytes, verifyBytes, verifyKeyFromBytes, type SigningKey, type VerifyKey } from './crypto.ts'
import { WarrenError } from './errors.ts'
import { compareHlc, maxCount, maxWallMs, type Hlc } from './hlc.ts'
import {
  deviceBytes,
  deviceIdOf,
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
  /** The suite: 1 is SHA-256, Ed25519, HKDF-SHA-256, AES-256-GCM. */
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
const none = new Uint8Array(0)

const frontOf = (header: Omit<Header, 'payloadHash' | 'payloadLength' | 'extension'>): Value[] => [
  header.version,
  header.lane,
  header.scope === undefined ? none : idBytes(header.scope),
  deviceBytes(header.device),
  idBytes(header.generation),
  header.seq,
  header.prev === undefined ? none : idBytes(header.prev),
  header.hlc.wallMs,
  header.hlc.count,
  header.kind,
  header.epoch === undefined ? none : idBytes(header.epoch),
  header.lifetime,
]

/** An entry's associated data: the header bytes before the payload's hash. */
export function associatedData(header: Omit<Header, 'payloadHash' | 'payloadLength' | 'extension'>): Uint8Array {
  const bytes = encode(frontOf(header))
  // Both counts fit the one-byte array head, so only that byte differs from the whole header's first bytes.
  bytes[0] = 0x80 | fieldCount
  return bytes
}

/** The associated data of a header as it travelled: never re-encoded. */
export function associatedDataOf({ bytes, header }: SealedHeader): Uint8Array {
  const back = encode([header.payloadHash, header.payloadLength, header.extension]).length - 1
  return bytes.subarray(0, bytes.length - back)
}

/** Encodes a header and names it. */
export function sealHeader(header: Header): SealedHeader {
  const bytes = encode([...frontOf(header), header.payloadHash, header.payloadLength, header.extension])
  return { bytes, id: entryIdOf(sha256(bytes)), header }
}

/** Reads header bytes of a peer or of the disk. Versions above ours may have more fields. Throws BAD_SHAPE, TOO_LARGE. */
export function readHeader(bytes: Uint8Array): SealedHeader {
  if (bytes.length > limits.headerBytes) throw new WarrenError('TOO_LARGE', 'a header is too long')
  const f = readArray(decode(bytes), fieldCount)
  const version = readUint(f[0], 255)
  if (version === entryVersion && f.length !== fieldCount) throw new WarrenError('BAD_SHAPE', 'a header has 15 fields')
  const lane = readUint(f[1], 1) as Lane
  const scope = readOptionalBytes(f[2], 32)
  const seq = readUint(f[5])
  const prev = readOptionalBytes(f[6], 32)
  const kind = readUint(f[9], 65_535)
  const epoch = readOptionalBytes(f[10], 32)
  const payloadLength = readUint(f[13], lane === 0 ? limits.operationBytes : limits.sealedPayloadBytes)
  if (seq < 1 || (seq === 1) !== (prev === undefined)) throw new WarrenError('BAD_SHAPE', 'seq and prev disagree')
  const creates = lane === 0 && seq === 1 && (kind === kinds.createPerson || kind === kinds.createGroup)
  if ((scope === undefined) !== creates) throw new WarrenError('BAD_SHAPE', 'scope and kind disagree')
  const header: Header = {
    version,
    lane,
    scope: scope === undefined ? undefined : scopeOf(scope),
    device: deviceIdOf(readBytes(f[3], 32)),
    generation: generationOf(readBytes(f[4], 8)),
    seq,
    prev: prev === undefined ? undefined : entryIdOf(prev),
    hlc: { wallMs: readUint(f[7], maxWallMs), count: readUint(f[8], maxCount) },
    kind,
    epoch: epoch === undefined ? undefined : epochIdOf(epoch),
    lifetime: readUint(f[11], limits.lifetimeSeconds),
    payloadHash: readBytes(f[12], 32),
    payloadLength,
    extension: readArray(f[14]),
  }
  return { bytes, id: entryIdOf(sha256(bytes)), header }
}

/** Throws BAD_HASH unless `payload` is the one that the header names. */
export function checkPayload({ header }: SealedHeader, payload: Uint8Array): void {
  if (payload.length !== header.payloadLength || compareBytes(sha256(payload), header.payloadHash) !== 0) {
    throw new WarrenError('BAD_HASH', 'a payload is not the one that its header names')
  }
}

const signed = (id: EntryId): Uint8Array => concat(label('entry'), idBytes(id))

/** The author's signature over an entry and, through `prev`, over all before it. */
export const signEntry = (key: SigningKey, id: EntryId): Uint8Array => signBytes(key, signed(id))

const verifyKeys = new Map<DeviceId, VerifyKey>()

function verifyKeyOf(device: DeviceId): VerifyKey {
  let key = verifyKeys.get(device)
  if (key === undefined) {
    key = verifyKeyFromBytes(deviceBytes(device))
    if (verifyKeys.size >= 4096) verifyKeys.clear()
    verifyKeys.set(device, key)
  }
  return key
}

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

/** The feed's own spelling, for map keys and `Message.feed`. */
export const feedKey = (feed: Feed): string => `${feed.scope}/${feed.device}/${feed.lane}/${feed.generation}`

/** Where an entry stands on screen; the same everywhere. */
export const compareOrder = (a: Header, b: Header): number =>
  compareHlc(a.hlc, b.hlc) ||
  compareBytes(deviceBytes(a.device), deviceBytes(b.device)) ||
  compareBytes(idBytes(a.generation), idBytes(b.generation)) ||
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
