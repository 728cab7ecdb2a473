/** Takes one event of the daemon into the state. The only door through which the daemon's news come in. */

import { batch } from '@preact/signals-core'
import type { Change, ServerEvent, Snapshot } from '../../protocol/events.ts'
import type { Contact } from '../../protocol/http-people.ts'
import type { Conversation, Message } from '../../protocol/http-conversations.ts'
import { announceMessage } from './announcer.ts'
import { furthest } from './message-state.ts'
import { forgetChosen } from './attaching.ts'
import { forgetDraft } from './drafts.ts'
import { arrived } from './joining.ts'
import { forgetMembers, refreshAllMembers, refreshMembers, refreshMembersLater, refreshMembersWith } from './members.ts'
import { notifyOf } from './notifications.ts'
import { confirmSent, discardAll } from './outbox.ts'
import { go, route } from './route.ts'
import { contacts, conversations, me, peers, snapshots, withEntry } from './state.ts'
import { timelines } from './timelines.ts'
import { stopTyping, startTyping } from './typing.ts'
import { forgetUploads } from './uploads.ts'
import { devicesChanged } from './own-devices.ts'

const byKey = <T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, T> =>
  new Map(items.map((item) => [key(item), item]))

function applySnapshot(snapshot: Snapshot): void {
  // This device became somebody else's: nothing that the page remembers is theirs.
  if (me.value !== undefined && me.value.personId !== snapshot.me.personId) return location.reload()
  me.value = snapshot.me
  peers.value = byKey(snapshot.peers, (peer) => peer.deviceId)
  contacts.value = byKey(snapshot.contacts, (contact) => contact.id)
  const before = conversations.value
  conversations.value = byKey(snapshot.conversations, (conversation) => conversation.id)
  for (const id of before.keys()) if (!conversations.value.has(id)) forgetConversation(id)
  snapshots.value += 1
  refreshAllMembers()
}

/** The list shows the newest message and counts it, until the daemon's own `conversation` event says the same. */
function noteLast(message: Message): void {
  if (message.notice !== undefined || message.outside === true) return
  const conversation = conversations.value.get(message.conversation)
  if (conversation === undefined) return
  if (conversation.last !== undefined && conversation.last.order > message.order) return
  const isNew = conversation.last?.id !== message.id && !message.mine && message.order > conversation.readUpTo
  const unread = conversation.unread + (isNew ? 1 : 0)
  const last = furthest(message, conversation.last?.id === message.id ? conversation.last : undefined)
  conversations.value = withEntry(conversations.value, conversation.id, { ...conversation, unread, last })
}

export function applyMessage(message: Message): void {
  const isNew = timelines.receive(message)
  noteLast(message)
  if (message.notice !== undefined) refreshMembers(message.conversation)
  if (message.mine) confirmSent(message)
  else {
    stopTyping(message.conversation, message.from.id)
    if (!isNew) return
    announceMessage(message)
    void notifyOf(message).catch(() => undefined) // the browser's choice
  }
}

export function applyContact(contact: Contact): void {
  contacts.value = withEntry(contacts.value, contact.id, contact)
}

export function applyConversation(conversation: Conversation): void {
  const before = conversations.value.get(conversation.id)
  const { last } = conversation
  const known = last === undefined ? conversation : { ...conversation, last: furthest(last) }
  conversations.value = withEntry(conversations.value, conversation.id, known)
  if (JSON.stringify(before?.group) !== JSON.stringify(conversation.group)) refreshMembers(conversation.id)
  arrived(conversation.id)
}

export function forgetContact(id: string): void {
  // Of somebody who is no contact: their name has come, or is another one now.
  if (!contacts.value.has(id)) refreshMembersWith(id)
  contacts.value = withEntry(contacts.value, id, undefined)
}

/** It was deleted: nothing of it stays on the page. */
export function forgetConversation(id: string): void {
  const isOpen = 'conversation' in route.value && route.value.conversation === id
  // Notes to oneself are only emptied: they come back in the next event.
  if (isOpen && conversations.value.get(id)?.kind !== 'self') go({ name: 'home' }, { replace: true })
  conversations.value = withEntry(conversations.value, id, undefined)
  timelines.forget(id)
  forgetDraft(id)
  discardAll(id)
  forgetChosen(id)
  forgetUploads(id)
  stopTyping(id)
  forgetMembers(id)
}

function applyPeer(event: Extract<Change, { type: 'peer' | 'peer-gone' }>): void {
  const isHere = event.type === 'peer'
  const id = isHere ? event.peer.deviceId : event.deviceId
  peers.value = withEntry(peers.value, id, isHere ? event.peer : undefined)
}

/** All but what is for the app that a daemon on a phone runs in: pages are told of messages. */
type ForPages = Exclude<ServerEvent, { type: 'came' }>

type OfTimeline = Extract<Change, { type: 'messages' | 'message-gone' | 'attachment' | 'ticks' }>
const ofTimeline: ReadonlySet<string> = new Set(['messages', 'message-gone', 'attachment', 'ticks'])
const isOfTimeline = (event: ForPages): event is ForPages & OfTimeline => ofTimeline.has(event.type)

function applyChange(event: Exclude<ForPages, OfTimeline>): void {
  switch (event.type) {
    case 'snapshot':
      return applySnapshot(event)
    case 'me':
      me.value = event.me
      return
    case 'devices':
      return devicesChanged()
    case 'peer':
    case 'peer-gone':
      return applyPeer(event)
    case 'contact':
      return applyContact(event.contact)
    case 'contact-gone':
      return forgetContact(event.contactId)
    case 'conversation':
      return applyConversation(event.conversation)
    case 'conversation-gone':
      return forgetConversation(event.conversation)
    case 'message':
      return applyMessage(event.message)
    case 'typing':
      return startTyping(event.conversation, event.person, event.until)
    case 'closing':
  }
}

const waiting: ForPages[] = []
/** Half a frame: a catch-up of thousands of events is drawn in a few steps. */
const gatherMs = 8

function applyWaiting(): void {
  const events = waiting.splice(0)
  batch(() => {
    for (const event of events) {
      if (event.type === 'messages') refreshMembersLater(event.conversation)
      if (isOfTimeline(event)) timelines.apply(event)
      else applyChange(event)
    }
  })
}

export function apply(event: ServerEvent): void {
  if (event.type === 'came') return
  waiting.push(event)
  if (waiting.length === 1) setTimeout(applyWaiting, gatherMs)
}
