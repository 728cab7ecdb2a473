/** Keeps what this process was told and holds out of places where others, or a later thief, could read it. */

import { writeFileSync } from 'node:fs'

/**
 * Empties the argument list that `ps` shows to every user of the machine: it may hold a name or a text. No signal opens the
 * debugger's port, which every user of the machine may connect to. And on Linux no core file, nor a crash reporter that the
 * kernel feeds, gets any memory of this process. All this begins a moment after the start.
 */
export function keepPrivate(): void {
  process.title = 'warren'
  // Node.js listens on 127.0.0.1:9229 at this signal, unless somebody else minds it.
  if (process.platform !== 'win32') process.on('SIGUSR1', () => undefined)
  if (process.platform !== 'linux') return
  try {
    // core(5): one bit for each kind of memory that is dumped.
    writeFileSync('/proc/self/coredump_filter', '0')
  } catch {
    // A kernel without core files, or no /proc.
  }
}
