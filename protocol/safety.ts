/** The safety number: what two people compare to know that nobody is in between, and how it is made. See docs/protocol.md, section 22. */

import { compareBytes, concat, label } from './bytes.ts'
import { sha256 } from './crypto.ts'
import { WarrenError } from './errors.ts'
import { idBytes, type EntryId, type PersonId } from './ids.ts'

/** One of the two: a PersonState is one. */
export interface SafetySubject {
  readonly person: PersonId
  /** Operations of their log that count by the recovery key, in any order. */
  readonly recoveries: readonly EntryId[]
}

/** Makes each try of whoever looks for another person with the same digits that much dearer: about 10 ms here. */
const rounds = 8192
const groupsEach = 6
const groupDigits = 5

/** What a person's half of the number stands for, 32 bytes: the same as long as nothing was done by the recovery key. */
export const safetyKeys = ({ person, recoveries }: SafetySubject): Uint8Array =>
  sha256(label('safety'), idBytes(person), ...recoveries.map((id) => idBytes(id)).toSorted(compareBytes))

/** 30 digits of safetyKeys(). */
export function safetyHalf(keys: Uint8Array): string {
  let digest = keys
  for (let round = 0; round < rounds; round += 1) digest = sha256(concat(digest, keys))
  const view = new DataView(digest.buffer, digest.byteOffset, digest.length)
  return Array.from({ length: groupsEach }, (_, at) => {
    const group = view.getUint8(5 * at) * 2 ** 32 + view.getUint32(5 * at + 1)
    return String(group % 10 ** groupDigits).padStart(groupDigits, '0')
  }).join('')
}

/** 60 digits, the same on both sides: the lower half first. */
export const safetyNumber = (half: string, other: string): string => [half, other].toSorted().join('')

/** As it is shown and read out: twelve groups of five digits, a blank between two. */
export const spacedSafetyNumber = (number: string): string => (number.match(/.{5}/g) ?? []).join(' ')

/** The digits of a number that was typed or pasted; what stands between them does not matter. Throws BAD_SHAPE. */
export function readSafetyNumber(text: string): string {
  const digits = text.replaceAll(/[\s.,;:/\u2010-\u2015-]+/g, '')
  if (!/^\d{60}$/.test(digits)) throw new WarrenError('BAD_SHAPE', 'a safety number has 60 digits')
  return digits
}
