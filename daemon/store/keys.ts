/** Keys as bytes: a table byte, then numbers in a prefix-free code whose byte order is the numeric order. */

import { WarrenError } from '../../protocol/errors.ts'
import type { RangeOptions, Table } from './store.ts'

/** Numbers below this are one byte; a larger one is a byte that counts its bytes, then those bytes, big-endian and minimal. */
const oneByte = 248
const countBase = oneByte - 1
/** No number begins with this byte, so prefix and 0xff lie behind everything that has the prefix. */
const behind = Uint8Array.of(0xff)

function bytesOf(number: number): number {
  if (!Number.isSafeInteger(number) || number < 0) throw new RangeError('a key has unsigned safe integers')
  if (number < oneByte) return 1
  let length = 1
  for (let rest = number; rest > 0; rest = Math.floor(rest / 256)) length += 1
  return length
}

/** The bytes of a key. Throws RangeError for anything but unsigned safe integers. */
export function encodeKey(table: Table, at: readonly number[]): Buffer {
  let length = 1
  for (const number of at) length += bytesOf(number)
  const out = Buffer.allocUnsafe(length)
  out[0] = table
  let offset = 1
  for (const number of at) {
    const count = bytesOf(number)
    if (count === 1) {
      out[offset] = number
    } else {
      out[offset] = countBase + count - 1
      let rest = number
      for (let index = offset + count - 1; index > offset; index -= 1) {
        out[index] = rest % 256
        rest = Math.floor(rest / 256)
      }
    }
    offset += count
  }
  return out
}

/** The numbers of a key. Throws STORE_DAMAGED for bytes that encodeKey() never makes. */
export function decodeKey(bytes: Uint8Array): number[] {
  const at: number[] = []
  let offset = 1
  while (offset < bytes.length) {
    const first = bytes[offset] ?? 0
    const count = first < oneByte ? 0 : first - countBase
    let number = count === 0 ? first : 0
    for (let index = 1; index <= count; index += 1) number = number * 256 + (bytes[offset + index] ?? Number.NaN)
    if (!Number.isSafeInteger(number) || bytesOf(number) !== count + 1) {
      throw new WarrenError('STORE_DAMAGED', 'a key of the database is damaged')
    }
    at.push(number)
    offset += count + 1
  }
  return at
}

/** The text under which a key is found in a map; texts sort as the keys do. */
export const keyText = (bytes: Buffer): string => bytes.toString('latin1')

/** The first 96 bits of a hash as numbers for a key. */
export function numbersOf(hash: Uint8Array): readonly [number, number] {
  const number = (from: number): number => hash.subarray(from, from + 6).reduce((sum, byte) => sum * 256 + byte, 0)
  return [number(0), number(6)]
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
