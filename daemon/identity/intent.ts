/** What the owner of a new device said yes to, before it is known whether the other device wrote it down. */

import { readArray, readBytes, readText, readUint, type Value } from '../../protocol/codec.ts'
import { idBytes, personIdOf, type PersonId } from '../../protocol/ids.ts'

export interface Intent {
  /** Of the key that this home is to have then. */
  readonly seed: Uint8Array
  readonly person: PersonId
  /** Where a device of that person answered. */
  readonly address: string
  /** When the owner said so, epoch milliseconds. */
  readonly at: number
}

const mostAddressBytes = 1024

export const intentValue = ({ seed, person, address, at }: Intent): Value => [seed, idBytes(person), address, at]

/** Throws BAD_SHAPE. */
export function readIntent(value: Value): Intent {
  const f = readArray(value, 4)
  return {
    seed: readBytes(f[0], 32),
    person: personIdOf(readBytes(f[1], 32)),
    address: readText(f[2], mostAddressBytes),
    at: readUint(f[3]),
  }
}
