/** This home becomes a device of the person whose 24 words it was given: of another one, or of its own that it could not speak for any more. */

import type { DeviceClass } from '../protocol/device-record.ts'
import type { DeviceId, PersonId } from '../protocol/ids.ts'
import { becomeOther } from './become.ts'
import type { Devices } from './devices/devices.ts'
import { Finder } from './devices/finder.ts'
import { Recoveries } from './devices/recoveries.ts'
import type { OpenTalk } from './devices/talk.ts'
import { displayLine } from './owner/display-text.ts'
import { newestCard } from './owner/newest-card.ts'
import { random } from './random.ts'
import type { Rooms } from './rooms.ts'
import type { Store } from './store/store.ts'
import type { Timers } from './timers.ts'

export interface RecoveriesParts {
  readonly rooms: Rooms
  readonly store: Store
  readonly timers: Timers
  readonly devices: Pick<Devices, 'isAgreed'>
  readonly deviceClass?: DeviceClass | undefined
  /** What others see when this home asks them. */
  readonly device: DeviceId
  readonly open: OpenTalk
  readonly nearby: (signal: AbortSignal) => Promise<readonly string[]>
  readonly closing: AbortSignal
  /** This home is another one's from now on. */
  readonly moved: () => void
}

export function openRecoveries({
  rooms,
  store,
  timers,
  devices,
  deviceClass,
  device,
  open,
  nearby,
  closing,
  moved,
}: RecoveriesParts): Recoveries {
  const { identity, conversations, profile, bus, deviceNames } = rooms
  const { peers, ownLog } = conversations
  return new Recoveries({
    self: { device, person: identity.person },
    timers,
    random,
    deviceClass,
    closing,
    open,
    nearby,
    isLinking: () => devices.isAgreed,
    preview: (person, log) => peers.previewPerson(person, log),
    line: displayLine,
    card: () => profile.data,
    ownLog: async () => (identity.cannotSign || ownLog.isRemoved ? await peers.personLog(identity.person) : undefined),
    nameOf: (device) => deviceNames.of(device),
    recover: async (recovered) => await becomeOther(rooms, store, recovered),
    moved,
    changed: () => bus.publish({ type: 'devices' }),
  })
}

/** Answers others who look for somebody with a recovery phrase. */
export function openFinder(rooms: Rooms): Finder {
  const { identity, book, conversations, registers, profile } = rooms
  const { peers } = conversations
  const isBlocked = (person: PersonId): boolean => book.get(person)?.state === 'blocked'
  return new Finder({
    self: identity,
    // As in a hello: nobody but a contact hears the name.
    answerer: async (person) => ({
      person: identity.person,
      proof: await peers.proof(),
      name: book.get(person)?.state === 'accepted' ? profile.data.name : '',
    }),
    known: () => peers.persons().flatMap((each) => (isBlocked(each) ? [] : [peers.personState(each)])),
    logOf: async (person) => await peers.personLog(person),
    cardOf: (person) => newestCard(registers, person, peers.devicesOf(person)),
    preview: (person, log) => peers.previewPerson(person, log),
    learn: async (person, log) => await peers.learnPerson(person, log),
  })
}
