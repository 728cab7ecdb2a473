/** How what the rooms know looks to the owner: the views over one house. */

import { Views, type ViewsDeps } from './owner/views.ts'
import type { Rooms } from './rooms.ts'

/** What of the rest of the house they look at. */
export type Seen = Pick<ViewsDeps, 'files' | 'isLinked' | 'waking' | 'isWakeable'>

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
    ...seen,
    personOf: (device) => conversations.peers.personOf(device),
    now: () => Date.now(),
  })
}
