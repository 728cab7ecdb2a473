/** Joins the devices room to the network and to the rooms that it changes. */

import { encodeDeviceLink } from '../protocol/contact-link.ts'
import type { DeviceClass } from '../protocol/device-record.ts'
import type { DeviceId } from '../protocol/ids.ts'
import { WarrenError } from '../protocol/errors.ts'
import type { BeginningAnew } from '../protocol/http-phrase.ts'
import { becomeOther } from './become.ts'
import { beginAnew, lookAtBeginning } from './begin-anew.ts'
import type { Closers } from './closers.ts'
import { Devices } from './devices/devices.ts'
import type { Recoveries } from './devices/recoveries.ts'
import type { OpenTalk } from './devices/talk.ts'
import type { Log } from './log.ts'
import type { Net } from './net/net.ts'
import type { NetLog } from './net/net-log.ts'
import { DeviceDesk } from './owner/device-desk.ts'
import { intend } from './identity/identity.ts'
import { ownLinkDevices } from './owner/own-link.ts'
import { PassingNet } from './passing-net.ts'
import { random } from './random.ts'
import { openFinder, openRecoveries } from './recover.ts'
import type { Rooms } from './rooms.ts'
import type { Store } from './store/store.ts'
import { systemTimers } from './timers.ts'

export interface DevicesParts {
  readonly net: Net
  /** `net` is not started then: other devices of the person are asked by one of this home's own. */
  readonly isArchive: boolean
  readonly mdns: boolean
  /** What this device is; a desktop, if it is not said. */
  readonly deviceClass?: DeviceClass | undefined
  readonly log: Log
  readonly rooms: Rooms
  readonly store: Store
  readonly closers: Closers
  /** This home is another one's from now on. */
  readonly moved: () => void
}

function openPassing(
  { isArchive, mdns, log }: Pick<DevicesParts, 'isArchive' | 'mdns' | 'log'>,
  closers: Closers,
): PassingNet | undefined {
  if (!isArchive) return undefined
  // It takes constants only, which the compiler cannot see through two generic types.
  const passing = new PassingNet({ random, timers: systemTimers, log: log as NetLog, mdns })
  closers.add(async () => await passing.close())
  return passing
}

export interface OpenedDevices {
  readonly devices: Devices
  readonly recoveries: Recoveries
  /** See beginAnew(). Throws CONFLICT while this home is becoming another. */
  readonly beginAnew: () => Promise<BeginningAnew>
}

export function openDevices({ net, rooms, store, closers, moved, deviceClass, ...rest }: DevicesParts): OpenedDevices {
  const { identity, conversations, profile, peerList, bus } = rooms
  const { peers, ownLog, duplicate } = conversations
  const passing = openPassing(rest, closers)
  // Before the network ends: what was intended is taken up again at the next start.
  const closing = new AbortController()
  closers.add(() => closing.abort())
  const open: OpenTalk = async (address, signal) => await (passing ?? net).talk(address, signal)
  const device = passing?.device ?? identity.device
  const nearby = async (signal: AbortSignal): Promise<readonly string[]> => {
    if (passing !== undefined) return await passing.nearby(signal)
    return peerList.all().flatMap((each) => {
      const [address] = each.addresses
      return address === undefined ? [] : [`${address}/p2p/${each.device}`]
    })
  }
  const parts = { timers: systemTimers, deviceClass, open, nearby, closing: closing.signal }
  let recoveries: Recoveries | undefined
  const devices = new Devices({
    self: { device, person: identity.person },
    ...parts,
    random,
    link: (secret) =>
      encodeDeviceLink({ person: identity.person, secret, devices: ownLinkDevices(identity.device, net.network()) }),
    comesBack: () => (passing !== undefined ? 'must' : ownLog.isRemoved ? 'may' : 'not'),
    isKnown: (device) => peers.personOf(device) !== undefined,
    isShutOut: () => ownLog.isRemoved || duplicate.isSeen,
    intent: identity.intent,
    intend: async (intent) => await intend(store, intent),
    belongs: (device) => ownLog.state.devices.has(device),
    remove: async (device) => await ownLog.remove(device),
    add: async (record, counterSignature) => await ownLog.add(record, counterSignature),
    log: async () => await peers.personLog(identity.person),
    card: () => profile.data,
    preview: (person, log) => peers.previewPerson(person, log),
    become: async (welcome) => {
      await becomeOther(rooms, store, welcome)
      moved()
    },
    finder: openFinder(rooms),
    isRecovering: () => recoveries?.isBinding === true,
    changed: () => bus.publish({ type: 'devices' }),
  })
  recoveries = openRecoveries({ ...parts, rooms, store, devices, device, moved })
  const linkings = devices
  const recovering = recoveries
  return {
    devices,
    recoveries,
    beginAnew: async () => {
      if (linkings.isAgreed || recovering.isBinding)
        throw new WarrenError('CONFLICT', 'this device is becoming one of somebody at this moment')
      const begun = await beginAnew({ rooms, store, deviceClass, random, now: () => systemTimers.now() })
      moved()
      return begun
    },
  }
}

/** The owner's own devices, as the owner meets them. */
export const openDesk = (
  rooms: Rooms,
  { devices, recoveries, beginAnew: anew }: OpenedDevices,
  isLinked: (device: DeviceId) => boolean,
): DeviceDesk =>
  new DeviceDesk({
    self: rooms.identity,
    devices,
    recoveries,
    beginAnew: anew,
    lookAtBeginning: () => lookAtBeginning(rooms),
    log: rooms.conversations.ownLog,
    names: rooms.deviceNames,
    phrase: rooms.phrase,
    isLinked,
    changed: () => rooms.bus.publish({ type: 'devices' }),
  })
