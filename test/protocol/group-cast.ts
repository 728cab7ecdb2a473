/** People of a group and what they do in it, with or without knowledge of each other. */

import { publicBytes, sha256, signBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import { entryVersion, kinds, lanes, sealHeader } from '../../protocol/entry.ts'
import { epochCommitment, epochIdFor } from '../../protocol/epoch.ts'
import { signConsent, type Wanted } from '../../protocol/group-consent.ts'
import { GroupRoster } from '../../protocol/group-roster.ts'
import {
  deviceIdOf,
  entryIdOf,
  generationOf,
  type ConversationId,
  type DeviceId,
  type EntryId,
  type PersonId,
} from '../../protocol/ids.ts'
import { loggedOperation, type LoggedOperation } from '../../protocol/logged-operation.ts'
import { inviteMessage } from '../../protocol/operation-proofs.ts'
import {
  encodeOperation,
  type CutOff,
  type Head,
  type Operation,
  type Role,
  type Setting,
} from '../../protocol/operation.ts'
import { actor, fill, generation, PersonLog, type Actor } from './cast.ts'

export type Bare = Operation extends infer Each ? (Each extends unknown ? Omit<Each, 'heads'> : never) : never

/** A device that is no other number's, up to 65,536. */
export function crowdActor(number: number): Actor {
  const key = signingKeyFromSeed(bytesOf(number, 32))
  return { key, device: deviceIdOf(publicBytes(key)) }
}

/** A person with a first device. */
export interface Someone {
  readonly device: Actor
  readonly log: PersonLog
  readonly person: PersonId
}

/** Of `number` all are different, up to 65,536. */
export function someone(number: number): Someone {
  const device = number < 200 ? actor(number) : crowdActor(number)
  const log = new PersonLog(device, number & 255)
  return { device, log, person: log.person }
}

/** The end of a feed of somebody's first device. */
export const end = ({ device }: Pick<Someone, 'device'>, last?: number, of = generation): CutOff => ({
  device: device.device,
  generation: of,
  last: last === undefined ? undefined : entryIdAt(last),
})

/** Some message entry. */
export const entryIdAt = (number: number): EntryId => entryIdOf(fill(number))

/** Bytes that are no other call's. */
const bytesOf = (number: number, length: number): Uint8Array =>
  sha256(Uint8Array.of(number & 255, (number >> 8) & 255, (number >> 16) & 255)).slice(0, length)

/** How somebody asked to be let in. */
export interface Asked {
  readonly from?: Actor
  readonly askedAt?: number
  /** What was signed, where it is not what is claimed; and by whom. */
  readonly changes?: Partial<Wanted>
  readonly signer?: Actor
}

const firstMs = 1_800_000_000_000

/** A group as its operations are made. `seen`: what an author had seen; by default everything. */
export class GroupStory {
  readonly people: Someone[]
  readonly operations: LoggedOperation[] = []
  readonly scope: ConversationId
  readonly create: LoggedOperation
  readonly #tops = new Map<DeviceId, LoggedOperation>()
  #made = 0

  /** `claimed`: whom the operation that makes it names as its founder. */
  constructor(
    founder: Someone,
    people: readonly Someone[] = [],
    policy: readonly Setting[] = [],
    claimed: Someone = founder,
  ) {
    this.people = [founder, ...people]
    const create = { kind: 'createGroup', nonce: fill(1), founder: claimed.person, policy, minVersion: 1 } as const
    this.create = this.#write(founder.device, create, this.#logsFor(founder.device, create), undefined)
    this.scope = this.create.id as string as ConversationId
  }

  /** Their log is here from now on: nobody comes in of whom nothing is known. */
  know(who: Someone): Someone {
    this.people.push(who)
    return who
  }

  /** Adds people who accept at once. */
  join(by: Someone, ...newcomers: readonly (readonly [Someone, Role])[]): this {
    for (const [who, role] of newcomers) {
      this.post(by, { kind: 'add', person: who.person, role })
      this.post(who, { kind: 'accept' })
    }
    return this
  }

  post(by: Someone, operation: Bare, seen?: readonly LoggedOperation[]): LoggedOperation {
    return this.postFrom(by.device, operation, seen)
  }

  /** `known`: what the author knows of the logs of persons; by default all of their own and of whom it concerns. */
  postFrom(device: Actor, operation: Bare, seen?: readonly Head[], known?: readonly Head[]): LoggedOperation {
    const heads = [...(seen ?? this.tips), ...(known ?? this.#logsFor(device, operation))]
    return this.#write(device, operation, heads, this.scope, seen === undefined)
  }

  #logsFor(device: Actor, bare: Bare): LoggedOperation[] {
    const logs = this.people.filter(
      ({ log, person }) => hasDevice(log, device) || ('person' in bare && bare.person === person),
    )
    return logs.flatMap(({ log }) => log.operations)
  }

  /** The newest operations: no other has seen them. */
  get tips(): LoggedOperation[] {
    const seen = new Set(
      this.operations.flatMap(({ header, operation }) => [
        header.prev,
        ...(operation?.heads ?? []).map(({ id }) => id),
      ]),
    )
    return this.operations.filter(({ id }) => !seen.has(id))
  }

  mint(by: Someone, key = (this.#made += 1), seen?: readonly LoggedOperation[]): LoggedOperation {
    const commitment = epochCommitment(bytesOf(key, 32))
    const epoch = epochIdFor(this.scope, [], commitment)
    return this.post(by, { kind: 'epoch', epoch, parents: [], commitment, parentKeys: [] }, seen)
  }

  invite(
    by: Someone,
    changes: Partial<Extract<Operation, { kind: 'invite' }>> = {},
    key = actor(250),
  ): LoggedOperation {
    const inviteKey = publicBytes(key.key)
    return this.post(by, { kind: 'invite', inviteKey, role: 'member', uses: 0, expiresAt: 0, ...changes })
  }

  admit(
    by: Someone,
    who: Someone,
    invite: LoggedOperation,
    seen?: readonly LoggedOperation[],
    key = actor(250),
  ): LoggedOperation {
    return this.post(by, this.#admission(who, invite, key, {}), seen)
  }

  /** Lets somebody in who asked from a device and at a time of the caller's choice: by default of theirs, and now. */
  admitAs(by: Someone, who: Someone, invite: LoggedOperation, asked: Asked, seen?: readonly LoggedOperation[]) {
    return this.post(by, this.#admission(who, invite, actor(250), asked), seen)
  }

  /** The time of the newest operation. */
  get newestMs(): number {
    return firstMs + this.#made
  }

  #admission({ person, device }: Someone, invite: LoggedOperation, key: Actor, asked: Asked): Bare {
    const { from = device, askedAt = this.newestMs + 1, changes = {}, signer = from } = asked
    const proof = signBytes(key.key, inviteMessage(invite.id, person))
    const wanted = { group: this.scope, invite: invite.id, person, ...changes }
    const consent = signConsent(wanted, from.device, askedAt, signer.key)
    return { kind: 'admit', person, invite: invite.id, proof, consent }
  }

  /** The roster of all operations, or of some in some order. */
  roster(operations: readonly LoggedOperation[] = this.operations): GroupRoster {
    const roster = new GroupRoster(this.scope)
    for (const { person, log } of this.people) roster.learn(person, log.operations)
    roster.take(operations)
    return roster
  }

  #write(
    by: Actor,
    bare: Bare,
    seen: readonly Head[],
    scope: ConversationId | undefined,
    goesOn = true,
  ): LoggedOperation {
    this.#made += 1
    const below = goesOn ? this.#tops.get(by.device) : undefined
    const heads = seen.map(({ scope: of, id }) => ({ scope: of, id }))
    const payload = encodeOperation({ ...bare, heads })
    const header = sealHeader({
      version: entryVersion,
      lane: lanes.roster,
      scope,
      device: by.device,
      generation: below?.header.generation ?? (scope === undefined ? generation : generationOf(bytesOf(this.#made, 8))),
      seq: (below?.header.seq ?? 0) + 1,
      prev: below?.id,
      hlc: { wallMs: this.newestMs, count: 0 },
      kind: kinds[bare.kind],
      epoch: undefined,
      lifetime: 0,
      payloadHash: sha256(payload),
      payloadLength: payload.length,
      extension: [],
    })
    const logged = loggedOperation(header, payload)
    if (goesOn) this.#tops.set(by.device, logged)
    this.operations.push(logged)
    return logged
  }
}

const hasDevice = ({ operations }: PersonLog, { device }: Actor): boolean =>
  operations.some(
    ({ operation }) =>
      (operation?.kind === 'createPerson' || operation?.kind === 'addDevice') && operation.record.device === device,
  )

const sorted = (values: Iterable<string>): string[] => [...values].toSorted()

/** Six persons with one device each. */
export const everyone = (): Record<'alice' | 'bob' | 'carol' | 'dave' | 'erin' | 'zed', Someone> => ({
  alice: someone(1),
  bob: someone(2),
  carol: someone(3),
  dave: someone(4),
  erin: someone(5),
  zed: someone(6),
})

export type Gardeners = ReturnType<typeof everyone> & {
  readonly story: GroupStory
  readonly seen: readonly LoggedOperation[]
}

/** Alice's group with Bob (owner), Carol (admin), Dave (member) and Erin (reader); Zed is outside. */
export function gardeners(policy: readonly Setting[] = []): Gardeners {
  const people = everyone()
  const { alice, bob, carol, dave, erin } = people
  const story = new GroupStory(alice, Object.values(people).slice(1), policy)
  story.join(alice, [bob, 'owner'], [carol, 'admin'], [dave, 'member'], [erin, 'reader'])
  return { ...people, story, seen: story.tips }
}

export const roleIn = (roster: GroupRoster, { person }: Someone): Role | 'invited' | undefined => {
  const member = roster.members.get(person)
  return member?.state === 'invited' ? 'invited' : member?.role
}
export const say = (settings: readonly Setting[]): Bare => ({ kind: 'settings', settings, cutOffs: [] })
export const out = ({ person }: Someone, ...cutOffs: CutOff[]): Bare => ({ kind: 'remove', person, cutOffs })
export const role = ({ person }: Someone, given: Role, ...cutOffs: CutOff[]): Bare => ({
  kind: 'setRole',
  person,
  role: given,
  cutOffs,
})
export const add = ({ person }: Someone, given: Role = 'member'): Bare => ({ kind: 'add', person, role: given })

/** All that a roster says, in an order of its own, for comparison. */
export function pictureOf(roster: GroupRoster): unknown {
  return {
    members: [...roster.members.values()].toSorted((a, b) => (a.person < b.person ? -1 : 1)),
    devices: sorted(roster.devices),
    posters: sorted(roster.posters),
    cutOffs: sorted(roster.cutOffs.map((each) => JSON.stringify(each))),
    epochs: sorted(
      [...roster.epochs.values()].map(({ epoch, mintedBy, recipients }) =>
        JSON.stringify([epoch, mintedBy, sorted(recipients)]),
      ),
    ),
    closed: roster.closed,
    heads: sorted(roster.heads.map(({ id }) => id)),
    root: roster.root,
    settings: roster.settings,
    invites: roster.invites.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  }
}
