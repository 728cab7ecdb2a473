/** Who of a group is there now: contacts tell it as it happens, others when the list is read. */

import type { GroupMember } from '../../protocol/http-groups.ts'
import { contacts } from './state.ts'

export function isOnline({ id, online, mine }: GroupMember): boolean {
  if (mine === true) return true
  const contact = contacts.value.get(id)
  return contact?.state === 'accepted' ? contact.online : online
}
