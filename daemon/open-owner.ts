/** What the owner of an open house sees and does, over its rooms and its network. */

import type { DeviceId } from '../protocol/ids.ts'
import type { Log } from './log.ts'
import { createExporter } from './open-copies.ts'
import { openDesk, type OpenedDevices } from './open-devices.ts'
import type { Network } from './open-network.ts'
import { fileDeskOf, viewsOf } from './open-views.ts'
import type { OpenWake } from './open-wake.ts'
import { groupLinkDevices } from './owner/group-link-devices.ts'
import { JoinDesk } from './owner/join-desk.ts'
import { DeviceOwner, type OwnerDeps } from './owner/owner.ts'
import { random } from './random.ts'

const now = (): number => Date.now()

type OwnerParts = Pick<OwnerDeps, 'backups' | 'doctor' | 'mutes' | 'push'> & {
  readonly wake: OpenWake
  readonly opened: OpenedDevices
  readonly log: Log
}

export function createOwner(
  { net, rooms }: Network,
  { opened, mutes, wake, log, ...rest }: OwnerParts,
  version: string,
): DeviceOwner {
  const { identity, bus, profile, book, contacts, mismatches } = rooms
  const files = fileDeskOf(rooms)
  const { conversations, registers, peerList, sync } = rooms
  const isLinked = (device: DeviceId): boolean => net.links().some((link) => link.device === device)
  const { waking, isWakeable } = wake
  const views = viewsOf(rooms, { files, isLinked, waking, isWakeable, now })
  const named = { self: identity, peers: conversations.peers, registers }
  const joins = new JoinDesk({ joins: rooms.joins, belongs: (group) => conversations.peers.access.belongs(group), log })
  return new DeviceOwner({
    files,
    joins,
    linkDevices: (group) => groupLinkDevices(group, { ...named, network: net.network(), isLinked }),
    self: identity,
    bus,
    profile,
    book,
    contacts,
    mismatches,
    mutes,
    conversations: conversations.owner,
    ownGroups: conversations.ownGroups,
    groups: conversations.groups,
    now,
    random,
    ownCard: rooms.ownCard,
    readPlaces: rooms.readPlaces,
    peerList,
    views,
    network: () => net.network(),
    listening: () => net.listening(),
    links: () => net.links(),
    personOf: (device) => conversations.peers.personOf(device),
    look: async (address, signal) => await net.look(address, signal),
    typing: (conversation) => sync.typing(conversation),
    asked: () => sync.asked(),
    ownDevices: openDesk(rooms, opened, isLinked),
    pushServer: wake.push,
    exporter: createExporter(rooms, views, version),
    ...rest,
  })
}
