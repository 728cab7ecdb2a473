/** What each role may do in a group: one table, for the rules as for the page and the documents that show it. */

import type { Role } from './operation-parts.ts'

/** From the least to the most. */
export const rolesUpwards = ['reader', 'member', 'admin', 'owner'] as const satisfies readonly Role[]

export const rankOf = (role: Role): number => rolesUpwards.indexOf(role)
export const isAtLeast = (role: Role, least: Role): boolean => rankOf(role) >= rankOf(least)
export const lowestOf = (roles: readonly Role[]): Role => rolesUpwards.find((role) => roles.includes(role)) ?? 'reader'
export const highestOf = (roles: readonly Role[]): Role =>
  rolesUpwards.findLast((role) => roles.includes(role)) ?? 'reader'

/** Settings whose value is the least role that may do something. */
export type RoleSetting = 'post' | 'invite' | 'change'

/** The least role for each action, or the setting that names it. */
export const groupRights = {
  /** Ask for content and keys, make an epoch, let in who shows an invite, end the feeds of one's own removed devices, leave. */
  takePart: 'reader',
  post: { setting: 'post' },
  /** Add persons, make invites. The new role is bounded by `mostGiven`. */
  invite: { setting: 'invite' },
  /** Name, description, avatar. */
  change: { setting: 'change' },
  /** Take back the invites of others; one's own need only `takePart`. */
  revokeInvites: 'admin',
  /** Of those below; an owner also of other owners. Nobody removes or lowers the root owner. */
  removeAndSetRoles: 'admin',
  /** For those who lost the right to post. */
  raiseCutOffs: 'admin',
  /** Who may post, invite and change; history; what newer versions know. */
  setRules: 'owner',
  close: 'owner',
  /** By the root owner alone. */
  transfer: 'owner',
} as const satisfies Record<string, Role | { readonly setting: RoleSetting }>

export type GroupRight = keyof typeof groupRights

/** The highest role that each role may give to others. */
export const mostGiven = {
  reader: 'reader',
  member: 'member',
  admin: 'member',
  owner: 'owner',
} as const satisfies Record<Role, Role>

/** Whether `actor` may remove or lower somebody with the role `other`, who is not the root owner. */
export const mayRule = (actor: Role, other: Role): boolean =>
  isAtLeast(actor, groupRights.removeAndSetRoles) && (actor === 'owner' || rankOf(actor) > rankOf(other))

/** Whether `actor` may give the role `given` to somebody. */
export const mayGive = (actor: Role, given: Role): boolean => isAtLeast(mostGiven[actor], given)
