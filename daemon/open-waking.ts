/** Joins what follows a wake to the network and to the rooms that know who wakes and what comes. */

import { errorCode } from '../protocol/errors.ts'
import type { ConversationId, DeviceId } from '../protocol/ids.ts'
import type { LinkAddress } from '../protocol/link-address.ts'
import { isMuted } from '../protocol/mute.ts'
import type { Closers } from './closers.ts'
import type { Log } from './log.ts'
import type { Net } from './net/net.ts'
import type { Rooms } from './rooms.ts'
import type { Store } from './store/store.ts'
import { systemTimers } from './timers.ts'
import { Came } from './waking/came.ts'
import { Notes, type NotesDeps, type OpenedNote } from './waking/notes.ts'

export interface WakingParts {
  readonly net: Net
  readonly rooms: Rooms
  readonly store: Store
  readonly closers: Closers
  readonly log: Log
  readonly openNote: NotesDeps['open']
}

/** `note`: what came with a push, if anything did. Never rejects. */
export type Woken = (note: Uint8Array | undefined) => Promise<void>

const multiaddrOf = ({ kind, host, port }: LinkAddress): string => `/${kind}/${host}/tcp/${port}`

/** A contact, or one who shares a group; and not blocked. */
function isKnown({ conversations, contacts }: Rooms, device: DeviceId): boolean {
  const person = conversations.peers.personOf(device)
  if (person === undefined || contacts.isBlocked(person)) return false
  return contacts.isAccepted(person) || conversations.ownGroups.sharedWith(person).length > 0
}

function unreadIn({ conversations }: Rooms, id: ConversationId): number | undefined {
  const { owner } = conversations
  if (!owner.has(id)) return undefined
  const { unread, mutedUntil, listed } = owner.record(id)
  return listed && !isMuted(mutedUntil, systemTimers.now()) ? unread : 0
}

const openCame = ({ net, rooms }: WakingParts): Came =>
  new Came({
    bus: rooms.bus,
    timers: systemTimers,
    unread: (id) => unreadIn(rooms, id),
    conversations: () => rooms.conversations.owner.all().map(({ scope }) => scope as ConversationId),
    isLevel: (device) => rooms.sync.isLevel(device),
    linked: () => net.links().map(({ device }) => device),
  })

/** A disk that cannot note that it was taken takes none. */
async function takeFrom(notes: Notes, note: Uint8Array, log: Log): Promise<OpenedNote | undefined> {
  try {
    return await notes.take(note)
  } catch (error) {
    log('warn', 'the note of a wake could not be taken', { code: errorCode(error) })
    return undefined
  }
}

/** To be called before anybody is heard, so that it closes when nobody is heard any more. Rejects with STORE_…. */
export async function openWaking(parts: WakingParts): Promise<Woken> {
  const { net, rooms, store, openNote, log, closers } = parts
  const notes = await Notes.open({
    store,
    open: openNote,
    isKnown: (device) => isKnown(rooms, device),
    now: () => systemTimers.now(),
  })
  let came: Came | undefined
  closers.add(() => came?.close())
  return async (note) => {
    came ??= openCame(parts)
    const taken = note === undefined ? undefined : await takeFrom(notes, note, log)
    if (taken !== undefined) net.expect(taken.device, taken.addresses.map(multiaddrOf))
    else if (note !== undefined) log('info', 'a wake came with a note that says nothing here')
    came.woken(taken?.device)
  }
}
