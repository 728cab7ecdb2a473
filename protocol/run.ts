/** Entries as they travel: runs, top first, one signature for up to 1,024 headers of one feed. */

import {
  encode,
  readArray,
  readBytes,
  readBytesUpTo,
  readEach,
  readOptionalBytes,
  readUint,
  type Value,
} from './codec.ts'
import { WarrenError } from './errors.ts'
import { checkPayload, checkSignature, feedOf, inOneFeed, lanes, readHeader, type SealedHeader } from './entry.ts'
import { entryIdOf, idBytes, type EntryId, type Scope } from './ids.ts'
import { limits } from './limits.ts'

/** What stands where an entry's payload would. */
export type Slot =
  | {
      readonly is: 'held'
      readonly payload: Uint8Array
      /** Lifetime left, seconds; 0 is for ever. */ readonly seconds: number
    }
  /** The giver does not hold it: it stays wanted. */
  | { readonly is: 'missing' }
  /** An erase by someone entitled took it away. */
  | { readonly is: 'erased'; readonly by: EntryId }
  | { readonly is: 'lapsed' }

export interface Run {
  /** Of the first header; undefined if the receiver holds an entry whose `prev` the first header is. */
  readonly signature: Uint8Array | undefined
  /** Newest first, each the `prev` of the one before it. */
  readonly entries: readonly { readonly sealed: SealedHeader; readonly slot: Slot }[]
}

function slotValue(slot: Slot): Value {
  if (slot.is === 'held') return slot.seconds === 0 ? slot.payload : [0, slot.payload, slot.seconds]
  if (slot.is === 'erased') return [1, idBytes(slot.by)]
  return slot.is === 'lapsed' ? [2] : null
}

function readSlot(value: Value): Slot {
  if (value === null) return { is: 'missing' }
  if (value instanceof Uint8Array)
    return { is: 'held', payload: readBytesUpTo(value, limits.operationBytes), seconds: 0 }
  const parts = readArray(value, 1)
  switch (readUint(parts[0], 65_535)) {
    case 0:
      return {
        is: 'held',
        payload: readBytesUpTo(parts[1], limits.operationBytes),
        seconds: readUint(parts[2], limits.lifetimeSeconds),
      }
    case 1:
      return { is: 'erased', by: entryIdOf(readBytes(parts[1], 32)) }
    case 2:
      return { is: 'lapsed' }
    default:
      // A newer Warren's way to be without a payload.
      return { is: 'missing' }
  }
}

/** Throws unless the slot is one that this entry can have. */
function checkSlot(sealed: SealedHeader, slot: Slot): void {
  const { lane, lifetime } = sealed.header
  const left = slot.is === 'held' ? slot.seconds : 0
  // A relay that lengthens a life, or drops its end, would keep what its author let go.
  if (slot.is === 'held' && (left > lifetime || (left === 0) !== (lifetime === 0))) {
    throw new WarrenError('BAD_SHAPE', 'an entry with another lifetime than its header says')
  }
  if (slot.is === 'lapsed' && lifetime === 0) throw new WarrenError('BAD_SHAPE', 'an entry that cannot have lapsed')
  if (slot.is !== 'held' && lane === lanes.roster) throw new WarrenError('BAD_SHAPE', 'an operation without payload')
  if (slot.is === 'held') checkPayload(sealed, slot.payload)
}

export const runValue = ({ signature, entries }: Run): Value => [
  signature ?? new Uint8Array(0),
  entries.map(({ sealed }) => sealed.bytes),
  entries.map(({ slot }) => slotValue(slot)),
]

/** Bytes that one entry adds to a frame; for filling frames to their limit. */
export const entrySize = (sealed: SealedHeader, slot: Slot): number =>
  sealed.bytes.length + 8 + (slot.is === 'held' ? slot.payload.length + 16 : 40)

/**
 * Reads a run and checks what needs no state: shapes, the chain from header to header, one feed, payload hashes and the
 * signature if there is one. An operation comes alone and signed, so that whoever holds it can pass it on. Whether an
 * unsigned top is the `prev` of a held header is the receiver's to check.
 * Throws BAD_SHAPE, BAD_HASH, BAD_SIGNATURE, TOO_LARGE.
 */
export function readRun(value: Value): Run {
  const [signature, headers, slots] = readArray(value, 3)
  const sealed = readEach(headers, limits.runEntries, (item) => readHeader(readBytesUpTo(item, limits.headerBytes)))
  const payloads = readEach(slots, limits.runEntries, readSlot)
  const [top] = sealed
  if (top === undefined || sealed.length !== payloads.length) throw new WarrenError('BAD_SHAPE', 'an uneven run')
  const proof = readOptionalBytes(signature, 64)
  if (top.header.lane === lanes.roster && (sealed.length > 1 || proof === undefined)) {
    throw new WarrenError('BAD_SHAPE', 'an operation that is not alone and signed')
  }
  const entries = sealed.map((each, index) => {
    const above = sealed[index - 1]
    if (above !== undefined) checkChain(above, each)
    const slot = payloads[index] as Slot
    checkSlot(each, slot)
    return { sealed: each, slot }
  })
  if (proof !== undefined) checkSignature(top, proof)
  return { signature: proof, entries }
}

/** Throws BAD_HASH unless `below` stands directly under `above` in one feed. */
function checkChain(above: SealedHeader, below: SealedHeader): void {
  const next = above.header.prev === below.id && above.header.seq === below.header.seq + 1
  if (!next || !inOneFeed(above, below)) throw new WarrenError('BAD_HASH', 'an entry does not continue its chain')
}

/** Throws BAD_SHAPE for a run of another scope than the one it was given under. */
export function checkRunScope({ entries }: Run, scope: Scope): void {
  const top = entries[0]?.sealed
  if (top === undefined || feedOf(top).scope !== scope) throw new WarrenError('BAD_SHAPE', 'a run of another scope')
}

/** Encoded size of a run's parts that do not depend on its entries. */
export const runOverhead = encode([new Uint8Array(64), [], []]).length + 16
