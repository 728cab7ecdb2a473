/** Where an owner sits: the unix socket of one home, what is asked there and what is told there. */

import { Client } from '../../daemon/cli/client.ts'
import { followEvents } from '../../daemon/cli/follow.ts'
import type { Contact, Me, Peer } from '../../protocol/http-people.ts'
import type { Conversation, Message, MessagePage } from '../../protocol/http-conversations.ts'
import type { Page } from '../../protocol/http.ts'

const nothing = (): void => {}

export class Seat {
  readonly client: Client
  readonly #home: string
  #following: AbortController | undefined
  readonly #waiting = new Set<() => void>()

  constructor(home: string) {
    this.#home = home
    this.client = new Client(home)
  }

  get home(): string {
    return this.#home
  }

  /** Begins to listen to events; until() looks again at each. Ends when the daemon does. */
  follow(): void {
    const ending = new AbortController()
    this.#following = ending
    void this.#follow(ending.signal)
  }

  async #follow(signal: AbortSignal): Promise<void> {
    try {
      for await (const _ of followEvents(this.client)) {
        if (signal.aborted) return
        for (const look of this.#waiting) look()
      }
    } catch {
      // The daemon stopped.
    }
  }

  unfollow(): void {
    this.#following?.abort()
  }

  /** Resolves with the first answer that is not undefined, asked now and after every event; rejects after a while. */
  async until<T>(ask: () => Promise<T | undefined>, what: string, mostMs = 60_000): Promise<T> {
    let wake = nothing
    let isOver = false
    const look = (): void => wake()
    this.#waiting.add(look)
    const timer = setTimeout(() => {
      isOver = true
      wake()
    }, mostMs)
    try {
      for (;;) {
        const next = new Promise<void>((resolve) => {
          wake = resolve
        })
        const answer = await ask()
        if (answer !== undefined) return answer
        if (isOver) throw new Error(`it did not come to pass: ${what}`)
        await next
      }
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(look)
    }
  }

  async me(): Promise<Me> {
    return await this.client.ask('GET', '/me')
  }

  /** Follows anew once this home belongs to that person, as another device than `before`: its house was opened again meanwhile. */
  async moved(person: string, before = ''): Promise<void> {
    for (;;) {
      const now = await this.me().catch(() => undefined)
      if (now?.personId === person && now.deviceId !== before) break
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.follow()
  }

  async contacts(): Promise<Contact[]> {
    return (await this.client.ask<Page<Contact>>('GET', '/contacts')).items
  }

  /** The only contact, once it is in that state, and online or not if asked. */
  async contact(state: Contact['state'], online?: boolean): Promise<Contact> {
    return await this.until(
      async () =>
        (await this.contacts()).find(
          (each) => each.state === state && (online === undefined || each.online === online),
        ),
      `a contact that is ${state}${online === undefined ? '' : online ? ', online' : ', offline'}`,
    )
  }

  async look(address: string): Promise<Peer> {
    return await this.client.ask('POST', '/peers', { address })
  }

  async direct(): Promise<Conversation> {
    const conversations = await this.client.ask<Page<Conversation>>('GET', '/conversations')
    const found = conversations.items.find(({ kind }) => kind === 'direct')
    if (found === undefined) throw new Error('no conversation')
    return found
  }

  async say(conversation: string, text: string, clientId = text): Promise<Message> {
    return await this.client.ask('POST', `/conversations/${conversation}/messages`, { text, clientId })
  }

  /** Every text, oldest first. */
  async texts(conversation: string): Promise<string[]> {
    const texts: string[] = []
    for (let before = ''; ;) {
      const path = `/conversations/${conversation}/messages?limit=200${before === '' ? '' : `&before=${before}`}`
      const { items, older } = await this.client.ask<MessagePage>('GET', path)
      texts.push(...items.map(({ text }) => text))
      before = items.at(-1)?.order ?? ''
      if (!older || before === '') return texts.toReversed()
    }
  }

  /** Resolves once the last text is this one. */
  async hears(conversation: string, text: string): Promise<void> {
    await this.until(async () => {
      const { items } = await this.client.ask<MessagePage>('GET', `/conversations/${conversation}/messages?limit=200`)
      return items.some((each) => each.text === text) ? true : undefined
    }, `to hear ${text}`)
  }
}
