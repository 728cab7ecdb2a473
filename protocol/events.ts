/** What the daemon tells the page and `warren events` over the WebSocket at /api/v1/events, one JSON object a frame. */

import type { Contact, Me, Peer } from './http-people.ts'
import type { Conversation, Message } from './http-conversations.ts'
import type { Attachment } from './http-files.ts'

/**
 * First frame from the page, within 5 s; the unix socket needs no token. `after` resumes behind that event id. `gather`: of many
 * messages that come at once only `messages` is told, and the last of them.
 */
export interface AuthFrame {
  type: 'auth'
  token?: string
  after?: number
  gather?: true
}

/** Everything a page needs to draw its first screen. */
export interface Snapshot {
  type: 'snapshot'
  apiVersion: number
  version: string
  me: Me
  peers: Peer[]
  contacts: Contact[]
  conversations: Conversation[]
}

/** One change, published once, after its write is durable. */
export type Change =
  | { type: 'me'; me: Me }
  /** The owner's own devices, or the linking of one, are others: ask for them. */
  | { type: 'devices' }
  | { type: 'peer'; peer: Peer }
  | { type: 'peer-gone'; deviceId: string }
  | { type: 'contact'; contact: Contact }
  | { type: 'contact-gone'; contactId: string }
  | { type: 'conversation'; conversation: Conversation }
  /** It was deleted here, with all its messages. It may come back later, empty. */
  | { type: 'conversation-gone'; conversation: string }
  | { type: 'message'; message: Message }
  /** Many came at once, the first and the last of them with these order keys: whoever shows what lies between asks for it. To those who gather. */
  | { type: 'messages'; conversation: string; from: string; to: string }
  /** The message at this order key is not there any more: what it said was said again elsewhere. */
  | { type: 'message-gone'; conversation: string; order: string }
  /** A file of a message is here, or is not any more; or more of it has come: told a few times a second at most. */
  | { type: 'attachment'; conversation: string; attachment: Attachment }
  /** Own messages of `feed` up to these sequence numbers are held, delivered, read. */
  | { type: 'ticks'; conversation: string; feed: string; held: number; delivered: number; read: number }
  /** `person` types until `until` (epoch ms). */
  | { type: 'typing'; conversation: string; person: string; until: number }
  /**
   * This device was put to sleep and woken: so many messages came in each of these conversations. First once all is here that is known of,
   * also if that is nothing, or after 20 s; then whenever more came. Muted conversations are left out.
   */
  | { type: 'came'; conversations: { conversation: string; count: number }[] }
  /** The session or the daemon ends; the page shows it and reconnects by itself. */
  | { type: 'closing'; reason: 'stopping' | 'revoked' | 'locked' }

/** `id` counts up within one daemon run; resume with `after`. */
export type ServerEvent = { id: number } & (Snapshot | Change)

/** The page may tell these over the same socket. */
export interface TypingFrame {
  type: 'typing'
  conversation: string
}
/** The owner did something on this page: it does not lock itself for now. Sent a few times a minute at most. */
export interface ActiveFrame {
  type: 'active'
}
/** The owner looks at this conversation on this page, or at none: no notification is sent of it meanwhile. */
export interface LookingFrame {
  type: 'looking'
  conversation?: string
}
export type ClientFrame = AuthFrame | TypingFrame | ActiveFrame | LookingFrame
