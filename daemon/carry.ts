/** Joins what the owner's devices tell each other to the rooms that it is about. */

import { selfId } from '../protocol/ids.ts'
import type { Log } from './log.ts'
import { Carried } from './owner/carried.ts'
import { PrivateRegisters } from './registers/private-registers.ts'
import type { Rooms } from './rooms.ts'

type Carrying = Pick<Rooms, 'identity' | 'bus' | 'book' | 'contacts' | 'conversations' | 'profile' | 'registers'>

export function carry(rooms: Carrying, { random, log }: { random: (length: number) => Uint8Array; log: Log }): Carried {
  const { identity, bus, book, contacts, conversations, profile, registers } = rooms
  const { ownLog, peers, owner } = conversations
  const scope = selfId(identity.person)
  const between = new PrivateRegisters({
    registers,
    self: identity,
    scope,
    sealingKey: async () => await ownLog.sealingKey(),
    keyOf: (epoch) => ownLog.keyOf(epoch),
    random,
  })
  const carried = new Carried({
    self: identity,
    bus,
    book,
    contacts,
    conversations: owner,
    profile,
    registers: between,
    openContact: async (person) => {
      await peers.openPerson(person)
      await peers.openDirect(person)
    },
    hasOthers: () => ownLog.state.devices.size > 1 && !ownLog.isRemoved,
    failed: () => log('warn', 'what another device of the owner said could not be taken in'),
  })
  peers.onKeys((each) => {
    if (each === scope) between.retry()
  })
  peers.onAppended(({ scope: changed }) => {
    if (changed === identity.person) carried.tellAll()
  })
  return carried
}
