/** One device: wires every room, starts them in order and closes them in reverse. */

import { randomBytes, randomFillSync } from 'node:crypto'
import { isIP } from 'node:net'
import { userInfo } from 'node:os'
import { byeCodes } from '../protocol/frames.ts'
import type { DeviceId } from '../protocol/ids.ts'
import { limits } from '../protocol/limits.ts'
import { encodeAddresses, encodeCard, registerKeys } from '../protocol/register.ts'
import { createApi, type Api } from './api/api.ts'
import { listenApi, type ApiListeners } from './api/listen.ts'
import { readStatic } from './api/static.ts'
import { Bus } from './bus.ts'
import { addressStore } from './kept-rows.ts'
import { socketPath } from './local-socket.ts'
import { createLog, logWord, type Log } from './log.ts'
import { LogFile } from './log-file.ts'
import { Net } from './net/net.ts'
import type { NetLog } from './net/net-log.ts'
import type { DaemonOptions, RunningDaemon } from './options.ts'
import { DeviceOwner } from './owner/owner.ts'
import { Views } from './owner/views.ts'
import { openRooms, type Rooms } from './rooms.ts'
import { openSessionFile } from './session-file.ts'
import { homePaths } from './store/home.ts'
import { openStore } from './store/level-store.ts'
import type { Store } from './store/store.ts'
import { systemTimers } from './timers.ts'

/** Random bytes from a pool: asking the system for 32 at a time costs a third of sealing a message. */
const pool = { bytes: new Uint8Array(16 * 1024), at: 16 * 1024 }

function random(length: number): Uint8Array {
  if (length > 1024) return new Uint8Array(randomBytes(length))
  if (pool.at + length > pool.bytes.length) {
    randomFillSync(pool.bytes)
    pool.at = 0
  }
  const out = pool.bytes.slice(pool.at, pool.at + length)
  // What was given out is a key for somebody: it must not lie here, too.
  pool.bytes.fill(0, pool.at, pool.at + length)
  pool.at += length
  return out
}

const now = (): number => Date.now()

/** Everything opened so far, closed in reverse. */
class Closers {
  readonly #closers: (() => Promise<void> | void)[] = []
  #closing: Promise<void> | undefined

  add(close: () => Promise<void> | void): void {
    this.#closers.push(close)
  }

  /** Closes all, whatever fails on the way; the first failure is thrown once all are done. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll()
    return this.#closing
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = []
    for (const close of this.#closers.toReversed()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0] as Error
  }
}

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

interface Network {
  readonly net: Net
  readonly rooms: Rooms
}

/** Opens the rooms and the network, which need each other: what net hears goes to rooms that are open by then. */
async function openNetwork(store: Store, bus: Bus, log: Log, options: DaemonOptions): Promise<Network> {
  let net: Net | undefined
  let rooms: Rooms | undefined
  const running = (): Net => net as Net
  const opened = await openRooms(
    {
      store,
      bus,
      log,
      timers: systemTimers,
      random,
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
              link: (link) => (rooms as Rooms).sync.addLink(link),
              seen: (peer) => (rooms as Rooms).peerList.seen(peer),
              gone: (device) => (rooms as Rooms).peerList.gone(device),
              networkChanged: () => networkChanged(rooms as Rooms, running(), bus, options, log),
            },
          },
          {
            listen: listenAddresses(options),
            port: options.peerPort,
            mdns: options.mdns,
            announceLoopback: options.announceLoopback,
          },
        )
        return {
          keep: (devices) => running().keep(devices),
          greet: async (device) => await running().greet(device),
          look: async (address, signal) => await running().look(address, signal),
          disconnect: (device) => {
            for (const link of running().links()) if (link.device === device) void link.close(byeCodes.notAllowed)
          },
          learn: (device, addresses) => running().learn(device, addresses, 'contact'),
        }
      },
    },
    options.name ?? osName(),
  )
  rooms = opened
  return { net: running(), rooms: opened }
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

function createOwner({ net, rooms }: Network): DeviceOwner {
  const { identity, bus, profile, book, contacts, conversations, registers, presence, peerList, sync } = rooms
  const isLinked = (device: DeviceId): boolean => net.links().some((link) => link.device === device)
  const views = new Views({
    self: identity,
    book,
    registers,
    presence,
    conversations: conversations.owner,
    profile,
    bus,
    asksAgain: (record) => contacts.asksAgain(record),
    devicesOf: (person) => conversations.peers.devicesOf(person),
    isLinked,
  })
  return new DeviceOwner({
    self: identity,
    bus,
    profile,
    book,
    contacts,
    conversations: conversations.owner,
    registers,
    peerList,
    views,
    network: () => net.network(),
    listening: () => net.listening(),
    links: () => net.links(),
    personOf: (device) => conversations.peers.personOf(device),
    look: async (address, signal) => await net.look(address, signal),
    typing: (conversation) => sync.typing(conversation),
  })
}

const retryLinksMs = 60_000

/** Tries contact links that nobody answered at, now and then, until the daemon closes. */
function retryLinks({ rooms }: Network, closers: Closers, log: Log): void {
  const ending = new AbortController()
  const timer = setInterval(() => {
    rooms.linkRetries.round(ending.signal).catch(() => log('warn', 'contact links could not be tried again'))
  }, retryLinksMs).unref()
  closers.add(() => {
    clearInterval(timer)
    ending.abort()
  })
}

interface Journal {
  readonly log: Log
  readonly file: LogFile
}

function createJournal({ home, logLevel, logFileLevel = 'info' }: DaemonOptions): Journal {
  const file = new LogFile(home)
  const sinks = [
    { least: logLevel, write: (line: string) => void process.stderr.write(line) },
    { least: logFileLevel, write: (line: string) => file.write(line) },
  ]
  return { log: createLog(sinks, now), file }
}

async function open(
  options: DaemonOptions,
  closers: Closers,
  bus: Bus,
  api: Api,
  { log, file }: Journal,
): Promise<Network & { listeners: ApiListeners }> {
  // First the home, which only one daemon may hold; then the port, so that health can be asked while the rest starts.
  const store = await openStore(options.home, {}, { randomBytes: random })
  closers.add(async () => await store.close())
  file.open()
  log('info', 'the daemon starts', { version: logWord(options.version), node: logWord(process.versions.node) })
  const listeners = await listenApi(api, { port: options.apiPort, home: options.home }, log)
  closers.add(async () => await listeners.close())
  const network = await openNetwork(store, bus, log, options)
  closers.add(async () => await network.rooms.close())
  await network.net.start()
  closers.add(async () => await network.net.stop())
  const { rooms, net } = network
  const { person } = rooms.identity
  await rooms.registers.set(person, registerKeys.card, encodeCard(rooms.profile.data))
  networkChanged(rooms, net, bus, options, log)
  await rooms.contacts.start()
  retryLinks(network, closers, log)
  const sessions = await openSessionFile(homePaths(options.home).sessions, { randomBytes: random, log })
  await api.open({ owner: createOwner(network), sessions })
  closers.add(() => api.setStatus('closing'))
  return { ...network, listeners }
}

/** Starts a daemon; everything is up when it resolves. Rejects with HOME_IN_USE, HOME_UNWRITABLE, PORT_IN_USE, STORE_…. */
export async function startDaemon(options: DaemonOptions): Promise<RunningDaemon> {
  const journal = createJournal(options)
  const { log } = journal
  const closers = new Closers()
  closers.add(() => {
    log('info', 'the daemon stopped')
    journal.file.close()
  })
  const bus = new Bus()
  const { promise: whenClosed, resolve: closed } = Promise.withResolvers<void>()
  const close = async (): Promise<void> => {
    try {
      await closers.close()
    } finally {
      closed()
    }
  }
  const stop = (): void => {
    close().catch(() => log('error', 'closing failed'))
  }
  const api = createApi({ bus, log, now, random, stop }, { version: options.version, files: readStatic(options.ui) })
  try {
    const { net, listeners } = await open(options, closers, bus, api, journal)
    return {
      api: listeners.address,
      listen: net.listening(),
      socketPath: socketPath(options.home),
      issueCode: (printed) => Promise.resolve(api.issueCode(printed).url),
      close,
      closed: whenClosed,
    }
  } catch (error) {
    await closers.close().catch(() => log('error', 'closing failed'))
    throw error
  }
}
