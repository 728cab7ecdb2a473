/** The pages of one conversation's history that are in memory: a bounded window, moved by its two cursors. */

import { signal } from '@preact/signals-core'
import type { Message, MessagePage } from '../../protocol/http-conversations.ts'
import { api, type PageOfMessages } from '../client/api.ts'
import { apiErrorCode, type ApiErrorCode } from '../client/api-error.ts'
import { furthest } from './message-state.ts'

export interface TimelineWindow {
  /** Oldest first. */
  readonly messages: readonly Message[]
  readonly older: boolean
  readonly newer: boolean
  readonly loaded: boolean
  readonly failed: ApiErrorCode | undefined
}

const pageItems = 100
const mostItems = 1200
const empty: TimelineWindow = { messages: [], older: false, newer: false, loaded: false, failed: undefined }

const ascending = (items: readonly Message[]): Message[] => items.map((each) => furthest(each)).toReversed()

const sameReached = (a: Message, b: Message): boolean =>
  a.state === b.state && JSON.stringify(a.reached) === JSON.stringify(b.reached)

/** Both lists in order; where an id is in both, the fresh one wins. */
function merge(old: readonly Message[], fresh: readonly Message[]): Message[] {
  const byId = new Map(old.map((message) => [message.id, message]))
  for (const message of fresh) byId.set(message.id, furthest(message, byId.get(message.id)))
  return [...byId.values()].toSorted((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0))
}

export class Timeline {
  readonly id: string
  readonly window = signal<TimelineWindow>(empty)
  /** The "new messages" line stands behind this order key. */
  readonly unreadAfter = signal<string | undefined>(undefined)
  /** Where the person was when they left: a row's key and its distance from the top; undefined is the end. */
  place: { key: string; offset: number } | undefined
  #busy: Promise<void> | undefined
  /** What came while a page was on its way. */
  #meanwhile: Message[] = []

  constructor(id: string) {
    this.id = id
  }

  /** The first page: around the first unread message, or the newest. */
  async open(readUpTo: string, unread: number): Promise<void> {
    await this.#exclusive(async () => {
      if (this.window.value.loaded) return
      if (unread === 0 || readUpTo === '') return await this.#replaceByNewest()
      const after = await this.#page({ after: readUpTo, limit: pageItems })
      const first = after.items.at(-1)
      if (first === undefined) return await this.#replaceByNewest()
      const before = await this.#page({ before: first.order, limit: pageItems })
      const messages = merge(ascending(before.items), ascending(after.items))
      this.#set({ messages, older: before.older, newer: after.newer, loaded: true })
    })
  }

  async loadOlder(): Promise<void> {
    await this.#exclusive(async () => {
      const { messages, older, newer } = this.window.value
      const first = messages[0]
      if (!older || first === undefined) return
      const page = await this.#page({ before: first.order, limit: pageItems })
      const merged = merge(this.window.value.messages, ascending(page.items))
      const kept = merged.slice(0, mostItems)
      this.#set({ messages: kept, older: page.older, newer: newer || kept.length < merged.length })
    })
  }

  async loadNewer(): Promise<void> {
    await this.#exclusive(async () => {
      const { messages, older, newer } = this.window.value
      const last = messages.at(-1)
      if (!newer || last === undefined) return
      const page = await this.#page({ after: last.order, limit: pageItems })
      const merged = merge(this.window.value.messages, ascending(page.items))
      const kept = merged.slice(-mostItems)
      this.#set({ messages: kept, newer: page.newer, older: older || kept.length < merged.length })
    })
  }

  /** Back to the end of a long history, without the pages between. */
  async loadNewest(): Promise<void> {
    await this.#exclusive(async () => await this.#replaceByNewest())
  }

  /** After a gap in the events: fetches what is on screen again, and what came behind it. */
  async refresh(): Promise<void> {
    await this.#exclusive(async () => {
      const { messages, older, newer, loaded } = this.window.value
      if (!loaded) return
      const page = await this.#page({ limit: pageItems })
      const oldest = page.items.at(-1)
      const last = messages.at(-1)
      if (newer) this.#set({ newer: true })
      else if (last === undefined || !page.older || (oldest !== undefined && oldest.order <= last.order)) {
        // What the page reaches and does not bring is gone.
        const there = new Set(page.items.map(({ id }) => id))
        const known = this.window.value.messages
        const fresh = merge(known, ascending(page.items)).filter(({ id }) => there.has(id))
        const below = page.older ? known.filter(({ order }) => order < (oldest?.order ?? '')) : []
        this.#set({ messages: [...below, ...fresh], older: below.length > 0 ? older : page.older })
      } else this.#set({ newer: true })
    })
  }

  /** Answers whether the message was new here. */
  receive(message: Message): boolean {
    if (this.#busy !== undefined) this.#meanwhile.push(message)
    const { messages, newer, older, loaded } = this.window.value
    const at = messages.findLastIndex((each) => each.id === message.id)
    if (at >= 0) {
      this.#set({ messages: messages.with(at, furthest(message, messages[at])) })
      return false
    }
    if (!loaded) return true
    const last = messages.at(-1)
    const first = messages[0]
    if (newer && last !== undefined && message.order > last.order) return true
    if (older && first !== undefined && message.order < first.order) return true
    if (last === undefined || message.order > last.order) this.#append(furthest(message))
    else this.#set({ messages: merge(messages, [message]) })
    return true
  }

  /** The message at this order key is not there any more. */
  remove(order: string): void {
    const left = (messages: readonly Message[]): Message[] => messages.filter((each) => each.order !== order)
    this.#meanwhile = left(this.#meanwhile)
    const { messages } = this.window.value
    const kept = left(messages)
    if (kept.length < messages.length) this.#set({ messages: kept })
  }

  /** All of it was deleted; what comes later comes by events. */
  clear(): void {
    this.#meanwhile = []
    this.place = undefined
    this.unreadAfter.value = undefined
    this.#set({ messages: [], older: false, newer: false })
  }

  /** A page left open for weeks does not grow for ever. */
  #append(message: Message): void {
    const messages = [...this.window.value.messages, message]
    if (messages.length <= 2 * mostItems) this.#set({ messages })
    else this.#set({ messages: messages.slice(-mostItems), older: true })
  }

  /** Puts changed messages in place of the old ones. */
  update(change: (message: Message) => Message): void {
    const { messages } = this.window.value
    const changed = messages.map(change)
    if (changed.some((message, index) => message !== messages[index])) this.#set({ messages: changed })
  }

  /** Asks again how many have the newest messages. What cannot be had now is had with the next tick, or page. */
  async recount(): Promise<void> {
    if (!this.window.value.loaded) return
    const page = await this.#page({ limit: pageItems }).catch(() => undefined)
    const fresh = new Map(page?.items.filter(({ mine }) => mine).map((message) => [message.id, message]))
    this.update((message) => {
      const told = fresh.get(message.id)
      return told === undefined || sameReached(told, message) ? message : furthest(told, message)
    })
  }

  async #replaceByNewest(): Promise<void> {
    const page = await this.#page({ limit: pageItems })
    this.#set({ messages: ascending(page.items), older: page.older, newer: page.newer, loaded: true })
  }

  #set(change: Partial<TimelineWindow>): void {
    this.window.value = { ...this.window.value, failed: undefined, ...change }
  }

  async #page(page: PageOfMessages): Promise<MessagePage> {
    return await api.messages(this.id, page)
  }

  /** One page at a time; a call while one is under way waits for that one and is dropped. */
  async #exclusive(work: () => Promise<void>): Promise<void> {
    if (this.#busy !== undefined) return await this.#busy
    this.#busy = work()
      .catch((error: unknown) => this.#set({ failed: apiErrorCode(error) }))
      .finally(() => {
        this.#busy = undefined
        // The page may have been read before these were written.
        for (const message of this.#meanwhile.splice(0)) this.receive(message)
      })
    await this.#busy
  }
}
