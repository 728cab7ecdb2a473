/**
 * How entries, feeds and conversations lie in the store. Rows grow to the right: a reader skips items that it does not know,
 * and takes a default for those that an older row lacks; anything else needs a migration.
 */

import {
  decode,
  encode,
  readArray,
  readBytes,
  readOptionalBytes,
  readText,
  readUint,
  type Value,
} from '../../protocol/codec.ts'
import { feedKey, kinds, lanes, readHeader, type Feed, type Lane, type SealedHeader } from '../../protocol/entry.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { maxCount, maxWallMs, type Hlc } from '../../protocol/hlc.ts'
import {
  deviceBytes,
  deviceIdOf,
  entryIdOf,
  generationOf,
  idBytes,
  personIdOf,
  scopeOf,
  type EntryId,
  type Generation,
  type PersonId,
  type Scope,
} from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { muteValue, notMuted, readMute } from '../../protocol/mute.ts'
import { loggedOperation, type LoggedOperation } from '../../protocol/logged-operation.ts'
import type { Range } from '../../protocol/vector.ts'
import type { Unheard } from './awareness.ts'
import type { DictionaryId } from '../store/store.ts'

const none = new Uint8Array(0)

/** An entry as stored: `payload` is undefined where its lifetime has lapsed. */
export interface StoredEntry {
  readonly sealed: SealedHeader
  readonly payload: Uint8Array | undefined
  /** Present on the entries that were the top of a run. */
  readonly signature: Uint8Array | undefined
  /** When it became ours, by the own clock, epoch ms: what a wrong clock of the author is told by. */
  readonly storedAt: number
}

/** Whether an entry is a message that people see. Kinds of newer versions are. */
export const isMessage = ({ sealed: { header } }: StoredEntry): boolean =>
  header.lane === lanes.messages && header.kind !== kinds.closeGeneration && header.kind !== kinds.erase

const signedBit = 1
const payloadBit = 2
const knownBits = signedBit | payloadBit
const frontBytes = 9

/** Flags, header length (2 bytes), time (6), header, signature, payload: read for every message shown, so no CBOR around it. */
export function entryRow({ sealed, payload, signature, storedAt }: StoredEntry): Uint8Array {
  const flags = (signature === undefined ? 0 : signedBit) | (payload === undefined ? 0 : payloadBit)
  const { bytes } = sealed
  const signatureEnd = frontBytes + bytes.length + (signature?.length ?? 0)
  const row = Buffer.allocUnsafe(signatureEnd + (payload?.length ?? 0))
  row.writeUInt8(flags, 0)
  row.writeUInt16BE(bytes.length, 1)
  row.writeUIntBE(storedAt, 3, 6)
  row.set(bytes, frontBytes)
  if (signature !== undefined) row.set(signature, frontBytes + bytes.length)
  if (payload !== undefined) row.set(payload, signatureEnd)
  return row
}

/** Throws STORE_DAMAGED: the row was opened by its seal, so a wrong shape means a fault of ours or of the disk. */
export function readEntryRow(row: Uint8Array): StoredEntry {
  if (row.length < frontBytes) throw new WarrenError('STORE_DAMAGED', 'an entry row is cut off')
  const view = new DataView(row.buffer, row.byteOffset, row.length)
  const flags = view.getUint8(0)
  if ((flags & ~knownBits) !== 0) throw new WarrenError('STORE_DAMAGED', 'an entry row of an unknown kind')
  const headerEnd = frontBytes + view.getUint16(1)
  const signatureEnd = headerEnd + ((flags & signedBit) === 0 ? 0 : 64)
  if (row.length < signatureEnd) throw new WarrenError('STORE_DAMAGED', 'an entry row is cut off')
  return {
    sealed: readHeader(row.subarray(frontBytes, headerEnd)),
    signature: (flags & signedBit) === 0 ? undefined : row.subarray(headerEnd, signatureEnd),
    payload: (flags & payloadBit) === 0 ? undefined : row.subarray(signatureEnd),
    storedAt: view.getUint16(3) * 2 ** 32 + view.getUint32(5),
  }
}

/** The operation that a stored lane-0 entry holds. */
export const loggedOf = ({ sealed, payload }: StoredEntry): LoggedOperation =>
  loggedOperation(sealed, payload ?? new Uint8Array(0))

/** How far a feed is held. Never changed in place: what is staged and what is durable are two of these. */
export interface Position {
  readonly ranges: readonly Range[]
  /** The newest held entry; seq 0 if none. */
  readonly seq: number
  /** No entry that was ever held has a higher number; below `seq` never. What is not held up to here was given up once. */
  readonly highest: number
  readonly head: EntryId | undefined
  readonly hlc: Hlc
  /** A fork was proven: nothing more of this generation is taken. */
  readonly frozen: boolean
}

export const emptyPosition: Position = {
  ranges: [],
  seq: 0,
  highest: 0,
  head: undefined,
  hlc: { wallMs: 0, count: 0 },
  frozen: false,
}

export const feedRow = (feed: Feed, p: Position): Uint8Array =>
  encode([
    deviceBytes(feed.device),
    feed.lane,
    idBytes(feed.generation),
    p.ranges,
    p.seq,
    p.head === undefined ? none : idBytes(p.head),
    p.hlc.wallMs,
    p.hlc.count,
    p.frozen ? 1 : 0,
    p.highest,
  ])

/** As the wire's, but as many as there are: what lies here was checked when it came. */
const readRangesRow = (value: Value | undefined): Range[] =>
  readArray(value).map((item) => {
    const [from, to] = readArray(item, 2)
    return [readUint(from), readUint(to)]
  })

/** Up to where another device holds a feed. */
export const holderRow = (ranges: readonly Range[]): Uint8Array => encode([ranges])
export const readHolderRow = (row: Uint8Array): Range[] => readRangesRow(readArray(decode(row), 1)[0])

export function readFeedRow(scope: Scope, row: Uint8Array): { feed: Feed; position: Position } {
  const f = readArray(decode(row), 9)
  const head = readOptionalBytes(f[5], 32)
  const seq = readUint(f[4])
  return {
    feed: {
      scope,
      device: deviceIdOf(readBytes(f[0], 32)),
      lane: readUint(f[1], 1) as Lane,
      generation: generationOf(readBytes(f[2], 8)),
    },
    position: {
      ranges: readRangesRow(f[3]),
      seq,
      highest: f[9] === undefined ? seq : readUint(f[9]),
      head: head === undefined ? undefined : entryIdOf(head),
      hlc: { wallMs: readUint(f[6], maxWallMs), count: readUint(f[7], maxCount) },
      frozen: readUint(f[8], 1) === 1,
    },
  }
}

export type ScopeKind = 'person' | 'self' | 'direct' | 'group'
const scopeKinds: readonly ScopeKind[] = ['person', 'self', 'direct', 'group']

/** What there is, readable without the key of any conversation. */
export interface ScopeIndex {
  readonly scope: Scope
  readonly kind: ScopeKind
  /** Person logs: the person. Direct: the other one. Else the owner. */
  readonly person: PersonId
  /** See protocol/mute.ts. */
  readonly mutedUntil: number
  /** Direct: until when nothing of the other person's is taken; see silence.ts. 0: they were never blocked. */
  readonly silentUntil: number
}

/** A scope that was deleted, and of which rows may be left; or whose key is gone. */
export type Unfinished = ScopeIndex & { readonly number: number }

/** What of a conversation outlives that it is deleted. */
export const keptOf = (left: ScopeIndex | undefined): Pick<ScopeIndex, 'mutedUntil' | 'silentUntil'> => ({
  mutedUntil: left?.mutedUntil ?? notMuted,
  silentUntil: left?.silentUntil ?? 0,
})

/** `isDeleted`: it is being deleted; rows of it may still lie there, shut. */
export const indexRow = (index: ScopeIndex & { readonly isDeleted: boolean }): Uint8Array =>
  encode([
    idBytes(index.scope),
    scopeKinds.indexOf(index.kind),
    idBytes(index.person),
    index.isDeleted ? 1 : 0,
    muteValue(index.mutedUntil),
    index.silentUntil,
  ])

export function readIndexRow(row: Uint8Array): ScopeIndex & { readonly isDeleted: boolean } {
  const f = readArray(decode(row), 5)
  return {
    scope: scopeOf(readBytes(f[0], 32)),
    kind: scopeKinds[readUint(f[1], scopeKinds.length - 1)] ?? 'group',
    person: personIdOf(readBytes(f[2], 32)),
    isDeleted: readUint(f[3], 1) === 1,
    mutedUntil: readMute(f[4]),
    silentUntil: f[5] === undefined ? 0 : readUint(f[5]),
  }
}

/** What is kept of a conversation, or of a person's log, beside its entries. */
export interface ScopeRecord extends ScopeIndex {
  /** The own generation that new entries go to, per lane. */
  readonly generations: readonly [Generation, Generation]
  readonly unread: number
  /** Order keys; empty if none. */
  readonly readUpTo: string
  readonly lastOrder: string
  readonly draft: string
  /** False once it was deleted, until something is said in it or the owner opens it. */
  readonly listed: boolean
  /** Of a group: the keys of invites that were made here. */
  readonly invites: readonly InviteSecret[]
  /** Of a group: removals that not every device that belongs has heard of. */
  readonly unheard: readonly Unheard[]
}

export interface InviteSecret {
  readonly id: EntryId
  /** The seed of the invite's key, which its link carries. */
  readonly secret: Uint8Array
}

const readInvite = ([id, secret]: readonly Value[]): InviteSecret => ({
  id: entryIdOf(readBytes(id, 32)),
  secret: readBytes(secret, 32),
})

const readUnheard = ([id, devices]: readonly Value[]): Unheard => ({
  id: entryIdOf(readBytes(id, 32)),
  devices: readArray(devices).map((each) => deviceIdOf(readBytes(each, 32))),
})

export const scopeRow = (r: ScopeRecord): Uint8Array =>
  encode([
    r.generations.map((each) => idBytes(each)),
    r.unread,
    r.readUpTo,
    r.lastOrder,
    muteValue(r.mutedUntil),
    r.draft,
    r.listed ? 1 : 0,
    r.invites.map(({ id, secret }) => [idBytes(id), secret]),
    r.silentUntil,
    r.unheard.map(({ id, devices }) => [idBytes(id), devices.map((each) => deviceBytes(each))]),
  ])

export function readScopeRow({ scope, kind, person }: ScopeIndex, row: Uint8Array): ScopeRecord {
  const f = readArray(decode(row), 7)
  const generations = readArray(f[0], 2, 2).map((each) => generationOf(readBytes(each, 8)))
  return {
    scope,
    kind,
    person,
    generations: [generations[0] as Generation, generations[1] as Generation],
    unread: readUint(f[1]),
    readUpTo: readText(f[2], 128),
    lastOrder: readText(f[3], 128),
    mutedUntil: readMute(f[4]),
    draft: readText(f[5], limits.textBytes),
    listed: readUint(f[6], 1) === 1,
    invites: f[7] === undefined ? [] : readArray(f[7]).map((item) => readInvite(readArray(item, 2))),
    silentUntil: f[8] === undefined ? 0 : readUint(f[8]),
    unheard: f[9] === undefined ? [] : readArray(f[9]).map((item) => readUnheard(readArray(item, 2))),
  }
}

/** The dictionary's name of a feed. */
export const feedName = (feed: Feed): DictionaryId => feedKey(feed) as DictionaryId
