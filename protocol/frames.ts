/** Frames of `/warren/sync/1`: CBOR arrays behind a 4-byte big-endian length, the first item saying which. */

import { CborReader } from './cbor-reader.ts'
import {
  decode,
  encode,
  readArray,
  readBytes,
  readEach,
  readOptionalBytes,
  readText,
  readUint,
  type Value,
} from './codec.ts'
import { WarrenError } from './errors.ts'
import { entryIdOf, epochIdOf, idBytes, scopeOf, type EntryId, type EpochId, type Scope } from './ids.ts'
import { limits } from './limits.ts'
import { readRegister, registerValue, type Register } from './register.ts'
import { checkRunScope, readRun, runValue, type Run } from './run.ts'
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

/** One scope of an offer. */
export interface Offered {
  readonly scope: Scope
  /** vectorDigest() of the sender's rows. */
  readonly digest: Uint8Array
  /** registerDigest() of the sender's registers; undefined if it does not say. */
  readonly registers?: Uint8Array | undefined
}

export type Frame =
  /** The scopes that the sender shares with the receiver. Several offers add up. */
  | { readonly is: 'offer'; readonly scopes: readonly Offered[] }
  /** What the sender holds of a scope. `more`: further frames follow before the rows are complete. */
  | { readonly is: 'vector'; readonly scope: Scope; readonly rows: readonly VectorRow[]; readonly more: boolean }
  /** Asks for ranges, newest first, until `budget` bytes are sent; the asker asks again for the rest. */
  | { readonly is: 'want'; readonly scope: Scope; readonly feeds: readonly FeedRanges[]; readonly budget: number }
  /** Answers a want, or brings what is new. `done`: the want is served as far as its budget and holdings allow. */
  | { readonly is: 'entries'; readonly scope: Scope; readonly runs: readonly Run[]; readonly done: boolean }
  /** The sender has these durably. */
  | { readonly is: 'have'; readonly scope: Scope; readonly feeds: readonly FeedRanges[] }
  /** Asks for operations by their ids, as the heads of others name them; answered by `entries`. */
  | { readonly is: 'fetch'; readonly scope: Scope; readonly ids: readonly EntryId[] }
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

export type KnownFrame = Exclude<Frame, { is: 'unknown' }>

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

type Codecs = {
  readonly [Kind in KnownFrame['is']]: {
    readonly type: number
    /** The items behind the type. */
    readonly write: (frame: Extract<KnownFrame, { readonly is: Kind }>) => readonly Value[]
    /** `f[0]` is the type. Items behind those read are left for newer versions. */
    readonly read: (f: readonly Value[]) => Omit<Extract<KnownFrame, { readonly is: Kind }>, 'is'>
  }
}

const bit = (flag: boolean): number => (flag ? 1 : 0)
const readBit = (value: Value | undefined): boolean => readUint(value, 1) === 1
const none = new Uint8Array(0)
const readScope = (value: Value | undefined): Scope => scopeOf(readBytes(value, 32))

const offeredValue = ({ scope, digest, registers }: Offered): Value => [idBytes(scope), digest, registers ?? none]
function readOffered(value: Value): Offered {
  const [scope, digest, registers] = readArray(value, 2)
  return {
    scope: readScope(scope),
    digest: readBytes(digest, 16),
    registers: registers === undefined ? undefined : readOptionalBytes(registers, 16),
  }
}

const feedRangesValue = (each: FeedRanges): Value => [...feedNameValue(each), each.ranges]
function readFeedRanges(value: Value): FeedRanges {
  const f = readArray(value, 4)
  return { ...readFeedName(f), ranges: readRanges(f[3]) }
}
const readFeeds = (value: Value | undefined): FeedRanges[] => readEach(value, limits.vectorRows, readFeedRanges)

/** Runs of the frame's own scope: what the peer may see and say was judged by that one. */
const readRuns = (value: Value | undefined, scope: Scope): Run[] =>
  readEach(value, limits.runEntries, (item) => {
    const run = readRun(item)
    checkRunScope(run, scope)
    return run
  })

const codecs: Codecs = {
  offer: {
    type: 0,
    write: ({ scopes }) => [scopes.map(offeredValue)],
    read: (f) => ({ scopes: readEach(f[1], limits.offerScopes, readOffered) }),
  },
  vector: {
    type: 1,
    write: ({ scope, rows, more }) => [idBytes(scope), rows.map(rowValue), bit(more)],
    read: (f) => ({ scope: readScope(f[1]), rows: readEach(f[2], limits.vectorRows, readRow), more: readBit(f[3]) }),
  },
  want: {
    type: 2,
    write: ({ scope, feeds, budget }) => [idBytes(scope), feeds.map(feedRangesValue), budget],
    read: (f) => ({ scope: readScope(f[1]), feeds: readFeeds(f[2]), budget: readUint(f[3], limits.wantBytes) }),
  },
  entries: {
    type: 3,
    write: ({ scope, runs, done }) => [idBytes(scope), runs.map(runValue), bit(done)],
    read: (f) => {
      const scope = readScope(f[1])
      return { scope, runs: readRuns(f[2], scope), done: readBit(f[3]) }
    },
  },
  have: {
    type: 4,
    write: ({ scope, feeds }) => [idBytes(scope), feeds.map(feedRangesValue)],
    read: (f) => ({ scope: readScope(f[1]), feeds: readFeeds(f[2]) }),
  },
  registers: {
    type: 5,
    write: ({ registers }) => [registers.map(registerValue)],
    read: (f) => ({ registers: readEach(f[1], limits.frameItems, readRegister) }),
  },
  keys: {
    type: 6,
    write: ({ scope, asked, given }) => [
      idBytes(scope),
      asked.map((each) => idBytes(each)),
      given.map(({ epoch, key }) => [idBytes(epoch), key]),
    ],
    read: (f) => ({
      scope: readScope(f[1]),
      asked: readEach(f[2], limits.frameItems, (each) => epochIdOf(readBytes(each, 32))),
      given: readEach(f[3], limits.frameItems, (item) => {
        const [epoch, key] = readArray(item, 2)
        return { epoch: epochIdOf(readBytes(epoch, 32)), key: readBytes(key, 32) }
      }),
    }),
  },
  live: {
    type: 7,
    write: ({ scope, what, value }) => [idBytes(scope), what, value],
    read: (f) => ({ scope: readScope(f[1]), what: readUint(f[2], 65_535), value: f[3] ?? null }),
  },
  bye: {
    type: 8,
    write: ({ code, text }) => [code, text],
    read: (f) => ({ code: readUint(f[1], 65_535), text: readText(f[2], limits.byeTextBytes) }),
  },
  heartbeat: {
    type: 9,
    write: ({ number, answer }) => [number, bit(answer)],
    read: (f) => ({ number: readUint(f[1]), answer: readBit(f[2]) }),
  },
  fetch: {
    type: 10,
    write: ({ scope, ids }) => [idBytes(scope), ids.map((each) => idBytes(each))],
    read: (f) => ({
      scope: readScope(f[1]),
      ids: readEach(f[2], limits.frameItems, (each) => entryIdOf(readBytes(each, 32))),
    }),
  },
}

const readers = new Map(
  (Object.keys(codecs) as KnownFrame['is'][]).map((is) => [
    codecs[is].type,
    (f: readonly Value[]) => ({ is, ...codecs[is].read(f) }) as Frame,
  ]),
)

const mostBytes = (type: number): number =>
  type === codecs.entries.type ? limits.entriesFrameBytes : limits.controlFrameBytes

/** Encodes a frame without its length prefix. Throws TOO_LARGE for one that the peer would end the link over. */
export function encodeFrame(frame: KnownFrame): Uint8Array {
  // Each codec takes its own kind of frame, which the compiler cannot follow through the lookup.
  const { type, write } = codecs[frame.is] as { type: number; write: (frame: KnownFrame) => readonly Value[] }
  const bytes = encode([type, ...write(frame)])
  if (bytes.length > mostBytes(type)) throw new WarrenError('TOO_LARGE', 'a frame is too long')
  return bytes
}

/** Reads a frame from a peer, without its length prefix. Throws BAD_SHAPE, BAD_HASH, BAD_SIGNATURE, TOO_LARGE. */
export function readFrame(bytes: Uint8Array): Frame {
  if (bytes.length > limits.entriesFrameBytes) throw new WarrenError('TOO_LARGE', 'a frame is too long')
  const from = new CborReader(bytes)
  if (from.array() === 0) throw new WarrenError('BAD_SHAPE', 'a frame without a type')
  const type = from.uint()
  if (type > 65_535) throw new WarrenError('BAD_SHAPE', 'a frame of no possible type')
  if (bytes.length > mostBytes(type)) throw new WarrenError('TOO_LARGE', 'a frame is too long')
  const f = readArray(decode(bytes))
  const read = readers.get(type)
  return read === undefined ? { is: 'unknown', type } : read(f)
}
