/** What hellos say and hear of groups: links with co-members, joining by a link, letting others in. */

import type { Answered, Join } from '../../protocol/hello-groups.ts'
import type { Hello } from '../../protocol/hello.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import { Admissions, type AdmissionsDeps } from './admissions.ts'
import { CoMembers, type CoMembersDeps } from './co-members.ts'
import type { HelloFrom } from './contacts.ts'
import type { GroupLogs } from './group-logs.ts'
import { Joins, type JoinsDeps } from './joins.ts'

export interface GroupTalkDeps extends AdmissionsDeps, Omit<CoMembersDeps, 'isAwaited'>, JoinsDeps {
  readonly logs: AdmissionsDeps['logs'] & CoMembersDeps['logs']
  readonly self: CoMembersDeps['self'] & JoinsDeps['self']
}

export class GroupTalk {
  readonly joins: Joins
  readonly #groups: GroupLogs
  readonly #coMembers: CoMembers
  readonly #admissions: Admissions

  constructor(deps: GroupTalkDeps) {
    this.#groups = deps.groups
    this.joins = new Joins(deps)
    this.#coMembers = new CoMembers({ ...deps, isAwaited: (device) => this.joins.isAwaitedFrom(device) })
    this.#admissions = new Admissions(deps)
  }

  isCoMember(person: PersonId): boolean {
    return this.#groups.isCoMember(person)
  }

  names(person: PersonId): boolean {
    return this.#groups.names(person)
  }

  /** What is said to a device now. */
  hello(device: DeviceId): { shares: boolean; joins: readonly Join[]; answers: readonly Answered[] } {
    return {
      shares: this.#coMembers.wants(device),
      joins: this.joins.said(device),
      answers: this.#admissions.answers(device),
    }
  }

  /** `link`: both hold that they share a group. */
  heard(from: Pick<HelloFrom, 'device'>, hello: Hello): 'link' | 'stranger' {
    this.#admissions.heard(from, hello)
    this.joins.heard(from, hello)
    return this.#coMembers.heard(from, hello)
  }

  /** Devices to stay linked with for the sake of groups. */
  kept(turns = false): DeviceId[] {
    return [...this.joins.kept(), ...this.#coMembers.choose(turns)]
  }
}
