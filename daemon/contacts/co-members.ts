/** Links with the devices of people who share a group with the owner: whom to want one with, and whom to believe that they are. */

import { WarrenError } from '../../protocol/errors.ts'
import type { Hello } from '../../protocol/hello.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { HelloFrom, PersonLogs } from './contacts.ts'
import type { GroupLogs } from './group-logs.ts'
import { Neighbours } from './neighbours.ts'

export interface CoMembersDeps {
  readonly logs: Pick<PersonLogs, 'personOf' | 'personState' | 'previewPerson' | 'learnPerson' | 'scopesChanged'>
  readonly groups: GroupLogs
  readonly self: { readonly device: DeviceId; readonly person: PersonId }
  readonly isContact: (person: PersonId) => boolean
  /** Devices that a link stands with. */
  readonly linked: () => readonly DeviceId[]
  /** Devices that were asked to let the owner into a group. */
  readonly isAwaited: (device: DeviceId) => boolean
  readonly greet: (device: DeviceId) => Promise<void>
  readonly background: (work: Promise<unknown>) => void
  /** From 0 up to 1. */
  readonly random: () => number
}

export class CoMembers {
  readonly #deps: CoMembersDeps
  readonly #neighbours: Neighbours
  #kept: ReadonlySet<DeviceId> = new Set()

  constructor(deps: CoMembersDeps) {
    this.#deps = deps
    this.#neighbours = new Neighbours(deps.random)
  }

  /** The devices to stay linked with for the sake of groups. `turns`: time has passed since this was asked last. */
  choose(turns: boolean): DeviceId[] {
    const { groups, linked } = this.#deps
    const now = new Set(linked())
    const chosen = this.#neighbours.choose(groups.neighbours(), (device) => now.has(device), turns)
    this.#kept = new Set(chosen)
    return chosen
  }

  /** Whether a link with this device is wanted because of a group. */
  wants(device: DeviceId): boolean {
    const { logs, groups, self, isAwaited } = this.#deps
    if (isAwaited(device)) return true
    const person = logs.personOf(device)
    if (person === undefined || person === self.person || !groups.isCoMember(person)) return false
    return this.#hasRoom(device, person)
  }

  /** Contacts have places of their own. */
  #hasRoom(device: DeviceId, person: PersonId): boolean {
    const { linked, isContact, logs } = this.#deps
    if (this.#kept.has(device) || isContact(person)) return true
    const all = linked()
    if (all.includes(device)) return true
    const others = all.filter((each) => {
      const whose = logs.personOf(each)
      return whose === undefined || !isContact(whose)
    })
    return others.length < limits.coMemberLinks
  }

  /** What a device said that is no contact's, or is one's that may yet become known. */
  heard({ device }: Pick<HelloFrom, 'device'>, hello: Hello): 'link' | 'stranger' {
    const { logs, groups, self, background } = this.#deps
    if (hello.shares !== true || hello.person === self.person) return 'stranger'
    const person = logs.personOf(device)
    if (person === hello.person || (person === undefined && this.#deps.isAwaited(device)))
      return this.wants(device) ? 'link' : 'stranger'
    if (groups.isCoMember(hello.person)) background(this.#learn(device, hello))
    return 'stranger'
  }

  /** A device of a co-member that their log, as far as it is here, does not name. */
  async #learn(device: DeviceId, { person, proof }: Hello): Promise<void> {
    const { logs, greet } = this.#deps
    if (!logs.previewPerson(person, proof).devices.has(device))
      throw new WarrenError('IDENTITY_MISMATCH', 'a device claims a person that does not know it')
    await logs.learnPerson(person, proof)
    logs.scopesChanged()
    if (this.wants(device)) await greet(device)
  }
}
