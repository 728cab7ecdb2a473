/** Up to where the owner has read: the mark of a conversation, and how many unread messages are behind it. */

import { readOrderKey } from '../../protocol/order.ts'
import type { ReadPosition } from '../../protocol/register.ts'
import type { Core } from './core.ts'
import type { ScopeState } from './scope-state.ts'
import { newsAfter, type IsBlocked } from './unread.ts'

export class Marking {
  readonly #core: Core
  readonly #isBlocked: IsBlocked
  /** Per conversation, one after the other: each counts what comes in while it does. */
  readonly #running = new Map<ScopeState, Promise<unknown>>()

  constructor(core: Core, isBlocked: IsBlocked) {
    this.#core = core
    this.#isBlocked = isBlocked
  }

  /** Everything up to `order`, an order key, was seen. Resolves with the new place, once it is durable; undefined if it stays what it was. */
  async mark(state: ScopeState, order: string): Promise<ReadPosition | undefined> {
    const before = this.#running.get(state) ?? Promise.resolve()
    const marking = before.catch(() => undefined).then(async () => await this.#mark(state, order))
    this.#running.set(state, marking)
    try {
      return await marking
    } finally {
      if (this.#running.get(state) === marking) this.#running.delete(state)
    }
  }

  async #mark(state: ScopeState, order: string): Promise<ReadPosition | undefined> {
    const { lastOrder, readUpTo, unread } = state.record
    // Not behind the newest message: a mark in the future would hide what is still to come.
    const upTo = order < lastOrder ? order : lastOrder
    if (upTo === '' || upTo < readUpTo || (upTo === readUpTo && unread === 0)) return undefined
    if (upTo === lastOrder) {
      await this.#core.commit(state, undefined, (_, staging) => {
        // What is on its way to the disk was not on screen.
        const came = Math.max(0, state.staged.unread - unread)
        staging.setRecord({ ...state.staged, readUpTo: markedUpTo(state, readUpTo, upTo), unread: came })
      })
    } else await this.#markWithin(state, readUpTo, upTo)
    return upTo === readUpTo ? undefined : readOrderKey(upTo)
  }

  async #markWithin(state: ScopeState, readUpTo: string, upTo: string): Promise<void> {
    const arriving = new Set<string>()
    // From here on what is staged is noted; once this is through, all that was staged before is on the disk.
    await this.#core.commit(state, undefined, () => {
      state.arriving = arriving
    })
    try {
      const behind = await newsAfter(this.#core, state, upTo, this.#isBlocked)
      await this.#core.commit(state, undefined, (_, staging) => {
        const unread = new Set([...behind, ...arriving])
        staging.setRecord({ ...state.staged, readUpTo: markedUpTo(state, readUpTo, upTo), unread: unread.size })
      })
    } finally {
      state.arriving = undefined
    }
  }
}

/** The new mark, unless something late came to stand above the old one meanwhile: it was not on screen. */
const markedUpTo = ({ staged }: ScopeState, before: string, upTo: string): string =>
  staged.readUpTo < before ? staged.readUpTo : upTo
