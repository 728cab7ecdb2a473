/** One device: the front, which lives as long as the process, and the house behind its lock. */

import { errorCode } from '../protocol/errors.ts'
import { createApi } from './api/api.ts'
import { readStatic } from './api/static.ts'
import { Bus, type BusEvent } from './bus.ts'
import { Closers } from './closers.ts'
import { Front, type Journal } from './front.ts'
import { socketPath } from './local-socket.ts'
import { createLog } from './log.ts'
import { LogFile } from './log-file.ts'
import type { DaemonOptions, RunningDaemon } from './options.ts'
import { random } from './random.ts'

const now = (): number => Date.now()

function createJournal({ home, logLevel, logFileLevel = 'info' }: DaemonOptions): Journal {
  const file = new LogFile(home)
  const sinks = [
    { least: logLevel, write: (line: string) => void process.stderr.write(line) },
    { least: logFileLevel, write: (line: string) => file.write(line) },
  ]
  return { log: createLog(sinks, now), file }
}

/** What happens though nobody does anything. */
const byItself: ReadonlySet<BusEvent['type']> = new Set(['me', 'peer', 'peer-gone'])

const toldBy = (bus: Bus): Pick<RunningDaemon, 'onChange' | 'onCame'> => ({
  onChange: (listener) =>
    bus.subscribe(({ type }) => {
      if (!byItself.has(type)) listener()
    }),
  onCame: (listener) =>
    bus.subscribe((event) => {
      if (event.type === 'came') listener(event.conversations)
    }),
})

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
    const front = await Front.open(options, { ...journal, bus, api, closers })
    return {
      get api() {
        return front.address
      },
      get listen() {
        return front.house?.listening() ?? []
      },
      get locked() {
        return front.house === undefined
      },
      push: () => front.house?.push,
      socketPath: socketPath(options.home),
      issueCode: (printed) => Promise.resolve(api.issueCode(printed).url),
      suspend: async () => await front.sleeping.suspend(),
      resume: async (note) => await front.sleeping.resume(note),
      ...toldBy(bus),
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
