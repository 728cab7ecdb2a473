/** What a daemon that fails in a way nobody foresaw leaves behind: one line that says where, and none of what it was about. */

import { createLog, placeOf } from '../log.ts'
import { LogFile } from '../log-file.ts'

/** Ends the process with 1 at the first exception that nobody caught. Node.js alone would print its message, which may hold words of the owner. */
export function watchForTheEnd(home: string): void {
  process.on('uncaughtException', (error: unknown) => {
    const file = new LogFile(home)
    file.open()
    const sinks = [(line: string) => void process.stderr.write(line), (line: string) => file.write(line)]
    const log = createLog(
      sinks.map((write) => ({ least: 'error' as const, write })),
      () => Date.now(),
    )
    log('error', 'the daemon failed and ends', { place: placeOf(error) })
    process.exit(1)
  })
}
