/** Opens every listener of the local API on one app, or none. */

import { createAdaptorServer, type WebSocketServerLike } from '@hono/node-server'
import { once } from 'node:events'
import { chmodSync, lstatSync, rmSync } from 'node:fs'
import type { IncomingMessage, Server } from 'node:http'
import { connect, type AddressInfo, type ListenOptions } from 'node:net'
import { WebSocketServer, type ServerOptions } from 'ws'
import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import { nameSocket } from '../local-socket.ts'
import type { Log } from '../log.ts'
import type { Api } from './api.ts'
import { Connections } from './connections.ts'
import type { Channel, Environment } from './environment.ts'
import { endSlowSenders } from './slow-senders.ts'

export interface ListenOptionsOfApi {
  /** 0: any that is free on both loopback addresses. */
  readonly port: number
  /** Holds the unix socket; exists, mode 0700. */
  readonly home: string
  /** Other users of this machine may open the page, too: the daemon runs as a user of its own. */
  readonly anyUser?: boolean
  /** The path of a second socket, for a proxy that ends TLS; everybody whom it lets through may ask for the page. */
  readonly serveSocket?: string
  /** How long a sender may take; those of limits.ts if not given. */
  readonly times?: Times
}

export interface Times {
  readonly headersMs: number
  readonly requestMs: number
  /** How often the two are looked after. */
  readonly checkMs: number
}

const usualTimes: Times = { headersMs: limits.apiHeadersMs, requestMs: limits.apiRequestMs, checkMs: 1000 }

export interface ApiListeners {
  readonly port: number
  /** `http://127.0.0.1:<port>` */
  readonly address: string
  /** Lets running requests end for a moment, then cuts. `hurries`: for a shorter one, and event sockets are cut at once. */
  close(hurries?: boolean): Promise<void>
}

interface Opened {
  readonly server: Server
  readonly sockets: WebSocketServer
}

const closingMs = 1000
const hurriedMs = 250
/** A file may be long, and the way from another device slow. */
const isFile = ({ method, url }: IncomingMessage): boolean =>
  method === 'POST' && url?.startsWith('/api/v1/blobs?') === true

/** Ports to try until one is free on both addresses. */
const tries = 20

/**
 * Else `Upgrade: h2c` leaves a socket that nobody owns, and close() never ends; and a Host that is no address is our own fault
 * to the adapter.
 */
const isUpgrade = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket' && URL.canParse(`http://${headers.host}`)

function create(api: Api, channel: Channel, { times = usualTimes, anyUser = false }: ListenOptionsOfApi): Opened {
  // One WebSocketServer per listener: @hono/node-server closes it with its listener.
  const options: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    maxPayload: limits.apiFrameBytes,
    perMessageDeflate: false,
    closeTimeout: closingMs, // whoever does not answer a goodbye is cut; its types do not know it yet
  }
  const sockets = new WebSocketServer(options)
  const server: Server = createAdaptorServer({
    fetch: async (request, env) => {
      const { socket } = env.incoming
      await connections?.admitted(socket)
      if (socket.destroyed) return new Response(null, { status: 403 }) // nobody hears it
      const trust = (): void => connections?.trust(socket)
      // The very object: upgradeWebSocket() leaves its answer in it.
      return await api.fetch(request, Object.assign(env, { channel, trust }) as Environment['Bindings'])
    },
    // exactOptionalPropertyTypes: ws declares `noServer?: boolean | undefined`.
    websocket: { server: sockets as unknown as WebSocketServerLike },
    overrideGlobalObjects: false,
    serverOptions: {
      requestTimeout: 0, // see endSlowSenders()
      headersTimeout: times.headersMs,
      connectionsCheckingInterval: times.checkMs,
      shouldUpgradeCallback: isUpgrade,
    },
  }) as Server
  endSlowSenders(server, { ...times, isFile })
  const connections =
    channel === 'socket'
      ? undefined
      : new Connections(server, { most: limits.apiConnections, anyUser: anyUser || channel === 'served' })
  return { server, sockets }
}

type Open = (channel: Channel) => Opened

async function shut({ server, sockets }: Opened, hurries = false): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  // closeAllConnections() leaves upgraded sockets open.
  const cutSockets = (): void => {
    for (const socket of sockets.clients) socket.terminate()
  }
  if (hurries) cutSockets()
  const cut = setTimeout(
    () => {
      cutSockets()
      server.closeAllConnections()
    },
    hurries ? hurriedMs : closingMs,
  )
  await closed
  clearTimeout(cut)
}

async function start(opened: Opened, where: ListenOptions): Promise<void> {
  opened.server.listen(where)
  await once(opened.server, 'listening')
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

const portError = (port: number, cause: unknown): WarrenError =>
  new WarrenError(
    'PORT_IN_USE',
    codeOf(cause) === 'EADDRINUSE'
      ? `port ${port} is in use: choose another with --api-port`
      : `port ${port} cannot be used (${codeOf(cause)}): choose another with --api-port`,
    { cause },
  )

/** 127.0.0.1 and, where the host has IPv6, ::1 on the same port: else another program could wait for the page there. */
async function listenLoopback(open: Open, wanted: number, log: Log): Promise<{ opened: Opened[]; port: number }> {
  const four = open('browser')
  const six = open('browser')
  try {
    await start(four, { host: '127.0.0.1', port: wanted })
  } catch (error) {
    throw portError(wanted, error)
  }
  const { port } = four.server.address() as AddressInfo
  try {
    await start(six, { host: '::1', port, ipv6Only: true })
    return { opened: [four, six], port }
  } catch (error) {
    if (codeOf(error) !== 'EADDRNOTAVAIL' && codeOf(error) !== 'EAFNOSUPPORT') {
      await shut(four)
      throw portError(port, error)
    }
    log('info', 'this host has no IPv6 loopback: the page is on 127.0.0.1 only')
    return { opened: [four], port }
  }
}

async function listenAnyPort(open: Open, wanted: number, log: Log): Promise<{ opened: Opened[]; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listenLoopback(open, wanted, log)
    } catch (error) {
      if (wanted !== 0 || attempt === tries) throw error
    }
  }
}

/** Throws `inUse` if somebody answers; a socket that nobody answers on was left by a crash. */
async function clearSocket(path: string, inUse: WarrenError, name: string): Promise<void> {
  const answered = await new Promise<boolean>((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', (error) => resolve(codeOf(error) === 'EAGAIN'))
  })
  if (answered) throw inUse
  if (process.platform === 'win32') return
  const left = lstatSync(path, { throwIfNoEntry: false })
  if (left !== undefined && !left.isSocket()) throw new WarrenError('HOME_UNWRITABLE', `${name} is not a socket`)
  rmSync(path, { force: true })
}

async function listenSocket(open: Open, path: string): Promise<Opened> {
  const opened = open('socket')
  await start(opened, { path })
  // The folder is 0700, so nobody can come before this.
  if (process.platform !== 'win32') chmodSync(path, 0o600)
  return opened
}

/**
 * The folder may be anybody's, so nobody else may ever open the socket: not for the moment before a chmod either. Throws
 * HOME_IN_USE, HOME_UNWRITABLE.
 */
async function listenServed(open: Open, path: string): Promise<Opened> {
  const inUse = new WarrenError('HOME_IN_USE', 'another program answers at the socket of --serve-socket')
  await clearSocket(path, inUse, 'the path of --serve-socket')
  const opened = open('served')
  const usual = process.umask(0o177)
  try {
    const listening = start(opened, { path }) // binds before it waits
    process.umask(usual)
    await listening
  } catch (error) {
    throw new WarrenError('HOME_UNWRITABLE', `the socket of --serve-socket cannot be made (${codeOf(error)})`, {
      cause: error,
    })
  } finally {
    process.umask(usual)
  }
  return opened
}

/**
 * Listens on 127.0.0.1, ::1, the unix socket of the home and, if there is one, the served socket. Throws HOME_IN_USE, PORT_IN_USE, HOME_UNWRITABLE; nothing stays
 * open then.
 */
export async function listenApi(api: Api, options: ListenOptionsOfApi, log: Log): Promise<ApiListeners> {
  const name = nameSocket(options.home)
  const open: Open = (channel) => create(api, channel, options)
  let opened: Opened[] = []
  const close = async (hurries?: boolean): Promise<void> => {
    await Promise.all(opened.map(async (each) => await shut(each, hurries)))
    name.release()
  }
  try {
    const inUse = new WarrenError('HOME_IN_USE', 'another warren runs on this home')
    await clearSocket(name.path, inUse, 'api.sock in the home')
    const loopback = await listenAnyPort(open, options.port, log)
    opened = loopback.opened
    api.setPort(loopback.port)
    opened = [...opened, await listenSocket(open, name.path)]
    if (options.serveSocket !== undefined) opened = [...opened, await listenServed(open, options.serveSocket)]
    return { port: loopback.port, address: `http://127.0.0.1:${loopback.port}`, close }
  } catch (error) {
    await close()
    throw error
  }
}
