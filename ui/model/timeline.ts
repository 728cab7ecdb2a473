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
/** Where many messages come the next ones are waited for so long. */
const rereadMs = 250
/** Whoever is at the end sees no more than that, however much came. */
const mostAtEnd = 3 * pageItems
interface Stretch {
  readonly items: Message[]
  readonly older: boolean
  readonly isWhole: boolean
}

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
  /** The window is to be read again in a moment. */
  #waiting: ReturnType<typeof setTimeout> | undefined
  #isRereading = false

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

  /** Many came at once, the first and the last of them at these places: what is shown is read again where they may stand in it. */
  came(from: string, to: string): void {
    const { messages, older, newer, loaded } = this.window.value
    const isBusy = this.#busy !== undefined
    const first = messages[0]
    const last = messages.at(-1)
    if (!isBusy && (!loaded || (newer && last !== undefined && from > last.order))) return
    if (!isBusy && first !== undefined && to < first.order) {
      if (!older) this.#set({ older: true })
      return
    }
    this.#waiting ??= setTimeout(() => void this.#reread(), rereadMs)
  }

  /** The window once more. Whoever is at the end stays there, and whoever reads elsewhere keeps what they read. */
  async #reread(): Promise<void> {
    // Another one may have begun by then, which this one must not be taken for.
    while (this.#busy !== undefined) await this.#busy
    this.#waiting = undefined
    await this.#exclusive(async () => {
      this.#isRereading = true
      try {
        if (this.window.value.loaded) await this.#readAgain()
      } catch (error) {
        // What was left to this is found by whoever goes on to the end.
        this.#set({ newer: true })
        throw error
      } finally {
        this.#isRereading = false
      }
    })
  }

  async #readAgain(): Promise<void> {
    const { messages, newer } = this.window.value
    const [first, last] = [messages[0]?.order, messages.at(-1)?.order]
    const isAtEnd = !newer && this.place === undefined
    const most = isAtEnd ? mostAtEnd : 2 * mostItems
    let read = await this.#down(newer ? last : undefined, first, most)
    // More came behind what somebody reads than there is room for: it is found further down.
    const isLeft = !newer && !isAtEnd && !read.isWhole
    if (isLeft) read = await this.#down(last, first, most)
    const reached = read.items.at(-1)?.order ?? ''
    const merged = merge(this.window.value.messages, ascending(read.items))
    const kept = merged.filter(({ order }) => order >= reached && (!isLeft || order <= (last ?? '')))
    this.#set({ messages: kept, older: read.older, newer: newer || isLeft })
  }

  /** What stands before one place, or from the end on, down to another one, newest first; not whole where `most` were not enough. */
  async #down(from: string | undefined, to: string | undefined, most: number): Promise<Stretch> {
    const items: Message[] = []
    for (let before = from; ;) {
      const page = await this.#page({ limit: pageItems, ...(before === undefined ? {} : { before }) })
      items.push(...page.items)
      before = page.items.at(-1)?.order
      const isWhole = !page.older || to === undefined || before === undefined || before <= to
      if (isWhole || items.length >= most) return { items, older: page.older, isWhole }
    }
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
    const isBeyond = last !== undefined && message.order > last.order
    if (isBeyond && (newer || this.#isPutOff(message))) return true
    if (older && first !== undefined && message.order < first.order) return true
    if (last === undefined || isBeyond) this.#append(furthest(message))
    else this.#set({ messages: merge(messages, [message]) })
    return true
  }

  /** Others that came with it are not here yet: all of them are read together, so that no row stands where one is missing above. */
  #isPutOff({ mine }: Message): boolean {
    return !mine && (this.#waiting !== undefined || this.#isRereading)
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
    clearTimeout(this.#waiting)
    this.#waiting = undefined
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
