/** What a recovery key writes into the log of its person: a new device, which are lost, and the key that comes after it. */

import { publicBytes, sha256, signBytes, signingKeyFromSeed, type SigningKey } from '../../protocol/crypto.ts'
import { entryVersion, kinds, lanes, sealHeader, signEntry } from '../../protocol/entry.ts'
import { deviceIdOf, generationOf, type DeviceId, type EntryId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { counterMessage, nextKeyMessage, recoveryMessage } from '../../protocol/operation-proofs.ts'
import { encodeOperation, type RecoverableOperation } from '../../protocol/operation.ts'
import type { PersonState } from '../../protocol/roster.ts'
import type { Run } from '../../protocol/run.ts'

export interface RecoveryWish {
  /** The person as the log says that was found. */
  readonly state: PersonState
  readonly recoveryKey: SigningKey
  /** Of the device that comes to belong: 32 bytes. */
  readonly deviceSeed: Uint8Array
  /** Of the recovery key that comes after this one: 32 bytes. */
  readonly nextSeed: Uint8Array
  readonly remove: readonly DeviceId[]
  /** 8 random bytes. */
  readonly generation: Uint8Array
  /** Epoch milliseconds. */
  readonly now: number
}

const notYet = new Uint8Array(0)

/** One run per operation, each behind what it has seen: they are one feed of the new device. */
export function recoveryRuns(wish: RecoveryWish): Run[] {
  const { state, deviceSeed, nextSeed, remove, now } = wish
  const key = signingKeyFromSeed(deviceSeed)
  const device = deviceIdOf(publicBytes(key))
  const generation = generationOf(wish.generation)
  const nextKey = signingKeyFromSeed(nextSeed)
  const { person } = state
  const record = { device, deviceClass: 'desktop' } as const
  const counterSignature = signBytes(key, counterMessage(person, device))
  const operations: RecoverableOperation[] = [
    { kind: 'addDevice', heads: [], record, counterSignature, recovery: undefined },
    ...remove.map((each) => ({ kind: 'removeDevice', heads: [], device: each, recovery: undefined }) as const),
    { kind: 'rotateRecovery', heads: [], recoveryKey: publicBytes(nextKey), recovery: undefined, proof: notYet },
  ]
  let prev: EntryId | undefined
  return operations.map((bare, at): Run => {
    const heads = prev === undefined ? state.heads.slice(0, limits.operationHeads) : [{ scope: person, id: prev }]
    const operation = { ...bare, heads }
    const seq = at + 1
    const place = { device, generation, seq }
    const recovery = signBytes(wish.recoveryKey, recoveryMessage(person, operation, place))
    const payload = encodeOperation(
      operation.kind === 'rotateRecovery'
        ? { ...operation, recovery, proof: signBytes(nextKey, nextKeyMessage(person, operation, place)) }
        : { ...operation, recovery },
    )
    const sealed = sealHeader({
      version: entryVersion,
      lane: lanes.roster,
      scope: person,
      device,
      generation,
      seq,
      prev,
      hlc: { wallMs: now, count: at },
      kind: kinds[operation.kind],
      epoch: undefined,
      lifetime: 0,
      payloadHash: sha256(payload),
      payloadLength: payload.length,
      extension: [],
    })
    prev = sealed.id
    return { signature: signEntry(key, sealed.id), entries: [{ sealed, slot: { is: 'held', payload, seconds: 0 } }] }
  })
}
