/** This home begins its person anew, with other words, where the old ones are lost: what it was is left, and contacts are asked to follow. */

import type { DeviceClass } from '../protocol/device-record.ts'
import { WarrenError } from '../protocol/errors.ts'
import type { BeginningAnew } from '../protocol/http-phrase.ts'
import { becomeOther } from './become.ts'
import { beginnerOf, beginPerson } from './identity/identity.ts'
import type { Rooms } from './rooms.ts'
import type { Store } from './store/store.ts'

export interface BeginAnewDeps {
  readonly rooms: Pick<Rooms, 'conversations' | 'identity' | 'profile' | 'phrase'>
  readonly store: Store
  readonly deviceClass?: DeviceClass | undefined
  readonly random: (length: number) => Uint8Array
  readonly now: () => number
}

/** Of beginning anew now. Throws NOT_ALLOWED where this home cannot speak for its person, CONFLICT while the words are here. */
export function lookAtBeginning({ conversations, identity, phrase }: BeginAnewDeps['rooms']): BeginningAnew {
  if (identity.cannotSign || conversations.ownLog.isRemoved || conversations.duplicate.isSeen)
    throw new WarrenError('NOT_ALLOWED', 'this device cannot speak for its person')
  if (phrase.status().state === 'unwritten')
    throw new WarrenError('CONFLICT', 'the words are on this device: write them down')
  return { asksContacts: conversations.ownLog.hasRoom }
}

/**
 * Decides it, durable when it resolves; the rooms must be opened anew then. No device replaces the words of the person that it is of,
 * or a stolen one could. Where somebody filled the log of the person, contacts cannot be told, and it goes on without. Throws as
 * lookAtBeginning() and becomeOther().
 */
export async function beginAnew({ rooms, store, deviceClass, random, now }: BeginAnewDeps): Promise<BeginningAnew> {
  const beginning = lookAtBeginning(rooms)
  const begun = beginPerson({ random, now, deviceClass })
  const welcome = { ...begun, person: beginnerOf(begun.log), card: rooms.profile.data }
  await becomeOther(rooms, store, welcome, beginning.asksContacts)
  return beginning
}
