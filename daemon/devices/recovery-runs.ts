/** What a recovery key writes into the log of its person: a new device, which are lost, and the key that comes after it. */

import { publicBytes, sha256, signBytes, signingKeyFromSeed, type SigningKey } from '../../protocol/crypto.ts'
import type { DeviceClass } from '../../protocol/device-record.ts'
import { entryVersion, kinds, lanes, sealHeader, signEntry } from '../../protocol/entry.ts'
import { deviceIdOf, generationOf, type DeviceId, type EntryId, type PersonId } from '../../protocol/ids.ts'
import { counterMessage, nextKeyMessage, recoveryMessage } from '../../protocol/operation-proofs.ts'
import { encodeOperation, type Head, type Operation, type RecoverableOperation } from '../../protocol/operation.ts'
import type { Run } from '../../protocol/run.ts'

/** A device, and that it agreed to belong. */
export type Agreed = Pick<Extract<Operation, { readonly kind: 'addDevice' }>, 'record' | 'counterSignature'>

export interface RecoveryWish {
  readonly person: PersonId
  /** Of the log that was found; see personHeads(). */
  readonly heads: readonly Head[]
  readonly recoveryKey: SigningKey
  /** Of the device that comes to belong; a desktop, if it is not said. */
  readonly deviceClass?: DeviceClass | undefined
  /** Of the device that comes to belong: 32 bytes. */
  readonly deviceSeed: Uint8Array
  /** Of the recovery key that comes after this one: 32 bytes. */
  readonly nextSeed: Uint8Array
  readonly remove: readonly DeviceId[]
  /** Devices that go on, as they were added before: what they agreed to holds. */
  readonly keep: readonly Agreed[]
  /** 8 random bytes. */
  readonly generation: Uint8Array
  /** Epoch milliseconds. */
  readonly now: number
}

const notYet = new Uint8Array(0)

/**
 * One run per operation, each behind what it has seen: they are one feed of the new device. The key gives way first, and the next one
 * signs the rest: so of words that were replaced nothing was ever to be taken but that. Devices that are kept are added anew, so that
 * they belong whatever becomes of who once added them.
 */
export function recoveryRuns(wish: RecoveryWish): Run[] {
  const { person, heads, deviceClass = 'desktop', deviceSeed, nextSeed, remove, keep, now } = wish
  const key = signingKeyFromSeed(deviceSeed)
  const device = deviceIdOf(publicBytes(key))
  const generation = generationOf(wish.generation)
  const nextKey = signingKeyFromSeed(nextSeed)
  const record = { device, deviceClass }
  const counterSignature = signBytes(key, counterMessage(person, device))
  const added = [{ record, counterSignature }, ...keep]
  const operations: RecoverableOperation[] = [
    { kind: 'rotateRecovery', heads: [], recoveryKey: publicBytes(nextKey), recovery: undefined, proof: notYet },
    ...added.map((each) => ({ kind: 'addDevice', heads: [], ...each, recovery: undefined }) as const),
    ...remove.map((each) => ({ kind: 'removeDevice', heads: [], device: each, recovery: undefined }) as const),
  ]
  let prev: EntryId | undefined
  return operations.map((bare, at): Run => {
    const operation = { ...bare, heads: prev === undefined ? heads : [{ scope: person, id: prev }] }
    const seq = at + 1
    const place = { device, generation, seq }
    const isRotation = operation.kind === 'rotateRecovery'
    const recovery = signBytes(isRotation ? wish.recoveryKey : nextKey, recoveryMessage(person, operation, place))
    const payload = encodeOperation(
      isRotation
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
