/** Mutes people and conversations, and says so when a mute ends by itself. */

import type { ConversationId, PersonId } from '../../protocol/ids.ts'
import { isMuted, mutedForEver } from '../../protocol/mute.ts'
import type { Bus } from '../bus.ts'
import type { ContactBook } from '../contacts/contact-book.ts'
import type { OwnerView } from '../conversations/owner-view.ts'
import type { Timers } from '../timers.ts'

/** A machine that slept, or whose clock was set, is noticed within this. */
const lookAgainMs = 60_000

export interface MutesDeps {
  readonly bus: Bus
  readonly timers: Timers
  readonly book: ContactBook
  readonly conversations: OwnerView
}

interface Ending {
  readonly until: number
  readonly tell: () => void
}

export class Mutes {
  readonly #deps: MutesDeps
  #callOff: (() => void) | undefined
  #lookedAt: number
  #isClosed = false

  constructor(deps: MutesDeps) {
    this.#deps = deps
    this.#lookedAt = deps.timers.now()
    this.#wait()
  }

  /** One switch for the person and for the conversation with them. Durable when it resolves. Throws NOT_FOUND, STORE_…. */
  async muteContact(person: PersonId, until: number): Promise<void> {
    const { book, conversations } = this.#deps
    book.require(person)
    const conversation = conversations.idFor(person)
    if (conversation !== undefined) await conversations.patch(conversation, { mutedUntil: until })
    await book.change(person, { mutedUntil: until })
    this.#wait()
  }

  /** As muteContact(). */
  async muteConversation(conversation: ConversationId, until: number): Promise<void> {
    const { book, conversations } = this.#deps
    await conversations.patch(conversation, { mutedUntil: until })
    const { kind, person } = conversations.record(conversation)
    if (kind === 'direct' && book.get(person) !== undefined) await book.change(person, { mutedUntil: until })
    this.#wait()
  }

  close(): void {
    this.#isClosed = true
    this.#callOff?.()
    this.#callOff = undefined
  }

  #endings(): Ending[] {
    const { book, bus, conversations } = this.#deps
    const all = [
      ...book
        .all()
        .map(({ person, mutedUntil }): Ending => ({ until: mutedUntil, tell: () => book.tellAgain(person) })),
      ...conversations.list().map(({ scope, mutedUntil }): Ending => {
        const conversation = scope as ConversationId
        return { until: mutedUntil, tell: () => bus.publish({ type: 'conversation', conversation }) }
      }),
    ]
    return all.filter(({ until }) => isMuted(until, this.#lookedAt) && until !== mutedForEver)
  }

  /** Until the next one ends, if there is one. */
  #wait(): void {
    this.#callOff?.()
    this.#callOff = undefined
    if (this.#isClosed) return
    const next = Math.min(...this.#endings().map(({ until }) => until))
    if (next === Infinity) return
    const ms = Math.min(lookAgainMs, Math.max(1, next - this.#deps.timers.now()))
    this.#callOff = this.#deps.timers.after(ms, () => this.#look())
  }

  #look(): void {
    const now = this.#deps.timers.now()
    const ended = this.#endings().filter(({ until }) => !isMuted(until, now))
    this.#lookedAt = now
    for (const { tell } of ended) tell()
    this.#wait()
  }
}
