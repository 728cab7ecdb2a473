/** Which files are pictures of groups: each is fetched and given like those of messages, and goes when the group shows another. */

import type { BlobReference } from '../../protocol/blob.ts'
import { errorCode } from '../../protocol/errors.ts'
import type { ConversationId } from '../../protocol/ids.ts'
import type { Bus } from '../bus.ts'
import type { Log } from '../log.ts'
import type { Timers } from '../timers.ts'

/** Many changes of a group in a row are one to look at. */
const quietMs = 100

export interface PicturesDeps {
  readonly bus: Bus
  readonly log: Log
  readonly timers: Timers
  /** The picture that a group's settings name; undefined for what has none, or is no group. */
  readonly pictureOf: (conversation: ConversationId) => BlobReference | undefined
  /** See Blobs.pictured(). */
  readonly pictured: (conversation: ConversationId, picture: BlobReference | undefined) => Promise<void>
}

export class Pictures {
  readonly #deps: PicturesDeps
  readonly #unsubscribe: () => void
  /** What was noted last. */
  readonly #noted = new Map<ConversationId, string>()
  readonly #waiting = new Set<ConversationId>()
  #timer: (() => void) | undefined
  /** One after the other, so that the last that was said holds. */
  #turn: Promise<void> = Promise.resolve()

  constructor(deps: PicturesDeps) {
    this.#deps = deps
    this.#unsubscribe = deps.bus.subscribe((event) => {
      if (event.type === 'conversation') this.lookLater(event.conversation)
      else if (event.type === 'conversation-gone') this.#noted.delete(event.conversation)
      // It came, or was lost: the group looks different.
      else if (event.type === 'blob' && this.#noted.get(event.conversation) === event.blob)
        deps.bus.publish({ type: 'conversation', conversation: event.conversation })
    })
  }

  /** One at a time: it takes work to say what a group of many is. */
  lookLater(conversation: ConversationId): void {
    this.#waiting.add(conversation)
    this.#timer ??= this.#deps.timers.after(quietMs, () => this.#next())
  }

  #next(): void {
    this.#timer = undefined
    for (const conversation of this.#waiting) {
      this.#waiting.delete(conversation)
      void this.look(conversation)
      if (this.#waiting.size > 0) this.#timer = this.#deps.timers.after(0, () => this.#next())
      return
    }
  }

  /** Resolves when what the group shows is noted. */
  async look(conversation: ConversationId): Promise<void> {
    this.#turn = this.#turn.then(async () => await this.#note(conversation))
    await this.#turn
  }

  async close(): Promise<void> {
    this.#unsubscribe()
    this.#timer?.()
    await this.#turn
  }

  async #note(conversation: ConversationId): Promise<void> {
    try {
      const picture = this.#deps.pictureOf(conversation)
      if ((this.#noted.get(conversation) ?? '') === (picture?.id ?? '')) return
      if (picture === undefined) this.#noted.delete(conversation)
      else this.#noted.set(conversation, picture.id)
      await this.#deps.pictured(conversation, picture)
    } catch (error) {
      const code = errorCode(error)
      // Deleted meanwhile.
      if (code !== 'NOT_FOUND' && code !== 'NO_KEY')
        this.#deps.log('warn', 'the picture of a group could not be noted', { code })
    }
  }
}
