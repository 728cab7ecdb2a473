/** What somebody writes into the log of a person with a device that they stole, and a program of their own. */

import { publicBytes, sha256, signBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import { entryVersion, kinds, lanes, sealHeader, signEntry } from '../../protocol/entry.ts'
import { deviceIdOf, generationOf, type EntryId, type PersonId } from '../../protocol/ids.ts'
import { counterMessage } from '../../protocol/operation-proofs.ts'
import { encodeOperation, type Head, type Operation } from '../../protocol/operation.ts'
import type { Run } from '../../protocol/run.ts'

/** One who writes operations, each behind the one before. */
class Hand {
  readonly #seed: Uint8Array
  readonly #person: PersonId
  readonly #generation = generationOf(new Uint8Array(8).fill(77))
  #seq = 0
  #prev: EntryId | undefined

  constructor(seed: Uint8Array, person: PersonId) {
    this.#seed = seed
    this.#person = person
  }

  write(operation: Operation): Run {
    const key = signingKeyFromSeed(this.#seed)
    const payload = encodeOperation(operation)
    this.#seq += 1
    const sealed = sealHeader({
      version: entryVersion,
      lane: lanes.roster,
      scope: this.#person,
      device: deviceIdOf(publicBytes(key)),
      generation: this.#generation,
      seq: this.#seq,
      prev: this.#prev,
      hlc: { wallMs: 1, count: this.#seq },
      kind: kinds[operation.kind],
      epoch: undefined,
      lifetime: 0,
      payloadHash: sha256(payload),
      payloadLength: payload.length,
      extension: [],
    })
    this.#prev = sealed.id
    return { signature: signEntry(key, sealed.id), entries: [{ sealed, slot: { is: 'held', payload, seconds: 0 } }] }
  }
}

const idOf = ({ entries }: Run): EntryId => entries[0]?.sealed.id as EntryId

/** `count` operations at least: devices that the stolen one adds, and what each of these removes. Causes come first. */
export function floodOf(seed: Uint8Array, person: PersonId, heads: readonly Head[], count: number): Run[] {
  const thief = new Hand(seed, person)
  const runs: Run[] = []
  const hands: { readonly hand: Hand; readonly seen: Head }[] = []
  for (let each = 0; runs.length < count; each += 1) {
    const added = sha256(new Uint8Array([each & 255, 5, each >> 8]))
    const key = signingKeyFromSeed(added)
    const device = deviceIdOf(publicBytes(key))
    if (each < 24) {
      const counterSignature = signBytes(key, counterMessage(person, device))
      const record = { device, deviceClass: 'desktop' } as const
      const run = thief.write({ kind: 'addDevice', heads, record, counterSignature, recovery: undefined })
      runs.push(run)
      hands.push({ hand: new Hand(added, person), seen: { scope: person, id: idOf(run) } })
    }
    for (const { hand, seen } of hands.slice(0, 8))
      runs.push(hand.write({ kind: 'removeDevice', heads: [seen], device, recovery: undefined }))
  }
  return runs
}
