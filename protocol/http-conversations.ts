/** Shapes of the local API: conversations and messages. General things are in http.ts. */

import type { Attachment } from './http-files.ts'
import type { Group, Notice } from './http-groups.ts'

export type ConversationKind = 'self' | 'direct' | 'group'

export interface Conversation {
  id: string
  kind: ConversationKind
  /** Petname or name of the other person; empty for `self`, whose title is the page's to choose. */
  title: string
  /** The other person, if `direct`. */
  contactId?: string
  unread: number
  /** Order key of the newest message that the owner has read; empty if none. */
  readUpTo: string
  muted: boolean
  /** When that ends by itself; absent if it does not. */
  mutedUntil?: number
  draft: string
  last?: Message
  /** Devices that were proven to have written two different histories here. */
  forks?: Fork[]
  /** With kind `group`. */
  group?: Group
  /** Of the person that this device was before it joined its owner's others: it can only be read. */
  former?: true
  /** Much of it is on its way from linked devices. */
  arriving?: Arriving
  /** Persons whose devices sleep and are being woken for what the owner wrote here. */
  waking?: Waking[]
}

export interface Waking {
  /** The person. */
  id: string
  name: string
  /** All that is woken of theirs are phones, by their own word. */
  phone: boolean
}

/** How far a long history has come. */
export interface Arriving {
  /** Messages that are still to come. */
  left: number
  /** How much of all that is known of it is here, 0 to 99. */
  percent: number
}

export interface Fork {
  from: { id: string; name: string }
  mine: boolean
  /** Order key behind which the line about it belongs: what the device wrote later under the same generation is not shown. */
  after: string
  /** The device noticed it, and said again what was lost: nothing need be done. */
  closed: boolean
}

export interface ConversationPatch {
  draft?: string
  muted?: boolean
  /** Mutes until then; `muted: true` alone has no end. */
  mutedUntil?: number
}

/**
 * Grows to the right: stored here, held by another device, delivered to everybody else, read by them all. In a group "everybody" are
 * those who belong now and may read it.
 */
export type MessageState = 'stored' | 'held' | 'delivered' | 'read'

export interface Message {
  id: string
  conversation: string
  from: { id: string; name: string }
  mine: boolean
  /** With files: what is said of them; may be empty then. */
  text: string
  attachments?: Attachment[]
  /** The author's clock. */
  at: number
  /** Sorts messages as every device shows them (compare as strings); also the cursor for `before` and `after`. */
  order: string
  /** The author device's feed and the place in it: what `ticks` events speak of. */
  feed: string
  seq: number
  state: MessageState
  /** Of an own message; not in notes to oneself. */
  reached?: Reached
  clientId?: string
  /** The author's clock was over five minutes ahead, or years off. */
  clockWrong?: true
  /** Made by a newer Warren: `text` is its fallback, or empty. */
  newer?: true
  /** The key is not here yet: `text` is empty. */
  unreadable?: true
  /** It tells of the group and was written by nobody: `text` is empty, and it counts neither as unread nor as the newest message. */
  notice?: Notice
  /** Its author wrote it after losing the right to: it is held here, is outside the conversation, and is not passed on. */
  outside?: true
  /** In a group, and its author is somebody whom the owner blocked: it is stored and passed on, and should not be shown. */
  fromBlocked?: true
}

/** How many have an own message, as far as it is known here: other devices say what they hold, and persons what they read. */
export interface Reached {
  /** Devices that hold it, of so many others; the owner's other devices count, too. */
  held: number
  devices: number
  /** Other persons who have it on one of their devices, and who have read it, of so many. */
  delivered: number
  read: number
  persons: number
}

/** GET /conversations/:id/messages/:message/receipts: of an own message, by its id or its order key. */
export interface Receipts extends Reached {
  id: string
  order: string
  state: MessageState
  /** Other persons: those who have not got it yet first, then those who have, then those who have read it. */
  people: Receipt[]
  /** The owner's other devices. */
  own: ReceiptDevice[]
}

export interface Receipt {
  id: string
  name: string
  state: 'waiting' | 'delivered' | 'read'
  /** With `read`: when they said so, epoch milliseconds by their clock; they may have read it earlier. */
  readBy?: number
  online: boolean
  devices: ReceiptDevice[]
}

export interface ReceiptDevice {
  deviceId: string
  fingerprint: string
  /** It says that it holds the message. */
  held: boolean
  linked: boolean
}

/** GET /conversations/:id/messages?before=&after=&limit=: newest first, both cursors exclusive order keys. */
export interface MessagePage {
  items: Message[]
  /** There are older messages than the last item. */
  older: boolean
  /** There are newer messages than the first item. */
  newer: boolean
}

export interface NewMessage {
  /** Empty only where files come with it. */
  text: string
  /** Ids of files that were added to this conversation (POST /blobs), in the order in which they are shown. */
  attachments?: string[]
  /** Chosen by the sender; makes a repeated POST exactly-once within a conversation. */
  clientId: string
}

/** GET …/export?format=&language=: the file; POST …/export: a link to it. */
export interface ExportWish {
  /** A page to read, or what `warren check-export` checks. */
  format: 'html' | 'json'
  /** Of the page's own words. */
  language: 'en' | 'de'
}

/** A link that works once, within a minute, as long as the session lives that asked for it. */
export interface ExportLink {
  /** Begins with a slash. */
  link: string
  expiresAt: number
}

/** POST …/read. Everything up to this order key has been seen. */
export interface ReadMark {
  upTo: string
}
