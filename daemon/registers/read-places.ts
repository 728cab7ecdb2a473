/** Says up to where the owner has read: at once, but in a large circle, where each device hears of each other, only now and then. */

import type { ConversationId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { encodeReadPosition, registerKeys, type ReadPosition } from '../../protocol/register.ts'
import type { Log } from '../log.ts'
import type { Timers } from '../timers.ts'
import type { Registers } from './registers.ts'

export interface ReadPlacesDeps {
  readonly registers: Pick<Registers, 'set'>
  readonly timers: Timers
  readonly log: Log
  /** How many devices belong to a conversation. */
  readonly devices: (conversation: ConversationId) => number
}

const tellEveryMs = 60_000

export class ReadPlaces {
  readonly #deps: ReadPlacesDeps
  /** Conversations in which something was told a moment ago, and what is to be told next. */
  readonly #waiting = new Map<ConversationId, { next: ReadPosition | undefined; readonly callOff: () => void }>()

  constructor(deps: ReadPlacesDeps) {
    this.#deps = deps
  }

  /** Durable when it resolves, unless it waits. Throws STORE_…. */
  async tell(conversation: ConversationId, place: ReadPosition): Promise<void> {
    const { devices, timers } = this.#deps
    const waiting = this.#waiting.get(conversation)
    if (waiting !== undefined) {
      waiting.next = place
      return
    }
    if (devices(conversation) > limits.heldDevices) {
      const callOff = timers.after(tellEveryMs, () => void this.#tellNext(conversation))
      this.#waiting.set(conversation, { next: undefined, callOff })
    }
    await this.#write(conversation, place)
  }

  async #write(conversation: ConversationId, place: ReadPosition): Promise<void> {
    await this.#deps.registers.set(conversation, registerKeys.read, encodeReadPosition(place))
  }

  async #tellNext(conversation: ConversationId): Promise<void> {
    const next = this.#waiting.get(conversation)?.next
    this.#waiting.delete(conversation)
    if (next === undefined || this.#deps.devices(conversation) === 0) return
    try {
      await this.tell(conversation, next)
    } catch {
      this.#deps.log('warn', 'how far the owner has read could not be told')
    }
  }

  /** Tells what waits. */
  async close(): Promise<void> {
    for (const [conversation, { next, callOff }] of this.#waiting) {
      callOff()
      this.#waiting.delete(conversation)
      if (next !== undefined) await this.#write(conversation, next).catch(() => undefined)
    }
  }
}
