/** What the roles of a group are called, and what each may do. */

import { msg } from '@lit/localize'
import type { Group, GroupRole, LeastRole } from '../../protocol/http-groups.ts'

/** From the most to the least. */
export const roles: readonly GroupRole[] = ['owner', 'admin', 'member', 'reader']

export function roleName(role: GroupRole): string {
  switch (role) {
    case 'owner':
      return msg('Owner')
    case 'admin':
      return msg('Admin')
    case 'member':
      return msg('Member')
    case 'reader':
      return msg('Reader')
  }
  return role satisfies never
}

export function roleHint(role: GroupRole): string {
  switch (role) {
    case 'owner':
      return msg('May do everything.')
    case 'admin':
      return msg('Looks after the members.')
    case 'member':
      return msg('Takes part.')
    case 'reader':
      return msg('Reads, and cannot write.')
  }
  return role satisfies never
}

/** From which role on one may do something. */
export function leastWords(least: LeastRole): string {
  switch (least) {
    case 'member':
      return msg('Everybody but readers')
    case 'admin':
      return msg('Admins and owners')
    case 'owner':
      return msg('Only owners')
  }
  return least satisfies never
}

/** One line of the table of roles: what it is, and from which role on, which may be a setting of the group. */
export interface RoleRow {
  readonly what: () => string
  readonly from: GroupRole | 'post' | 'invite' | 'change'
}

export const roleTable: readonly RoleRow[] = [
  { what: () => msg('Read, and leave'), from: 'reader' },
  { what: () => msg('Write'), from: 'post' },
  { what: () => msg('Add people and make links'), from: 'invite' },
  { what: () => msg('Change name, description and colour'), from: 'change' },
  { what: () => msg('Remove people, change roles below one’s own'), from: 'admin' },
  { what: () => msg('Take back the links of others'), from: 'admin' },
  { what: () => msg('Change the rules'), from: 'owner' },
  { what: () => msg('Make admins and owners'), from: 'owner' },
  { what: () => msg('Close the group'), from: 'owner' },
]

/** Who may do what the line says, under the settings of this group. */
export function mayWords({ from }: RoleRow, settings: Pick<Group, 'post' | 'invite' | 'change'>): string {
  const least = from === 'post' || from === 'invite' || from === 'change' ? settings[from] : from
  return least === 'reader' ? msg('Everybody') : leastWords(least)
}
