/** A person of a story: a real daemon on real sockets, with a home and ports that outlive a restart. */

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { Client } from '../../../daemon/cli/client.ts'
import { followEvents } from '../../../daemon/cli/follow.ts'
import { startDaemon } from '../../../daemon/daemon.ts'
import type { DaemonOptions, RunningDaemon } from '../../../daemon/options.ts'
import type { ServerEvent } from '../../../protocol/events.ts'
import type { Attachment } from '../../../protocol/http-files.ts'
import type { Contact, Me, Peer } from '../../../protocol/http-people.ts'
import type { Conversation, Message } from '../../../protocol/http-conversations.ts'
import { ownPort } from '../../support/own-port.ts'

export const builtPage = process.env['WARREN_UI'] ?? fileURLToPath(new URL('../../../build/ui', import.meta.url))

export interface PersonOptions {
  /** Peer addresses to listen on; loopback unless told otherwise. */
  readonly listen?: readonly string[]
  /** The first-run screen is still to be seen. */
  readonly fresh?: boolean
  readonly ui?: string
  readonly deviceClass?: 'desktop' | 'phone'
  /** For a proxy that ends TLS. */
  readonly serve?: { readonly socket: string; readonly origin: string }
}

export class Person {
  readonly name: string
  readonly home: string
  readonly client: Client
  readonly #options: PersonOptions
  #ports = { api: 0, peer: 0 }
  #daemon: RunningDaemon | undefined

  constructor(name: string, options: PersonOptions = {}) {
    this.name = name
    this.#options = options
    this.home = mkdtempSync(join(tmpdir(), 'w-'))
    this.client = new Client(this.home)
  }

  /** Where the page is served. */
  get origin(): string {
    return `http://127.0.0.1:${this.#ports.api}`
  }

  /** What another person types to reach this device. */
  get address(): string {
    return `127.0.0.1:${this.#ports.peer}`
  }

  /** Comes back under the same ports. */
  async start(): Promise<void> {
    const { api, peer } = this.#ports
    this.#ports = { api: api || (await ownPort()), peer: peer || (await ownPort()) }
    await this.#run(this.#ports.api)
    if (this.#options.fresh !== true) await this.client.ask('PATCH', '/me', { welcomed: true })
  }

  /** Comes up where somebody was who is off now: what others know as their address is this one's. */
  async startInPlaceOf(other: Person): Promise<void> {
    this.#ports = { api: 0, peer: other.#ports.peer }
    await this.start()
  }

  /** Starts with the page on any other port, for this once; answers where. */
  async startElsewhere(): Promise<string> {
    return (await this.#run(0)).api
  }

  async #run(apiPort: number): Promise<RunningDaemon> {
    const options: DaemonOptions = {
      home: this.home,
      name: this.name,
      apiPort,
      peerPort: this.#ports.peer,
      listen: this.#options.listen ?? ['127.0.0.1'],
      mdns: false,
      announceLoopback: true,
      ui: this.#options.ui ?? builtPage,
      deviceClass: this.#options.deviceClass ?? 'desktop',
      ...(this.#options.serve === undefined ? {} : { serve: this.#options.serve }),
      logLevel: 'error',
      version: '0.0.0-test',
    }
    this.#daemon = await startDaemon(options)
    return this.#daemon
  }

  async stop(): Promise<void> {
    const daemon = this.#daemon
    this.#daemon = undefined
    await daemon?.close()
  }

  /** While it runs. */
  get daemon(): RunningDaemon {
    if (this.#daemon === undefined) throw new Error(`${this.name} is not running`)
    return this.#daemon
  }

  async pageLink(): Promise<string> {
    return await this.daemon.issueCode(false)
  }

  async me(): Promise<Me> {
    return await this.client.ask('GET', '/me')
  }

  /** Resolves once an event, or the snapshot that comes first, holds what is looked for; rejects after a minute. */
  async hear<T>(find: (event: ServerEvent) => T | undefined): Promise<T> {
    const late = AbortSignal.timeout(60_000)
    const tooLate = once(late, 'abort').then(() => {
      throw new Error(`${this.name} heard nothing of it`)
    })
    return await Promise.race([this.#listen(find), tooLate])
  }

  async #listen<T>(find: (event: ServerEvent) => T | undefined): Promise<T> {
    for await (const event of followEvents(this.client)) {
      const found = find(event)
      if (found !== undefined) return found
    }
    throw new Error('unreachable')
  }

  /** The owner's own card, once it is as wished. */
  async meAs(wish: (me: Me) => boolean): Promise<Me> {
    return await this.hear((event) =>
      (event.type === 'snapshot' || event.type === 'me') && wish(event.me) ? event.me : undefined,
    )
  }

  /** The contact, once it is as wished. */
  async contact(name: string, wish: (contact: Contact) => boolean): Promise<Contact> {
    return await this.hear((event) => {
      const heard = event.type === 'snapshot' ? event.contacts : event.type === 'contact' ? [event.contact] : []
      return heard.find((contact) => contact.name === name && wish(contact))
    })
  }

  async request(other: Person, note: string): Promise<void> {
    const { deviceId }: Peer = await this.client.ask('POST', '/peers', { address: other.address })
    await this.client.ask('POST', '/contacts', { deviceId, note })
  }

  /** Asks the other, who says yes; both are online to each other afterwards. */
  async befriend(other: Person): Promise<void> {
    await this.request(other, `hello from ${this.name}`)
    const { id } = await other.contact(this.name, ({ state }) => state === 'incoming')
    await other.client.ask('PATCH', `/contacts/${id}`, { state: 'accepted' })
    await this.contact(other.name, ({ online, conversation }) => online && conversation !== undefined)
    await other.contact(this.name, ({ online, conversation }) => online && conversation !== undefined)
  }

  async conversation(other: Person): Promise<Conversation> {
    const all = await this.client.list<Conversation>('/conversations')
    const found = all.find(({ kind, title }) => (other === this ? kind === 'self' : title === other.name))
    if (found === undefined) throw new Error(`${this.name} has no conversation with ${other.name}`)
    return found
  }

  /** Writes without a browser. */
  async say(other: Person, ...texts: readonly string[]): Promise<void> {
    const path = `/conversations/${(await this.conversation(other)).id}/messages`
    for (const text of texts) await this.#post(path, text)
  }

  /** Writes many, in order, several on the way at once. */
  async sayMany(other: Person, texts: readonly string[]): Promise<void> {
    const path = `/conversations/${(await this.conversation(other)).id}/messages`
    const atOnce = 16
    for (let at = 0; at < texts.length; at += atOnce) {
      const some = texts.slice(at, at + atOnce)
      await Promise.all(some.map(async (text) => await this.#post(path, text)))
    }
  }

  /** Sends a file, and resolves once the other has all of it. */
  async sendFile(other: Person, name: string, bytes: Uint8Array): Promise<void> {
    const { id } = await this.conversation(other)
    const query = new URLSearchParams({ conversation: id, name, type: 'application/octet-stream' })
    async function* inOne(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(bytes)
    }
    const file = await this.client.upload<Attachment>(`/blobs?${query.toString()}`, inOne(), bytes.length)
    const arrived = other.hear((event) =>
      event.type === 'attachment' && event.attachment.id === file.id && event.attachment.state === 'whole'
        ? true
        : undefined,
    )
    const message = { text: '', clientId: crypto.randomUUID(), attachments: [file.id] }
    await this.client.ask<Message>('POST', `/conversations/${id}/messages`, message)
    await arrived
  }

  async #post(path: string, text: string): Promise<void> {
    await this.client.ask<Message>('POST', path, { text, clientId: crypto.randomUUID() })
  }

  /** What this device holds of the conversation, oldest first. */
  async texts(other: Person, limit = 100): Promise<string[]> {
    const path = `/conversations/${(await this.conversation(other)).id}/messages?limit=${limit}`
    const { items } = await this.client.ask<{ items: Message[] }>('GET', path)
    return items.map(({ text }) => text).toReversed()
  }

  /** Resolves once this device holds the text. */
  async holds(other: Person, text: string): Promise<void> {
    const { id } = await this.conversation(other)
    await this.hear((event) => {
      if (event.type === 'message')
        return event.message.conversation === id && event.message.text === text ? true : undefined
      if (event.type !== 'snapshot') return undefined
      return event.conversations.some((each) => each.id === id && each.last?.text === text) ? true : undefined
    })
  }
}

/** Starts one daemon each; all end with the test. */
export async function startPeople(t: Test, ...people: readonly Person[]): Promise<void> {
  t.teardown(async () => {
    await Promise.all(people.map(async (each) => await each.stop()))
    for (const { home } of people) rmSync(home, { recursive: true, force: true })
  })
  await Promise.all(people.map(async (each) => await each.start()))
}
