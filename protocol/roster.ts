/**
 * Who belongs: the rules that every device computes alike from roster operations. Pure and order-free: the same set of
 * operations gives the same state in whatever order it came.
 */

import { verifyBytes, verifyKeyFromBytes } from './crypto.ts'
import type { DeviceRecord } from './device-record.ts'
import type { Header } from './entry.ts'
import { deviceBytes, type DeviceId, type EntryId, type EpochId, type PersonId, type Scope } from './ids.ts'
import {
  counterMessage,
  recoveryMessage,
  type CutOff,
  type Head,
  type Operation,
  type RecoverableOperation,
  type Role,
} from './operation.ts'

/** An operation whose entry, signature and payload were checked. `operation` is undefined if a newer Warren made it. */
export interface LoggedOperation {
  readonly scope: Scope
  readonly id: EntryId
  readonly header: Header
  readonly operation: Operation | undefined
}

export interface PersonState {
  readonly person: PersonId
  /** Devices that belong to the person now. */
  readonly devices: ReadonlyMap<DeviceId, DeviceRecord>
  /** Devices that once belonged. */
  readonly removed: ReadonlySet<DeviceId>
  readonly movedTo: PersonId | undefined
  /** The log's newest operations: no other operation has seen them. */
  readonly heads: readonly Head[]
}

export interface Member {
  readonly person: PersonId
  readonly role: Role
  readonly state: 'invited' | 'joined'
}

export interface EpochState {
  readonly epoch: EpochId
  readonly parents: readonly EpochId[]
  readonly commitment: Uint8Array
  /** The devices that belonged when it was minted, as its heads say. */
  readonly recipients: ReadonlySet<DeviceId>
  readonly mintedBy: DeviceId
  readonly header: Header
}

export interface RosterState {
  readonly members: ReadonlyMap<PersonId, Member>
  /** Devices of joined members: they may ask for keys and content. */
  readonly devices: ReadonlySet<DeviceId>
  /** Devices that may post now. */
  readonly posters: ReadonlySet<DeviceId>
  /** Where the feeds of devices end that lost the right to post; the union over all effective operations. */
  readonly cutOffs: readonly CutOff[]
  readonly epochs: ReadonlyMap<EpochId, EpochState>
  readonly closed: boolean
  readonly heads: readonly Head[]
}

/** The rules of one kind of conversation. `persons` holds the log of every person whom the operations name. */
export type RosterReducer = (
  operations: readonly LoggedOperation[],
  persons: ReadonlyMap<PersonId, readonly LoggedOperation[]>,
) => RosterState

/** Every operation that `from` has seen, directly or not, `from` included. Unknown ids are skipped. */
export function causalPast(operations: ReadonlyMap<EntryId, LoggedOperation>, from: Iterable<EntryId>): Set<EntryId> {
  const past = new Set<EntryId>()
  const open = [...from]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const each = operations.get(id)
    if (each === undefined || past.has(id)) continue
    past.add(id)
    if (each.header.prev !== undefined) open.push(each.header.prev)
    for (const head of each.operation?.heads ?? []) open.push(head.id)
  }
  return past
}

/** The operations that no other of them has seen. */
export function headsOf(operations: readonly LoggedOperation[]): Head[] {
  const seen = new Set<EntryId>()
  for (const { header, operation } of operations) {
    if (header.prev !== undefined) seen.add(header.prev)
    for (const head of operation?.heads ?? []) seen.add(head.id)
  }
  return operations.filter(({ id }) => !seen.has(id)).map(({ scope, id }) => ({ scope, id }))
}

const byId = (operations: readonly LoggedOperation[]): Map<EntryId, LoggedOperation> =>
  new Map(operations.map((each) => [each.id, each]))

type Devices = Map<DeviceId, DeviceRecord>

class PersonRules {
  readonly #person: PersonId
  readonly #all: ReadonlyMap<EntryId, LoggedOperation>
  readonly #pasts = new Map<EntryId, ReadonlySet<EntryId>>()
  readonly #allowed = new Map<EntryId, boolean>()

  constructor(person: PersonId, operations: readonly LoggedOperation[]) {
    this.#person = person
    this.#all = byId(operations)
  }

  /** Operations strictly before `id`. */
  #past(id: EntryId): ReadonlySet<EntryId> {
    let past = this.#pasts.get(id)
    if (past === undefined) {
      const own = causalPast(this.#all, [id])
      own.delete(id)
      this.#pasts.set(id, (past = own))
    }
    return past
  }

  /** The recovery key after the operations of `past`. */
  #recoveryKey(past: ReadonlySet<EntryId>): Uint8Array | undefined {
    let found: { key: Uint8Array; depth: number; id: EntryId } | undefined
    for (const id of past) {
      const operation = this.#all.get(id)?.operation
      if (operation?.kind !== 'createPerson' && operation?.kind !== 'rotateRecovery') continue
      if (!this.#isAllowed(id)) continue
      const depth = this.#past(id).size
      if (found === undefined || depth > found.depth || (depth === found.depth && id < found.id)) {
        found = { key: operation.recoveryKey, depth, id }
      }
    }
    return found?.key
  }

  #byRecovery(id: EntryId, operation: RecoverableOperation): boolean {
    const key = this.#recoveryKey(this.#past(id))
    if (operation.recovery === undefined || key === undefined) return false
    return verifyBytes(verifyKeyFromBytes(key), recoveryMessage(this.#person, operation), operation.recovery)
  }

  /** Whether an operation had the right to be made, judged by what it had seen. */
  #isAllowed(id: EntryId): boolean {
    let allowed = this.#allowed.get(id)
    if (allowed === undefined) {
      this.#allowed.set(id, false)
      allowed = this.#judge(id)
      this.#allowed.set(id, allowed)
    }
    return allowed
  }

  #judge(id: EntryId): boolean {
    const each = this.#all.get(id)
    if (each?.operation === undefined) return false
    const { operation, header } = each
    if (operation.kind === 'createPerson') {
      return (id as string) === (this.#person as string) && operation.record.device === header.device
    }
    const member = this.devicesAfter(this.#past(id)).has(header.device)
    switch (operation.kind) {
      case 'addDevice': {
        const { record, counterSignature } = operation
        const key = verifyKeyFromBytes(deviceBytes(record.device))
        return (
          verifyBytes(key, counterMessage(this.#person, record), counterSignature) &&
          (member || this.#byRecovery(id, operation))
        )
      }
      case 'removeDevice':
        return member || this.#byRecovery(id, operation)
      case 'rotateRecovery':
        return this.#byRecovery(id, operation)
      case 'movedTo':
        return member
      default:
        return false
    }
  }

  /** Effective removals among `past`. */
  #removals(past: ReadonlySet<EntryId>): { id: EntryId; device: DeviceId }[] {
    return [...past].flatMap((id) => {
      const operation = this.#all.get(id)?.operation
      return operation?.kind === 'removeDevice' && this.#isAllowed(id) ? [{ id, device: operation.device }] : []
    })
  }

  /** The operations among `past` that count: a removal voids what its victim did without having seen it. */
  #counting(past: ReadonlySet<EntryId>): LoggedOperation[] {
    const removals = this.#removals(past)
    return [...past].flatMap((id) => {
      const each = this.#all.get(id)
      if (each === undefined || !this.#isAllowed(id)) return []
      const { operation, header } = each
      const isVoid =
        operation?.kind !== 'removeDevice' &&
        !(operation !== undefined && 'recovery' in operation && operation.recovery !== undefined) &&
        removals.some((removal) => removal.device === header.device && !this.#past(removal.id).has(id))
      return isVoid ? [] : [each]
    })
  }

  devicesAfter(past: ReadonlySet<EntryId>): Devices {
    const devices: Devices = new Map()
    const removals = this.#removals(past)
    for (const { id, operation } of this.#counting(past)) {
      if (operation?.kind !== 'createPerson' && operation?.kind !== 'addDevice') continue
      const { record } = operation
      const gone = removals.some((removal) => removal.device === record.device && !this.#past(id).has(removal.id))
      if (!gone) devices.set(record.device, record)
    }
    return devices
  }

  removedAfter(past: ReadonlySet<EntryId>, devices: Devices): Set<DeviceId> {
    return new Set(this.#removals(past).flatMap(({ device }) => (devices.has(device) ? [] : [device])))
  }

  movedTo(past: ReadonlySet<EntryId>): PersonId | undefined {
    const moves = this.#counting(past).flatMap(({ id, operation }) =>
      operation?.kind === 'movedTo' ? [{ id, person: operation.person }] : [],
    )
    return moves.toSorted((a, b) => (a.id < b.id ? -1 : 1))[0]?.person
  }
}

/** The state of a person from their log. An operation without the right to be made counts for nothing. */
export function reducePerson(person: PersonId, operations: readonly LoggedOperation[]): PersonState {
  const rules = new PersonRules(person, operations)
  const all = new Set(operations.map(({ id }) => id))
  const devices = rules.devicesAfter(all)
  return {
    person,
    devices,
    removed: rules.removedAfter(all, devices),
    movedTo: rules.movedTo(all),
    heads: headsOf(operations),
  }
}

/** The devices that a person had after the operations that `heads` have seen. */
export function devicesAt(
  person: PersonId,
  operations: readonly LoggedOperation[],
  heads: readonly Head[],
): Set<DeviceId> {
  const past = causalPast(
    byId(operations),
    heads.filter(({ scope }) => scope === person).map(({ id }) => id),
  )
  return new Set(new PersonRules(person, operations).devicesAfter(past).keys())
}

/** The rules of `self` and `direct`: the persons are fixed, everyone is an owner, and epochs are the only operations. */
export function fixedRoster(people: readonly PersonId[]): RosterReducer {
  return (operations, persons) => {
    const logs = people.map((person) => [person, persons.get(person) ?? []] as const)
    const devices = new Set(logs.flatMap(([person, log]) => [...reducePerson(person, log).devices.keys()]))
    const everyone = new Set(
      logs.flatMap(([, log]) => log.flatMap(({ header }) => [header.device])).concat([...devices]),
    )
    const epochs = new Map<EpochId, EpochState>()
    for (const { header, operation } of operations) {
      if (operation?.kind !== 'epoch' || !everyone.has(header.device)) continue
      const recipients = new Set(logs.flatMap(([person, log]) => [...devicesAt(person, log, operation.heads)]))
      const { epoch, parents, commitment } = operation
      epochs.set(epoch, { epoch, parents, commitment, recipients, mintedBy: header.device, header })
    }
    return {
      members: new Map(people.map((person) => [person, { person, role: 'owner', state: 'joined' }])),
      devices,
      posters: devices,
      cutOffs: [],
      epochs,
      closed: false,
      heads: headsOf(operations),
    }
  }
}
