/** Groups as the owner meets them: who they are among, and who does not know yet who was removed. */

import type { BlobReference } from '../../protocol/blob.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { InviteState } from '../../protocol/group-state.ts'
import type { EpochId, PersonId, Scope } from '../../protocol/ids.ts'
import type { Member } from '../../protocol/roster.ts'
import type { Core } from './core.ts'
import type { Awareness, Unaware } from './awareness.ts'
import { swayOver, viewOf, type GroupView, type Sway } from './group-view.ts'
import type { LiveGroup } from './live-group.ts'
import { isJoining } from './notices.ts'

export class OwnerGroups {
  readonly #core: Pick<Core, 'scopes' | 'people' | 'self'>
  readonly #awareness: Awareness

  constructor(core: Pick<Core, 'scopes' | 'people' | 'self'>, awareness: Awareness) {
    this.#core = core
    this.#awareness = awareness
  }

  isGroup(id: Scope): boolean {
    return this.#core.scopes.get(id)?.record.kind === 'group'
  }

  /** Each of these throws NOT_FOUND for what is no group. */
  group(id: Scope): GroupView {
    return viewOf(this.#live(id), this.#core.self)
  }

  /** The file that its settings name as its picture; undefined for what is no group, too. */
  pictureOf(id: Scope): BlobReference | undefined {
    if (!this.isGroup(id)) return undefined
    const { avatar } = this.#live(id).roster.settings
    return avatar !== undefined && 'picture' in avatar ? avatar.picture : undefined
  }

  members(id: Scope): Member[] {
    return [...this.#live(id).roster.members.values()]
  }

  member(id: Scope, person: PersonId): Member | undefined {
    return this.#live(id).roster.members.get(person)
  }

  rootOf(id: Scope): PersonId | undefined {
    return this.#live(id).roster.root
  }

  swayOver(id: Scope, member: Member): Sway {
    return swayOver(this.#live(id), this.#core.self, member)
  }

  /** The groups that both the owner and somebody belong to. */
  sharedWith(person: PersonId): Scope[] {
    const { scopes, people, self } = this.#core
    return scopes.groups().flatMap((state) => {
      const { members } = people.groupOf(state).roster
      const isShared = [person, self.person].every((each) => members.get(each)?.state === 'joined')
      return isShared ? [state.record.scope] : []
    })
  }

  /** Who last added the owner; undefined if nobody did. Throws NOT_FOUND. */
  inviterTo(id: Scope): PersonId | undefined {
    const { person } = this.#core.self
    return this.#live(id).notices.findLast(({ happening }) => happening.is === 'added' && happening.whom === person)?.by
  }

  /** As inviterTo(), of an owner who never joined; undefined for what is no group, too. */
  addedBy(id: Scope): PersonId | undefined {
    if (!this.isGroup(id)) return undefined
    const hasJoined = this.#live(id).notices.findLast((each) => isJoining(each, this.#core.self.person)) !== undefined
    return hasJoined ? undefined : this.inviterTo(id)
  }

  /** Whether somebody was ever told of as a member. */
  wasMember(id: Scope, person: PersonId): boolean {
    return (
      this.#live(id).notices.findLast(
        ({ by, happening }) => by === person || ('whom' in happening && happening.whom === person),
      ) !== undefined
    )
  }

  /** Invites that let somebody in, unless they expired; with the secrets of those that were made here. */
  invites(id: Scope): (InviteState & { readonly secret: Uint8Array | undefined })[] {
    const secrets = new Map(this.#core.scopes.get(id)?.record.invites.map((each) => [each.id, each.secret]))
    return this.#live(id).roster.invites.map((each) => ({ ...each, secret: secrets.get(each.id) }))
  }

  /** Its keys that were ever made and count, oldest known first. */
  epochs(id: Scope): EpochId[] {
    return [...this.#live(id).roster.epochs.keys()]
  }

  /** Who was removed while devices that belong have not said that they know it. */
  unaware(id: Scope): Unaware[] {
    const state = this.#core.scopes.get(id)
    return state === undefined ? [] : this.#awareness.of(state)
  }

  #live(id: Scope): LiveGroup {
    const state = this.#core.scopes.get(id)
    if (state?.record.kind !== 'group') throw new WarrenError('NOT_FOUND', 'no such group')
    return this.#core.people.groupOf(state)
  }
}
