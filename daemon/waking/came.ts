/** What came since this device was woken: told once all that is known of is here, and whenever more came behind that. */

import type { ConversationId, DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Bus, BusEvent } from '../bus.ts'
import type { Timers } from '../timers.ts'

type CameEvent = Extract<BusEvent, { type: 'came' }>

export interface CameDeps {
  readonly bus: Bus
  readonly timers: Timers
  /** How many messages of others are unread; 0 where the owner is not to be told of any. Undefined if it is gone. */
  readonly unread: (conversation: ConversationId) => number | undefined
  readonly conversations: () => readonly ConversationId[]
  /** Linked, and neither side lacks anything of the other's that may be had. */
  readonly isLevel: (device: DeviceId) => boolean
  readonly linked: () => readonly DeviceId[]
}

/** How often it is looked whether all is here. */
const lookEveryMs = 100
/** Messages in a row are told together. */
const gatherMs = 300

export class Came {
  readonly #deps: CameDeps
  readonly #told = new Map<ConversationId, number>()
  readonly #changed = new Set<ConversationId>()
  readonly #unsubscribe: () => void
  /** Woken, and not told yet what came. */
  #isAwaited = false
  #callOff: () => void = () => undefined
  #isGathering = false

  /** What is unread by now is nothing that came. */
  constructor(deps: CameDeps) {
    this.#deps = deps
    for (const id of deps.conversations()) this.#told.set(id, deps.unread(id) ?? 0)
    this.#unsubscribe = deps.bus.subscribe((event) => this.#hear(event))
  }

  /** `by`: who woke, if that is known; then the first event comes once all of theirs is here. */
  woken(by: DeviceId | undefined): void {
    this.#isAwaited = true
    this.#callOff()
    this.#isGathering = false
    this.#look(by, this.#deps.timers.now() + limits.wakeWindowMs)
  }

  /** What came and was not told yet is told now: by the next time it is nothing new. To be called once nothing more can come. */
  close(): void {
    this.#unsubscribe()
    this.#callOff()
    this.#isAwaited = false
    this.#tell()
  }

  #look(by: DeviceId | undefined, until: number): void {
    const { timers, linked, isLevel } = this.#deps
    const awaited = by === undefined ? linked() : [by]
    const isHere = awaited.length > 0 && awaited.every((device) => isLevel(device))
    if (isHere || timers.now() >= until) return this.#tell()
    this.#callOff = timers.after(lookEveryMs, () => this.#look(by, until))
  }

  #hear(event: BusEvent): void {
    if (event.type === 'conversation-gone') this.#told.delete(event.conversation)
    if (event.type !== 'message' && event.type !== 'conversation') return
    this.#changed.add(event.conversation)
    if (event.type === 'conversation' || this.#isAwaited || this.#isGathering) return
    this.#isGathering = true
    this.#callOff = this.#deps.timers.after(gatherMs, () => this.#tell())
  }

  #tell(): void {
    const wasAwaited = this.#isAwaited
    this.#isAwaited = false
    this.#isGathering = false
    const conversations: CameEvent['conversations'] = [...this.#changed].flatMap((conversation) => {
      const unread = this.#deps.unread(conversation) ?? 0
      const count = unread - (this.#told.get(conversation) ?? 0)
      this.#told.set(conversation, unread)
      return count > 0 ? [{ conversation, count }] : []
    })
    this.#changed.clear()
    if (wasAwaited || conversations.length > 0) this.#deps.bus.publish({ type: 'came', conversations })
  }
}
