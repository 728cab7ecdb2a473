/** The command line of `warren`. */

import type { RunningDaemon } from '../options.ts'
import { compileEarly } from './compile-early.ts'
import { keepPrivate } from './private-process.ts'
import { runCli } from './run-cli.ts'

const words = process.argv.slice(2)
keepPrivate()

// `warren log bob | head`: the reader has enough. A daemon goes on when nobody reads what it says.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (words[0] !== 'start') process.exit(error.code === 'EPIPE' ? 0 : 1)
})
process.stderr.on('error', () => undefined)

process.exitCode = await runCli(words, {
  write: (text, done) => process.stdout.write(text, () => done?.()),
  writeError: (text) => process.stderr.write(text),
  input: process.stdin,
  startDaemon: async (options): Promise<RunningDaemon> => {
    const { startDaemon } = await import('../daemon.ts')
    const daemon = await startDaemon(options)
    compileEarly()
    return daemon
  },
  examineHome: async (options) => {
    const { examineHome } = await import('../examine-home.ts')
    return await examineHome(options)
  },
  restoreHome: async (options) => {
    const { restoreHome } = await import('../restore-home.ts')
    return await restoreHome(options)
  },
})
