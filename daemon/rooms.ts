/** Opens every room of one device over a store and a way to reach others; daemon.ts adds the network and the API. */

import type { DeviceClass } from '../protocol/device-record.ts'
import { errorCode } from '../protocol/errors.ts'
import type { ConversationId, DeviceId, PersonId } from '../protocol/ids.ts'
import { limits } from '../protocol/limits.ts'
import { openAsOne } from './become.ts'
import type { BlobTalk } from './blobs/blob-talk.ts'
import type { Blobs, BlobsOptions } from './blobs/blobs.ts'
import type { Bus } from './bus.ts'
import { carry, type Between } from './carry.ts'
import { ContactBook } from './contacts/contact-book.ts'
import { Contacts, type Reach } from './contacts/contacts.ts'
import { GroupTalk, type GroupTalkDeps } from './contacts/group-talk.ts'
import type { Joins } from './contacts/joins.ts'
import { LinkRetries } from './contacts/link-retries.ts'
import { Mismatches } from './contacts/mismatches.ts'
import { Conversations } from './conversations/conversations.ts'
import type { Identity } from './identity/identity.ts'
import type { Log } from './log.ts'
import { fractions } from './net/fractions.ts'
import { openBlobs, type OpenBlobs } from './open-blobs.ts'
import { openRegisters, openTellers, registerTaker } from './open-registers.ts'
import { Arriving } from './owner/arriving.ts'
import { PeerList } from './owner/peer-list.ts'
import { Profile } from './owner/profile.ts'
import { Presence } from './presence/presence.ts'
import type { ReadPlaces } from './registers/read-places.ts'
import type { Registers } from './registers/registers.ts'
import type { Store } from './store/store.ts'
import { Sync } from './sync/sync.ts'
import type { Timers } from './timers.ts'

/** What the network does beside what the contacts ask of it. */
interface NetReach {
  learn(device: DeviceId, addresses: readonly string[]): void
  /** See BlobsDeps.open. */
  blob(device: DeviceId, signal: AbortSignal): Promise<BlobTalk>
}

export interface RoomsDeps {
  readonly store: Store
  readonly bus: Bus
  readonly log: Log
  readonly timers: Timers
  readonly random: (length: number) => Uint8Array
  readonly files?: Partial<BlobsOptions>
  /** What this device is; a desktop, if it is not said. */
  readonly deviceClass?: DeviceClass | undefined
  /** Hands out the network once the identity is known. */
  readonly reach: (identity: Identity) => Reach & NetReach
}

export interface Rooms extends Between {
  readonly identity: Identity
  readonly bus: Bus
  readonly profile: Profile
  readonly conversations: Conversations
  /** The files of conversations. */
  readonly blobs: Blobs
  readonly registers: Registers
  readonly book: ContactBook
  readonly contacts: Contacts
  readonly linkRetries: LinkRetries
  readonly joins: Joins
  readonly mismatches: Mismatches
  readonly presence: Presence
  readonly peerList: PeerList
  readonly sync: Sync
  readonly arriving: Arriving
  /** Up to where the owner has read, for all to know. */
  readonly readPlaces: ReadPlaces
  /** Ends sync; the store is its opener's to close. */
  close(): Promise<void>
}

/** Opens the rooms in the order in which they rest on each other. `name`: of an owner who has none yet. */
export async function openRooms(deps: RoomsDeps, name: string): Promise<Rooms> {
  const { store, bus, log, timers, random, deviceClass } = deps
  const now = (): number => timers.now()
  const draw = fractions(random)
  const identity = await openAsOne({ store, random, now, deviceClass })
  const conversations = await Conversations.open({ store, self: identity, bus, log, timers, random }, identity.log)
  const { peers } = conversations
  const registers = await openRegisters(deps, conversations, identity)
  const book = new ContactBook(store, bus, now)
  await book.load()
  const profile = await Profile.open(store, identity.person, name)
  const reach = deps.reach(identity)
  const isBlocked = (person: PersonId): boolean => contacts.isBlocked(person)
  const isContact = (person: PersonId): boolean => contacts.isAccepted(person)
  const about = { isContact, isBlocked, logs: peers, groups: peers.access, self: identity }
  const groups: GroupTalk = groupTalk(deps, {
    ...about,
    reach,
    linked: () => sync.links().map(({ device }) => device),
    keptChanged: () => contacts.refreshKept(),
  })
  await groups.joins.load()
  const own = { self: identity, profile: () => profile.data }
  const contacts: Contacts = new Contacts({ book, logs: peers, reach, groups, ...own, log, now })
  const linkRetries = new LinkRetries({ book, contacts, reach, now, random: draw })
  const mismatches = new Mismatches({ book, logs: peers, reach, self: identity, log, now })
  const presence = openPresence(deps, conversations, book)
  const sync: Sync = new Sync({ log: peers, registers, presence, report: log, timers, random: draw })
  const files = await openFiles(deps, conversations, reach, () => sync.links())
  const arriving = new Arriving({ bus, conversations: conversations.owner, sync })
  connectGroups({ conversations, sync, groups, isContact, isBlocked })
  const between = carry({ identity, bus, book, contacts, conversations, profile, registers }, deps)
  const take = registerTaker({ conversations, bus, reach, self: identity, carried: between.carried })
  for (const scope of conversations.scopes()) registers.registers(scope).forEach(take)
  registers.onChanged(take)
  const tellers = openTellers(deps, { conversations, registers, sync, self: identity })
  // Others may be near by what a log says.
  peers.onScopesChanged(() => contacts.refreshKept())
  return {
    identity,
    bus,
    profile,
    conversations,
    blobs: files.blobs,
    registers,
    book,
    contacts,
    linkRetries,
    joins: groups.joins,
    mismatches,
    presence,
    peerList: new PeerList(bus, limits.nearbyDevices),
    sync,
    arriving,
    ...between,
    readPlaces: tellers.readPlaces,
    close: async () => await closeRooms(tellers, sync, files, conversations),
  }
}

interface GroupRooms {
  readonly conversations: Conversations
  readonly sync: Sync
  readonly groups: GroupTalk
  readonly isContact: (person: PersonId) => boolean
  readonly isBlocked: (person: PersonId) => boolean
}

/** What the rooms that know groups need of each other. */
function connectGroups({ conversations, sync, groups, isContact, isBlocked }: GroupRooms): void {
  const { peers } = conversations
  peers.sharing.standings = { isContact, isBlocked }
  peers.access.writeAdmission = async (...all) => await conversations.groups.admit(...all)
  peers.access.writeAppearance = async (group) => await conversations.groups.appear(group)
  peers.groups.isAwaited = (group) => groups.joins.isAwaited(group as ConversationId)
  conversations.groups.gatherTops = async (scope, person) => {
    const { devices, removed } = peers.personState(person)
    await sync.gatherTops(scope, [...devices.keys(), ...removed])
  }
}

const openFiles = async (
  deps: RoomsDeps,
  conversations: Conversations,
  reach: NetReach,
  links: () => readonly { readonly device: DeviceId }[],
): Promise<OpenBlobs> =>
  await openBlobs(
    {
      ...deps,
      maySee: (device, scope) => conversations.peers.partFor(device, scope) === 'all',
      personOf: (device) => conversations.peers.personOf(device),
      linked: () => links().map(({ device }) => device),
      open: async (device, signal) => await reach.blob(device, signal),
    },
    conversations,
  )

type TalkDeps = Omit<GroupTalkDeps, 'store' | 'bus' | 'greet' | 'background' | 'now' | 'random'>

const groupTalk = ({ store, bus, log, timers, random }: RoomsDeps, deps: TalkDeps): GroupTalk =>
  new GroupTalk({
    ...deps,
    store,
    bus,
    greet: async (device) => await deps.reach.greet(device),
    background: inBackground(log),
    now: () => timers.now(),
    random: fractions(random),
  })

/** Work that nobody waits for. */
const inBackground =
  (log: Log) =>
  (work: Promise<unknown>): void => {
    work.catch((error: unknown) => log('warn', 'what a hello asked for could not be done', { code: errorCode(error) }))
  }

const openPresence = ({ bus, log, timers }: RoomsDeps, { peers, owner }: Conversations, book: ContactBook): Presence =>
  new Presence({
    bus,
    now: () => timers.now(),
    personOf: (device) => peers.personOf(device),
    isConversation: (scope) => owner.has(scope),
    seen: seenBy(book, log),
  })

/** Remembers when a contact was here last. */
const seenBy =
  (book: ContactBook, log: Log) =>
  (person: PersonId, at: number): void => {
    if (book.get(person)?.state !== 'accepted') return
    book.change(person, { lastSeenAt: at }).catch(() => log('warn', 'when a contact was last here could not be stored'))
  }

/** What is to be told is told while there is somebody to hear it, and then what came meanwhile. */
async function closeRooms(
  tellers: { close(): Promise<void> },
  sync: { close(): Promise<void> },
  files: { close(): Promise<void> },
  conversations: { close(): Promise<void> },
): Promise<void> {
  await tellers.close()
  await sync.close()
  await tellers.close()
  await files.close()
  await conversations.close()
}
