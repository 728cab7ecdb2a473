/** A large group as its operations travel: signed entries of many members, each upon the one before. */

import { publicBytes, sha256, signBytes, signingKeyFromSeed, type SigningKey } from '../../protocol/crypto.ts'
import { entryVersion, kinds, lanes, sealHeader, signEntry, type SealedHeader } from '../../protocol/entry.ts'
import { epochCommitment, epochIdFor } from '../../protocol/epoch.ts'
import {
  deviceIdOf,
  generationOf,
  type ConversationId,
  type DeviceId,
  type PersonId,
  type Scope,
} from '../../protocol/ids.ts'
import { beginMessage } from '../../protocol/operation-proofs.ts'
import { encodeOperation, type Head, type Operation, type Role, type Setting } from '../../protocol/operation.ts'

export interface SignedEntry {
  readonly sealed: SealedHeader
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

export interface CrowdMember {
  readonly key: SigningKey
  readonly device: DeviceId
  readonly person: PersonId
  readonly log: SignedEntry
}

export interface CrowdOptions {
  readonly fromMs?: number
  readonly policy?: readonly Setting[]
}

type Bare = Operation extends infer Each ? (Each extends unknown ? Omit<Each, 'heads'> : never) : never

const bytesOf = (text: string): Uint8Array => sha256(new TextEncoder().encode(text))
const headOf = ({ sealed: { id } }: SignedEntry, scope: Scope): Head => ({ scope, id })

export class Crowd {
  readonly members: readonly CrowdMember[]
  readonly entries: SignedEntry[] = []
  readonly scope: ConversationId
  readonly #fromMs: number
  #made = 0

  /** `fromMs`: when its first entry was written, by the clock of whoever wrote it. */
  constructor(count: number, { fromMs = 1_800_000_000_000, policy = [] }: CrowdOptions = {}) {
    this.#fromMs = fromMs
    this.members = Array.from({ length: count }, (_, at) => this.#person(at))
    const { founder } = this
    const create = { kind: 'createGroup', nonce: bytesOf('group'), founder: founder.person, policy } as const
    const first = this.#write(founder, undefined, {
      ...create,
      minVersion: 1,
      heads: [headOf(founder.log, founder.person)],
    })
    this.scope = first.sealed.id as string as ConversationId
    this.entries.push(first)
    for (const each of this.members.slice(1)) this.join(each, 'member')
  }

  /** Somebody is added, and accepts. */
  join(who: CrowdMember, role: Role): void {
    this.post(this.founder, { kind: 'add', person: who.person, role })
    this.post(who, { kind: 'accept' })
  }

  get founder(): CrowdMember {
    return this.#at(0)
  }

  /** Throws a RangeError beyond the last. */
  #at(number: number): CrowdMember {
    const found = this.members[number]
    if (found === undefined) throw new RangeError('no such member')
    return found
  }

  #person(number: number): CrowdMember {
    const key = signingKeyFromSeed(bytesOf(`device ${number}`))
    const device = deviceIdOf(publicBytes(key))
    const recovery = signingKeyFromSeed(bytesOf('recovery'))
    const recoveryKey = publicBytes(recovery)
    const record = { device, deviceClass: 'desktop' } as const
    const nonce = bytesOf(`person ${number}`)
    const proof = signBytes(recovery, beginMessage(device, nonce))
    const create = { kind: 'createPerson', heads: [], record, nonce, recoveryKey, proof } as const
    const log = this.#write({ key, device }, undefined, create)
    return { key, device, person: log.sealed.id as string as PersonId, log }
  }

  /** An operation upon the newest; an author who was not heard before names their own log. */
  post(by: CrowdMember, bare: Bare): SignedEntry {
    const named = bare.kind === 'accept' ? [headOf(by.log, by.person)] : []
    const heads = [...this.entries.slice(-1).map((each) => headOf(each, this.scope)), ...named]
    const entry = this.#write(by, this.scope, { ...bare, heads })
    this.entries.push(entry)
    return entry
  }

  /** What happens in a group from day to day: of six, two names, two changes of a role, an epoch, an end of nothing. */
  live(): SignedEntry {
    const { founder } = this
    const at = this.#made
    const someone = this.#at(1 + (at % (this.members.length - 1)))
    const turn = at % 6
    if (turn < 2) return this.post(founder, { kind: 'settings', settings: [['name', `Crowd ${at}`]], cutOffs: [] })
    if (turn === 2) return this.post(founder, { kind: 'setRole', person: someone.person, role: 'admin', cutOffs: [] })
    if (turn === 3) {
      const before = this.#at(1 + ((at - 1) % (this.members.length - 1)))
      return this.post(founder, { kind: 'setRole', person: before.person, role: 'member', cutOffs: [] })
    }
    return turn === 4 ? this.mint(someone) : this.post(someone, { kind: 'cutOff', cutOffs: [] })
  }

  mint(by: CrowdMember, key: Uint8Array = bytesOf(`key ${this.#made}`)): SignedEntry {
    const commitment = epochCommitment(key)
    const epoch = epochIdFor(this.scope, [], commitment)
    return this.post(by, { kind: 'epoch', epoch, parents: [], commitment, parentKeys: [] })
  }

  #write(by: Pick<CrowdMember, 'key' | 'device'>, scope: Scope | undefined, operation: Operation): SignedEntry {
    this.#made += 1
    const payload = encodeOperation(operation)
    const sealed = sealHeader({
      version: entryVersion,
      lane: lanes.roster,
      scope,
      device: by.device,
      generation: generationOf(bytesOf(`generation ${this.#made}`).slice(0, 8)),
      seq: 1,
      prev: undefined,
      hlc: { wallMs: this.#fromMs + this.#made, count: 0 },
      kind: kinds[operation.kind],
      epoch: undefined,
      lifetime: 0,
      payloadHash: sha256(payload),
      payloadLength: payload.length,
      extension: [],
    })
    return { sealed, payload, signature: signEntry(by.key, sealed.id) }
  }
}
