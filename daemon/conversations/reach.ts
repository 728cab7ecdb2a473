/** How far one feed of the owner's has come among those who belong: watermarks, never a row for each message. */

import type { DeviceId, EpochId, PersonId } from '../../protocol/ids.ts'
import type { Range } from '../../protocol/vector.ts'
import type { People } from './people.ts'
import type { FeedState, ScopeState } from './scope-state.ts'
import { Watermarks } from './watermarks.ts'

/** Others who joined, with their devices, removed ones too; and every device that belongs but this one, the owner's others too. */
export interface Circle {
  readonly persons: ReadonlyMap<PersonId, readonly DeviceId[]>
  readonly devices: ReadonlySet<DeviceId>
}

/** The last number up to which nothing is lacking. */
export const upTo = (ranges: readonly Range[] | undefined): number => (ranges?.[0]?.[0] === 1 ? ranges[0][1] : 0)

export interface Own {
  readonly device: DeviceId
  readonly person: PersonId
}

/** Changes when somebody comes or goes. */
const stampOf = (people: People, scope: ScopeState): unknown =>
  scope.record.kind === 'group' ? people.versionOf(scope) : people.rosterOf(scope)

/** Who belongs to each conversation, worked out once for each state of its roster. */
export class Circles {
  readonly #people: People
  readonly #own: Own
  readonly #known = new WeakMap<ScopeState, { readonly stamp: unknown; readonly circle: Circle }>()
  readonly #meant = new WeakMap<Circle, Map<EpochId, Circle>>()

  constructor(people: People, own: Own) {
    this.#people = people
    this.#own = own
  }

  /** The same object while nobody comes or goes. */
  of(scope: ScopeState): Circle {
    const stamp = stampOf(this.#people, scope)
    const known = this.#known.get(scope)
    if (known !== undefined && known.stamp === stamp) return known.circle
    const { members, devices } = this.#people.rosterOf(scope)
    const others = new Set([...devices].filter((device) => device !== this.#own.device))
    const persons = new Map<PersonId, DeviceId[]>()
    for (const { person, state } of members.values()) {
      if (state !== 'joined' || person === this.#own.person) continue
      const log = this.#people.stateOf(person)
      persons.set(person, [...log.devices.keys(), ...log.removed])
    }
    const circle = { persons, devices: others }
    this.#known.set(scope, { stamp, circle })
    return circle
  }

  /** Those of them whom a message under this epoch was meant for: who joined later may not read it everywhere. */
  meantFor(scope: ScopeState, epoch: EpochId | undefined): Circle {
    const circle = this.of(scope)
    if (scope.record.kind !== 'group' || epoch === undefined) return circle
    const { roster } = this.#people.groupOf(scope)
    if (roster.settings.history === 'everything' || !roster.epochs.has(epoch)) return circle
    const byEpoch = this.#meant.get(circle) ?? new Map<EpochId, Circle>()
    this.#meant.set(circle, byEpoch)
    let meant = byEpoch.get(epoch)
    if (meant === undefined) {
      const may = (device: DeviceId): boolean => roster.mayHaveKey(device, epoch)
      const persons = [...circle.persons].filter(([, devices]) => devices.some(may))
      const isAll = persons.length === circle.persons.size
      meant = isAll ? circle : { persons: new Map(persons), devices: new Set([...circle.devices].filter(may)) }
      byEpoch.set(epoch, meant)
    }
    return meant
  }
}

/** One feed, as long as its circle stays. */
export class Reach {
  readonly circle: Circle
  /** Of devices, and of persons by their furthest device. */
  readonly held = new Watermarks()
  readonly delivered = new Watermarks()
  readonly read = new Watermarks()
  readonly #tops = new Map<DeviceId, number>()
  readonly #reached = new Map<PersonId, number>()
  readonly #reads = new Map<PersonId, number>()
  readonly #persons = new Map<DeviceId, PersonId>()

  constructor(circle: Circle, feed: FeedState, readUpTo: (person: PersonId) => number) {
    this.circle = circle
    for (const device of circle.devices) {
      const top = upTo(feed.holders.get(device))
      this.#tops.set(device, top)
      this.held.add(top)
    }
    for (const [person, devices] of circle.persons) {
      for (const device of devices) this.#persons.set(device, person)
      const top = Math.max(0, ...devices.map((device) => upTo(feed.holders.get(device))))
      this.#reached.set(person, top)
      this.delivered.add(top)
      const read = Math.min(top, readUpTo(person))
      this.#reads.set(person, read)
      this.read.add(read)
    }
  }

  /** A device holds more. The other person whose it is, if there is one. */
  raise(device: DeviceId, top: number): PersonId | undefined {
    const before = this.#tops.get(device)
    if (before === undefined) return undefined
    if (top > before) {
      this.#tops.set(device, top)
      this.held.move(before, top)
    }
    const person = this.#persons.get(device)
    if (person === undefined) return undefined
    const reached = this.#reached.get(person) ?? 0
    if (top > reached) {
      this.#reached.set(person, top)
      this.delivered.move(reached, top)
    }
    return person
  }

  /** A person has read up to here, as far as they have it. */
  raiseRead(person: PersonId, seq: number): boolean {
    const before = this.#reads.get(person)
    const after = Math.min(seq, this.#reached.get(person) ?? 0)
    if (before === undefined || after <= before) return false
    this.#reads.set(person, after)
    this.read.move(before, after)
    return true
  }
}
