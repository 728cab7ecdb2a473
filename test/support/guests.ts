/** People with daemons on real sockets, and the groups that they make: what a story needs. */

import { join } from 'node:path'
import type { Test } from 'tap'
import type { Conversation, MessagePage } from '../../protocol/http-conversations.ts'
import type { GroupInvite, GroupMember, Joining, NewGroup, NewInvite, OwnStanding } from '../../protocol/http-groups.ts'
import type { Page } from '../../protocol/http.ts'
import { folderOf, startHere, type Here } from './here.ts'
import type { Seat } from './seat.ts'

/** One person, whose daemon can be off. */
export class Guest {
  readonly name: string
  readonly #t: Test
  readonly #home: string
  #here: Here | undefined
  #port = 0
  #person = ''

  constructor(t: Test, folder: string, name: string) {
    this.#t = t
    this.#home = join(folder, name)
    this.name = name
  }

  get seat(): Seat {
    if (this.#here === undefined) throw new Error(`${this.name} is off`)
    return this.#here.seat
  }

  get port(): number {
    return this.#port
  }

  /** The PersonId. */
  get person(): string {
    return this.#person
  }

  async start(): Promise<this> {
    const before = this.#port === 0 ? {} : { peerPort: this.#port }
    this.#here = await startHere(this.#t, this.#home, this.name, before)
    this.#port = this.#here.port
    this.#person = (await this.seat.me()).personId
    return this
  }

  async stop(): Promise<void> {
    await this.#here?.daemon.close()
    this.#here = undefined
  }

  async ask<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> {
    return await this.seat.client.ask<T>(method, path, body)
  }

  /** Becomes a contact of somebody, who says yes. */
  async befriend(other: Guest): Promise<void> {
    const { deviceId } = await this.seat.look(`127.0.0.1:${other.port}`)
    await this.ask('POST', '/contacts', { deviceId })
    const known = async (of: Guest, person: string, state: string): Promise<true | undefined> =>
      (await of.seat.contacts()).some((each) => each.id === person && each.state === state) ? true : undefined
    await other.seat.until(async () => await known(other, this.person, 'incoming'), `${this.name} to ask ${other.name}`)
    await other.ask('PATCH', `/contacts/${this.person}`, { state: 'accepted' })
    await this.seat.until(async () => await known(this, other.person, 'accepted'), `${other.name} to say yes`)
  }

  /** Undefined if it is not there. */
  async conversation(group: string): Promise<Conversation | undefined> {
    const { items } = await this.ask<Page<Conversation>>('GET', '/conversations')
    return items.find(({ id }) => id === group)
  }

  async members(group: string): Promise<GroupMember[]> {
    return (await this.ask<Page<GroupMember>>('GET', `/conversations/${group}/members`)).items
  }

  /** Resolves once the owner of this device stands so with the group. */
  async stands(group: string, standing: OwnStanding): Promise<void> {
    await this.seat.until(
      async () => ((await this.conversation(group))?.group?.standing === standing ? true : undefined),
      `${this.name} to be ${standing}`,
    )
  }

  /** Resolves once those and nobody else have joined, as this device sees it. */
  async sees(group: string, ...joined: Guest[]): Promise<void> {
    const wanted = joined
      .map(({ name }) => name)
      .toSorted()
      .join()
    await this.seat.until(async () => {
      const members = (await this.members(group)).filter(({ state }) => state === 'joined')
      return members
        .map(({ name }) => name)
        .toSorted()
        .join() === wanted
        ? true
        : undefined
    }, `${this.name} to see ${wanted}`)
  }

  async answer(group: string, answer: 'accept' | 'decline'): Promise<void> {
    await this.stands(group, 'invited')
    await this.ask('POST', `/conversations/${group}/answer`, { answer })
  }

  /** What people said, without the lines between; one that cannot be read is `(unreadable)`, one outside in parentheses, too. */
  async words(group: string): Promise<string[]> {
    const { items } = await this.ask<MessagePage>('GET', `/conversations/${group}/messages?limit=200`)
    return items
      .filter(({ notice }) => notice === undefined)
      .map(({ text, unreadable, outside }) =>
        unreadable === true ? '(unreadable)' : outside === true ? `(outside) ${text}` : text,
      )
      .toReversed()
  }

  /** What the lines between messages tell, oldest first. */
  async notices(group: string): Promise<string[]> {
    const { items } = await this.ask<MessagePage>('GET', `/conversations/${group}/messages?limit=200`)
    return items.flatMap(({ notice }) => (notice === undefined ? [] : [notice.is])).toReversed()
  }

  async invite(group: string, wish: NewInvite = {}): Promise<string> {
    const { link } = await this.ask<GroupInvite>('POST', `/conversations/${group}/invites`, wish)
    if (link === undefined) throw new Error('an invite without a link')
    return link
  }

  async join(link: string): Promise<Joining> {
    return await this.ask<Joining>('POST', '/groups/join', { link })
  }

  async joining(): Promise<Joining[]> {
    return (await this.ask<Page<Joining>>('GET', '/groups/joining')).items
  }
}

/** Everybody up, the first one a contact of all others, who know only the first. */
export async function guests(t: Test, ...names: string[]): Promise<Guest[]> {
  const folder = folderOf(t)
  const all = await Promise.all(names.map(async (name) => await new Guest(t, folder, name).start()))
  for (const other of all.slice(1)) await all[0]?.befriend(other)
  return all
}

/** A group by `founder`; everybody accepted, and each sees all. */
export async function groupOf(founder: Guest, others: readonly Guest[], wish: Partial<NewGroup> = {}): Promise<string> {
  const members = others.map(({ person }) => person)
  const body: NewGroup = { kind: 'group', name: 'Garden', ...wish, members }
  const { id } = await founder.ask<Conversation>('POST', '/conversations', body)
  for (const each of others) await each.answer(id, 'accept')
  for (const each of [founder, ...others]) await each.sees(id, founder, ...others)
  return id
}
