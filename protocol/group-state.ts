/** What the rules of a group say of it. */

import type { GroupSettings } from './group-settings.ts'
import type { EntryId, PersonId } from './ids.ts'
import type { Role } from './operation-parts.ts'
import type { RosterState } from './roster.ts'

/** An invite that was not revoked and has uses left; whether it expired is for a clock to say. */
export interface InviteState {
  readonly id: EntryId
  readonly by: PersonId
  readonly role: Role
  /** 0 is without bound. */
  readonly uses: number
  readonly used: number
  readonly expiresAt: number
}

export interface GroupState extends RosterState {
  /** The owner who cannot be removed; undefined if that person left. */
  readonly root: PersonId | undefined
  readonly settings: GroupSettings
  readonly invites: readonly InviteState[]
}

/** Which entries of a feed count: all, none, or those that are an ancestor of one of these or one of these. */
export type FeedStanding = 'all' | 'none' | { readonly upTo: readonly EntryId[] }
