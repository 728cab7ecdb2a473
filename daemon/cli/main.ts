/** The command line of `warren`. */

import type { RunningDaemon } from '../options.ts'
import { runCli } from './run-cli.ts'

// `warren log bob | head`: the reader has enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})

process.exitCode = await runCli(process.argv.slice(2), {
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
  input: process.stdin,
  startDaemon: async (options): Promise<RunningDaemon> => {
    const { startDaemon } = await import('../daemon.ts')
    return await startDaemon(options)
  },
})
