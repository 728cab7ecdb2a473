/** Opens the rooms and the network of a house, which need each other. */

import { isIP } from 'node:net'
import { userInfo } from 'node:os'
import { byeCodes } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import { encodeAddresses, registerKeys } from '../protocol/register.ts'
import type { Bus } from './bus.ts'
import type { Devices } from './devices/devices.ts'
import { addressStore } from './kept-rows.ts'
import type { Log } from './log.ts'
import type { NetLog } from './net/net-log.ts'
import type { NetOptions } from './net/net-parts.ts'
import { Net } from './net/net.ts'
import type { OpenWake } from './open-wake.ts'
import type { DaemonOptions } from './options.ts'
import { random } from './random.ts'
import { openRooms, type Rooms, type RoomsDeps } from './rooms.ts'
import type { Store } from './store/store.ts'
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

/** Rooms and network over one store. */
export interface Network {
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
export async function openNetwork(store: Store, bus: Bus, log: Log, options: DaemonOptions): Promise<Network> {
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
      deviceClass: options.deviceClass,
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
export function networkChanged(rooms: Rooms, net: Net, bus: Bus, options: DaemonOptions, log: Log): void {
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
