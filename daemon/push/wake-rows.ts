/** What is kept of waking: where this device is registered, what each contact was given, and when others were woken. */

import {
  decode,
  encode,
  readArray,
  readBytes,
  readBytesUpTo,
  readEach,
  readText,
  readUint,
} from '../../protocol/codec.ts'
import { maxWallMs } from '../../protocol/hlc.ts'
import { deviceBytes, deviceIdOf, idBytes, personIdOf, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { wakePace, wakeSizes, type PushEnvironment, type PushPlatform, type PushTarget } from '../../protocol/wake.ts'
import type { Attestation } from './server-client.ts'

/** The server's word that the target is this device's, as it was given at `since`, epoch milliseconds. */
export interface Attested extends Attestation {
  readonly since: number
}

export interface Registration {
  /** Origin of the push server; empty if none is used. */
  readonly server: string
  readonly target: PushTarget | undefined
  readonly attested: Attested | undefined
  /** A code is on its way for this. */
  readonly pending: Pending | undefined
}

export interface Pending {
  readonly id: Uint8Array
  /** Epoch milliseconds. */
  readonly since: number
}

/** A row at some server that is to be taken back there. */
export interface Owed {
  readonly server: string
  readonly revision: number
  /** When that was found, epoch milliseconds. */
  readonly since: number
}

/** A push server at which nothing came right since then, epoch milliseconds. */
export interface TroubleRow {
  readonly server: string
  readonly since: number
}

/** What one person was given. */
export interface Given {
  readonly person: PersonId
  readonly revision: number
  /** The server that has the row of this revision; empty if none has. */
  readonly server: string
  /** Says what the row was made of, 16 bytes. */
  readonly mark: Uint8Array
  /** How many devices that may have seen it had been removed by then. */
  readonly removed: number
  readonly owed: readonly Owed[]
}

/** Somebody for whom there is no row. */
export const unplaced = { server: '', mark: new Uint8Array(0) } as const

/** When a device was woken by this one, epoch milliseconds, oldest first. */
export interface WokenRow {
  readonly device: DeviceId
  readonly times: readonly number[]
}

const platforms: readonly PushPlatform[] = ['apns', 'webpush']
const environments: readonly PushEnvironment[] = ['production', 'sandbox']
export const markBytes = 16
/** Servers choose what they want to hear again. */
export const mostPendingBytes = 512
/** Of servers that cannot be reached for long; the oldest are given up. Their rows end by themselves, with the attestation. */
export const mostOwed = 16

/** Servers of which it is kept since when they have had trouble. */
export const mostTroubles = 64

export const noRegistration: Registration = { server: '', target: undefined, attested: undefined, pending: undefined }

export function registrationRow({ server, target, attested, pending }: Registration): Uint8Array {
  return encode([
    server,
    target === undefined
      ? []
      : [platforms.indexOf(target.platform), environments.indexOf(target.environment), target.topic, target.token],
    attested === undefined ? [] : [attested.bytes, attested.expiresDay, attested.since],
    pending === undefined ? [] : [pending.id, pending.since],
  ])
}

export function readRegistrationRow(row: Uint8Array): Registration {
  const f = readArray(decode(row), 4)
  const target = readArray(f[1])
  const attested = readArray(f[2])
  const pending = readArray(f[3])
  return {
    server: readText(f[0], limits.addressBytes),
    target:
      target.length === 0
        ? undefined
        : {
            platform: platforms[readUint(target[0], 1)] ?? 'apns',
            environment: environments[readUint(target[1], 1)] ?? 'production',
            topic: readText(target[2], limits.pushTopicBytes),
            token: readBytesUpTo(target[3], limits.pushTokenBytes),
          },
    attested:
      attested.length === 0
        ? undefined
        : {
            bytes: readBytes(attested[0], wakeSizes.attestation),
            expiresDay: readUint(attested[1]),
            since: readUint(attested[2], maxWallMs),
          },
    pending:
      pending.length === 0
        ? undefined
        : { id: readBytesUpTo(pending[0], mostPendingBytes), since: readUint(pending[1], maxWallMs) },
  }
}

export const givenRow = ({ person, revision, server, mark, owed, removed }: Given): Uint8Array =>
  encode([
    idBytes(person),
    revision,
    server,
    mark,
    owed.map((each) => [each.server, each.revision, each.since]),
    removed,
  ])

export function readGivenRow(row: Uint8Array): Given {
  const f = readArray(decode(row), 5)
  return {
    person: personIdOf(readBytes(f[0], 32)),
    revision: readUint(f[1]),
    server: readText(f[2], limits.addressBytes),
    mark: readBytesUpTo(f[3], markBytes),
    owed: readEach(f[4], mostOwed, (item) => {
      // Homes of before have no time here: those are not given up.
      const [server, revision, since = maxWallMs] = readArray(item, 2)
      return {
        server: readText(server, limits.addressBytes),
        revision: readUint(revision),
        since: readUint(since, maxWallMs),
      }
    }),
    removed: f[5] === undefined ? 0 : readUint(f[5]),
  }
}

export const wokenRow = ({ device, times }: WokenRow): Uint8Array => encode([deviceBytes(device), [...times]])

export function readWokenRow(row: Uint8Array): WokenRow {
  const f = readArray(decode(row), 2)
  const times = readEach(f[1], wakePace.aDay, (each) => readUint(each, maxWallMs))
  return { device: deviceIdOf(readBytes(f[0], 32)), times }
}

export const troubleRow = (all: readonly TroubleRow[]): Uint8Array =>
  encode(all.map((each) => [each.server, each.since]))

export const readTroubleRow = (row: Uint8Array): TroubleRow[] =>
  readEach(decode(row), mostTroubles, (item) => {
    const [server, since] = readArray(item, 2)
    return { server: readText(server, limits.addressBytes), since: readUint(since, maxWallMs) }
  })
