/** Signed, replaceable records outside the log: the newest of (owner device, scope, key) wins. */

import { compareBytes, concat, label } from './bytes.ts'
import {
  decode,
  encode,
  readArray,
  readBytes,
  readBytesUpTo,
  readCodePoints,
  readEach,
  readText,
  readUint,
  type Value,
} from './codec.ts'
import { sha256, signBytes, verifyBytes, type SigningKey } from './crypto.ts'
import { verifyKeyOf } from './device-key.ts'
import { WarrenError } from './errors.ts'
import { compareHlc, maxCount, maxWallMs, type Hlc } from './hlc.ts'
import {
  deviceBytes,
  deviceIdOf,
  generationOf,
  idBytes,
  scopeOf,
  type DeviceId,
  type Generation,
  type Scope,
} from './ids.ts'
import { limits } from './limits.ts'

/** The public keys that Warren writes. Others are kept and relayed for newer versions. */
export const registerKeys = {
  card: 'card',
  addresses: 'addresses',
  presence: 'presence',
  held: 'held',
  read: 'read',
  wake: 'wake',
  wakers: 'wakers',
} as const

export interface Register {
  readonly scope: Scope
  readonly device: DeviceId
  readonly key: string
  readonly hlc: Hlc
  readonly value: Uint8Array
  readonly signature: Uint8Array
}

const front = (r: Omit<Register, 'signature'>): Value[] => [
  idBytes(r.scope),
  deviceBytes(r.device),
  r.key,
  r.hlc.wallMs,
  r.hlc.count,
  r.value,
]
const message = (r: Omit<Register, 'signature'>): Uint8Array => concat(label('register'), sha256(encode(front(r))))

export function signRegister(key: SigningKey, register: Omit<Register, 'signature'>): Register {
  return { ...register, signature: signBytes(key, message(register)) }
}

export const registerValue = (r: Register): Value => [...front(r), r.signature]

/** Throws BAD_SHAPE, BAD_SIGNATURE, TOO_LARGE. */
export function readRegister(value: Value): Register {
  const f = readArray(value, 7)
  const register: Register = {
    scope: scopeOf(readBytes(f[0], 32)),
    device: deviceIdOf(readBytes(f[1], 32)),
    key: readText(f[2], limits.registerKeyBytes),
    hlc: { wallMs: readUint(f[3], maxWallMs), count: readUint(f[4], maxCount) },
    value: readBytesUpTo(f[5], limits.registerValueBytes),
    signature: readBytes(f[6], 64),
  }
  if (!verifyBytes(verifyKeyOf(register.device), message(register), register.signature)) {
    throw new WarrenError('BAD_SIGNATURE', 'a register is not signed by its device')
  }
  return register
}

/** True if `a` replaces `b`; among equal clocks the larger value wins, everywhere the same. */
export const replaces = (a: Register, b: Register | undefined): boolean =>
  b === undefined || (compareHlc(a.hlc, b.hlc) || compareBytes(a.value, b.value)) > 0

/** 16 bytes that are equal if two devices hold the same registers of a scope. */
export function registerDigest(registers: readonly Register[]): Uint8Array {
  const hashes = registers.map((each) => sha256(encode(front(each)))).toSorted(compareBytes)
  return sha256(label('registers'), ...hashes).slice(0, 16)
}

/** `card`, scope: the person. What a contact sees of its owner. */
export interface Card {
  readonly name: string
  readonly status: string
  /** `#rrggbb`. */
  readonly color: string
}

export const encodeCard = ({ name, status, color }: Card): Uint8Array => encode([name, status, color])

/** Throws BAD_SHAPE, TOO_LARGE. */
export function readCard(bytes: Uint8Array): Card {
  const f = readArray(decode(bytes), 3)
  const color = readText(f[2], limits.colorBytes)
  if (!/^#[0-9a-f]{6}$/.test(color)) throw new WarrenError('BAD_SHAPE', 'not a colour')
  return {
    name: readCodePoints(f[0], limits.nameCodePoints),
    status: readCodePoints(f[1], limits.statusCodePoints),
    color,
  }
}

/** `addresses`, scope: the person. Multiaddrs at which this device listens, for contacts. */
export const encodeAddresses = (addresses: readonly string[]): Uint8Array => encode([addresses])

/** Throws BAD_SHAPE, TOO_LARGE. */
export const readAddresses = (bytes: Uint8Array): string[] =>
  readEach(readArray(decode(bytes), 1)[0], limits.addressesPerDevice, (each) => readText(each, limits.addressBytes))

/** `read`, scope: a conversation. The place up to which the owner of the device has read. */
export interface ReadPosition {
  readonly hlc: Hlc
  readonly device: DeviceId
  readonly generation: Generation
  readonly seq: number
}

export const encodeReadPosition = (p: ReadPosition): Uint8Array =>
  encode([p.hlc.wallMs, p.hlc.count, deviceBytes(p.device), idBytes(p.generation), p.seq])

/** Throws BAD_SHAPE. */
export function readReadPosition(bytes: Uint8Array): ReadPosition {
  const f = readArray(decode(bytes), 5)
  return {
    hlc: { wallMs: readUint(f[0], maxWallMs), count: readUint(f[1], maxCount) },
    device: deviceIdOf(readBytes(f[2], 32)),
    generation: generationOf(readBytes(f[3], 8)),
    seq: readUint(f[4]),
  }
}
