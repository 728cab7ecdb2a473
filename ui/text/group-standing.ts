/** Where the owner stands in a group, said to them. */

import { msg, str } from '@lit/localize'
import type { Group } from '../../protocol/http-groups.ts'
import { isolated } from './names.ts'

/** Why one cannot write, and what remains; empty where one can. */
export function whyNoWriting({ standing, rights, role, post }: Group): string {
  switch (standing) {
    case 'left':
      return msg('You left this group. What was said stays here, until you delete it.')
    case 'removed':
      return msg('You were removed from this group. What was said until then stays here, until you delete it.')
    case 'closed':
      return msg('This group was closed. What was said stays here to be read.')
    case 'invited':
      return msg('You can write once you have accepted.')
    case 'joined':
      if (rights.post) return ''
      if (post === 'owner') return msg('Only owners can write here.')
      return role === 'reader' && post === 'member' ? msg('You are a reader here.') : msg('Only admins can write here.')
  }
  return standing satisfies never
}

/** What stands under the name: of the list and of the header. */
export function membersWords(members: number, online = 0): string {
  const all = members === 1 ? msg('1 member') : msg(str`${members} members`)
  return online === 0 ? all : msg(str`${all}, ${online} online`)
}

export function standingWords({ standing, invitedBy }: Group): string {
  switch (standing) {
    case 'invited':
      return invitedBy === undefined ? msg('Invitation') : msg(str`Invitation from ${isolated(invitedBy.name)}`)
    case 'left':
      return msg('You left')
    case 'removed':
      return msg('You were removed')
    case 'closed':
      return msg('Closed')
    case 'joined':
      return ''
  }
  return standing satisfies never
}

/** Of a group from before this device was linked: it was another person's, who may be there still. */
export const formerWords = (group: Group): string =>
  group.standing === 'left' ? msg('From before this device was linked') : standingWords(group)

/** Truthful about a removal that not every device knows of yet. */
export function unawareSentence({ removed, devices }: NonNullable<Group['unaware']>[number]): string {
  const name = isolated(removed.name)
  return devices === 1
    ? msg(str`${name} may still see new messages until one more device has learned of the removal.`)
    : msg(str`${name} may still see new messages until ${devices} more devices have learned of the removal.`)
}
