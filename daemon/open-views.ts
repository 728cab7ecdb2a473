/** How what the rooms know looks to the owner: the views over one house, and its files. */

import { FileDesk } from './owner/file-desk.ts'
import { checkMayWrite } from './owner/may-write.ts'
import { Views, type ViewsDeps } from './owner/views.ts'
import type { Rooms } from './rooms.ts'

/** What of the rest of the house they look at. */
export type Seen = Pick<ViewsDeps, 'files' | 'isLinked' | 'waking' | 'isWakeable' | 'now'>

export function fileDeskOf({ blobs, bus, book, conversations }: Rooms): FileDesk {
  const may = { conversations: conversations.owner, book }
  return new FileDesk({
    files: blobs,
    looksDifferent: (conversation) => bus.publish({ type: 'conversation', conversation }),
    checkMayWrite: (id) => checkMayWrite(may, id),
  })
}

export function viewsOf(rooms: Rooms, seen: Seen): Views {
  const { identity, bus, profile, book, contacts, conversations, registers, presence } = rooms
  return new Views({
    self: identity,
    book,
    registers,
    presence,
    conversations: conversations.owner,
    ownGroups: conversations.ownGroups,
    profile,
    arriving: rooms.arriving,
    bus,
    asksAgain: (record) => contacts.asksAgain(record),
    moveStands: (record) => contacts.moves.stands(record),
    standing: (record) => contacts.safety.standing(record),
    devicesOf: (person) => conversations.peers.devicesOf(person),
    classOf: (person, device) => conversations.peers.personState(person).devices.get(device)?.deviceClass,
    personOf: (device) => conversations.peers.personOf(device),
    ...seen,
  })
}
