/** What the page knows, as signals. Only `apply.ts` and the owners of a signal write here. */

import { computed, signal } from '@preact/signals-core'
import type { Contact, Me, Peer } from '../../protocol/http-people.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import type { ConnectionState } from '../client/connection.ts'

export const connectionState = signal<ConnectionState>('starting')
/** Locked, and nothing is left in the memory of this page. */
export const isSealed = signal(false)
/** Why the code in the link was refused, if it was. */
export const pairingFailed = signal(false)

export const me = signal<Me | undefined>(undefined)
export const peers = signal<ReadonlyMap<string, Peer>>(new Map())
export const contacts = signal<ReadonlyMap<string, Contact>>(new Map())
export const conversations = signal<ReadonlyMap<string, Conversation>>(new Map())
/** Conversation to the persons who are typing in it, the first one first. */
export const typing = signal<ReadonlyMap<string, readonly string[]>>(new Map())

/** Counts snapshots: whoever keeps pages of history must look again. */
export const snapshots = signal(0)

export const conversationOf = (id: string): Conversation | undefined => conversations.value.get(id)

/** The other person of a direct conversation. */
export const contactOf = (conversation: Conversation | undefined): Contact | undefined =>
  conversation?.contactId === undefined ? undefined : contacts.value.get(conversation.contactId)

/** Asked where they wrote until now: see warren-moved. */
const isAskedThere = ({ cameFrom }: Contact): boolean =>
  cameFrom?.answer === 'open' && cameFrom.conversation !== undefined && conversations.value.has(cameFrom.conversation)

export const incoming = computed(() =>
  [...contacts.value.values()].filter((each) => each.state === 'incoming' && !isAskedThere(each)),
)
export const outgoing = computed(() => [...contacts.value.values()].filter((each) => each.state === 'outgoing'))
export const declined = computed(() => [...contacts.value.values()].filter((each) => each.state === 'declined'))
export const blocked = computed(() => [...contacts.value.values()].filter((each) => each.state === 'blocked'))

/** Whom one may ask for contact: a no, or an end, is not for ever. */
export const mayBeAsked = ({ state, declined: isDeclined, movedTo }: Contact): boolean =>
  movedTo?.answer !== 'followed' &&
  (state === 'declined' || state === 'removed' || state === 'ended' || (state === 'outgoing' && isDeclined))

/** Devices seen nearby whose person is not yet a contact. */
export const nearby = computed(() =>
  [...peers.value.values()].filter((peer) => {
    const known = contacts.value.get(peer.personId)
    return peer.personId !== me.value?.personId && (known === undefined || mayBeAsked(known))
  }),
)

export const unreadTotal = computed(() => {
  let total = 0
  for (const each of conversations.value.values()) if (!each.muted) total += each.unread
  return total
})

/** A copy of the map with one entry put or taken out: signals compare by identity. */
export function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V | undefined): ReadonlyMap<K, V> {
  const copy = new Map(map)
  if (value === undefined) copy.delete(key)
  else copy.set(key, value)
  return copy
}
