/** Branded ids, parsed once, at the edge. Texts are canonical: two ids are equal if and only if their texts are. */

import { base58btc } from 'multiformats/bases/base58'
import { compareBytes, concat, fromBase32, label, toBase32 } from './bytes.ts'
import { sha256 } from './crypto.ts'
import { WarrenError } from './errors.ts'
import { SpellingMemory } from './spelling.ts'

/** Base32 of 32 bytes: the entry id of a person log's `create`. */
export type PersonId = string & { readonly __brand: 'PersonId' }
/** The libp2p PeerId of an Ed25519 key, base58btc (`12D3KooW…`). */
export type DeviceId = string & { readonly __brand: 'DeviceId' }
/** Base32 of 32 bytes. */
export type ConversationId = string & { readonly __brand: 'ConversationId' }
/** Base32 of the SHA-256 of an entry's header bytes. */
export type EntryId = string & { readonly __brand: 'EntryId' }
/** Base32 of 32 bytes. */
export type EpochId = string & { readonly __brand: 'EpochId' }
/** Base32 of 8 random bytes. */
export type Generation = string & { readonly __brand: 'Generation' }
/** Base32 of the SHA-256 over a blob's chunk list. */
export type BlobId = string & { readonly __brand: 'BlobId' }
/** What a log is about: a conversation or a person. */
export type Scope = ConversationId | PersonId

const read = (text: unknown, bytes: number, what: string): string => {
  if (typeof text !== 'string' || text.length !== Math.ceil((bytes * 8) / 5) || fromBase32(text).length !== bytes) {
    throw new WarrenError('BAD_SHAPE', `not ${what}`)
  }
  return text
}

const fromBytes = (bytes: Uint8Array, length: number, what: string): string => {
  if (bytes.length !== length) throw new WarrenError('BAD_SHAPE', `not ${what}`)
  return toBase32(bytes)
}

const memory = new SpellingMemory(toBase32)

/** As fromBytes(), for ids that many headers share. */
const fromBytesAgain = (bytes: Uint8Array, length: number, what: string): string => {
  if (bytes.length !== length) throw new WarrenError('BAD_SHAPE', `not ${what}`)
  return memory.text(bytes)
}

/** Each read…() takes what came from outside and throws BAD_SHAPE. */
export const readPersonId = (text: unknown): PersonId => read(text, 32, 'a person id') as PersonId
export const readConversationId = (text: unknown): ConversationId =>
  read(text, 32, 'a conversation id') as ConversationId
export const readEntryId = (text: unknown): EntryId => read(text, 32, 'an entry id') as EntryId
export const readBlobId = (text: unknown): BlobId => read(text, 32, 'a blob id') as BlobId

export const personIdOf = (bytes: Uint8Array): PersonId => fromBytes(bytes, 32, 'a person id') as PersonId
export const conversationIdOf = (bytes: Uint8Array): ConversationId =>
  fromBytes(bytes, 32, 'a conversation id') as ConversationId
export const scopeOf = (bytes: Uint8Array): Scope => fromBytesAgain(bytes, 32, 'a scope') as Scope
export const entryIdOf = (bytes: Uint8Array): EntryId => fromBytes(bytes, 32, 'an entry id') as EntryId
export const epochIdOf = (bytes: Uint8Array): EpochId => fromBytesAgain(bytes, 32, 'an epoch id') as EpochId
export const generationOf = (bytes: Uint8Array): Generation => fromBytesAgain(bytes, 8, 'a generation') as Generation
export const blobIdOf = (bytes: Uint8Array): BlobId => fromBytes(bytes, 32, 'a blob id') as BlobId

/** The bytes of any base32 id above. */
export const idBytes = (id: Scope | EntryId | EpochId | Generation | BlobId): Uint8Array => fromBase32(id)

/** An identity multihash of the protobuf of an Ed25519 public key. */
const peerIdPrefix = Uint8Array.from([0, 36, 8, 1, 18, 32])

const deviceMemory = new SpellingMemory((publicKey) => base58btc.baseEncode(concat(peerIdPrefix, publicKey)))

/** The device whose public key these 32 bytes are. Throws BAD_SHAPE. */
export function deviceIdOf(publicKey: Uint8Array): DeviceId {
  if (publicKey.length !== 32) throw new WarrenError('BAD_SHAPE', 'not a device key')
  return deviceMemory.text(publicKey) as DeviceId
}

const publicKeys = new Map<string, Uint8Array>()

/** The 32 bytes of a device's public key, in fresh memory. Throws BAD_SHAPE. */
export const deviceBytes = (id: DeviceId): Uint8Array => deviceView(id).slice()

/** As deviceBytes(), in memory that is everybody's: only to be read. */
export function deviceView(id: DeviceId): Uint8Array {
  let bytes = publicKeys.get(id)
  if (bytes === undefined) {
    bytes = readDeviceBytes(id)
    if (publicKeys.size >= 4096) publicKeys.clear()
    publicKeys.set(id, bytes)
  }
  return bytes
}

function readDeviceBytes(text: string): Uint8Array {
  let bytes: Uint8Array
  try {
    bytes = base58btc.baseDecode(text)
  } catch (cause) {
    throw new WarrenError('BAD_SHAPE', 'not a device id', { cause })
  }
  if (bytes.length !== 38 || compareBytes(bytes.subarray(0, 6), peerIdPrefix) !== 0) {
    throw new WarrenError('BAD_SHAPE', 'not the PeerId of an Ed25519 key')
  }
  if (base58btc.baseEncode(bytes) !== text) throw new WarrenError('BAD_SHAPE', 'not the canonical device id')
  return bytes.slice(6)
}

/** Reads a DeviceId. Throws BAD_SHAPE. */
export function readDeviceId(text: unknown): DeviceId {
  if (typeof text !== 'string' || text.length > 64) throw new WarrenError('BAD_SHAPE', 'not a device id')
  readDeviceBytes(text)
  return text as DeviceId
}

/** The conversation of two persons; both compute the same, whoever begins. */
export function directId(a: PersonId, b: PersonId): ConversationId {
  const [low, high] = [idBytes(a), idBytes(b)].toSorted(compareBytes) as [Uint8Array, Uint8Array]
  return conversationIdOf(sha256(label('direct'), low, high))
}

/** A person's own conversation, "Notes to self". */
export const selfId = (person: PersonId): ConversationId => conversationIdOf(sha256(label('self'), idBytes(person)))

/** What people compare: SHA-256 of the device key, first 10 bytes, in four groups of four base32 letters. */
export function fingerprint(device: DeviceId): string {
  const text = toBase32(sha256(label('fingerprint'), deviceBytes(device)).subarray(0, 10))
  return (text.match(/.{4}/g) ?? []).join(' ')
}
