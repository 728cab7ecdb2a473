/** Frames of `/warren/sync/1`: CBOR arrays behind a 4-byte big-endian length, the first item saying which. */

import {
  decode,
  encode,
  readArray,
  readBytes,
  readBytesUpTo,
  readEach,
  readText,
  readUint,
  type Value,
} from './codec.ts'
import { WarrenError } from './errors.ts'
import { epochIdOf, idBytes, scopeOf, type EpochId, type Scope } from './ids.ts'
import { limits } from './limits.ts'
import { readRegister, registerValue, type Register } from './register.ts'
import { readRun, runValue, type Run } from './run.ts'
import {
  feedNameValue,
  readFeedName,
  readRanges,
  readRow,
  rowValue,
  type FeedName,
  type Range,
  type VectorRow,
} from './vector.ts'

export type FeedRanges = FeedName & { readonly ranges: readonly Range[] }

export type Frame =
  /** The scopes that the sender shares with the receiver, each with the digest of its vector. */
  | { readonly is: 'offer'; readonly scopes: readonly { readonly scope: Scope; readonly digest: Uint8Array }[] }
  /** What the sender holds of a scope. `more`: further frames follow before the rows are complete. */
  | { readonly is: 'vector'; readonly scope: Scope; readonly rows: readonly VectorRow[]; readonly more: boolean }
  /** Asks for ranges, newest first, until `budget` bytes are sent; the asker asks again for the rest. */
  | { readonly is: 'want'; readonly scope: Scope; readonly feeds: readonly FeedRanges[]; readonly budget: number }
  /** Answers a want, or brings what is new. `done`: the want is served as far as its budget and holdings allow. */
  | { readonly is: 'entries'; readonly scope: Scope; readonly runs: readonly Run[]; readonly done: boolean }
  /** The sender has these durably. */
  | { readonly is: 'have'; readonly scope: Scope; readonly feeds: readonly FeedRanges[] }
  | { readonly is: 'registers'; readonly registers: readonly Register[] }
  /** Asks for the keys of epochs, and gives keys that were asked for. */
  | {
      readonly is: 'keys'
      readonly scope: Scope
      readonly asked: readonly EpochId[]
      readonly given: readonly { readonly epoch: EpochId; readonly key: Uint8Array }[]
    }
  /** Never stored. `what` 1 is typing. */
  | { readonly is: 'live'; readonly scope: Scope; readonly what: number; readonly value: Value }
  /** Ends the link: the sender stops writing once this frame is out. */
  | { readonly is: 'bye'; readonly code: number; readonly text: string }
  /** `answer` false asks the other side to send the same number back. */
  | { readonly is: 'heartbeat'; readonly number: number; readonly answer: boolean }
  /** A frame of a newer Warren. */
  | { readonly is: 'unknown'; readonly type: number }

export const liveTyping = 1
/** Why a link ends. */
export const byeCodes = {
  closing: 0,
  replaced: 1,
  badPeer: 2,
  notAllowed: 3,
  duplicateDevice: 4,
  rehandshake: 5,
} as const

const types = {
  offer: 0,
  vector: 1,
  want: 2,
  entries: 3,
  have: 4,
  registers: 5,
  keys: 6,
  live: 7,
  bye: 8,
  heartbeat: 9,
} as const

const bit = (flag: boolean): number => (flag ? 1 : 0)
const feedRangesValue = (each: FeedRanges): Value => [...feedNameValue(each), each.ranges]
const readFeedRanges = (value: Value): FeedRanges => {
  const f = readArray(value, 4)
  return { ...readFeedName(f), ranges: readRanges(f[3]) }
}
const readScope = (value: Value | undefined): Scope => scopeOf(readBytes(value, 32))
const readEpoch = (value: Value): EpochId => epochIdOf(readBytes(value, 32))

/** Shares a message's bytes with no one: the result is fresh memory without the length prefix. */
export function encodeFrame(frame: Exclude<Frame, { is: 'unknown' }>): Uint8Array {
  return encode(frameValue(frame))
}

function frameValue(frame: Exclude<Frame, { is: 'unknown' }>): Value {
  const type = types[frame.is]
  switch (frame.is) {
    case 'offer':
      return [type, frame.scopes.map(({ scope, digest }) => [idBytes(scope), digest])]
    case 'vector':
      return [type, idBytes(frame.scope), frame.rows.map(rowValue), bit(frame.more)]
    case 'want':
      return [type, idBytes(frame.scope), frame.feeds.map(feedRangesValue), frame.budget]
    case 'entries':
      return [type, idBytes(frame.scope), frame.runs.map(runValue), bit(frame.done)]
    case 'have':
      return [type, idBytes(frame.scope), frame.feeds.map(feedRangesValue)]
    case 'registers':
      return [type, frame.registers.map(registerValue)]
    case 'keys':
      return [
        type,
        idBytes(frame.scope),
        frame.asked.map((each) => idBytes(each)),
        frame.given.map(({ epoch, key }) => [idBytes(epoch), key]),
      ]
    case 'live':
      return [type, idBytes(frame.scope), frame.what, frame.value]
    case 'bye':
      return [type, frame.code, frame.text]
    case 'heartbeat':
      return [type, frame.number, bit(frame.answer)]
  }
}

type Reader = (f: readonly Value[]) => Frame

/** `f[0]` is the type. Items behind those read are left for newer versions. */
const readers = new Map<number, Reader>([
  [
    types.offer,
    (f) => ({
      is: 'offer',
      scopes: readEach(f[1], 4096, (item) => {
        const [scope, digest] = readArray(item, 2)
        return { scope: readScope(scope), digest: readBytes(digest, 16) }
      }),
    }),
  ],
  [
    types.vector,
    (f) => ({
      is: 'vector',
      scope: readScope(f[1]),
      rows: readEach(f[2], limits.vectorRows, readRow),
      more: readUint(f[3], 1) === 1,
    }),
  ],
  [
    types.want,
    (f) => ({
      is: 'want',
      scope: readScope(f[1]),
      feeds: readEach(f[2], limits.vectorRows, readFeedRanges),
      budget: readUint(f[3], limits.wantBytes),
    }),
  ],
  [
    types.entries,
    (f) => ({
      is: 'entries',
      scope: readScope(f[1]),
      runs: readEach(f[2], limits.runEntries, readRun),
      done: readUint(f[3], 1) === 1,
    }),
  ],
  [
    types.have,
    (f) => ({ is: 'have', scope: readScope(f[1]), feeds: readEach(f[2], limits.vectorRows, readFeedRanges) }),
  ],
  [types.registers, (f) => ({ is: 'registers', registers: readEach(f[1], 1024, readRegister) })],
  [
    types.keys,
    (f) => ({
      is: 'keys',
      scope: readScope(f[1]),
      asked: readEach(f[2], 1024, readEpoch),
      given: readEach(f[3], 1024, (item) => {
        const [epoch, key] = readArray(item, 2)
        return { epoch: epochIdOf(readBytes(epoch, 32)), key: readBytes(key, 32) }
      }),
    }),
  ],
  [types.live, (f) => ({ is: 'live', scope: readScope(f[1]), what: readUint(f[2], 65_535), value: f[3] ?? null })],
  [types.bye, (f) => ({ is: 'bye', code: readUint(f[1], 65_535), text: readText(f[2], 256) })],
  [types.heartbeat, (f) => ({ is: 'heartbeat', number: readUint(f[1]), answer: readUint(f[2], 1) === 1 })],
])

/** Reads a frame from a peer, without its length prefix. Throws BAD_SHAPE, BAD_HASH, BAD_SIGNATURE, TOO_LARGE. */
export function readFrame(bytes: Uint8Array): Frame {
  if (bytes.length > limits.entriesFrameBytes) throw new WarrenError('TOO_LARGE', 'a frame is too long')
  const f = readArray(decode(bytes), 1)
  const type = readUint(f[0], 65_535)
  if (type !== types.entries) readBytesUpTo(bytes, limits.controlFrameBytes)
  const read = readers.get(type)
  return read === undefined ? { is: 'unknown', type } : read(f)
}
