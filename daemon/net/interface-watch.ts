/** Notices that the host's addresses changed, or that it slept: no operating system tells Node. */

import { interfaceAddresses } from './ip.ts'

const signature = (): string =>
  interfaceAddresses()
    .map((each) => `${each.interface} ${each.ip}`)
    .toSorted()
    .join('\n')

export class InterfaceWatch {
  readonly #timer: NodeJS.Timeout
  #last = signature()
  #lookedAt: number

  /** Calls `changed` when the set of addresses is another than before, or the wall clock jumped as after a sleep. */
  constructor(deps: { readonly changed: () => void; readonly now: () => number }, everyMs: number) {
    this.#lookedAt = deps.now()
    this.#timer = setInterval(() => {
      const now = deps.now()
      const slept = now - this.#lookedAt > everyMs + 20_000
      const seen = signature()
      const other = seen !== this.#last
      this.#lookedAt = now
      this.#last = seen
      if (other || slept) deps.changed()
    }, everyMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
