/** Every accepted contact has a conversation to be opened, and so have the owner's own notes, before the first word. */

import { effect } from '@preact/signals-core'
import type { Conversation } from '../../protocol/http.ts'
import { api } from '../client/api.ts'
import { applyConversation } from './apply.ts'
import { connectionState, contacts, conversations, snapshots } from './state.ts'

const asked = new Set<string>()

/** Asks once per link; what fails is asked again after the next snapshot. */
function ask(who: string, open: () => Promise<Conversation>): void {
  if (asked.has(who)) return
  asked.add(who)
  open().then(applyConversation, () => undefined)
}

function look(): void {
  const there = [...conversations.value.values()]
  if (!there.some((each) => each.kind === 'self')) ask('self', api.openSelf)
  const known = new Set(there.map((each) => each.contactId))
  for (const contact of contacts.value.values()) {
    if (contact.state !== 'accepted' || known.has(contact.id)) continue
    ask(contact.id, async () => await api.openDirect(contact.id))
  }
}

export function startEnsuringConversations(): void {
  effect(() => {
    if (snapshots.value > 0) asked.clear()
  })
  effect(() => {
    if (snapshots.value > 0 && connectionState.value === 'online') look()
  })
}
