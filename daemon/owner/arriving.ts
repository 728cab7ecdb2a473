/** Conversations of which much is on its way from linked devices, and how far that is. */

import type { Arriving as Shown } from '../../protocol/http-conversations.ts'
import type { ConversationId, Scope } from '../../protocol/ids.ts'
import type { Bus } from '../bus.ts'

/** Fewer messages than this come without a word. */
const leastShown = 1000

export interface ArrivingDeps {
  readonly bus: Bus
  readonly conversations: {
    has(id: Scope): boolean
    /** How many messages of it are here. */
    held(id: Scope): number
  }
  readonly sync: { onArriving(listener: (scope: Scope, left: number) => void): void }
}

export class Arriving {
  readonly #deps: ArrivingDeps
  readonly #left = new Map<Scope, number>()

  constructor(deps: ArrivingDeps) {
    this.#deps = deps
    deps.sync.onArriving((scope, left) => this.#told(scope, left))
  }

  /** So many messages are left; what was shown once is shown until nothing is. */
  #told(scope: Scope, left: number): void {
    const { bus, conversations } = this.#deps
    if (!this.#left.has(scope) && left < leastShown) return
    if (left === 0) this.#left.delete(scope)
    else this.#left.set(scope, left)
    if (conversations.has(scope)) bus.publish({ type: 'conversation', conversation: scope as ConversationId })
  }

  /** Of all that is known of it, whoever brought what is here, and when; undefined if nothing much is on its way. */
  of(id: Scope): Shown | undefined {
    const left = this.#left.get(id)
    if (left === undefined || !this.#deps.conversations.has(id)) return undefined
    const held = this.#deps.conversations.held(id)
    return { left, percent: Math.floor((100 * held) / (held + left)) }
  }
}
