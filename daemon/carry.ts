/** Joins what the owner's devices tell each other to the rooms that it is about. */

import { hostname } from 'node:os'
import { errorCode } from '../protocol/errors.ts'
import { selfId } from '../protocol/ids.ts'
import { returned, returnOf } from './backup/archive-mark.ts'
import { forgetRecoverySeed, recoverySeedIn } from './identity/identity.ts'
import type { Log } from './log.ts'
import { Carried } from './owner/carried.ts'
import { DeviceNames } from './owner/device-names.ts'
import { OwnCard } from './owner/own-card.ts'
import { phraseMark, PhraseDesk } from './owner/phrase-desk.ts'
import { PrivateRegisters } from './registers/private-registers.ts'
import type { Rooms } from './rooms.ts'
import type { Store } from './store/store.ts'
import type { Timers } from './timers.ts'

type Carrying = Pick<Rooms, 'identity' | 'bus' | 'book' | 'contacts' | 'conversations' | 'profile' | 'registers'>

export interface CarryDeps {
  readonly store: Store
  readonly random: (length: number) => Uint8Array
  readonly timers: Timers
  readonly log: Log
}

/** What the owner's devices know of each other. */
export interface Between {
  readonly carried: Carried
  readonly ownCard: OwnCard
  readonly deviceNames: DeviceNames
  readonly phrase: PhraseDesk
}

export function carry(rooms: Carrying, { store, random, timers, log }: CarryDeps): Between {
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
  const deviceNames = new DeviceNames(between)
  const hasOthers = (): boolean => ownLog.state.devices.size > 1 && !ownLog.isRemoved
  const failed = (error: unknown): void =>
    log('warn', 'what goes between the devices of the owner could not be done', { code: errorCode(error) })
  const phrase = new PhraseDesk({
    seed: () => recoverySeedIn(store),
    forget: async () => await forgetRecoverySeed(store),
    recoveryKey: () => ownLog.state.recoveryKey,
    registers: between,
    random,
    now: () => timers.now(),
    changed: () => bus.publish({ type: 'devices' }),
  })
  between.onChanged((key) => {
    if (key.startsWith('device/') || key === phraseMark) bus.publish({ type: 'devices' })
  })
  const ownCard = new OwnCard({ self: identity, registers, profile, bus })
  const carried = new Carried({
    self: identity,
    bus,
    book,
    contacts,
    conversations: owner,
    ownCard,
    registers: between,
    openContact: async (person) => {
      await peers.openPerson(person)
      await peers.openDirect(person)
    },
    hasOthers,
    return: returnOf(store),
    returned: async () => await returned(store),
    failed,
  })
  peers.onKeys((each) => {
    if (each === scope) between.retry()
  })
  peers.onAppended(({ scope: changed }) => {
    if (changed !== identity.person) return
    carried.tellAll()
    if (hasOthers()) deviceNames.propose(identity.device, hostname()).catch(failed)
    bus.publish({ type: 'devices' })
    bus.publish({ type: 'me' })
  })
  return { carried, ownCard, deviceNames, phrase }
}
