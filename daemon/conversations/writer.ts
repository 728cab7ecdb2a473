/** Own entries: posts are gathered while a batch is under way, and the next batch signs once for all of them. */

import { utf8 } from '../../protocol/bytes.ts'
import { decode, encode, readArray, readUint } from '../../protocol/codec.ts'
import { textContent, type Content } from '../../protocol/content.ts'
import { kinds, lanes, signEntry, type Feed, type Lane } from '../../protocol/entry.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import { encodeOperation, type Operation } from '../../protocol/operation.ts'
import type { EpochId } from '../../protocol/ids.ts'
import { tables, type Batch, type Key, type Store } from '../store/store.ts'
import type { Drafted } from './author.ts'
import type { Core } from './core.ts'
import { mintEpoch, usableEpoch } from './epochs.ts'
import type { FeedState, ScopeState } from './scope-state.ts'
import type { Staging } from './staging.ts'

/** Where a post went: the feed and the place in it. */
export interface Posted {
  readonly feed: FeedState
  readonly seq: number
  /** False if the client id was used before: this is the first one's place. */
  readonly created: boolean
}

interface Pending {
  readonly content: Content
  readonly resolve: (posted: Posted) => void
  readonly reject: (error: unknown) => void
}

const mostPending = 20_000

const clientKey = (store: Store, scope: ScopeState, clientId: string): Key => ({
  table: tables.client,
  at: [scope.number, ...store.nameNumbers(utf8(clientId))],
  under: scope.number,
})

export class Writer {
  readonly #core: Core
  readonly #pending = new Map<ScopeState, Pending[]>()

  constructor(core: Core) {
    this.#core = core
  }

  /** Posts a text; resolves when it is durable. Throws BAD_SHAPE, TOO_LARGE, RATE_LIMITED, NOT_ALLOWED, STORE_…. */
  async post(scope: ScopeState, text: string, clientId: string): Promise<Posted> {
    const size = utf8(text).length
    if (text.trim() === '' || clientId === '')
      throw new WarrenError('BAD_SHAPE', 'a message needs a text and a client id')
    if (size > limits.textBytes) throw new WarrenError('TOO_LARGE', 'a message has at most 64 KiB of text')
    return await this.postContent(scope, textContent(text, clientId))
  }

  async postContent(scope: ScopeState, content: Content): Promise<Posted> {
    const waiting = this.#pending.get(scope) ?? []
    if (waiting.length >= mostPending) throw new WarrenError('RATE_LIMITED', 'too many messages wait to be stored')
    const posted = new Promise<Posted>((resolve, reject) => waiting.push({ content, resolve, reject }))
    if (!this.#pending.has(scope)) {
      this.#pending.set(scope, waiting)
      void this.#flush(scope)
    }
    return await posted
  }

  async #flush(scope: ScopeState): Promise<void> {
    let taken: Pending[] = []
    let places: Posted[] = []
    try {
      await this.#core.commit(scope, undefined, (batch, staging) => {
        taken = this.#pending.get(scope) ?? []
        this.#pending.delete(scope)
        places = this.#write(
          batch,
          staging,
          taken.map(({ content }) => content),
        )
      })
      for (const [at, { resolve }] of taken.entries()) resolve(places[at] as Posted)
    } catch (error) {
      const failed = taken.length > 0 ? taken : (this.#pending.get(scope) ?? [])
      if (taken.length === 0) this.#pending.delete(scope)
      for (const { reject } of failed) reject(error)
    }
  }

  #write(batch: Batch, staging: Staging, contents: readonly Content[]): Posted[] {
    const { scope } = staging
    const roster = this.#core.people.rosterOf(scope)
    if (roster.closed || !roster.posters.has(this.#core.self.device))
      throw new WarrenError('NOT_ALLOWED', 'posting is not allowed here')
    const feed = this.ownFeed(batch, scope, lanes.messages)
    const epoch = this.#epoch(batch, staging)
    const drafted: Drafted[] = []
    let position = feed.staged
    const places = contents.map((content): Posted => {
      const key = clientKey(this.#core.store, scope, content.clientId)
      const known = batch.get(key)
      if (known !== undefined) return this.#placeOf(scope, known)
      const next = this.#core.author.content(feed.feed, position, kinds.content, epoch, content)
      position = { ...position, seq: next.sealed.header.seq, head: next.sealed.id }
      drafted.push(next)
      batch.put(key, encode([feed.number, position.seq]))
      return { feed, seq: position.seq, created: true }
    })
    this.#put(batch, staging, feed, drafted)
    return places
  }

  #placeOf(scope: ScopeState, row: Uint8Array): Posted {
    const [number, seq] = readArray(decode(row), 2).map((each) => readUint(each))
    const feed = [...scope.feeds.values()].find((each) => each.number === number)
    if (feed === undefined || seq === undefined)
      throw new WarrenError('STORE_DAMAGED', 'a client id names a feed that is not there')
    return { feed, seq, created: false }
  }

  /** Appends drafted entries, oldest first: one signature for the last of them, and for every 1,024th below. */
  #put(batch: Batch, staging: Staging, feed: FeedState, drafted: readonly Drafted[]): void {
    const storedAt = this.#core.now()
    for (let end = drafted.length; end > 0; end -= limits.runEntries) {
      const part = drafted.slice(Math.max(0, end - limits.runEntries), end)
      const top = part.at(-1) as Drafted
      const signature = signEntry(this.#core.self.signingKey, top.sealed.id)
      staging.runs.push({
        signature,
        entries: part
          .toReversed()
          .map(({ sealed, payload }) => ({ sealed, slot: { is: 'held', payload, seconds: 0 } })),
      })
      for (const each of part) {
        this.#core.append(batch, staging, feed, { ...each, storedAt, signature: each === top ? signature : undefined })
      }
    }
  }

  /** The epoch to seal with: the newest that fits the present devices, else a new one in the same batch. */
  #epoch(batch: Batch, staging: Staging): { epoch: EpochId; key: Uint8Array } {
    const { scope } = staging
    const roster = this.#core.people.rosterOf(scope)
    const usable = usableEpoch(roster, scope.keys)
    if (usable !== undefined) return usable
    const key = this.#core.random(32)
    const personHeads = [...roster.members.keys()].flatMap((person) => this.#core.people.stateOf(person).heads)
    const { epoch, operation } = mintEpoch(scope.record.scope, roster, [...personHeads, ...roster.heads], key)
    this.appendOperation(batch, staging, operation)
    this.#core.scopes.putKey(batch, scope, epoch, key)
    staging.addKey(epoch, key)
    return { epoch, key }
  }

  /** Appends an own roster operation, signed by itself. */
  appendOperation(batch: Batch, staging: Staging, operation: Operation): void {
    const feed = this.ownFeed(batch, staging.scope, lanes.roster)
    this.#put(batch, staging, feed, [
      this.#core.author.plain(feed.feed, feed.staged, kinds[operation.kind], encodeOperation(operation)),
    ])
  }

  /** Appends an own entry with a plain payload, such as the end of a generation. */
  appendPlain(batch: Batch, staging: Staging, lane: Lane, kind: number, payload: Uint8Array): void {
    const feed = this.ownFeed(batch, staging.scope, lane)
    this.#put(batch, staging, feed, [this.#core.author.plain(feed.feed, feed.staged, kind, payload)])
  }

  /** Appends own content inside a batch that is already under way. */
  appendContents(batch: Batch, staging: Staging, contents: readonly Content[]): void {
    if (contents.length > 0) this.#write(batch, staging, contents)
  }

  /** The feed that own new entries of a lane go to. */
  ownFeed(batch: Batch, scope: ScopeState, lane: Lane): FeedState {
    const { device } = this.#core.self
    const feed: Feed = { scope: scope.record.scope, device, lane, generation: scope.staged.generations[lane] }
    return this.#core.feedState(batch, scope, feed)
  }

  /** Forgets a client id, so that its content can be written again elsewhere. */
  forgetClient(batch: Batch, scope: ScopeState, clientId: string): void {
    batch.delete(clientKey(this.#core.store, scope, clientId))
  }
}
