/** Alice, Bob and Mallory: devices with fixed seeds, and how their entries are made. */

import { publicBytes, sha256, signBytes, signingKeyFromSeed, type SigningKey } from '../../protocol/crypto.ts'
import {
  entryVersion,
  kinds,
  lanes,
  sealHeader,
  signEntry,
  type Header,
  type SealedHeader,
} from '../../protocol/entry.ts'
import {
  conversationIdOf,
  deviceIdOf,
  epochIdOf,
  generationOf,
  type DeviceId,
  type PersonId,
} from '../../protocol/ids.ts'
import {
  beginMessage,
  counterMessage,
  nextKeyMessage,
  recoveryMessage,
  type FeedPosition,
} from '../../protocol/operation-proofs.ts'
import { encodeOperation, type Head, type Operation, type RecoverableOperation } from '../../protocol/operation.ts'
import { loggedOperation, type LoggedOperation } from '../../protocol/logged-operation.ts'
import type { Run } from '../../protocol/run.ts'

export const fill = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte)

export interface Actor {
  readonly key: SigningKey
  readonly device: DeviceId
}

export function actor(byte: number): Actor {
  const key = signingKeyFromSeed(fill(byte))
  return { key, device: deviceIdOf(publicBytes(key)) }
}

export const alice = actor(1)
export const bob = actor(2)
export const mallory = actor(3)
export const conversation = conversationIdOf(fill(7))
export const epoch = epochIdOf(fill(8))
export const generation = generationOf(fill(9, 8))

export interface Entry {
  readonly sealed: SealedHeader
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

/** A lane-1 content entry of Alice's, with whatever is changed. */
export function entryOf(changes: Partial<Header> = {}, payload: Uint8Array = fill(5, 112), by: Actor = alice): Entry {
  const sealed = sealHeader({
    version: entryVersion,
    lane: lanes.messages,
    scope: conversation,
    device: by.device,
    generation,
    seq: 1,
    prev: undefined,
    hlc: { wallMs: 1_800_000_000_000, count: 0 },
    kind: kinds.content,
    epoch,
    lifetime: 0,
    payloadHash: sha256(payload),
    payloadLength: payload.length,
    extension: [],
    ...changes,
  })
  return { sealed, payload, signature: signEntry(by.key, sealed.id) }
}

/** `count` entries of Alice's, oldest first, each the `prev` of the next. */
export function chainOf(count: number, changes: Partial<Header> = {}): Entry[] {
  const entries: Entry[] = []
  for (let seq = 1; seq <= count; seq += 1) {
    const payload = fill(seq & 255, 112)
    entries.push(entryOf({ seq, prev: entries.at(-1)?.sealed.id, ...changes }, payload))
  }
  return entries
}

/** One run of these entries, given oldest first, signed at its top. */
export const runOf = (entries: readonly Entry[], signature = entries.at(-1)?.signature): Run => ({
  signature,
  entries: entries
    .toReversed()
    .map(({ sealed, payload }) => ({ sealed, slot: { is: 'held', payload, seconds: sealed.header.lifetime } })),
})

export const recoverySeed = actor(200)
const unsigned = { recovery: undefined }

/** A person's log as it grows: each call adds an operation and returns it. */
export class PersonLog {
  readonly operations: LoggedOperation[] = []
  readonly entries: Entry[] = []
  readonly person: PersonId
  readonly #tops = new Map<DeviceId, SealedHeader>()
  readonly #kindOfRecovery = recoverySeed

  /** It names the public half of `recoverySeed`; `prover` signs that. */
  constructor(founder: Actor, nonce = 1, prover: SigningKey = recoverySeed.key) {
    const create: Operation = {
      kind: 'createPerson',
      heads: [],
      record: { device: founder.device, deviceClass: 'desktop' },
      nonce: fill(nonce),
      recoveryKey: publicBytes(recoverySeed.key),
      proof: signBytes(prover, beginMessage(founder.device, fill(nonce))),
    }
    const first = this.#write(founder, create, undefined)
    this.person = first.id as string as PersonId
  }

  get heads(): Head[] {
    return this.operations.slice(-1).map(({ scope, id }) => ({ scope, id }))
  }

  headOf({ scope, id }: LoggedOperation): Head {
    return { scope, id }
  }

  /** `seen`: what the operation has seen; the newest by default. */
  add(by: Actor, newcomer: Actor, seen: readonly LoggedOperation[] = this.operations.slice(-1)): LoggedOperation {
    return this.post(by, this.addition(newcomer), seen)
  }

  /** That a device belongs, which it agreed to. */
  addition(newcomer: Actor): Extract<RecoverableOperation, { kind: 'addDevice' }> {
    const record = { device: newcomer.device, deviceClass: 'phone' } as const
    const counterSignature = signBytes(newcomer.key, counterMessage(this.person, newcomer.device))
    return { kind: 'addDevice', heads: [], record, counterSignature, ...unsigned }
  }

  remove(by: Actor, victim: Actor, seen: readonly LoggedOperation[] = this.operations.slice(-1)): LoggedOperation {
    return this.post(by, { kind: 'removeDevice', heads: [], device: victim.device, ...unsigned }, seen)
  }

  post(by: Actor, operation: Operation, seen: readonly LoggedOperation[] = this.operations.slice(-1)): LoggedOperation {
    return this.#write(by, { ...operation, heads: seen.map((each) => this.headOf(each)) }, this.person)
  }

  /** As post(), signed by the recovery key. */
  recover(
    by: Actor,
    operation: RecoverableOperation,
    seen: readonly LoggedOperation[] = this.operations.slice(-1),
    key: SigningKey = this.#kindOfRecovery.key,
  ): LoggedOperation {
    const withHeads = { ...operation, heads: seen.map((each) => this.headOf(each)) }
    const recovery = signBytes(key, recoveryMessage(this.person, withHeads, this.#placeOf(by)))
    return this.#write(by, { ...withHeads, recovery }, this.person)
  }

  /** The recovery key gives way to that of `next`, which says so; `key` is the one that rotates. */
  rotate(
    by: Actor,
    next: Actor,
    seen: readonly LoggedOperation[] = this.operations.slice(-1),
    key: SigningKey = this.#kindOfRecovery.key,
  ): LoggedOperation {
    const heads = seen.map((each) => this.headOf(each))
    const recoveryKey = publicBytes(next.key)
    const bare = { kind: 'rotateRecovery', heads, recoveryKey, proof: fill(0, 64), ...unsigned } as const
    const proof = signBytes(next.key, nextKeyMessage(this.person, bare, this.#placeOf(by)))
    return this.recover(by, { ...bare, proof }, seen, key)
  }

  #placeOf({ device }: Actor): FeedPosition {
    return { device, generation, seq: (this.#tops.get(device)?.header.seq ?? 0) + 1 }
  }

  #write(by: Actor, operation: Operation, scope: PersonId | undefined): LoggedOperation {
    const below = this.#tops.get(by.device)
    const place = {
      lane: lanes.roster,
      scope,
      seq: (below?.header.seq ?? 0) + 1,
      prev: below?.id,
      kind: kinds[operation.kind],
      epoch: undefined,
    } as const
    const entry = entryOf(place, encodeOperation(operation), by)
    this.#tops.set(by.device, entry.sealed)
    const logged = loggedOperation(entry.sealed, entry.payload)
    this.operations.push(logged)
    this.entries.push(entry)
    return logged
  }
}
