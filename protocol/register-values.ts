/** The values of registers beyond card, addresses and read mark: presence, what is held, who may wake, private ones. */

import { concat, label, utf8 } from './bytes.ts'
import { decode, encode, readArray, readBytes, readBytesUpTo, readEach, readText, readUint } from './codec.ts'
import { openUnder, sealUnder } from './epoch.ts'
import { WarrenError } from './errors.ts'
import { maxCount, maxWallMs, type Hlc } from './hlc.ts'
import {
  deviceBytes,
  deviceIdOf,
  epochIdOf,
  generationOf,
  idBytes,
  personIdOf,
  type DeviceId,
  type EpochId,
  type Generation,
  type PersonId,
} from './ids.ts'
import { limits } from './limits.ts'
import { readPushServer } from './push-server.ts'
import type { Register } from './register.ts'

/** `presence`, scope: the person. */
export interface Presence {
  readonly state: 'offline' | 'online' | 'away'
  /** When its owner last used the device, epoch milliseconds; 0 if they do not say. */
  readonly activeAt: number
}

const presenceStates: readonly Presence['state'][] = ['offline', 'online', 'away']

export const encodePresence = ({ state, activeAt }: Presence): Uint8Array =>
  encode([presenceStates.indexOf(state), activeAt])

/** States of newer versions read as `online`. Throws BAD_SHAPE. */
export function readPresence(bytes: Uint8Array): Presence {
  const f = readArray(decode(bytes), 2)
  return { state: presenceStates[readUint(f[0], 255)] ?? 'online', activeAt: readUint(f[1], maxWallMs) }
}

/** Everything of one lane-1 feed up to `seq` is held durably. */
export interface HeldTop {
  readonly device: DeviceId
  readonly generation: Generation
  readonly seq: number
}

/** `held`, scope: a conversation. So that a tick reaches an author who was away. */
export interface Held {
  readonly tops: readonly HeldTop[]
  /** Not written, and not believed: nobody can know that they hold all that was sent up to some moment. */
  readonly watermark: Hlc | undefined
}

export const encodeHeld = ({ tops, watermark }: Held): Uint8Array =>
  encode([
    tops.map(({ device, generation, seq }) => [deviceBytes(device), idBytes(generation), seq]),
    watermark === undefined ? [] : [watermark.wallMs, watermark.count],
  ])

/** Throws BAD_SHAPE, TOO_LARGE. */
export function readHeld(bytes: Uint8Array): Held {
  const f = readArray(decode(bytes), 2)
  const mark = readArray(f[1])
  return {
    tops: readEach(f[0], limits.heldTops, (item) => {
      const [device, generation, seq] = readArray(item, 3)
      return {
        device: deviceIdOf(readBytes(device, 32)),
        generation: generationOf(readBytes(generation, 8)),
        seq: readUint(seq),
      }
    }),
    watermark:
      mark.length === 0 ? undefined : { wallMs: readUint(mark[0], maxWallMs), count: readUint(mark[1], maxCount) },
  }
}

/** One right to wake this device through a push server. */
export interface WakeGrant {
  /** Origin of the push server, as readPushServer() takes it. */
  readonly server: string
  /** As encodeGrant() makes it; others are a newer Warren's. */
  readonly grant: Uint8Array
  /** Epoch milliseconds; 0 is never. */
  readonly expiresAt: number
}

/** `wake`, scope: the direct conversation with the person who is given the right. */
export const encodeWake = (grants: readonly WakeGrant[]): Uint8Array =>
  encode([grants.map(({ server, grant, expiresAt }) => [server, grant, expiresAt])])

/** Throws BAD_SHAPE, TOO_LARGE. */
export const readWake = (bytes: Uint8Array): WakeGrant[] =>
  readEach(readArray(decode(bytes), 1)[0], limits.wakeGrants, (item) => {
    const [server, grant, expiresAt] = readArray(item, 3)
    const { origin } = readPushServer(readText(server, limits.addressBytes))
    return { server: origin, grant: readBytesUpTo(grant, 512), expiresAt: readUint(expiresAt, maxWallMs) }
  })

/** `wakers`, scope: a group. Whose devices may wake this one for what others write there, the first before the others. */
export const encodeWakers = (persons: readonly PersonId[]): Uint8Array => encode([persons.map((each) => idBytes(each))])

/** Throws BAD_SHAPE, TOO_LARGE. */
export const readWakers = (bytes: Uint8Array): PersonId[] =>
  readEach(readArray(decode(bytes), 1)[0], limits.wakers, (each) => personIdOf(readBytes(each, 32)))

/** Keys of registers for the own devices alone begin so; their scope is `self` and their value is sealed. */
export const privatePrefix = 'own/'

/** Which register a sealed value belongs to: it opens as no other one. */
type Place = Pick<Register, 'scope' | 'device' | 'key'>

const context = ({ scope, device, key }: Place): Uint8Array =>
  concat(label('register-value'), idBytes(scope), deviceBytes(device), utf8(key))

/** A private register's value: the epoch of `self`, and the plaintext sealed under it. `salt`: 32 fresh random bytes. */
export const sealValue = (
  place: Place,
  { epoch, key }: { epoch: EpochId; key: Uint8Array },
  plain: Uint8Array,
  salt: Uint8Array,
): Uint8Array => encode([idBytes(epoch), sealUnder(key, context(place), plain, salt)])

/** Opens a private register's value; `keyOf` finds the epoch's key. Throws NO_KEY, CANNOT_DECRYPT, BAD_SHAPE. */
export function openValue(register: Register, keyOf: (epoch: EpochId) => Uint8Array | undefined): Uint8Array {
  const f = readArray(decode(register.value), 2)
  const key = keyOf(epochIdOf(readBytes(f[0], 32)))
  if (key === undefined) throw new WarrenError('NO_KEY', 'the key of a private register is not here yet')
  return openUnder(key, context(register), readBytesUpTo(f[1], limits.registerValueBytes))
}
