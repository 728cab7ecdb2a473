/** The logs of the persons whom a group's operations name: which devices they had in what an operation has seen. */

import type { CausalIndex } from './causal-index.ts'
import { causalPast } from './causality.ts'
import type { DeviceId, EntryId, PersonId } from './ids.ts'
import type { LoggedOperation } from './logged-operation.ts'
import type { Head } from './operation-parts.ts'
import { joinedItself } from './person-proofs.ts'
import { reducePerson, type PersonState } from './roster.ts'

/** What is true now, of all that is known; a number is what that operation has seen. */
export type Context = number | undefined

/** A person's devices at some heads. */
interface Devices {
  readonly present: ReadonlySet<DeviceId>
  /** Also those that were removed, or whose addition counts for nothing. */
  readonly named: ReadonlySet<DeviceId>
  /** The operations of the person's log that were seen. */
  readonly past: ReadonlySet<EntryId>
}

interface Mention {
  readonly by: number
  readonly head: Head
}

const nobody: Devices = { present: new Set(), named: new Set(), past: new Set() }

/** Devices that agreed to belong, whether or not that counts: whoever only names the device of somebody else has no right over it. */
const namedIn = (person: PersonId, operations: readonly LoggedOperation[]): Set<DeviceId> =>
  new Set(
    operations.flatMap((each) => {
      const { id, operation } = each
      if (operation?.kind === 'createPerson') return (id as string) === person ? [operation.record.device] : []
      const isNamed = operation?.kind === 'addDevice' && joinedItself(person, each, operation)
      return isNamed ? [operation.record.device] : []
    }),
  )

const causesOf = ({ header, operation }: LoggedOperation): EntryId[] => [
  ...(header.prev === undefined ? [] : [header.prev]),
  ...(operation?.heads ?? []).map(({ id }) => id),
]

export class GroupPeople {
  readonly #index: CausalIndex
  readonly #logs = new Map<PersonId, Map<EntryId, LoggedOperation>>()
  readonly #states = new Map<PersonId, PersonState>()
  readonly #atHeads = new Map<string, Devices>()
  readonly #claims = new Map<DeviceId, Set<PersonId>>()
  readonly #mentions = new Map<PersonId, Mention[]>()
  /** What operations of a log name and that is not here. */
  readonly #gaps = new Set<EntryId>()

  constructor(index: CausalIndex) {
    this.#index = index
  }

  /**
   * Takes in a person's log, or what is new of it; returns the ids that were not known. `fillsGap`: something that was judged
   * before rested on a part of it, so everything is to be judged again.
   */
  learn(person: PersonId, operations: readonly LoggedOperation[]): { ids: EntryId[]; fillsGap: boolean } {
    const log = this.#logs.get(person) ?? new Map<EntryId, LoggedOperation>()
    this.#logs.set(person, log)
    const fresh = operations.filter(({ scope, id }) => scope === person && !log.has(id))
    for (const each of fresh) log.set(each.id, each)
    for (const device of namedIn(person, fresh)) {
      this.#claims.set(device, (this.#claims.get(device) ?? new Set()).add(person))
    }
    const fillsGap = fresh.some(({ id }) => this.#gaps.delete(id))
    for (const id of fresh.flatMap(causesOf)) if (!log.has(id)) this.#gaps.add(id)
    if (fresh.length > 0) this.#states.delete(person)
    return { ids: fresh.map(({ id }) => id), fillsGap }
  }

  /** The logs as they were learnt. */
  logs(): Map<PersonId, LoggedOperation[]> {
    return new Map([...this.#logs].map(([person, log]) => [person, [...log.values()]]))
  }

  knows({ scope, id }: Head): boolean {
    return this.#logs.get(scope as PersonId)?.has(id) ?? false
  }

  /** The operation `by`, which is in the index, names these heads. */
  mention(by: number, heads: readonly Head[]): void {
    for (const head of heads) {
      const person = head.scope as PersonId
      if (!this.#logs.has(person)) continue
      const mentions = this.#mentions.get(person) ?? []
      this.#mentions.set(person, mentions)
      const isNew = !mentions.some((each) => each.head.id === head.id && this.#index.hasSeen(by, each.by))
      if (isNew) mentions.push({ by, head })
    }
  }

  /** The devices that belong now, as the whole log says. */
  present(person: PersonId): PersonState {
    let state = this.#states.get(person)
    if (state === undefined) {
      state = reducePerson(person, [...(this.#logs.get(person)?.values() ?? [])])
      this.#states.set(person, state)
    }
    return state
  }

  /** Whether an operation has seen all that took devices away from a person, as far as it counts now. */
  seesEndings(person: PersonId, context: Context): boolean {
    const { endings } = this.present(person)
    if (endings.length === 0) return true
    const { past } = this.#at(person, context)
    return endings.every((each) => past.has(each))
  }

  /** The devices that belonged in what an operation had seen. */
  devicesAt(person: PersonId, context: Context): ReadonlySet<DeviceId> {
    return this.#at(person, context).present
  }

  /** Whether a device was said to belong, and did not, in what an operation had seen. */
  isGoneAt(person: PersonId, device: DeviceId, context: Context): boolean {
    const { present, named } = this.#at(person, context)
    return named.has(device) && !present.has(device)
  }

  /** The persons who were said to have a device, in what an operation had seen. */
  ownersAt(device: DeviceId, context: Context): PersonId[] {
    return [...(this.#claims.get(device) ?? [])].filter((person) => this.#at(person, context).named.has(device))
  }

  /** Whom a device speaks for in what an operation had seen: of several that it let name it, the lowest id. */
  personAt(device: DeviceId, context: Context): PersonId | undefined {
    return [...(this.#claims.get(device) ?? [])]
      .filter((person) => this.devicesAt(person, context).has(device))
      .toSorted()[0]
  }

  /** Whom a device belongs to now, as the whole logs say: of several the lowest id. */
  personOf(device: DeviceId): PersonId | undefined {
    return this.claimantsOf(device).toSorted()[0]
  }

  /** Everybody to whom a device belongs now, as their logs say. */
  claimantsOf(device: DeviceId): PersonId[] {
    return [...(this.#claims.get(device) ?? [])].filter((person) => this.present(person).devices.has(device))
  }

  /** The newest operations of a person's log that no operation of the group names yet. */
  unnamedHeads(person: PersonId): Head[] {
    const named = new Set(this.#mentions.get(person)?.map(({ head }) => head.id))
    return this.present(person).heads.filter(({ id }) => !named.has(id))
  }

  #at(person: PersonId, context: Context): Devices {
    const mentions = this.#mentions.get(person) ?? []
    const isSeen = ({ by }: Mention): boolean =>
      context === undefined || by === context || this.#index.hasSeen(context, by)
    const heads = mentions.filter(isSeen).map(({ head }) => head.id as string)
    if (heads.length === 0) return nobody
    const key = [...new Set(heads)].toSorted().join()
    let found = this.#atHeads.get(key)
    if (found === undefined) {
      found = this.#reduceAt(person, heads as EntryId[])
      this.#atHeads.set(key, found)
    }
    return found
  }

  #reduceAt(person: PersonId, heads: readonly EntryId[]): Devices {
    const log = this.#logs.get(person) ?? new Map<EntryId, LoggedOperation>()
    const past = causalPast(log, heads)
    const seen = [...log.values()].filter(({ id }) => past.has(id))
    return { present: new Set(reducePerson(person, seen).devices.keys()), named: namedIn(person, seen), past }
  }
}
