/** The people of the vectors: their devices and how their entries are made. */

import { publicBytes, sha256, signBytes, signingKeyFromSeed, type SigningKey } from '../../protocol/crypto.ts'
import {
  entryVersion,
  kinds,
  lanes,
  sealHeader,
  signEntry,
  type Feed,
  type HeaderFront,
  type SealedHeader,
} from '../../protocol/entry.ts'
import * as ids from '../../protocol/ids.ts'
import { beginMessage } from '../../protocol/operation-proofs.ts'
import { encodeOperation, type Operation } from '../../protocol/operation.ts'

export const fill = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte)

interface TestDevice {
  readonly seed: Uint8Array
  readonly key: SigningKey
  readonly publicKey: Uint8Array
  readonly id: ids.DeviceId
}

/** A deterministic device: its seed is one byte, repeated. */
export const deviceOf = (byte: number): TestDevice => {
  const key = signingKeyFromSeed(fill(byte))
  return { seed: fill(byte), key, publicKey: publicBytes(key), id: ids.deviceIdOf(publicBytes(key)) }
}
export const alice = deviceOf(0xa1)
export const alicePhone = deviceOf(0xa2)
export const bob = deviceOf(0xb1)
export const recovery = deviceOf(0xee)
export const invite = deviceOf(0x1e)
export const wallMs = Date.UTC(2026, 10, 20)

export interface Entry {
  readonly sealed: SealedHeader
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}
export interface Place {
  readonly key: SigningKey
  readonly feed: Omit<Feed, 'scope'> & { readonly scope: ids.Scope | undefined }
  readonly kind: number
  readonly below?: Entry | undefined
  readonly epoch?: ids.EpochId
  readonly lifetime?: number
}

export const frontOf = ({ feed, kind, below, epoch, lifetime = 0 }: Place): HeaderFront => ({
  version: entryVersion,
  ...feed,
  seq: (below?.sealed.header.seq ?? 0) + 1,
  prev: below?.sealed.id,
  hlc: { wallMs: wallMs + (below?.sealed.header.seq ?? 0), count: 0 },
  kind,
  epoch,
  lifetime,
})

export function entryOf(place: Place, payload: Uint8Array): Entry {
  const sealed = sealHeader({
    ...frontOf(place),
    payloadHash: sha256(payload),
    payloadLength: payload.length,
    extension: [],
  })
  return { sealed, payload, signature: signEntry(place.key, sealed.id) }
}

export const operationAt = (place: Omit<Place, 'kind'>, operation: Operation) =>
  entryOf({ ...place, kind: kinds[operation.kind] }, encodeOperation(operation))

export const laneZero = (device: ids.DeviceId, scope: ids.Scope | undefined, generation = 1) => ({
  scope,
  device,
  lane: lanes.roster,
  generation: ids.generationOf(fill(generation, 8)),
})

export const personOf = (device: TestDevice, nonce: number): Entry =>
  operationAt(
    { key: device.key, feed: laneZero(device.id, undefined) },
    {
      kind: 'createPerson',
      heads: [],
      record: { device: device.id, deviceClass: 'desktop' },
      nonce: fill(nonce),
      recoveryKey: recovery.publicKey,
      proof: signBytes(recovery.key, beginMessage(device.id, fill(nonce))),
    },
  )

export const aliceCreate = personOf(alice, 1)
export const bobCreate = personOf(bob, 2)
export const alicePerson = aliceCreate.sealed.id as string as ids.PersonId
export const bobPerson = bobCreate.sealed.id as string as ids.PersonId
export const direct = ids.directId(alicePerson, bobPerson)
export const aliceHead = { scope: alicePerson, id: aliceCreate.sealed.id }
export const heads = [aliceHead, { scope: bobPerson, id: bobCreate.sealed.id }]
