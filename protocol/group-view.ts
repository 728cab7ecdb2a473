/** Who belongs now, as it changes with each operation that counts: only what an operation concerns is looked at again. */

import { cutOffsOf } from './group-cut-offs.ts'
import { GroupEpochs } from './group-epochs.ts'
import { subjectOf, type GroupLog } from './group-log.ts'
import type { GroupStanding } from './group-standing.ts'
import type { DeviceId, PersonId } from './ids.ts'
import type { CutOff } from './operation-parts.ts'
import type { Member } from './roster.ts'

/** Devices of persons: one that two persons name stays until both have gone. */
class DeviceSet {
  readonly devices = new Set<DeviceId>()
  readonly #byPerson = new Map<PersonId, readonly DeviceId[]>()
  readonly #counts = new Map<DeviceId, number>()

  set(person: PersonId, devices: readonly DeviceId[]): void {
    for (const device of devices) this.#change(device, 1)
    for (const device of this.#byPerson.get(person) ?? []) this.#change(device, -1)
    this.#byPerson.set(person, devices)
  }

  #change(device: DeviceId, by: number): void {
    const count = (this.#counts.get(device) ?? 0) + by
    this.#counts.set(device, count)
    if (count === 0) this.devices.delete(device)
    else this.devices.add(device)
  }
}

export class GroupView {
  readonly #log: GroupLog
  readonly #standing: GroupStanding
  readonly members = new Map<PersonId, Member>()
  readonly epochs: GroupEpochs
  readonly #devices = new DeviceSet()
  readonly #posters = new DeviceSet()
  #cutOffs: CutOff[] = []
  #ended = new Set<DeviceId>()
  #post: string | undefined

  constructor(log: GroupLog, standing: GroupStanding) {
    this.#log = log
    this.#standing = standing
    this.epochs = new GroupEpochs(log, standing)
  }

  get devices(): ReadonlySet<DeviceId> {
    return this.#devices.devices
  }

  get posters(): ReadonlySet<DeviceId> {
    return this.#posters.devices
  }

  get cutOffs(): readonly CutOff[] {
    return this.#cutOffs
  }

  /** Whether an operation that counts names the end of some feed of a device. */
  isEnded(device: DeviceId): boolean {
    return this.#ended.has(device)
  }

  /** A device that its person removed, and of which nobody has said yet where it ends. */
  isPending(device: DeviceId): boolean {
    const { people } = this.#log
    return (
      !this.isEnded(device) &&
      people.ownersAt(device, undefined).some((person) => {
        const standing = this.#standing.of(person, undefined)
        return !people.present(person).devices.has(device) && this.#standing.mayPost(standing, undefined)
      })
    )
  }

  /** An operation counts that was not there before; nothing else changed. */
  apply(number: number): void {
    const placed = this.#log.at(number)
    const subject = subjectOf(placed)
    if (subject !== undefined) this.refresh(subject)
    this.epochs.add(number)
    for (const cutOff of cutOffsOf(placed, this.#log, this.#standing)) {
      this.#cutOffs.push(cutOff)
      this.#ended.add(cutOff.device)
    }
    this.#refreshPost()
  }

  /** Anything may have changed. */
  rebuild(): void {
    this.epochs.clear()
    this.#cutOffs = []
    this.#ended = new Set()
    this.#post = this.#standing.setting('post', undefined)
    for (const person of this.#standing.persons()) this.refresh(person)
    for (const number of this.#standing.counting) {
      this.epochs.add(number)
      this.#cutOffs.push(...cutOffsOf(this.#log.at(number), this.#log, this.#standing))
    }
    for (const { device } of this.#cutOffs) this.#ended.add(device)
  }

  /** Looks at one person again. */
  refresh(person: PersonId): void {
    const { state, role } = this.#standing.of(person, undefined)
    if (state === 'none') this.members.delete(person)
    else this.members.set(person, { person, role, state })
    const isJoined = state === 'joined'
    const devices = isJoined ? [...this.#log.people.present(person).devices.keys()] : []
    this.#devices.set(person, devices)
    const mayPost = isJoined && this.#standing.mayPost({ state, role }, undefined)
    this.#posters.set(person, mayPost ? devices : [])
  }

  #refreshPost(): void {
    const post = this.#standing.setting('post', undefined)
    if (post === this.#post) return
    this.#post = post
    for (const person of this.#standing.persons()) this.refresh(person)
  }
}
