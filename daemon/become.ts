/** This home joins another person: what it was is left as it stands, and what it becomes is written down. */

import { nextNumber } from './contacts/wish.ts'
import type { Welcome } from './devices/joining.ts'
import { becomeDeviceOf } from './identity/identity.ts'
import { broughtAlong } from './owner/carried.ts'
import type { Rooms } from './rooms.ts'
import type { Store } from './store/store.ts'

/** Durable when it resolves; the rooms must be opened anew then. */
export async function becomeOther(rooms: Rooms, store: Store, { seed, person, log, card }: Welcome): Promise<void> {
  const { identity, conversations, profile, book } = rooms
  const { peers, ownLog } = conversations
  await peers.learnPerson(person, log)
  // For those who know the person that this device was: told to whoever is linked now, and kept.
  if (!ownLog.isRemoved) await ownLog.moveTo(person)
  await profile.change({ name: card.name, status: card.status, color: card.color, welcomed: true })
  await becomeDeviceOf(store, identity, { seed, log })
  const now = Date.now()
  for (const record of book.all()) {
    if (record.person === person) await book.remove(person)
    // They knew somebody else: the person whom this device joins asks them anew.
    else if (record.state === 'accepted')
      await book.change(record.person, { state: 'outgoing', number: nextNumber(record, now), changedAt: broughtAlong })
    else if (record.state !== 'blocked') await book.remove(record.person)
  }
}
