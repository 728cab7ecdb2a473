/** Of each conversation one stretch of messages, as wide as what was put in. */

import type { ConversationId } from '../../protocol/ids.ts'

/** Order keys, both ends in. */
export interface Span {
  readonly conversation: ConversationId
  readonly from: string
  readonly to: string
}

export class Spans {
  readonly #spans = new Map<ConversationId, Span>()

  get isEmpty(): boolean {
    return this.#spans.size === 0
  }

  add({ conversation, from, to }: Span): void {
    const known = this.#spans.get(conversation) ?? { from, to }
    this.#spans.set(conversation, {
      conversation,
      from: from < known.from ? from : known.from,
      to: to > known.to ? to : known.to,
    })
  }

  /** One after the other, none left. */
  *taken(): Generator<Span, void, undefined> {
    for (const span of this.#spans.values()) {
      this.#spans.delete(span.conversation)
      yield span
    }
  }

  forget(conversation: ConversationId): void {
    this.#spans.delete(conversation)
  }
}
