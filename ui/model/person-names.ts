/** What people are called who may be contacts or only share a group, and the colours they are drawn in. */

import { msg, str } from '@lit/localize'
import type { Conversation } from '../../protocol/http-conversations.ts'
import { contactName, isolated } from '../text/names.ts'
import { colorOf } from '../text/colors.ts'
import { memberOf } from './members.ts'
import { contacts, me } from './state.ts'

/** The owner's own name for them comes first. */
export function personName({ id, name }: { id: string; name: string }): string {
  const contact = contacts.value.get(id)
  if (contact !== undefined && (contact.petname !== '' || name === '')) return contactName(contact)
  return name === '' ? msg('Unnamed person') : name
}

/** Their own colour where it is known, else one that their id gives them. */
export function personColor(conversation: string, person: string): string {
  if (person === me.value?.personId) return me.value.color
  return memberOf(conversation, person)?.color ?? contacts.value.get(person)?.color ?? colorOf(person)
}

const nameOf = (conversation: string, id: string): string => {
  const name = memberOf(conversation, id)?.name ?? contacts.value.get(id)?.name ?? ''
  return name === '' && !contacts.value.has(id) ? msg('Somebody') : isolated(personName({ id, name }))
}

/** Who is typing, said as one says it; empty if nobody is. */
export function typingSentence({ id, kind }: Conversation, typists: readonly string[]): string {
  const [first = '', second = ''] = typists
  if (typists.length === 0) return ''
  if (kind !== 'group') return msg('typing…')
  if (typists.length === 1) return msg(str`${nameOf(id, first)} is typing…`)
  if (typists.length === 2) return msg(str`${nameOf(id, first)} and ${nameOf(id, second)} are typing…`)
  return msg(str`${typists.length} people are typing…`)
}
