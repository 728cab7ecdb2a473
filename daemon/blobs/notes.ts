/** Notes which files messages refer to, a moment after they came, and looks for them where nobody can tell: after a crash, after a full disk. */

import type { BlobReference } from '../../protocol/blob.ts'
import { errorCode } from '../../protocol/errors.ts'
import type { ConversationId } from '../../protocol/ids.ts'
import type { Bus } from '../bus.ts'
import type { Log } from '../log.ts'
import type { Timers } from '../timers.ts'
import { Spans, type Span } from './spans.ts'

/** Messages that wait; those beyond are looked for between the oldest and the newest of them. */
const mostWaiting = 10_000
const perTurn = 64
/** No message came for so long, or the first of them waits for so long. */
const quietMs = 100
const patienceMs = 2000
const pageMessages = 200
/** The disk was full, or failed: what could not be noted is looked for so much later. */
const againMs = 30_000

/** A message that refers to files, or one of which that is not known yet. */
export interface FileMessage {
  readonly conversation: ConversationId
  readonly order: string
  /** Undefined where the message must be opened for them. */
  readonly files: readonly BlobReference[] | undefined
}

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
  #waiting: FileMessage[] = []
  /** What did not fit among those that wait. */
  readonly #beyond = new Spans()
  /** What could not be noted. */
  readonly #failed = new Spans()
  #again: (() => void) | undefined
  #firstAt: number | undefined
  #timer: (() => void) | undefined
  #running: Promise<void> | undefined
  #isStopped = false
  #isClosed = false
  readonly #closing = Promise.withResolvers<void>()

  constructor(deps: NotesDeps) {
    this.#deps = deps
    this.#unsubscribe = deps.bus.subscribe((event) => {
      if (event.type === 'conversation-gone') this.#forget(event.conversation)
    })
  }

  /** Looks at the newest messages of a conversation, at least `most` of them. Answers whether it was not cut off by closing. Throws STORE_…. */
  async look(conversation: ConversationId, most: number): Promise<boolean> {
    let before: string | undefined
    for (let seen = 0; seen < most; seen += pageMessages) {
      if (this.#isStopped) return false
      before = await this.#page(conversation, before)
      if (before === undefined) break
    }
    return true
  }

  /** Resolves when all that came so far was noted. */
  async settled(): Promise<void> {
    while (this.#waiting.length > 0 || !this.#beyond.isEmpty || this.#running !== undefined) {
      this.#begin()
      await this.#running
    }
  }

  /** Ends looks that are under way. What comes is noted still. */
  stop(): void {
    this.#isStopped = true
  }

  /** Notes what waits, and ends. */
  async close(): Promise<void> {
    this.#unsubscribe()
    this.#closing.resolve()
    await this.settled()
    this.#isClosed = true
    this.#timer?.()
    this.#again?.()
  }

  /** A message came that refers to files, or may. */
  came(message: FileMessage): void {
    const { timers } = this.#deps
    if (this.#isClosed) return
    if (this.#waiting.length < mostWaiting) this.#waiting.push(message)
    else this.#beyond.add(only(message))
    this.#firstAt ??= timers.now()
    if (this.#running !== undefined || (this.#timer !== undefined && timers.now() - this.#firstAt > patienceMs)) return
    this.#timer?.()
    this.#timer = timers.after(quietMs, () => this.#begin())
  }

  #forget(gone: ConversationId): void {
    this.#waiting = this.#waiting.filter(({ conversation }) => conversation !== gone)
    this.#beyond.forget(gone)
    this.#failed.forget(gone)
  }

  #begin(): void {
    this.#timer?.()
    this.#timer = undefined
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      this.#firstAt = undefined
      if ((this.#waiting.length > 0 || !this.#beyond.isEmpty) && !this.#isClosed) this.#begin()
    })
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      for (const each of this.#waiting.splice(0, perTurn)) await this.#one(each)
      await this.#turn()
    }
    for (const span of this.#beyond.taken()) await this.#unlessGone(span, async () => await this.#span(span))
  }

  async #one(message: FileMessage): Promise<void> {
    const { conversation, order, files } = message
    await this.#unlessGone(only(message), async () => {
      const found = files ?? this.#deps.filesOf(conversation, order)
      if (found.length > 0) await this.#deps.noted(conversation, found)
    })
  }

  async #span({ conversation, from, to }: Span): Promise<void> {
    await this.#deps.noted(conversation, this.#deps.filesOf(conversation, to))
    let before: string | undefined = to
    while (before !== undefined && before > from) before = await this.#page(conversation, before)
  }

  /** Answers where the next page begins. */
  async #page(conversation: ConversationId, before: string | undefined): Promise<string | undefined> {
    const { files, next } = await this.#deps.page(conversation, before, pageMessages)
    await this.#deps.noted(conversation, files)
    return next
  }

  async #unlessGone(span: Span, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const code = errorCode(error)
      // Deleted meanwhile.
      if (code !== 'NOT_FOUND' && code !== 'NO_KEY')
        this.#deps.log('warn', 'files of messages could not be noted', { code })
      if (code === 'STORE_FULL' || code === 'STORE_FAILED') this.#lookLater(span)
    }
  }

  #lookLater(span: Span): void {
    this.#failed.add(span)
    this.#again ??= this.#deps.timers.after(againMs, () => {
      this.#again = undefined
      for (const each of this.#failed.taken()) this.#beyond.add(each)
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

const only = ({ conversation, order }: FileMessage): Span => ({ conversation, from: order, to: order })
