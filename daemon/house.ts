/** Everything behind the lock: rooms and network over an open store. Opened by unlocking, closed by locking, any number of times. */

import { hostname } from 'node:os'
import { archivedAt, isRevived } from './backup/archive-mark.ts'
import { Bus } from './bus.ts'
import { Closers } from './closers.ts'
import type { Log } from './log.ts'
import { backupsOf } from './open-copies.ts'
import { openDevices } from './open-devices.ts'
import { openDoctor } from './open-doctor.ts'
import { networkChanged, openNetwork, type Network } from './open-network.ts'
import { createOwner } from './open-owner.ts'
import { openPush } from './open-push.ts'
import { openWake } from './open-wake.ts'
import { openWaking, type Woken } from './open-waking.ts'
import type { DaemonOptions } from './options.ts'
import { Mutes } from './owner/mutes.ts'
import type { DeviceOwner } from './owner/owner.ts'
import type { Push } from './push/push.ts'
import { retryLinks } from './retry-links.ts'
import type { Rooms } from './rooms.ts'
import type { Store } from './store/store.ts'
import type { Vault } from './store/vault.ts'
import { systemTimers } from './timers.ts'

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
    const woken = await openWaking({
      ...network,
      store,
      closers,
      log,
      openNote: (sealed) => wake.push.openNote(sealed),
    })
    if (archived === undefined) {
      network.tell(wake)
      await beginHearing(network)
      closers.add(async () => await network.net.stop(isHurried))
    }
    if (deps.wake !== undefined) await woken(deps.wake.note)
    const { rooms, net } = network
    rooms.conversations.linked = () => net.links().map(({ device }) => device)
    if (archived === undefined) {
      networkChanged(rooms, net, bus, options, log)
      await beginTalking(rooms, isRevived(store))
      closers.add(retryLinks(rooms, log))
    }
    const { mdns, deviceClass } = options
    const isArchive = archived !== undefined
    const opened = openDevices({ ...network, isArchive, mdns, deviceClass, log, store, closers, moved: deps.moved })
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
