/** Shapes of the local API: groups, their members and invites. A group's messages are those of any conversation (http-conversations.ts). */

import type { ContactState, Lookalike } from './http-people.ts'

export type GroupRole = 'owner' | 'admin' | 'member' | 'reader'

/** The least role that may do something. */
export type LeastRole = 'owner' | 'admin' | 'member'

/** What newcomers may read: everything, or what was written since they joined. */
export type GroupHistory = 'everything' | 'joining'

/**
 * `invited`: others added the owner, who has not answered. `left`, `removed`: the owner belongs no more; what is held stays readable.
 * `closed`: an owner ended the group for everybody.
 */
export type OwnStanding = 'invited' | 'joined' | 'left' | 'removed' | 'closed'

/** What the owner may do now, as every other device would judge it. */
export interface GroupRights {
  post: boolean
  /** Add contacts, make links. */
  invite: boolean
  /** Name, description, colour, picture. */
  change: boolean
  /** `post`, `invite`, `change`, `history`, and to close the group. */
  govern: boolean
  /** Only the root owner. */
  transfer: boolean
  /** Roles that the owner may give to those they add. */
  roles: GroupRole[]
}

/** Of a conversation of kind `group`. */
export interface Group {
  description: string
  /** `#rrggbb`; beneath a picture, the one that the group is shown in without it. */
  color: string
  picture?: GroupPicture
  standing: OwnStanding
  role: GroupRole
  rights: GroupRights
  /** Who has joined; invited ones are not counted. */
  members: number
  post: LeastRole
  invite: LeastRole
  change: LeastRole
  history: GroupHistory
  /** Only few may write: everybody else reads. */
  broadcast: boolean
  /** With `invited`: who added the owner. */
  invitedBy?: { id: string; name: string; isContact: boolean }
  /**
   * People who were removed while some devices that belong have not learned of it yet: until then these devices may
   * still show them new messages.
   */
  unaware?: { removed: { id: string; name: string }; devices: number }[]
}

/** The picture of a group: all of it is here, and it is one. Without it the group is shown by colour and initials. */
export interface GroupPicture {
  /** Of the blob. */
  id: string
  /** As `url` of an Attachment (http-files.ts). */
  url?: string
}

/** GET /conversations/:id/members: everybody, those with most rights first. */
export interface GroupMember {
  /** The PersonId. */
  id: string
  name: string
  petname: string
  role: GroupRole
  state: 'invited' | 'joined'
  /** Cannot be removed. */
  root?: true
  /** The owner of this device. */
  mine?: true
  online: boolean
  /** 0 if never seen. */
  lastSeenAt: number
  color: string
  fingerprint: string
  verified: boolean
  /** Absent if they are neither a contact nor asked to be one. */
  contact?: ContactState
  /** What the owner may do to them now. */
  may: { remove: boolean; roles: GroupRole[]; transfer: boolean }
  devices: MemberDevice[]
  lookalike?: Lookalike
}

export interface MemberDevice {
  deviceId: string
  fingerprint: string
  online: boolean
}

/** POST /conversations with kind `group`. Answers the conversation. */
export interface NewGroup {
  kind: 'group'
  /** At least one letter, at most 64 code points. */
  name: string
  /** PersonIds of contacts: they are added as members and have to accept. */
  members: string[]
  description?: string
  color?: string
  /** `admin`: a broadcast group. */
  post?: LeastRole
  invite?: LeastRole
  change?: LeastRole
  history?: GroupHistory
}

/** PATCH /conversations/:id/group. */
export interface GroupPatch {
  name?: string
  description?: string
  /** Takes the place of a picture. */
  color?: string
  /**
   * Id of a file that was added to the group by POST /blobs, a PNG, JPEG or WebP picture; it takes the place of the colour. `null`: neither
   * picture nor colour. Not together with `color`.
   */
  picture?: string | null
  post?: LeastRole
  invite?: LeastRole
  change?: LeastRole
  history?: GroupHistory
}

/** POST /conversations/:id/answer: to being added. */
export interface GroupAnswer {
  answer: 'accept' | 'decline'
}

/** POST /conversations/:id/members: adds a contact, who has to accept. Answers the member. */
export interface NewMember {
  /** PersonId of a contact, or of a former member. */
  id: string
  /** `member` unless said. */
  role?: GroupRole
}

/**
 * PATCH /conversations/:id/members/:person: exactly one of the two. DELETE …/members/:person removes; POST …/leave leaves;
 * POST …/close ends the group for everybody.
 */
export interface MemberPatch {
  role?: GroupRole
  /** Makes them the root owner, in place of the owner of this device. */
  transfer?: true
}

/** GET /conversations/:id/invites; DELETE …/invites/:invite takes one back. */
export interface GroupInvite {
  id: string
  /** `warren:…`, also the text of its QR code; absent if another device made it: only that one has its key. */
  link?: string
  by: { id: string; name: string }
  role: GroupRole
  /** 0 is without bound. */
  uses: number
  used: number
  /** Epoch milliseconds; 0 is never. */
  expiresAt: number
}

/** POST /conversations/:id/invites. Answers the invite, with its link. */
export interface NewInvite {
  /** `member` unless said. */
  role?: GroupRole
  /** 1 unless said; 0 is without bound. */
  uses?: number
  /** How long the link lives, in seconds: a week unless said; 0 is for ever. */
  seconds?: number
}

/** POST /groups/look: what a link leads to, as the link itself says; nobody is asked. */
export interface GroupLook {
  link: string
}
export interface GroupGlance {
  /** The group's id. */
  conversation: string
  name: string
  /** The owner belongs to it already. */
  belongs: boolean
}

/** POST /groups/join: goes on in the background until a member lets the owner in; answers at once. Throws BAD_SHAPE, LINK_EXPIRED. */
export interface GroupJoin {
  link: string
}

/** GET /groups/joining: links that lead nowhere yet; DELETE /groups/joining/:conversation gives up. */
export interface Joining {
  conversation: string
  name: string
  since: number
  /** `asking`: members are looked for. The others have ended it: the link was taken back or used up, or has expired; the owner was removed. */
  state: 'asking' | 'not-valid' | 'expired' | 'removed'
}

/** Who holds what of a conversation: GET /conversations/:id/completeness. Devices of others first by how much the owner lacks. */
export interface Completeness {
  devices: {
    deviceId: string
    /** Whose. */
    person: { id: string; name: string }
    linked: boolean
    /** When their state was last heard, epoch milliseconds; 0 if never. */
    heardAt: number
    /** Entries that they say they hold and this device lacks, and the other way round. */
    lacking: number
    ahead: number
  }[]
  /** Everything that any device is known to hold is here. */
  complete: boolean
  /** With `complete`: the newest moment up to which that is known of all devices; 0 if none was heard. */
  upTo: number
  /** Messages here whose key has not come yet. */
  unreadable: number
}

/** A line between messages that tells what happened to the group. Names are joined by the daemon. */
export type Notice =
  | { is: 'created' | 'closed'; by: NoticePerson }
  | { is: 'added' | 'removed' | 'transferred' | 'admitted'; by: NoticePerson; whom: NoticePerson }
  | { is: 'accepted' | 'declined' | 'left'; by: NoticePerson }
  | { is: 'role'; by: NoticePerson; whom: NoticePerson; role: GroupRole }
  | { is: 'named'; by: NoticePerson; name: string }
  | {
      is: 'settings'
      by: NoticePerson
      changed: ('description' | 'color' | 'picture' | 'post' | 'invite' | 'change' | 'history')[]
    }
  /** A device joined or left a person. */
  | { is: 'device-added' | 'device-removed'; by: NoticePerson; fingerprint: string }

export interface NoticePerson {
  id: string
  name: string
  mine?: true
}
