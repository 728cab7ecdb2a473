/** Finds out which files messages refer to: a moment after they came, so that many that come at once are stored first. */

import type { BlobReference } from '../../protocol/blob.ts'
import { errorCode } from '../../protocol/errors.ts'
import type { ConversationId } from '../../protocol/ids.ts'
import type { Bus } from '../bus.ts'
import type { Log } from '../log.ts'
import type { Timers } from '../timers.ts'

/** Messages that wait to be looked at; of a conversation with more all are looked through. */
const mostWaiting = 10_000
const perTurn = 64
/** No message came for so long, or the first of them waits for so long. */
const quietMs = 100
const patienceMs = 2000
const pageMessages = 200
/** The disk was full, or failed: all messages of the conversation are looked through so much later. */
const againMs = 30_000

export interface FoundPage {
  readonly files: readonly BlobReference[]
  /** Of the oldest message of the page; undefined where there is none older. */
  readonly next: string | undefined
}

export interface NotesDeps {
  readonly bus: Bus
  readonly log: Log
  readonly timers: Timers
  /** The files of one message. Throws NOT_FOUND. */
  readonly filesOf: (conversation: ConversationId, order: string) => readonly BlobReference[]
  /** The files of so many messages, the newest before the order key. Throws NOT_FOUND. */
  readonly page: (conversation: ConversationId, before: string | undefined, limit: number) => Promise<FoundPage>
  readonly noted: (conversation: ConversationId, files: readonly BlobReference[]) => Promise<void>
}

export class Notes {
  readonly #deps: NotesDeps
  readonly #unsubscribe: () => void
  #waiting: { readonly conversation: ConversationId; readonly order: string }[] = []
  readonly #whole = new Set<ConversationId>()
  /** Conversations of which something could not be noted. */
  readonly #failed = new Set<ConversationId>()
  #again: (() => void) | undefined
  #firstAt: number | undefined
  #timer: (() => void) | undefined
  #running: Promise<void> | undefined
  #isClosed = false
  readonly #closing = Promise.withResolvers<void>()

  constructor(deps: NotesDeps) {
    this.#deps = deps
    this.#unsubscribe = deps.bus.subscribe((event) => {
      if (event.type === 'conversation-gone') this.#forget(event.conversation)
    })
  }

  /** Looks at the newest messages of a conversation, `most` at least if there are so many. Throws STORE_…. */
  async look(conversation: ConversationId, most: number): Promise<void> {
    let before: string | undefined
    for (let seen = 0; seen < most && !this.#isClosed; seen += pageMessages) {
      const { files, next } = await this.#deps.page(conversation, before, pageMessages)
      await this.#deps.noted(conversation, files)
      if (next === undefined) return
      before = next
    }
  }

  /** Resolves when all that came so far was looked at. */
  async settled(): Promise<void> {
    while (this.#waiting.length + this.#whole.size > 0 || this.#running !== undefined) {
      this.#begin()
      await this.#running
    }
  }

  async close(): Promise<void> {
    this.#unsubscribe()
    this.#closing.resolve()
    await this.settled()
    this.#isClosed = true
    this.#timer?.()
    this.#again?.()
  }

  /** A message came that may refer to files. */
  came(conversation: ConversationId, order: string): void {
    const { timers } = this.#deps
    if (this.#isClosed) return
    if (this.#waiting.length < mostWaiting) this.#waiting.push({ conversation, order })
    else this.#whole.add(conversation)
    this.#firstAt ??= timers.now()
    if (this.#running !== undefined || (this.#timer !== undefined && timers.now() - this.#firstAt > patienceMs)) return
    this.#timer?.()
    this.#timer = timers.after(quietMs, () => this.#begin())
  }

  #forget(gone: ConversationId): void {
    this.#waiting = this.#waiting.filter(({ conversation }) => conversation !== gone)
    this.#whole.delete(gone)
    this.#failed.delete(gone)
  }

  #begin(): void {
    this.#timer?.()
    this.#timer = undefined
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      this.#firstAt = undefined
      if (this.#waiting.length + this.#whole.size > 0 && !this.#isClosed) this.#begin()
    })
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      for (const each of this.#waiting.splice(0, perTurn)) await this.#one(each.conversation, each.order)
      await this.#turn()
    }
    for (const conversation of this.#whole) {
      this.#whole.delete(conversation)
      await this.#unlessGone(conversation, async () => await this.look(conversation, Number.MAX_SAFE_INTEGER))
    }
  }

  async #one(conversation: ConversationId, order: string): Promise<void> {
    await this.#unlessGone(conversation, async () => {
      const files = this.#deps.filesOf(conversation, order)
      if (files.length > 0) await this.#deps.noted(conversation, files)
    })
  }

  async #unlessGone(conversation: ConversationId, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const code = errorCode(error)
      // Deleted meanwhile.
      if (code !== 'NOT_FOUND' && code !== 'NO_KEY')
        this.#deps.log('warn', 'files of messages could not be noted', { code })
      if (code === 'STORE_FULL' || code === 'STORE_FAILED') this.#lookLater(conversation)
    }
  }

  #lookLater(conversation: ConversationId): void {
    this.#failed.add(conversation)
    this.#again ??= this.#deps.timers.after(againMs, () => {
      this.#again = undefined
      for (const each of this.#failed) this.#whole.add(each)
      this.#failed.clear()
      if (!this.#isClosed) this.#begin()
    })
  }

  /** Others have their turn of the event loop. */
  async #turn(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#deps.timers.after(0, resolve)
    await Promise.race([promise, this.#closing.promise])
  }
}
