/**
 * Shapes of the local API, shared by the daemon, the page and the CLI. All ids are strings, all times epoch milliseconds.
 * Lists come as `{items, next?}`, newest first; `next` is the cursor of the following page.
 */

import type { ErrorCode } from './errors.ts'

/** Counts up when the page and the daemon stop understanding each other; the page asks for a reload when they differ. */
export const apiVersion = 1

export interface ApiErrorBody {
  error: { code: ErrorCode; message: string; details?: unknown }
}

export interface Page<T> {
  items: T[]
  next?: string
}

/** GET /health: needs no session. */
export interface Health {
  status: 'starting' | 'ok' | 'locked' | 'closing'
  version: string
  apiVersion: number
}

export type AddressKind = 'lan' | 'tailnet' | 'ipv6' | 'loopback' | 'other'

/** One way in which others can reach this device: `text` is what a person types elsewhere (`192.168.1.7:7718`). */
export interface OwnAddress {
  kind: AddressKind
  text: string
  multiaddr: string
  interface: string
}

export interface Network {
  /** `offline`: no interface but loopback is up. */
  state: 'online' | 'offline'
  /** True if an address of 100.64.0.0/10 or of Tailscale's fd7a:115c:a1e0::/48 was found. */
  tailnet: boolean
  addresses: OwnAddress[]
}

/** GET /me, PATCH /me (name, status, color, visibleNearby). */
export interface Me {
  personId: string
  deviceId: string
  fingerprint: string
  name: string
  /** False until the person has confirmed a name: the page shows the first-run screen. */
  welcomed: boolean
  status: string
  /** `#rrggbb`, chosen from the person id until the person picks one. */
  color: string
  visibleNearby: boolean
  network: Network
  /** Own contact link, `warren:…`. */
  link: string
  /** Multiaddrs with the PeerId. */
  addresses: string[]
  /** Another copy of this device runs elsewhere: nothing can be sent until one is stopped and this one started again. */
  duplicate?: true
}

export interface MePatch {
  name?: string
  status?: string
  color?: string
  visibleNearby?: boolean
  welcomed?: true
}

export type PeerSource = 'mdns' | 'manual' | 'tailnet' | 'contact'

/** Somebody the owner knows, or the owner, whom another person may be taken for. */
export interface Lookalike {
  id: string
  name: string
  fingerprint: string
  /** `address`: the owner found that one where the other one answers now. `your-name`: it is the owner. */
  how: 'same-name' | 'similar-name' | 'your-name' | 'address'
  /** The owner has compared safety numbers with the one who is known. */
  verified?: true
}

/** A device that was seen. `name` is empty unless its owner is visible nearby or is a contact. */
export interface Peer {
  deviceId: string
  personId: string
  fingerprint: string
  name: string
  source: PeerSource
  addresses: string[]
  linked: boolean
  /** This is another person than the one named here. */
  lookalike?: Lookalike
}

/** POST /peers: look at an address before anything is sent. Answers a Peer. */
export interface PeerLook {
  /** `host`, `host:port`, IPv4, `[IPv6]:port`, a multiaddr with or without a PeerId, or a `warren:` link. */
  address: string
}

/**
 * `declined`: the owner said no to their request. `removed`: a contact until the owner ended it. `ended`: until they did. From all
 * three either side may ask again.
 */
export type ContactState = 'accepted' | 'incoming' | 'outgoing' | 'blocked' | 'declined' | 'removed' | 'ended'

export interface Contact {
  /** The PersonId. */
  id: string
  /** The name that the person gave to themselves, without what could deceive the eye; may be empty. */
  name: string
  /** The name that the owner gave to them; empty if none. */
  petname: string
  state: ContactState
  /** Only with `outgoing`: they said no. */
  declined: boolean
  /** Only with `declined`: they have asked again since. It becomes a new request after a day. */
  askedAgain: boolean
  online: boolean
  /** The owner has compared safety numbers with them, and what they cover is the same still. */
  verified: boolean
  /** When the owner last compared; absent if they never did, or took it back. */
  verifiedAt?: number
  /** They were verified until their keys were replaced with their recovery key: `verified` is false. */
  keysChanged?: true
  muted: boolean
  status: string
  color: string
  /** The note of an incoming or outgoing request. */
  note: string
  /** 0 if never seen. */
  lastSeenAt: number
  fingerprint: string
  deviceIds: string[]
  /** The direct conversation, present once accepted. */
  conversation?: string
  /** This is another person than the one named here. */
  lookalike?: Lookalike
  /** Addresses that the owner gave, at which another device answers now; at least one if present. */
  mismatches?: Mismatch[]
}

/** It may be a new device of theirs, or somebody else. Gone when the old one answers there again, or the owner dismisses it. */
export interface Mismatch {
  /** A multiaddr without PeerId, as the owner gave it. */
  address: string
  /** Fingerprint of the device that was found there. */
  expected: string
  /** Fingerprint that the other device claims: it was not asked to prove it, and was not told who asks. */
  answering: string
  /** When it was first noticed. */
  at: number
}

/** POST /contacts: exactly one of `link`, `deviceId` (a device from GET /peers) and `contactId` (to ask again). */
export interface NewContact {
  link?: string
  deviceId?: string
  contactId?: string
  note?: string
}

export interface ContactPatch {
  state?: 'accepted' | 'declined' | 'blocked' | 'unblocked'
  /** The address of a mismatch that the owner has seen. */
  dismiss?: string
  petname?: string
  muted?: boolean
}

/** GET /contacts/:id/safety: what to compare. */
export interface Safety {
  /** Twelve groups of five digits, a blank between two: the same on the other side. */
  number: string
  /** The text of a QR code that the other device scans: `warren:…`. */
  code: string
  /** Fingerprints of devices that were added to them after the owner last compared. */
  newDevices: string[]
}

/** POST /contacts/:id/verification: exactly one of the two. */
export interface NewVerification {
  /** The number that the owner saw on both sides. What stands between its digits does not matter. */
  number?: string
  /** What the owner scanned from the other device. */
  code?: string
}

/**
 * `own-code`: this device shows it. `other-person`: it is somebody else's. `not-for-you`: it is theirs, and shown for somebody else.
 * `other-keys`: the two sides know of different acts of a recovery key.
 */
export type VerificationResult = 'match' | 'other-number' | 'own-code' | 'other-person' | 'not-for-you' | 'other-keys'

export interface Verification {
  /** Only `match` has changed anything. */
  result: VerificationResult
  contact: Contact
  /** With `other-person`, if the owner knows whose code it is: their name. */
  shownBy?: string
}

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
  draft: string
  last?: Message
  /** Devices that were proven to have written two different histories here. */
  forks?: Fork[]
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
}

/** Grows to the right: stored here, held by another device, delivered to the person, read. */
export type MessageState = 'stored' | 'held' | 'delivered' | 'read'

export interface Message {
  id: string
  conversation: string
  from: { id: string; name: string }
  mine: boolean
  text: string
  /** The author's clock. */
  at: number
  /** Sorts messages as every device shows them (compare as strings); also the cursor for `before` and `after`. */
  order: string
  /** The author device's feed and the place in it: what `ticks` events speak of. */
  feed: string
  seq: number
  state: MessageState
  clientId?: string
  /** The author's clock was over five minutes ahead, or years off. */
  clockWrong?: true
  /** Made by a newer Warren: `text` is its fallback, or empty. */
  newer?: true
  /** The key is not here yet: `text` is empty. */
  unreadable?: true
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
  text: string
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

/** GET /status; also answered while the daemon is locked, without links. */
export interface Status {
  running: true
  locked: boolean
  pid: number
  version: string
  api: string
  links: { deviceId: string; personId: string; name: string; address: string }[]
}

/**
 * POST /session/pair: swaps a one-use code for the secret of a new session. Needs no session. Whoever asks again with the
 * same code and nonce soon after gets the same answer: a page that was reloaded in between.
 */
export interface PairRequest {
  code: string
  /** 16 random bytes, base64url, chosen by the page. */
  nonce: string
  /** What the session list shows, such as a browser's name. */
  label: string
}
export interface PairAnswer {
  sessionId: string
  /** 32 bytes, base64url: the page imports it as a non-extractable HMAC key and forgets it. Counts at this Host only. */
  secret: string
}

/**
 * POST /session/hello then POST /session/prove: both sides prove the secret, neither sends it. With nonces n1 (page) and
 * n2 (daemon), 16 bytes each as base64url, all proofs are base64url HMAC-SHA-256 under the secret, over the UTF-8 text
 * `warren/1/<who>\0<sessionId>\0<n1>\0<n2>`, who being `daemon`, `page` and, for the bearer token, `token`.
 */
export interface SessionHello {
  sessionId: string
  nonce: string
}
export interface SessionChallenge {
  nonce: string
  proof: string
}
export interface SessionProof {
  sessionId: string
  /** The daemon's nonce. */
  nonce: string
  proof: string
}

/** GET /sessions; DELETE /sessions/:id. */
export interface SessionInfo {
  id: string
  label: string
  createdAt: number
  usedAt: number
  /** If it is not used until then; use moves it on, up to a year after `createdAt`. */
  expiresAt: number
  current: boolean
}

/** POST /session/code, unix socket only: a one-use code for `warren open`. `printed` codes live 10 minutes, others 60 s. */
export interface CodeRequest {
  printed: boolean
}
export interface CodeAnswer {
  /** `http://127.0.0.1:7717/?open=…#code=…` */
  url: string
  expiresAt: number
}

/** POST /unlock: exactly one of the two. On TCP it needs a session besides. */
export interface UnlockRequest {
  passphrase?: string
  /** As written down; case, spaces and dashes do not matter. */
  recoveryKey?: string
}

/** What opens the home: the file `key` beside it, what the owner knows, or what they have on paper. */
export type KeySlotKind = 'file' | 'passphrase' | 'recovery'

/** GET /key-slots: one for each kind that there is. */
export interface KeySlotInfo {
  kind: KeySlotKind
  /** Epoch milliseconds; not known of files. */
  madeAt?: number
}

/** POST /key-slots: adds a slot, or changes the one of its kind. */
export interface NewKeySlot {
  kind: KeySlotKind
  /** With kind `passphrase`, and only there. */
  passphrase?: string
  /** With kind `passphrase`: in the same step the key file goes, so that every start asks. */
  removeFile?: boolean
  /** Needed as soon as there is a passphrase or a recovery key; the unix socket needs none while there is a key file. */
  current?: UnlockRequest
}
export interface NewKeySlotAnswer {
  /** With kind `recovery`: 14 groups of four, shown this once. */
  recoveryKey?: string
}

/** POST /key-slots/remove. The last slot stays: CONFLICT. */
export interface KeySlotRemoval {
  kind: KeySlotKind
  current?: UnlockRequest
}

/** POST /key-slots/strength `{passphrase}`, as far as it was typed. */
export interface PassphraseStrength {
  verdict: 'short' | 'weak' | 'fair' | 'good' | 'strong'
  /** An estimate on the low side of how many guesses it takes, as a power of two. */
  bits: number
  /** It would be taken. */
  enough: boolean
}

/** GET /lock, PATCH /lock. */
export interface LockSettings {
  /** The daemon locks itself when its owner did nothing for so long; 0: never. */
  idleMinutes: number
  /** False while nothing but the key file opens the home. */
  canLock: boolean
}
export interface LockPatch {
  idleMinutes: 0 | 5 | 15 | 60
}
