/** Signs own runs while the disk writes. */

import type { Run } from '../../protocol/run.ts'

/** A run whose signature nobody needs before its batch is durable: it is made while the disk writes. */
export function signedMeanwhile(entries: Run['entries'], sign: () => Uint8Array): Run {
  let made: Uint8Array | undefined
  const run: Run = {
    entries,
    get signature() {
      return (made ??= sign())
    },
  }
  queueMicrotask(() => void run.signature)
  return run
}
