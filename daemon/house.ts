/** Everything behind the lock: rooms and network over an open store. Opened by unlocking, closed by locking, any number of times. */

import { isIP } from 'node:net'
import { hostname, userInfo } from 'node:os'
import { byeCodes } from '../protocol/frames.ts'
import type { DeviceId } from '../protocol/ids.ts'
import type { Finding } from '../protocol/examination.ts'
import { limits } from '../protocol/limits.ts'
import { encodeAddresses, registerKeys } from '../protocol/register.ts'
import { archivedAt, isRevived } from './backup/archive-mark.ts'
import { Bus } from './bus.ts'
import { Closers } from './closers.ts'
import type { Devices } from './devices/devices.ts'
import { Doctor, type DoctorDeps, type Look } from './doctor/doctor.ts'
import { backupsOf, createExporter } from './open-copies.ts'
import { addressStore } from './kept-rows.ts'
import type { Log } from './log.ts'
import { Net } from './net/net.ts'
import type { NetOptions } from './net/net-parts.ts'
import type { NetLog } from './net/net-log.ts'
import type { DaemonOptions } from './options.ts'
import { Mutes } from './owner/mutes.ts'
import type { Push } from './push/push.ts'
import { fileDeskOf, viewsOf } from './open-views.ts'
import { openPush } from './open-push.ts'
import { openWaking, type Woken } from './open-waking.ts'
import { openWake, type OpenWake } from './open-wake.ts'
import { openDesk, openDevices, type OpenedDevices } from './open-devices.ts'
import { groupLinkDevices } from './owner/group-link-devices.ts'
import { JoinDesk } from './owner/join-desk.ts'
import { DeviceOwner, type OwnerDeps } from './owner/owner.ts'
import { random } from './random.ts'
import { retryLinks } from './retry-links.ts'
import { openRooms, type Rooms, type RoomsDeps } from './rooms.ts'
import type { Store } from './store/store.ts'
import type { Vault } from './store/vault.ts'
import { systemTimers } from './timers.ts'

const now = (): number => Date.now()

const osName = (): string => {
  try {
    return userInfo().username
  } catch {
    // A uid without an entry in the user database.
    return 'me'
  }
}

const listenAddresses = ({ listen, peerPort }: DaemonOptions): string[] =>
  listen.map((each) => (isIP(each) === 0 ? each : `/ip${isIP(each)}/${each}/tcp/${peerPort}`))

const netOptions = (options: DaemonOptions): NetOptions => ({
  listen: listenAddresses(options),
  port: options.peerPort,
  mdns: options.mdns,
  announceLoopback: options.announceLoopback,
})

interface Network {
  readonly net: Net
  readonly rooms: Rooms
  /** Answers devices that want to join, from when it is told on. */
  hear(devices: Devices): void
  /** Tells of links, from when it is told on. */
  tell(wake: OpenWake): void
}

type NetReach = ReturnType<RoomsDeps['reach']>

/** What the rooms ask of the network, which is there once it is asked. */
const reachOf = (running: () => Net): NetReach => ({
  keep: (devices) => running().keep(devices),
  greet: async (device) => await running().greet(device),
  look: async (address, signal) => await running().look(address, signal),
  disconnect: (device) => {
    for (const link of running().links()) if (link.device === device) void link.close(byeCodes.notAllowed)
  },
  check: async (device, address) => await running().check(device, address),
  learn: (device, addresses) => running().learn(device, addresses, 'contact'),
  blob: async (device, signal) => await running().blob(device, signal),
})

/** Opens the rooms and the network, which need each other: what net hears goes to rooms that are open by then. */
async function openNetwork(store: Store, bus: Bus, log: Log, options: DaemonOptions): Promise<Network> {
  let net: Net | undefined
  let rooms: Rooms | undefined
  let devices: Devices | undefined
  let wake: OpenWake | undefined
  const running = (): Net => net as Net
  const opened = await openRooms(
    {
      store,
      bus,
      log,
      timers: systemTimers,
      random,
      files: options.fileBytes === undefined ? {} : { fileBytes: options.fileBytes },
      reach: ({ seed }) => {
        net = new Net(
          {
            seed,
            addressStore: addressStore(store),
            // Both take constants only, which the compiler cannot see through two generic types.
            log: log as NetLog,
            now,
            random,
            greeter: {
              hello: (to) => (rooms as Rooms).contacts.hello(to),
              heard: (from, hello) => (rooms as Rooms).contacts.heard(from, hello),
            },
            listener: {
              link: (link) => {
                linkUp(rooms as Rooms, link)
                wake?.linked(link.device, link.closed)
              },
              mismatched: (...all) => (rooms as Rooms).mismatches.mismatched(...all),
              matched: (...all) => (rooms as Rooms).mismatches.matched(...all),
              seen: (peer) => (rooms as Rooms).peerList.seen(peer),
              gone: (device) => (rooms as Rooms).peerList.gone(device),
              duplicate: () => duplicateSeen(rooms as Rooms, bus, log),
              blob: (talk) => void (rooms as Rooms).blobs.heard(talk),
              talk: (talk) => (devices === undefined ? talk.end() : void devices.heard(talk)),
              networkChanged: () => networkChanged(rooms as Rooms, running(), bus, options, log),
            },
          },
          netOptions(options),
        )
        return reachOf(running)
      },
    },
    options.name ?? osName(),
  )
  rooms = opened
  const hear = (opening: Devices): void => {
    devices = opening
  }
  const tell = (opening: OpenWake): void => {
    wake = opening
  }
  return { net: running(), rooms: opened, hear, tell }
}

function linkUp({ sync, mismatches, blobs }: Rooms, link: Parameters<Rooms['sync']['addLink']>[0]): void {
  sync.addLink(link)
  blobs.linkedWith(link.device)
  mismatches.linked(link.device)
}

/** Nothing is written here any more, or two histories of one device would come to be. */
function duplicateSeen(rooms: Rooms, bus: Bus, log: Log): void {
  rooms.conversations.duplicate
    .seen()
    .catch(() => log('error', 'that another copy of this device runs could not be noted'))
  bus.publish({ type: 'me' })
}

/** Tells the page, and contacts through a register, where this device can be reached now. */
function networkChanged(rooms: Rooms, net: Net, bus: Bus, options: DaemonOptions, log: Log): void {
  bus.publish({ type: 'me' })
  const addresses = net
    .listening()
    .map((each) => each.replace(/\/p2p\/.*$/, ''))
    .filter((each) => options.announceLoopback || !/^\/ip[46]\/(127\.|::1\/)/.test(each))
    .slice(0, limits.addressesPerDevice)
  const { person } = rooms.identity
  rooms.registers
    .set(person, registerKeys.addresses, encodeAddresses(addresses))
    .catch(() => log('error', 'the own addresses could not be stored'))
}

type OwnerParts = Pick<OwnerDeps, 'backups' | 'doctor' | 'mutes' | 'push'> & {
  readonly wake: OpenWake
  readonly opened: OpenedDevices
  readonly log: Log
}

function createOwner(
  { net, rooms }: Network,
  { opened, mutes, wake, log, ...rest }: OwnerParts,
  version: string,
): DeviceOwner {
  const { identity, bus, profile, book, contacts, mismatches } = rooms
  const files = fileDeskOf(rooms)
  const { conversations, registers, peerList, sync } = rooms
  const isLinked = (device: DeviceId): boolean => net.links().some((link) => link.device === device)
  const { waking, isWakeable } = wake
  const views = viewsOf(rooms, { files, isLinked, waking, isWakeable })
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
    ownDevices: openDesk(rooms, opened, isLinked),
    pushServer: wake.push,
    exporter: createExporter(rooms, views, version),
    ...rest,
  })
}

export interface OpenHouse {
  readonly owner: DeviceOwner
  /** How this device is woken while it sleeps. */
  readonly push: Push
  /** This device is to be woken, and is awake. */
  readonly woken: Woken
  /** Multiaddrs with the PeerId. */
  listening(): string[]
  /** Says goodbye to every peer and ends the rooms; the store is its opener's to close. */
  close(hurries?: boolean): Promise<void>
}

export interface HouseDeps {
  /** This home is another one's from now on: what is open must be opened anew. */
  readonly moved: () => void
  /** Hears what the rooms say until the house is closed. */
  readonly bus: Bus
  readonly log: Log
  readonly vault: Pick<Vault, 'copy' | 'bytes'>
  /** The owner has this conversation on some screen. */
  readonly isLookedAt: (conversation: string) => boolean
  /** Where the API listens. */
  readonly apiPort: () => number
  /** It is opened because this device was woken; with what came, if anything did. */
  readonly wake?: { readonly note: Uint8Array | undefined }
}

function openDoctor({ conversations, blobs }: Rooms, closers: Closers, log: Log): Doctor {
  const look = async (asked: Look): Promise<Awaited<ReturnType<DoctorDeps['look']>>> => {
    const { findings, waiting } = await conversations.examiner.examine(asked)
    const files = [...(await blobs.examine(asked.signal))].map(([conversation, count]): Finding => {
      return { kind: 'file', count, outcome: 'wanted', conversation }
    })
    return { findings: [...findings, ...files], waiting }
  }
  const doctor = new Doctor({ look, log, now })
  closers.add(async () => await doctor.close())
  return doctor
}

/** Contacts are dialled, and told what this device has to say. */
async function beginTalking(rooms: Rooms, isRevived: boolean): Promise<void> {
  const { identity, conversations, contacts, carried, phrase, deviceNames } = rooms
  await contacts.start()
  conversations.shutOut.start(isRevived)
  carried.tellAll()
  await phrase.settle()
  if (conversations.ownLog.state.devices.size > 1 && !conversations.ownLog.isRemoved)
    await deviceNames.propose(identity.device, hostname())
}

/** What the owner is called is said before anybody is heard. */
async function beginHearing({ net, rooms }: Network): Promise<void> {
  await rooms.ownCard.begin()
  await net.start()
}

/** Everything is up when it resolves. Rejects with PORT_IN_USE, STORE_…; nothing stays open then. */
export async function openHouse(store: Store, options: DaemonOptions, deps: HouseDeps): Promise<OpenHouse> {
  const { log } = deps
  const closers = new Closers()
  let isHurried = false
  // Of this house alone: whoever listens to the process's would be held by it, keys and all, for as long as that runs.
  const bus = new Bus()
  closers.add(bus.subscribe((event) => deps.bus.publish(event)))
  try {
    const network = await openNetwork(store, bus, log, options)
    closers.add(async () => await network.rooms.close())
    const archived = archivedAt(store)
    const wake = await openWake({ ...network, store, closers, log, options, apiPort: deps.apiPort })
    if (archived === undefined) {
      network.tell(wake)
      await beginHearing(network)
      closers.add(async () => await network.net.stop(isHurried))
    }
    const woken = await openWaking({
      ...network,
      store,
      closers,
      log,
      openNote: (sealed) => wake.push.openNote(sealed),
    })
    if (deps.wake !== undefined) await woken(deps.wake.note)
    const { rooms, net } = network
    rooms.conversations.linked = () => net.links().map(({ device }) => device)
    if (archived === undefined) {
      networkChanged(rooms, net, bus, options, log)
      await beginTalking(rooms, isRevived(store))
      closers.add(retryLinks(rooms, log))
    }
    const { mdns } = options
    const isArchive = archived !== undefined
    const opened = openDevices({ ...network, isArchive, mdns, log, store, closers, moved: deps.moved })
    network.hear(opened.devices)
    const doctor = openDoctor(rooms, closers, log)
    const { book, conversations } = rooms
    const mutes = new Mutes({ bus, timers: systemTimers, book, conversations: conversations.owner })
    closers.add(() => mutes.close())
    const backups = backupsOf(rooms, store, deps.vault, options.version)
    const pushes = await openPush(store, rooms.identity.seed, bus)
    const { desk: push } = pushes
    const owner = createOwner(network, { backups, opened, doctor, mutes, push, wake, log }, options.version)
    if (archived === undefined) wake.start()
    if (archived === undefined) closers.add(pushes.notify({ bus, log, owner, isLookedAt: deps.isLookedAt }))
    return {
      owner,
      push: wake.push,
      woken,
      listening: () => net.listening(),
      close: async (hurries = false) => {
        isHurried = hurries
        await closers.close()
      },
    }
  } catch (error) {
    await closers.close().catch(() => log('error', 'closing failed'))
    throw error
  }
}
