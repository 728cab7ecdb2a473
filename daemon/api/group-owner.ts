/** What the API asks about groups: as owner.ts, of which these are parts. */

import type { Conversation } from '../../protocol/http-conversations.ts'
import type {
  GroupAnswer,
  GroupGlance,
  GroupInvite,
  GroupMember,
  GroupPatch,
  Joining,
  MemberPatch,
  NewGroup,
  NewInvite,
  NewMember,
} from '../../protocol/http-groups.ts'

/** Whatever the owner has no right to throws NOT_ALLOWED. Changes are durable when they resolve. */
export interface Groups {
  create(group: NewGroup): Promise<Conversation>
  patch(id: string, patch: GroupPatch): Promise<Conversation>
  /** Throws CONFLICT if nobody added the owner. */
  answer(id: string, answer: GroupAnswer['answer']): Promise<Conversation>
  leave(id: string): Promise<void>
  close(id: string): Promise<void>
  /** Everybody, those with most rights first. */
  memberIds(id: string): string[]
  /** All of these, or `only` some. */
  members(id: string, only?: readonly string[]): GroupMember[]
  add(id: string, member: NewMember): Promise<GroupMember>
  change(id: string, person: string, patch: MemberPatch): Promise<GroupMember>
  remove(id: string, person: string): Promise<void>
  invites(id: string): GroupInvite[]
  invite(id: string, invite: NewInvite): Promise<GroupInvite>
  revoke(id: string, invite: string): Promise<void>
}

/** Joining by link. Throws BAD_LINK for what is no link into a group. */
export interface Joins {
  look(link: string): GroupGlance
  /** Durable when it resolves. Throws LINK_EXPIRED, CONFLICT if the owner belongs already. */
  join(link: string): Promise<Joining>
  joining(): Joining[]
  giveUp(conversation: string): Promise<void>
}
