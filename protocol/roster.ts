/**
 * Who belongs: the rules that every device computes alike from roster operations. Pure and order-free: the same set of
 * operations gives the same state in whatever order it came.
 */

import { causalPast, headsOf } from './causality.ts'
import type { DeviceRecord } from './device-record.ts'
import type { Header } from './entry.ts'
import { epochIdFor } from './epoch.ts'
import type { DeviceId, EntryId, EpochId, PersonId } from './ids.ts'
import type { CutOff, Head, Role } from './operation.ts'
import type { LoggedOperation } from './logged-operation.ts'
import { PersonRules, type Move } from './person-rules.ts'

export interface PersonState {
  readonly person: PersonId
  /** Devices that belong to the person now. */
  readonly devices: ReadonlyMap<DeviceId, DeviceRecord>
  /** Devices that once belonged. */
  readonly removed: ReadonlySet<DeviceId>
  /** Where the person went on, if the one who is named there says so too; see Move. */
  readonly movedTo: Move | undefined
  /** All that say so, one of each device that still belongs, the one with the lowest id first. */
  readonly moves: readonly Move[]
  /** Operations that count and may have taken devices away: removals, and rotations of the recovery key. */
  readonly endings: readonly EntryId[]
  /** Operations that count by the recovery key, in no order: the devices need not have agreed to them. */
  readonly recoveries: readonly EntryId[]
  /** The public half of the recovery key that counts now, 32 bytes; empty if the log has no beginning. */
  readonly recoveryKey: Uint8Array
  /** It, those that it replaced, and those that lost against it. */
  readonly recoveryKeys: readonly Uint8Array[]
  /** The log's newest operations that count: no other that counts has seen them. */
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
  /** The devices that belonged when it was minted, as its heads say; of all operations that name it. */
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
  /** Whether a writer may use an epoch: all present devices are entitled to its key, and nobody else has ever been. */
  fits(epoch: EpochId): boolean
  readonly closed: boolean
  readonly heads: readonly Head[]
}

/** The rules of one kind of conversation. `persons` holds the log of every person whom the operations name. */
export type RosterReducer = (
  operations: readonly LoggedOperation[],
  persons: ReadonlyMap<PersonId, readonly LoggedOperation[]>,
) => RosterState

/** The state of a person from their log. An operation without the right to be made counts for nothing. */
export function reducePerson(person: PersonId, operations: readonly LoggedOperation[]): PersonState {
  const own = operations.filter(({ scope }) => scope === person)
  const rules = new PersonRules(person, own)
  const { key, keys } = rules.recoveryKeys()
  const moves = rules.moves()
  return {
    person,
    devices: rules.devices(),
    removed: rules.removed(),
    movedTo: moves[0],
    moves,
    endings: rules.endings(),
    recoveries: rules.recoveries(),
    recoveryKey: key,
    recoveryKeys: keys,
    heads: rules.heads(),
  }
}

/** What the next operation in a person's log names: see PersonRules.headsFor(). */
export const personHeads = (
  person: PersonId,
  operations: readonly LoggedOperation[],
  device: DeviceId | undefined,
): Head[] =>
  new PersonRules(
    person,
    operations.filter(({ scope }) => scope === person),
  ).headsFor(device)

export const areSame = (a: ReadonlySet<DeviceId>, b: ReadonlySet<DeviceId>): boolean =>
  a.size === b.size && [...a].every((each) => b.has(each))

/** The devices that a person had after the operations that `heads` have seen. */
export function devicesAt(
  person: PersonId,
  operations: readonly LoggedOperation[],
  heads: readonly Head[],
): Set<DeviceId> {
  const own = operations.filter(({ scope }) => scope === person)
  const past = pastOf(own, heads)
  const seen = own.filter(({ id }) => past.has(id))
  return new Set(new PersonRules(person, seen).devices().keys())
}

/** What of a person's log the operations at some heads have seen, with these. */
const pastOf = (own: readonly LoggedOperation[], heads: readonly Head[]): Set<EntryId> =>
  causalPast(
    new Map(own.map((each) => [each.id, each])),
    heads.map(({ id }) => id),
  )

/** The rules of `self` and `direct`: the persons are fixed and everyone is an owner. */
export function fixedRoster(people: readonly PersonId[]): RosterReducer {
  return (operations, persons) => {
    const logs = new Map(people.map((person) => [person, persons.get(person) ?? []]))
    const states = [...logs].map(([person, log]) => reducePerson(person, log))
    const devices = new Set(states.flatMap((state) => [...state.devices.keys()]))
    const recipients = recipientsOf(logs)
    const epochs = epochsOf(operations, recipients)
    return {
      members: new Map(people.map((person) => [person, { person, role: 'owner', state: 'joined' }])),
      devices,
      posters: devices,
      cutOffs: operations.flatMap((each) => cutOffsOf(each, states)),
      epochs,
      fits: (epoch) => {
        const named = epochs.get(epoch)
        return named !== undefined && areSame(named.recipients, devices) && seesEndings(named, states, logs)
      },
      closed: false,
      heads: headsOf(operations),
    }
  }
}

/** Whether all that name an epoch have seen what took devices away from the persons: those may hold any key from before. */
function seesEndings(
  { namedAt }: Named,
  states: readonly PersonState[],
  logs: ReadonlyMap<PersonId, readonly LoggedOperation[]>,
): boolean {
  return states.every(({ person, endings }) => {
    if (endings.length === 0) return true
    const log = logs.get(person) ?? []
    return namedAt.every((heads) => {
      const past = pastOf(log, heads)
      return endings.every((each) => past.has(each))
    })
  })
}

type Recipients = (heads: readonly Head[]) => ReadonlySet<DeviceId>

/** The devices of all these persons at some heads; most epochs were minted at the same few. */
function recipientsOf(logs: ReadonlyMap<PersonId, readonly LoggedOperation[]>): Recipients {
  const known = new Map<string, ReadonlySet<DeviceId>>()
  return (heads) => {
    const key = heads
      .filter(({ scope }) => logs.has(scope as PersonId))
      .map(({ id }) => id as string)
      .toSorted()
      .join()
    let found = known.get(key)
    if (found === undefined) {
      found = new Set([...logs].flatMap(([person, log]) => [...devicesAt(person, log, heads)]))
      known.set(key, found)
    }
    return found
  }
}

/** An epoch, with the heads of each operation that names it. */
interface Named extends EpochState {
  readonly namedAt: readonly (readonly Head[])[]
}

function epochsOf(operations: readonly LoggedOperation[], recipientsAt: Recipients): Map<EpochId, Named> {
  const epochs = new Map<EpochId, Named>()
  // In the order of ids, so that of several operations with one epoch the same speaks for it everywhere.
  for (const { scope, header, operation } of operations.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    if (operation?.kind !== 'epoch') continue
    const { epoch, parents, commitment, heads } = operation
    const recipients = recipientsAt(heads)
    if (!recipients.has(header.device) || epochIdFor(scope, parents, commitment) !== epoch) continue
    const known = epochs.get(epoch)
    // Whoever names an epoch again cannot take a recipient away from it, only spoil it for writers.
    if (known === undefined)
      epochs.set(epoch, { epoch, parents, commitment, recipients, mintedBy: header.device, header, namedAt: [heads] })
    else {
      const namedAt = [...known.namedAt, heads]
      epochs.set(epoch, { ...known, recipients: new Set([...known.recipients, ...recipients]), namedAt })
    }
  }
  return epochs
}

/** Where the feeds of a person's removed devices end, as another device of that person says. */
function cutOffsOf({ header, operation }: LoggedOperation, states: readonly PersonState[]): readonly CutOff[] {
  if (operation?.kind !== 'cutOff') return []
  const own = states.find(({ devices }) => devices.has(header.device))
  return operation.cutOffs.filter(({ device }) => own?.removed.has(device) ?? false)
}
