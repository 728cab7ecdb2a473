/**
 * What a device takes into the log of a person, of what others bring. Each has room of its own: every device of the person, all of them
 * between two rotations of the recovery key, and the recovery key, which nobody else can use up; a removal that makes a difference has
 * room while any is left. What is taken beyond what counts is so little that nobody needs to agree on it.
 */

import type { DeviceId, EntryId, PersonId } from './ids.ts'
import { limits } from './limits.ts'
import type { LoggedOperation } from './logged-operation.ts'
import { isByDevice } from './person-eras.ts'
import { PersonRules } from './person-rules.ts'
import { isByRecovery, isClaim } from './recovery-rules.ts'

export interface Room {
  readonly taken: ReadonlySet<EntryId>
  /** Whether there was something by nobody who may write here. */
  readonly isForeign: boolean
}

/** Of what is brought, what is taken beside what is held. */
export function roomFor(person: PersonId, held: readonly LoggedOperation[], brought: readonly LoggedOperation[]): Room {
  const ids = new Set(held.map(({ id }) => id))
  const news = brought.filter(({ id, header }) => !ids.has(id) && header.payloadLength <= limits.personOperationBytes)
  let isForeign = false
  // What counted only by something that is not taken does not count: so until nothing falls any more.
  for (let kept = news; ;) {
    const room = new Places(person, held, kept)
    isForeign ||= room.isForeign
    if (room.taken.size === kept.length) return { taken: room.taken, isForeign }
    kept = kept.filter(({ id }) => room.taken.has(id))
  }
}

/** Whether a device may write one more operation that adds a device, or says where it went on. */
export function hasRoom(person: PersonId, held: readonly LoggedOperation[], device: DeviceId): boolean {
  const own = held.filter(isByDevice)
  const rules = new PersonRules(person, held)
  const now = rules.recoveryKeys().chain.length - 1
  const written = own.filter(({ id }) => rules.eras.of(rules.order.numberOf(id) ?? -1) === now)
  const mine = written.filter(({ header }) => header.device === device)
  return (
    own.length < limits.personDevicesOperations &&
    written.length < limits.personEraOperations &&
    mine.length < limits.personDeviceOperations
  )
}

/** Numbers by name. */
class Counts {
  readonly #counts = new Map<string, number>()

  of(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  add(...names: readonly string[]): void {
    for (const name of names) this.#counts.set(name, this.of(name) + 1)
  }
}

class Places {
  readonly taken = new Set<EntryId>()
  isForeign = false
  readonly #person: PersonId
  readonly #rules: PersonRules
  readonly #counts = new Counts()
  readonly #removals: { readonly logged: LoggedOperation; readonly number: number; readonly victim: DeviceId }[] = []
  /** By number, the rotation away from which key it is. */
  readonly #steps: ReadonlyMap<number, number>

  constructor(person: PersonId, held: readonly LoggedOperation[], kept: readonly LoggedOperation[]) {
    this.#person = person
    this.#rules = new PersonRules(person, [...held, ...kept])
    const { rotations } = this.#rules.recoveryKeys()
    this.#steps = new Map(rotations.flatMap((each, step) => each.map((number) => [number, step] as const)))
    const ids = new Set(kept.map(({ id }) => id))
    const { operations } = this.#rules.order
    for (const [number, each] of operations.entries())
      if (!ids.has(each.id)) this.#counts.add(...this.#namesOf(number, each))
    for (const [number, each] of operations.entries()) if (ids.has(each.id)) this.#look(number, each)
    if (this.#removals.length > 0) this.#lookAgain([...held, ...kept])
  }

  /** What an operation counts as. */
  #namesOf(number: number, logged: LoggedOperation): readonly string[] {
    if (isByDevice(logged)) {
      const era = this.#rules.eras.of(number)
      return ['device', `era ${era}`, `era ${era} ${logged.header.device}`]
    }
    if (!isClaim(logged)) return []
    const step = this.#steps.get(number)
    const rotations = step === undefined ? [] : [`rotations ${step}`]
    return this.#rules.counts(number) ? ['recovery', ...rotations] : ['outdated', ...rotations]
  }

  #take(number: number, logged: LoggedOperation): void {
    this.taken.add(logged.id)
    this.#counts.add(...this.#namesOf(number, logged))
  }

  #look(number: number, logged: LoggedOperation): void {
    const { header, id, operation } = logged
    if (isClaim(logged)) return this.#lookAtClaim(number, logged)
    if (operation?.kind === 'createPerson') {
      if ((id as string) === (this.#person as string)) this.#take(number, logged)
      else this.isForeign = true
      return
    }
    if (!this.#rules.hasBelonged(header.device)) {
      this.isForeign = true
      return
    }
    const [all = '', era = '', own = ''] = this.#namesOf(number, logged)
    const hasRoom =
      this.#counts.of(all) < limits.personDevicesOperations &&
      this.#counts.of(era) < limits.personEraOperations &&
      this.#counts.of(own) < limits.personDeviceOperations
    if (hasRoom) this.#take(number, logged)
    else if (operation?.kind === 'removeDevice') this.#removals.push({ logged, number, victim: operation.device })
  }

  #lookAtClaim(number: number, logged: LoggedOperation): void {
    const step = this.#steps.get(number)
    const rotations = step === undefined ? 0 : this.#counts.of(`rotations ${step}`)
    if (this.#rules.counts(number)) {
      if (this.#counts.of('recovery') < limits.personRecoveries && rotations < limits.personRotations)
        this.#take(number, logged)
      return
    }
    if (!isByRecovery(this.#person, this.#rules.recoveryKeys().keys, logged)) {
      this.isForeign = true
      return
    }
    if (this.#counts.of('outdated') < limits.personOutdated && rotations < limits.personRivals)
      this.#take(number, logged)
  }

  /** Removals for which there is no room: taken if the device would stand without them. */
  #lookAgain(all: readonly LoggedOperation[]): void {
    const late = new Set(this.#removals.map(({ logged }) => logged.id))
    const standing = new PersonRules(
      this.#person,
      all.filter(({ id }) => !late.has(id)),
    ).devices()
    for (const { logged, number, victim } of this.#removals) {
      if (!standing.has(victim) || !this.#rules.counts(number)) continue
      if (this.#counts.of('device') >= limits.personRemovals || this.#counts.of(victim) >= mostOfOne) continue
      this.#counts.add(victim)
      this.#take(number, logged)
    }
  }
}

/** Removals of one device that are taken at a time, beyond what there is room for. */
const mostOfOne = 2
