/** Where somebody comes from who asks to be a contact. */

import { msg, str } from '@lit/localize'
import type { Contact } from '../../protocol/http-people.ts'
import { formatLocale } from '../locale.ts'
import { isolated } from './names.ts'

/** Empty if no group is shared. */
export function sharedGroups({ groups = [] }: Contact): string {
  const names = groups.map(({ name }) => `“${isolated(name)}”`)
  const list = new Intl.ListFormat(formatLocale(), { type: 'conjunction' }).format(names)
  return groups.length === 0 ? '' : msg(str`You are both in ${list}.`)
}
