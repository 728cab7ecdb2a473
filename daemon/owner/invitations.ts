/** Invitations into groups by people whom the owner blocked: they are refused, and not shown as long as that lasts. */

import type { ConversationId, PersonId } from '../../protocol/ids.ts'
import type { Bus } from '../bus.ts'
import type { ContactBook } from '../contacts/contact-book.ts'
import type { GroupActions } from '../conversations/group-actions.ts'
import type { OwnerGroups } from '../conversations/owner-groups.ts'
import type { OwnerView } from '../conversations/owner-view.ts'
import type { ScopeRecord } from '../conversations/rows.ts'

export interface InvitationsDeps {
  readonly bus: Bus
  readonly book: ContactBook
  readonly conversations: OwnerView
  readonly ownGroups: OwnerGroups
  readonly groups: GroupActions
}

export class Invitations {
  readonly #deps: InvitationsDeps

  constructor(deps: InvitationsDeps) {
    this.#deps = deps
  }

  /** Whether the owner sees a conversation: not a group that they never joined, and were asked into by somebody who is blocked. */
  isShown({ scope, listed }: Pick<ScopeRecord, 'scope' | 'listed'>): boolean {
    const by = this.#deps.ownGroups.addedBy(scope)
    return listed && (by === undefined || this.#deps.book.get(by)?.state !== 'blocked')
  }

  /** Somebody was blocked: what they asked the owner into is declined. Durable when it resolves. */
  async refuse(person: PersonId): Promise<void> {
    const { ownGroups, groups } = this.#deps
    for (const id of this.#by(person)) if (ownGroups.group(id).standing === 'invited') await groups.decline(id)
    this.changed(person)
  }

  /** What somebody asked the owner into is shown, or not, from now on. */
  changed(person: PersonId): void {
    for (const conversation of this.#by(person)) this.#deps.bus.publish({ type: 'conversation', conversation })
  }

  #by(person: PersonId): ConversationId[] {
    const { conversations, ownGroups } = this.#deps
    const ids = conversations.list().map(({ scope }) => scope as ConversationId)
    return ids.filter((id) => ownGroups.isGroup(id) && ownGroups.inviterTo(id) === person)
  }
}
