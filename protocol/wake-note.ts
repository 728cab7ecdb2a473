/** The note that comes with a wake: who woke, and where they can be reached; for the sleeping device alone. */

import { label } from './bytes.ts'
import { decode, encode, readArray, readBytes, readEach, readUint, type Value } from './codec.ts'
import { aeadKey, aeadOpen, aeadSeal } from './crypto.ts'
import { WarrenError } from './errors.ts'
import { fresh } from './fresh.ts'
import { maxWallMs } from './hlc.ts'
import { deviceBytes, deviceIdOf, type DeviceId } from './ids.ts'
import { addressBytes, readAddress, type LinkAddress } from './link-address.ts'
import { limits } from './limits.ts'
import { LinkReader } from './link-reader.ts'
import { wakeSizes } from './wake.ts'

export interface WakeNote {
  readonly device: DeviceId
  /** Epoch milliseconds. */
  readonly sentAt: number
  /** Of kinds ip4 and ip6: names would not fit. */
  readonly addresses: readonly LinkAddress[]
}

const nonceBytes = 12
const tagBytes = 16
const plainBytes = wakeSizes.note - nonceBytes - tagBytes
const ip6AddressBytes = 19
const associated = label('wake-note')

const bad = (what: string): WarrenError => new WarrenError('BAD_SHAPE', `not ${what}`)

function oneAddress(address: LinkAddress): Uint8Array {
  if (address.kind === 'dns') throw bad('an IP address')
  return addressBytes(address)
}

/** 160 bytes. `nonce`: 12 fresh random bytes. Throws BAD_SHAPE, TOO_LARGE for more addresses than limits.wakeAddresses. */
export function sealNote(noteKey: Uint8Array, note: WakeNote, nonce: Uint8Array): Uint8Array {
  if (note.addresses.length > limits.wakeAddresses) throw new WarrenError('TOO_LARGE', 'too many addresses in a note')
  const addresses = note.addresses.map((address) => oneAddress(address))
  const inner = encode([deviceBytes(note.device), note.sentAt, addresses])
  const plain = fresh(plainBytes)
  plain[0] = inner.length
  plain.set(inner, 1)
  return aeadSeal(aeadKey(noteKey), readBytes(nonce, nonceBytes), plain, associated, nonce)
}

function readOneAddress(item: Value): LinkAddress[] {
  if (!(item instanceof Uint8Array) || item.length > ip6AddressBytes) throw bad('an address')
  const reader = new LinkReader(item)
  const address = readAddress(reader)
  reader.end()
  return address === undefined ? [] : [address]
}

/** Opens what sealNote() made. A sleeper tries the keys of all its contacts. Throws CANNOT_DECRYPT, BAD_SHAPE, BAD_LINK, TOO_LARGE. */
export function openNote(noteKey: Uint8Array, sealed: Uint8Array): WakeNote {
  readBytes(sealed, wakeSizes.note)
  const plain = aeadOpen(aeadKey(noteKey), sealed.subarray(0, nonceBytes), sealed.subarray(nonceBytes), associated)
  const f = readArray(decode(plain.subarray(1, 1 + (plain[0] ?? 0))), 3)
  return {
    device: deviceIdOf(readBytes(f[0], 32)),
    sentAt: readUint(f[1], maxWallMs),
    addresses: readEach(f[2], limits.wakeAddresses, readOneAddress).flat(),
  }
}
