/** Tells the owner's browsers of new messages: one word for each conversation, the newest, and none for what is on a screen. */

import { errorCode } from '../../protocol/errors.ts'
import type { Conversation, Message } from '../../protocol/http-conversations.ts'
import type { PushPayload } from '../../protocol/http-push.ts'
import type { ConversationId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Bus } from '../bus.ts'
import type { Log } from '../log.ts'
import type { Timers } from '../timers.ts'
import type { Subscription, Subscriptions } from './subscriptions.ts'
import { wordsOf } from './words.ts'

/** Several messages in a row make one notification, and one that is read at once makes none. */
export const gatherMs = 700
/** Between two of one conversation. */
export const pauseMs = 3000
const tries = 4

export type SendOutcome =
  | { readonly is: 'sent' | 'gone' | 'refused' }
  | { readonly is: 'later'; readonly afterMs: number }

/** Never throws for what the other side does. */
export type SendPush = (subscription: Subscription, payload: PushPayload, signal: AbortSignal) => Promise<SendOutcome>

export interface NotifierDeps {
  readonly bus: Bus
  readonly log: Log
  readonly timers: Timers
  readonly subscriptions: Subscriptions
  /** As the owner sees it. Throws NOT_FOUND. */
  readonly conversation: (id: ConversationId) => Conversation
  /** The newest messages of it, newest first. Rejects with NOT_FOUND. */
  readonly newest: (id: ConversationId) => Promise<readonly Message[]>
  /** Somebody has it on a screen. */
  readonly isLookedAt: (id: ConversationId) => boolean
  readonly send: SendPush
}

/** Somebody said it, who may be heard, and it counts. */
const isNews = ({ mine, notice, outside, fromBlocked }: Message): boolean =>
  !mine && notice === undefined && outside !== true && fromBlocked !== true

interface Told {
  /** Order key of the newest message that was told. */
  readonly order: string
  readonly at: number
}

/** What one browser is to hear yet, the newest of each conversation, one after the other. */
class Queue {
  readonly waiting = new Map<ConversationId, PushPayload>()
  isBusy = false
}

export class Notifier {
  readonly #deps: NotifierDeps
  readonly #told = new Map<ConversationId, Told>()
  readonly #due = new Map<ConversationId, () => void>()
  readonly #queues = new Map<string, Queue>()
  readonly #ending = new AbortController()
  readonly #unsubscribe: () => void

  constructor(deps: NotifierDeps) {
    this.#deps = deps
    this.#unsubscribe = deps.bus.subscribe((event) => {
      if (deps.subscriptions.list().length === 0) return
      if (event.type === 'message') this.#expect(event.conversation)
      if (event.type === 'conversation' && this.#told.has(event.conversation)) this.#lookForRead(event.conversation)
      if (event.type === 'conversation-gone') this.#forget(event.conversation)
    })
  }

  close(): void {
    this.#unsubscribe()
    this.#ending.abort()
    for (const callOff of this.#due.values()) callOff()
    this.#due.clear()
  }

  #expect(id: ConversationId): void {
    if (this.#due.has(id) || this.#ending.signal.aborted) return
    const { timers } = this.#deps
    const told = this.#told.get(id)
    const ms = told === undefined ? gatherMs : Math.max(gatherMs, Math.min(pauseMs, told.at + pauseMs - timers.now()))
    const callOff = timers.after(ms, () => {
      this.#due.delete(id)
      this.#tell(id).catch((error: unknown) => {
        if (errorCode(error) !== 'NOT_FOUND')
          this.#deps.log('warn', 'news could not be read', { code: errorCode(error) })
      })
    })
    this.#due.set(id, callOff)
  }

  #find(id: ConversationId): Conversation | undefined {
    try {
      return this.#deps.conversation(id)
    } catch (error) {
      if (errorCode(error) !== 'NOT_FOUND') throw error
      return undefined // deleted meanwhile
    }
  }

  /** Undefined if nobody wants to be told of it. */
  #wanted(id: ConversationId): Conversation | undefined {
    const conversation = this.#find(id)
    if (conversation === undefined || conversation.muted || conversation.unread === 0) return undefined
    return this.#deps.isLookedAt(id) ? undefined : conversation
  }

  async #tell(id: ConversationId): Promise<void> {
    const { timers, subscriptions } = this.#deps
    const conversation = this.#wanted(id)
    if (conversation === undefined) return
    const { readUpTo } = conversation
    const last = (await this.#deps.newest(id)).find((message) => isNews(message) && message.order > readUpTo)
    if (last === undefined || last.order <= (this.#told.get(id)?.order ?? '')) return
    if (this.#wanted(id) === undefined || this.#ending.signal.aborted) return // meanwhile
    this.#told.delete(id) // the oldest make room
    this.#told.set(id, { order: last.order, at: timers.now() })
    for (const each of this.#told.keys()) if (this.#told.size > limits.notifiedConversations) this.#told.delete(each)
    for (const subscription of subscriptions.list()) {
      const words = wordsOf(conversation, last, subscription.language, subscriptions.previews)
      this.#queue(subscription, { type: 'message', conversation: id, ...words, at: last.at })
    }
  }

  /** Apple's service wants to see something for every push, and ends a subscription that shows nothing. */
  #lookForRead(id: ConversationId): void {
    if ((this.#find(id)?.unread ?? 0) > 0) return
    this.#told.delete(id)
    for (const subscription of this.#deps.subscriptions.list()) {
      if (new URL(subscription.endpoint).hostname.endsWith('.apple.com'))
        this.#queues.get(subscription.session)?.waiting.delete(id)
      else this.#queue(subscription, { type: 'read', conversation: id })
    }
  }

  #forget(id: ConversationId): void {
    this.#told.delete(id)
    for (const { waiting } of this.#queues.values()) waiting.delete(id)
  }

  #queue(subscription: Subscription, payload: PushPayload): void {
    const { session } = subscription
    const queue = this.#queues.get(session) ?? new Queue()
    this.#queues.set(session, queue)
    const id = payload.conversation as ConversationId
    queue.waiting.delete(id)
    queue.waiting.set(id, payload)
    for (const each of queue.waiting.keys())
      if (queue.waiting.size > limits.notifiedConversations) queue.waiting.delete(each)
    if (queue.isBusy) return
    queue.isBusy = true
    this.#empty(queue, session)
      .catch((error: unknown) => this.#deps.log('warn', 'a notification could not be sent', { code: errorCode(error) }))
      .finally(() => {
        queue.isBusy = false
      })
  }

  async #empty(queue: Queue, session: string): Promise<void> {
    const { subscriptions } = this.#deps
    for (let failed = 0; !this.#ending.signal.aborted;) {
      const [next] = queue.waiting
      const subscription = subscriptions.list().find((each) => each.session === session)
      if (next === undefined || subscription === undefined) return this.#drop(queue, session)
      const [id, payload] = next
      const outcome = await this.#deps.send(subscription, payload, this.#ending.signal)
      if (outcome.is === 'gone') await subscriptions.remove(session)
      if (outcome.is === 'later' && (failed += 1) < tries) {
        await this.#wait(outcome.afterMs)
        continue
      }
      failed = 0
      if (queue.waiting.get(id) === payload) queue.waiting.delete(id)
    }
  }

  #drop(queue: Queue, session: string): void {
    queue.waiting.clear()
    if (this.#queues.get(session) === queue) this.#queues.delete(session)
  }

  async #wait(ms: number): Promise<void> {
    const { signal } = this.#ending
    await new Promise<void>((resolve) => {
      const callOff = this.#deps.timers.after(Math.min(limits.pushRetryMostMs, Math.max(1000, ms)), () => {
        signal.removeEventListener('abort', end)
        resolve()
      })
      const end = (): void => {
        callOff()
        resolve()
      }
      signal.addEventListener('abort', end, { once: true })
    })
  }
}
