/** Shapes of the local API: the owner, devices that were seen, contacts. General things are in http.ts. */

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
  /** Its owner started it with `--no-mdns`: nobody nearby is looked for, or hears of this device. */
  nearbyOff?: true
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
  /** This home was restored from a backup that was made then: it is read, and nothing can be sent. */
  archive?: { madeAt: number }
  /** Another device of the owner's removed this one: what it holds stays, and nothing can be sent. */
  removed?: true
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
  /** When that ends by itself; absent if it does not. */
  mutedUntil?: number
  status: string
  color: string
  /** The note of an incoming or outgoing request. */
  note: string
  /** 0 if never seen. */
  lastSeenAt: number
  /** A device of theirs sleeps at times, and this device may wake it for what is written to them. */
  wakeable?: true
  fingerprint: string
  deviceIds: string[]
  /** The direct conversation, present once accepted. */
  conversation?: string
  /** This is another person than the one named here. */
  lookalike?: Lookalike
  /** With a request, either way, the groups that both belong to; at least one if present. */
  groups?: { id: string; name: string }[]
  /** Addresses that the owner gave, at which another device answers now; at least one if present. */
  mismatches?: Mismatch[]
  /** Their device was linked to somebody's others, and goes on as this person: proven by the logs of both. */
  movedTo?: Successor
  /** The contact who goes on as this person. */
  cameFrom?: Predecessor
}

/** Whom a contact goes on as. They are not verified by that: the safety number is another. */
export interface Successor {
  /** The PersonId; also a contact, or a request. */
  id: string
  /** What the owner calls them; may be empty. */
  name: string
  /** `open`: the owner has not said yet whether to follow; see ContactPatch. `followed`: what is new is said there. */
  answer: 'open' | 'followed'
}

export interface Predecessor {
  id: string
  name: string
  answer: 'open' | 'followed'
  /** The direct conversation with them, to be read. */
  conversation?: string
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

/** POST /contacts: exactly one of `link`, `deviceId` (a device from GET /peers) and `contactId` (to ask again, or a member of a group of the owner's). */
export interface NewContact {
  link?: string
  deviceId?: string
  contactId?: string
  note?: string
}

export interface ContactPatch {
  /** `blocked` also for the PersonId of somebody who is no contact, and whom a group of the owner's names. */
  state?: 'accepted' | 'declined' | 'blocked' | 'unblocked'
  /** Follows a contact to the person that they go on as, or does not; 409 where `movedTo` is not open. Their request is answered with it. */
  follow?: boolean
  /** The address of a mismatch that the owner has seen. */
  dismiss?: string
  petname?: string
  muted?: boolean
  /** Mutes until then; `muted: true` alone has no end. */
  mutedUntil?: number
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
