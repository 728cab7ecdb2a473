/** One device: the front, which lives as long as the process, and the house behind its lock. */

import { errorCode } from '../protocol/errors.ts'
import { createApi, type Api } from './api/api.ts'
import { listenApi, type ApiListeners } from './api/listen.ts'
import { readStatic } from './api/static.ts'
import { Bus } from './bus.ts'
import { Closers } from './closers.ts'
import { openHouse, type OpenHouse } from './house.ts'
import { socketPath } from './local-socket.ts'
import { Keeper } from './lock/keeper.ts'
import { createLog, logWord, type Log } from './log.ts'
import { LogFile } from './log-file.ts'
import type { DaemonOptions, RunningDaemon } from './options.ts'
import { random } from './random.ts'
import { openSessionFile } from './session-file.ts'
import { homePaths } from './store/home.ts'
import { Vault } from './store/vault.ts'
import { systemTimers } from './timers.ts'

const now = (): number => Date.now()

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

interface Front {
  readonly listeners: ApiListeners
  /** Undefined while it is locked. */
  readonly house: OpenHouse | undefined
}

async function open(
  options: DaemonOptions,
  closers: Closers,
  bus: Bus,
  api: Api,
  { log, file }: Journal,
): Promise<Front> {
  // First the home, which only one daemon may hold; then the port, so that health can be asked while the rest starts.
  const vault = await Vault.hold(options.home, {}, { randomBytes: random })
  closers.add(async () => await vault.close())
  file.open()
  log('info', 'the daemon starts', { version: logWord(options.version), node: logWord(process.versions.node) })
  const listeners = await listenApi(
    api,
    {
      port: options.apiPort,
      home: options.home,
      anyUser: options.anyUser ?? false,
      ...(options.serve === undefined ? {} : { serveSocket: options.serve.socket }),
    },
    log,
  )
  closers.add(async () => await listeners.close())
  let house: OpenHouse | undefined
  const moved = (): void => {
    keys.reopen().catch((error: unknown) => {
      log('error', 'the house could not be opened anew', { code: errorCode(error) })
    })
  }
  const keys: Keeper = new Keeper({
    vault,
    openHouse: async (store) => {
      house = await openHouse(store, options, { bus, log, vault, moved, isLookedAt: (id) => api.isLookedAt(id) })
      api.unlocked(house.owner)
      log('info', 'the home is open')
      return house
    },
    onLock: () => {
      house = undefined
      api.locked()
      log('info', 'the home is locked')
    },
    onFailed: (error) => log('error', 'the home could not be locked or opened', { code: errorCode(error) }),
    timers: systemTimers,
    randomBytes: random,
  })
  closers.add(async () => await keys.moveOut())
  const sessions = await openSessionFile(homePaths(options.home).sessions, { randomBytes: random, log })
  await api.open({ sessions, keys })
  closers.add(() => api.setStatus('closing'))
  if (!(await keys.start())) {
    api.locked()
    log('info', 'the home is locked')
  }
  return { listeners, house }
}

/**
 * Starts a daemon; everything is up when it resolves, or it is locked. Rejects with HOME_IN_USE, HOME_UNWRITABLE, PORT_IN_USE,
 * STORE_….
 */
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
  const api = createApi(
    { bus, log, now, random, stop },
    {
      version: options.version,
      files: readStatic(options.ui),
      ...(options.serve === undefined ? {} : { servedOrigin: options.serve.origin }),
    },
  )
  try {
    const { house, listeners } = await open(options, closers, bus, api, journal)
    return {
      api: listeners.address,
      listen: house?.listening() ?? [],
      locked: house === undefined,
      socketPath: socketPath(options.home),
      issueCode: (printed) => Promise.resolve(api.issueCode(printed).url),
      close,
      closed: whenClosed,
    }
  } catch (error) {
    // Whoever started it is told by what is thrown.
    log('info', 'the daemon could not start', { code: errorCode(error) })
    await closers.close().catch(() => log('error', 'closing failed'))
    throw error
  }
}
