/** The owner's view of one device of a neighbourhood, as the API and the shell have it. */

import { Subscriptions } from '../../daemon/notify/subscriptions.ts'
import { PushDesk } from '../../daemon/owner/push-desk.ts'
import { randomBytes } from 'node:crypto'
import { noExamination } from '../../daemon/doctor/doctor.ts'
import type { Devices } from '../../daemon/devices/devices.ts'
import type { Recoveries } from '../../daemon/devices/recoveries.ts'
import { fileDeskOf, viewsOf } from '../../daemon/open-views.ts'
import { DeviceDesk } from '../../daemon/owner/device-desk.ts'
import { JoinDesk } from '../../daemon/owner/join-desk.ts'
import { DeviceOwner } from '../../daemon/owner/owner.ts'
import { Mutes } from '../../daemon/owner/mutes.ts'
import { WarrenError, type ErrorCode } from '../../protocol/errors.ts'
import type { ConversationId, PersonId } from '../../protocol/ids.ts'
import type { Device } from './device.ts'
import { fakeBackups } from './fake-backup.ts'
import { exporterOf } from './exported.ts'

/** Nobody is linked here: that needs a network. */
const noDevices = { linking: { state: 'none' } } as unknown as Devices

const noRecoveries = { shown: { state: 'none' } } as unknown as Recoveries

/** What the API and the shell ask, over the rooms of one device. */
export function ownerOf(device: Device, look: (address: string) => Device | ErrorCode = () => 'REFUSED'): DeviceOwner {
  const { identity, bus, profile, book, contacts, conversations, peerList, sync } = device.rooms
  const { timers } = device.options
  const files = fileDeskOf(device.rooms)
  const now = (): number => timers.now()
  const views = viewsOf(device.rooms, { files, isLinked: () => false, waking: () => [], isWakeable: () => false, now })
  const belongs = (group: ConversationId): boolean => conversations.peers.access.belongs(group)
  return new DeviceOwner({
    files,
    linkDevices: () => [],
    joins: new JoinDesk({ joins: device.rooms.joins, belongs, log: () => {} }),
    self: identity,
    bus,
    profile,
    book,
    contacts,
    mismatches: device.rooms.mismatches,
    mutes: new Mutes({ bus, timers, book, conversations: conversations.owner }),
    conversations: conversations.owner,
    ownGroups: conversations.ownGroups,
    groups: conversations.groups,
    now,
    random: (length) => new Uint8Array(randomBytes(length)),
    ownCard: device.rooms.ownCard,
    readPlaces: device.rooms.readPlaces,
    peerList,
    views,
    network: () => ({ addresses: [], tailnet: false }) as never,
    listening: () => [],
    links: () => [],
    pushServer: {
      settings: () => ({ server: '', state: 'off', wakers: 0, groups: 0, groupsWithout: 0, former: [] }),
      use: () => Promise.resolve(),
    },
    push: new PushDesk({
      subscriptions: new Subscriptions(device.store),
      publicKey: new Uint8Array(65),
      accepts: () => false,
      changed: () => undefined,
      now,
    }),
    ownDevices: new DeviceDesk({
      self: identity,
      devices: noDevices,
      recoveries: noRecoveries,
      lookAtBeginning: () => ({ asksContacts: true }),
      beginAnew: async () => await Promise.reject(new WarrenError('CONFLICT', 'not here')),
      log: conversations.ownLog,
      names: device.rooms.deviceNames,
      phrase: device.rooms.phrase,
      isLinked: () => false,
      changed: () => bus.publish({ type: 'devices' }),
    }),
    personOf: (each) => conversations.peers.personOf(each),
    look: (address) => {
      const found = look(address)
      if (typeof found === 'string') return Promise.reject(new WarrenError(found, 'nobody is there'))
      const hello = found.sayHello(device)
      const { person, name } = hello
      return Promise.resolve({ device: found.id, hello, person, name, source: 'manual', addresses: [address] })
    },
    exporter: exporterOf(device, (person) => views.nameOf(person as PersonId)),
    backups: fakeBackups,
    doctor: { examination: noExamination, begin: () => noExamination },
    typing: (conversation) => sync.typing(conversation),
    asked: () => sync.asked(),
  })
}
