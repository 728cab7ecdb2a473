/** Turns what the rooms publish into what pages hear: coalesced, numbered, resumable. */

import type { WebSocket } from 'ws'
import { errorCode, WarrenError } from '../../../protocol/errors.ts'
import type { ServerEvent } from '../../../protocol/events.ts'
import { apiVersion } from '../../../protocol/http.ts'
import type { ConversationId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import type { Bus, BusEvent } from '../../bus.ts'
import type { Log } from '../../log.ts'
import type { Channel } from '../environment.ts'
import type { Files } from '../files.ts'
import type { Owner } from '../owner.ts'
import { coalesce } from './coalesce.ts'
import { EventLog, type LoggedEvent } from './event-log.ts'
import { gather, type Gathered } from './gather.ts'
import { EventSocket } from './event-socket.ts'
import { renderChange } from './render-change.ts'

/** What takes work to read and to draw, and what a page can do without for a moment: the loop has acknowledgements to write first. */
const unhurried: ReadonlySet<BusEvent['type']> = new Set(['message', 'message-gone', 'conversation', 'blob'])
/** How long they wait: less than a frame of a screen. Several messages then make one event of their conversation. */
const unhurriedMs = 10
/** How far ahead is looked for messages that came at once. */
const gatheredEvents = 2048

export interface EventHubDeps {
  readonly bus: Bus
  readonly log: Log
  readonly now: () => number
  readonly owner: () => Owner
  /** The session id of a token. Throws NO_SESSION. */
  readonly sessionOf: (token: string | undefined) => string
  /** As it is told to one session: with addresses of files that count for it; undefined is the unix socket. */
  readonly files: Pick<Files, 'addressed' | 'conversation'>
  /** The owner did something on a page. */
  readonly onActive: () => void
}

export interface EventHubOptions {
  readonly version: string
}

export class EventHub {
  readonly #deps: EventHubDeps
  readonly #options: EventHubOptions
  #events: EventLog
  /** In order; ticks alone go ahead of what waits. */
  readonly #pending = new Map<string, BusEvent>()
  readonly #ticks = new Map<string, BusEvent>()
  /** Calls off the end of a wait. */
  #waiting: NodeJS.Timeout | undefined
  #isDue = false
  /** Oldest first. */
  readonly #sockets = new Set<EventSocket>()
  readonly #unsubscribe: () => void
  #isOpen = false

  constructor(deps: EventHubDeps, options: EventHubOptions) {
    this.#deps = deps
    this.#options = options
    this.#events = new EventLog(limits.eventsKept, deps.now() * 1024)
    this.#unsubscribe = deps.bus.subscribe((event) => this.#hear(event))
  }

  /** Takes over a socket that has just opened; `trust` is called once it has shown a session. */
  add(socket: WebSocket, channel: Channel, trust?: () => void): EventSocket {
    const own: EventSocket = new EventSocket(socket, {
      last: () => this.#events.last,
      after: async (id, count, gathers) => await this.#after(id, { count, gathers, session: own.session }),
      snapshot: () => this.#snapshot(own.session),
      authenticate: (token) => (channel === 'socket' ? undefined : this.#deps.sessionOf(token)),
      typing: (conversation) => this.#typing(conversation),
      active: () => this.#active(),
      onLive: () => {
        trust?.()
        this.#keepBound(own, true)
      },
      onEnd: () => this.#sockets.delete(own),
      onFailed: (error) => this.#deps.log('error', 'an event socket failed', { code: errorCode(error) }),
    })
    this.#sockets.add(own)
    this.#keepBound(own, false)
    return own
  }

  /** Somebody has this conversation on screen. */
  isLookedAt(conversation: string): boolean {
    return [...this.#sockets].some(({ looksAt }) => looksAt === conversation)
  }

  /** Ends the sockets of a session. */
  revoke(session: string): void {
    for (const socket of this.#sockets) if (socket.session === session) socket.close('revoked', 'revoked')
  }

  /** The rooms are open. */
  open(): void {
    this.#isOpen = true
  }

  /** Forgets all events: an id from before is too old from now on. What late rooms publish is not heard. */
  lock(): void {
    this.#isOpen = false
    for (const socket of this.#sockets) socket.close('locked', 'locked')
    this.#pending.clear()
    this.#ticks.clear()
    this.#events = new EventLog(limits.eventsKept, Math.max(this.#events.last + 1, this.#deps.now() * 1024))
  }

  close(): void {
    this.#unsubscribe()
    clearTimeout(this.#waiting)
    for (const socket of this.#sockets) socket.close('stopping', 'stopping')
  }

  /** Sockets without a session must not keep out those that have one: the oldest of each kind makes room. */
  #keepBound(newest: EventSocket, live: boolean): void {
    const same = [...this.#sockets].filter((socket) => socket !== newest && socket.isLive === live)
    if (same.length >= limits.apiSockets) same[0]?.close('tooMany')
  }

  #hear(event: BusEvent): void {
    if (!this.#isOpen) return
    if (event.type === 'conversation-gone') this.#forget(event.conversation)
    if (event.type === 'ticks') {
      if (this.#ticks.size === 0) setImmediate(() => this.#flush(this.#ticks))
      coalesce(this.#ticks, event)
      return
    }
    coalesce(this.#pending, event)
    if (unhurried.has(event.type)) this.#waiting ??= setTimeout(() => this.#flushPending(), unhurriedMs).unref()
    else if (!this.#isDue) {
      this.#isDue = true
      setImmediate(() => this.#flushPending())
    }
  }

  #flushPending(): void {
    clearTimeout(this.#waiting)
    this.#waiting = undefined
    this.#isDue = false
    this.#flush(this.#pending)
  }

  /** Nothing that happened in a conversation before it was deleted is told any more. */
  #forget(conversation: ConversationId): void {
    const isOfIt = (event: BusEvent): boolean => 'conversation' in event && event.conversation === conversation
    for (const pending of [this.#pending, this.#ticks])
      for (const [key, event] of pending) if (isOfIt(event)) pending.delete(key)
    this.#events.forget(isOfIt)
  }

  #flush(pending: Map<string, BusEvent>): void {
    for (const event of pending.values()) this.#events.append(event)
    pending.clear()
    for (const socket of this.#sockets) socket.wake()
  }

  async #after(
    id: number,
    { count, gathers, session }: { count: number; gathers: boolean; session: string | undefined },
  ): Promise<{ events: ServerEvent[]; upTo: number } | undefined> {
    const { last } = this.#events
    const many = gathers ? this.#gathered(id, session) : undefined
    if (many !== undefined) return await many
    const logged = this.#events.after(id, count)
    if (logged === undefined) return undefined
    // What was forgotten leaves gaps, also at the end: a reader who stayed in front of one would ask for ever.
    const upTo = logged.length < count ? last : (logged.at(-1)?.id ?? last)
    return { events: await this.#renderAll(logged, session), upTo }
  }

  /** Undefined if there is nothing to gather behind this one. */
  #gathered(id: number, session: string | undefined): Promise<{ events: ServerEvent[]; upTo: number }> | undefined {
    const { last } = this.#events
    const logged = this.#events.after(id, gatheredEvents) ?? []
    const gathered = gather(logged)
    if (gathered === undefined) return undefined
    const upTo = logged.length < gatheredEvents ? last : (logged.at(-1)?.id ?? last)
    return this.#renderAll(gathered, session).then((events) => ({ events, upTo }))
  }

  async #renderAll(all: readonly (LoggedEvent | Gathered)[], session: string | undefined): Promise<ServerEvent[]> {
    const rendered = await Promise.all(all.map(async (each) => await this.#render(each, session)))
    return rendered.filter((event) => event !== undefined)
  }

  /** An object that cannot be read must not silence all that follow. */
  async #render({ id, event }: LoggedEvent | Gathered, session: string | undefined): Promise<ServerEvent | undefined> {
    try {
      const change = event.type === 'messages' ? event : await renderChange(event, this.#deps.owner(), this.#deps.now())
      return change && { id, ...this.#deps.files.addressed(session, change) }
    } catch (error) {
      this.#deps.log('error', 'an event could not be read', { type: event.type, code: errorCode(error) })
      return undefined
    }
  }

  #snapshot(session: string | undefined): ServerEvent {
    const owner = this.#deps.owner()
    return {
      id: this.#events.last,
      type: 'snapshot',
      apiVersion,
      version: this.#options.version,
      me: owner.me(),
      peers: owner.peers(),
      contacts: owner.contacts(),
      conversations: owner.conversations().map((each) => this.#deps.files.conversation(session, each)),
    }
  }

  #active(): void {
    if (this.#isOpen) this.#deps.onActive()
  }

  /** An unknown conversation is the page's mistake, and no reason to cut it off. */
  #typing(conversation: string): void {
    this.#active()
    try {
      this.#deps.owner().typing(conversation)
    } catch (error) {
      if (!(error instanceof WarrenError)) throw error
    }
  }
}
