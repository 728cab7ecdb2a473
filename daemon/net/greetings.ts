/** Strangers found nearby who wait to be asked for their name: few at a time, and no longer a list than is worth it. */

import type { DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { inBackground } from './race-signal.ts'

export interface GreetingsDeps {
  /** Says hello; rejects if it is not there. */
  readonly greet: (device: DeviceId) => Promise<void>
  /** False once it said hello by itself, or is not there any more. */
  readonly isWanted: (device: DeviceId, since: number) => boolean
  readonly random: () => number
  readonly now: () => number
}

const mostAtOnce = 4

export class Greetings {
  readonly #deps: GreetingsDeps
  readonly #timers = new Map<DeviceId, NodeJS.Timeout>()
  #running = 0

  constructor(deps: GreetingsDeps) {
    this.#deps = deps
  }

  /** Whoever floods the network with names must not have us remember them all: the others are seen again soon. */
  get hasRoom(): boolean {
    return this.#timers.size < limits.greetingsWaiting
  }

  /** Greets a device after `ms`; ignored where there is no room. */
  after(device: DeviceId, ms: number): void {
    if (this.hasRoom) this.#wait(device, ms, this.#deps.now())
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }

  #wait(device: DeviceId, ms: number, since: number): void {
    clearTimeout(this.#timers.get(device))
    this.#timers.set(device, setTimeout(() => this.#try(device, since), ms).unref())
  }

  #try(device: DeviceId, since: number): void {
    const { greet, isWanted, random } = this.#deps
    if (this.#running >= mostAtOnce) return this.#wait(device, 50 + random() * 200, since)
    this.#timers.delete(device)
    // It was quicker: one exchange tells both sides everything.
    if (!isWanted(device, since)) return
    this.#running += 1
    const greeting = greet(device).finally(() => {
      this.#running -= 1
    })
    inBackground(greeting, () => undefined)
  }
}
