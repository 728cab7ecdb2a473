/** How a recovery key is written down: 256 bits and a checksum as 14 groups of four letters and digits. */

import { label } from '../../protocol/bytes.ts'
import { sha256 } from '../../protocol/crypto.ts'

export const recoveryKeyBytes = 32
const checkBytes = 3
/** Crockford's: no letter that looks like a digit, and no U. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const groupLetters = 4
const lettersInAll = ((recoveryKeyBytes + checkBytes) * 8) / 5

const checkOf = (key: Uint8Array): Uint8Array => sha256(label('recovery key'), key).subarray(0, checkBytes)

/** `ABCD-EFGH-…`, 56 letters. */
export function writeRecoveryKey(key: Uint8Array): string {
  let number = BigInt(`0x${Buffer.concat([key, checkOf(key)]).toString('hex')}`)
  let text = ''
  for (let left = lettersInAll; left > 0; left -= 1) {
    text = (letters[Number(number & 31n)] ?? '') + text
    number >>= 5n
  }
  return (text.match(new RegExp(`.{${groupLetters}}`, 'g')) ?? []).join('-')
}

/** Forgives case, spaces, dashes, O for 0 and I or L for 1. Undefined if it is none, or was mistyped. */
export function readRecoveryKey(text: string): Uint8Array | undefined {
  const plain = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Dash_Punctuation}]/gu, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
  if (plain.length !== lettersInAll) return undefined
  let number = 0n
  for (const letter of plain) {
    const at = letters.indexOf(letter)
    if (at < 0) return undefined
    number = (number << 5n) | BigInt(at)
  }
  const hex = number.toString(16).padStart((recoveryKeyBytes + checkBytes) * 2, '0')
  const bytes = new Uint8Array(Buffer.from(hex, 'hex'))
  const key = bytes.slice(0, recoveryKeyBytes)
  const isWhole = checkOf(key).every((byte, at) => byte === bytes[recoveryKeyBytes + at])
  return isWhole ? key : undefined
}
