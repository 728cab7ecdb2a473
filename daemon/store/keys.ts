/** Keys as bytes: a table byte, then numbers in a prefix-free code whose byte order is the numeric order. */

import { WarrenError } from '../../protocol/errors.ts'
import type { RangeOptions, Table } from './store.ts'

/** Numbers below this are one byte; a larger one is a byte that counts its bytes, then those bytes, big-endian and minimal. */
const oneByte = 248
const countBase = oneByte - 1
/** No number begins with this byte, so prefix and 0xff lie behind everything that has the prefix. */
const behind = Uint8Array.of(0xff)

const low32 = 2 ** 32

function bytesOf(number: number): number {
  if (!Number.isSafeInteger(number) || number < 0) throw new RangeError('a key has unsigned safe integers')
  if (number < oneByte) return 1
  if (number < low32) return 1 + bytesOf32(number)
  return 5 + bytesOf32(Math.floor(number / low32))
}

const bytesOf32 = (number: number): number => 4 - (Math.clz32(number) >> 3)

/** The bytes of a key. Throws RangeError for anything but unsigned safe integers. */
export function encodeKey(table: Table, at: readonly number[]): Buffer {
  const out = encodeNumbers(at, 1)
  out[0] = table
  return out
}

/**
 * Numbers in the code of keys, behind `room` bytes that the caller fills. Throws RangeError as encodeKey(). Counts with small
 * integers and without iterators: this runs for every row, and anything else leaves a kilobyte of garbage each time.
 */
export function encodeNumbers(at: readonly number[], room = 0): Buffer {
  let length = room
  for (let index = 0; index < at.length; index += 1) length += bytesOf(at[index] ?? 0)
  const out = Buffer.allocUnsafe(length)
  let offset = room
  for (let index = 0; index < at.length; index += 1) offset = writeNumber(out, offset, at[index] ?? 0)
  return out
}

/** Returns the offset behind the number. */
function writeNumber(out: Buffer, offset: number, number: number): number {
  const count = bytesOf(number)
  if (count === 1) out[offset] = number
  else {
    out[offset] = countBase + count - 1
    let low = number | 0
    let high = number < low32 ? 0 : Math.floor(number / low32)
    for (let at = offset + count - 1; at > offset; at -= 1) {
      out[at] = low & 0xff
      low = (low >>> 8) | ((high & 0xff) << 24)
      high >>>= 8
    }
  }
  return offset + count
}

/** The numbers of a key. Throws STORE_DAMAGED for bytes that encodeKey() never makes. */
export const decodeKey = (bytes: Uint8Array): number[] => decodeNumbers(bytes, 1)

/** The numbers from an offset on. Throws STORE_DAMAGED for bytes that encodeNumbers() never makes. */
export function decodeNumbers(bytes: Uint8Array, from = 0): number[] {
  const at: number[] = []
  let offset = from
  while (offset < bytes.length) {
    const first = bytes[offset] ?? 0
    const count = first < oneByte ? 0 : first - countBase
    let number = count === 0 ? first : 0
    for (let index = 1; index <= count; index += 1) number = number * 256 + (bytes[offset + index] ?? Number.NaN)
    if (!Number.isSafeInteger(number) || bytesOf(number) !== count + 1) {
      throw new WarrenError('STORE_DAMAGED', 'numbers of the database are damaged')
    }
    at.push(number)
    offset += count + 1
  }
  return at
}

/** The text under which a key is found in a map; texts sort as the keys do. */
export const keyText = (bytes: Buffer): string => bytes.toString('latin1')

/** The first 96 bits of a hash as numbers for a key. */
export const numbersOf = (hash: Uint8Array): readonly [number, number] => [number48(hash, 0), number48(hash, 6)]

function number48(bytes: Uint8Array, from: number): number {
  let number = 0
  for (let at = from; at < from + 6; at += 1) number = number * 256 + (bytes[at] ?? 0)
  return number
}

export interface Bounds {
  readonly lower: Buffer
  /** False: `lower` itself is out. */
  readonly lowerIn: boolean
  /** Always out. */
  readonly upper: Buffer
}

/** Where a range begins and ends. */
export function boundsOf(table: Table, options: RangeOptions): Bounds {
  const { prefix = [], after, before } = options
  return {
    lower: encodeKey(table, after === undefined ? prefix : [...prefix, ...after]),
    lowerIn: after === undefined,
    upper:
      before === undefined
        ? Buffer.concat([encodeKey(table, prefix), behind])
        : encodeKey(table, [...prefix, ...before]),
  }
}
