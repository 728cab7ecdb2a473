/** Own entries: posts are gathered while a batch is under way, and the next batch signs once for all of them. */

import { utf8 } from '../../protocol/bytes.ts'
import type { BlobReference } from '../../protocol/blob.ts'
import { encodeContent, encodeGenerationEnd, textContent, type Content } from '../../protocol/content.ts'
import { attachmentsContent } from '../../protocol/content-bodies.ts'
import { kinds, lanes, signEntry, type Feed, type Lane } from '../../protocol/entry.ts'
import { paddedLength } from '../../protocol/epoch.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { generationOf } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { encodeOperation, type Operation } from '../../protocol/operation.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import type { RosterState } from '../../protocol/roster.ts'
import type { Timers } from '../timers.ts'
import { tables, type Batch, type IndexKey, type Store } from '../store/store.ts'
import type { Drafted } from './author.ts'
import type { Core } from './core.ts'
import { CrowdedEpochs } from './crowded-epochs.ts'
import { epochMaxAgeMs, mintEpoch, mintHeads, usableEpoch, type UsableEpoch } from './epochs.ts'
import { MintTurn } from './mint-turn.ts'
import { GroupWriter } from './group-writer.ts'
import { loggedOf, type StoredEntry } from './rows.ts'
import type { FeedState, ScopeState } from './scope-state.ts'
import { signedMeanwhile } from './signed-meanwhile.ts'
import type { Staging } from './staging.ts'
import { wholeIndexed } from './whole-row.ts'

/** Where a post went: the feed and the place in it. */
export interface Posted {
  readonly feed: FeedState
  readonly seq: number
  /** What was written; undefined if the client id was used before: this is the first one's place. */
  readonly written: { readonly stored: StoredEntry; readonly content: Content } | undefined
}

/** What was found for a roster with so many keys. */
interface Usable {
  readonly keys: number
  readonly version: number
  readonly epoch: UsableEpoch | undefined
}

interface Pending {
  readonly content: Content
  readonly resolve: (posted: Posted) => void
  readonly reject: (error: unknown) => void
}

const saltAndTag = 32 + 16

/** Throws TOO_LARGE. */
function withFiles(text: string, clientId: string, files: readonly BlobReference[]): Content {
  const content = attachmentsContent(text, clientId, files)
  if (paddedLength(encodeContent(content).length) + saltAndTag > limits.sealedPayloadBytes)
    throw new WarrenError('TOO_LARGE', 'the text is too long for so many files')
  return content
}

const mostPending = 20_000
/** What one build takes: so few that the next can be built while this one is written, and no more text than a group should hold. */
const mostPostsPerBuild = 256
const mostTextPerBuild = 1024 * 1024

/** Where it is noted which place a client id was used for. */
export const clientKey = (store: Store, scope: ScopeState, clientId: string): IndexKey => ({
  table: tables.client,
  at: [scope.number, ...store.nameNumbers(utf8(clientId))],
})

export class Writer {
  readonly #core: Core
  readonly #pending = new Map<ScopeState, Pending[]>()
  /** Per roster, with the number of keys that were here when it was looked for. */
  readonly #usable = new WeakMap<RosterState, Usable>()
  readonly #crowded: CrowdedEpochs
  /** Own operations of groups. */
  readonly groups: GroupWriter

  /** Whose turn it is to make an epoch of a group. */
  readonly turn: MintTurn

  constructor(core: Core, timers: Timers) {
    this.#core = core
    this.#crowded = new CrowdedEpochs(core.people)
    this.turn = new MintTurn({ ...core, timers })
    this.groups = new GroupWriter({
      core,
      append: (batch, staging, operation) => this.appendOperation(batch, staging, operation),
    })
  }

  /** Posts a text, files or both; resolves when it is durable. Throws BAD_SHAPE, TOO_LARGE, RATE_LIMITED, NOT_ALLOWED, STORE_…. */
  async post(scope: ScopeState, text: string, clientId: string, files: readonly BlobReference[] = []): Promise<Posted> {
    if ((text.trim() === '' && files.length === 0) || clientId === '')
      throw new WarrenError('BAD_SHAPE', 'a message needs a text or a file, and a client id')
    if (Buffer.byteLength(text) > limits.textBytes)
      throw new WarrenError('TOO_LARGE', 'a message has at most 64 KiB of text')
    if (Buffer.byteLength(clientId) > limits.clientIdBytes)
      throw new WarrenError('TOO_LARGE', 'a client id has at most 64 bytes')
    const content = files.length === 0 ? textContent(text, clientId) : withFiles(text, clientId, files)
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
    try {
      if (scope.record.kind === 'group') await this.turn.wait(scope, () => this.usable(scope) !== undefined)
      const places = await this.#core.commit(scope, undefined, (batch, staging) => {
        taken = this.#take(scope)
        return this.#write(
          batch,
          staging,
          taken.map(({ content }) => content),
        )
      })
      for (let at = 0; at < taken.length; at += 1) taken[at]?.resolve(places[at] as Posted)
    } catch (error) {
      const failed = taken.length > 0 ? taken : (this.#pending.get(scope) ?? [])
      if (taken.length === 0) this.#pending.delete(scope)
      for (const { reject } of failed) reject(error)
    }
  }

  /** What waits, as much as one build may write; the rest is left to the next group. */
  #take(scope: ScopeState): Pending[] {
    const waiting = this.#pending.get(scope) ?? []
    let count = 0
    for (let text = 0; count < waiting.length && count < mostPostsPerBuild && text < mostTextPerBuild; count += 1)
      text += waiting[count]?.content.text.length ?? 0
    if (count === waiting.length) this.#pending.delete(scope)
    else queueMicrotask(() => void this.#flush(scope))
    return waiting.splice(0, count)
  }

  #write(batch: Batch, staging: Staging, contents: readonly Content[]): Posted[] {
    const { scope } = staging
    const { author, people, self, store } = this.#core
    const roster = people.rosterOf(scope)
    if (roster.closed || !roster.posters.has(self.device))
      throw new WarrenError('NOT_ALLOWED', 'posting is not allowed here')
    const epoch = this.usableEpoch(batch, staging)
    const feed = this.#ownFeed(batch, staging, lanes.messages)
    const drafted: Drafted[] = []
    const places: (Posted | undefined)[] = []
    let position = feed.staged
    for (const content of contents) {
      const key = clientKey(store, scope, content.clientId)
      const known = batch.indexOnce(key, [feed.number, position.seq + 1])
      if (known !== undefined) {
        places.push(this.#placeOf(scope, known))
        continue
      }
      const next = author.content(feed.feed, position, kinds.content, epoch, content)
      position = { ...position, seq: next.sealed.header.seq, head: next.sealed.id }
      drafted.push(next)
      places.push(undefined)
    }
    const written = this.#put(batch, staging, feed, drafted).values()
    return places.map((place, at): Posted => {
      if (place !== undefined) return place
      const stored = written.next().value as StoredEntry
      return { feed, seq: stored.sealed.header.seq, written: { stored, content: contents[at] as Content } }
    })
  }

  /** Where a client id leads: whoever asks for the message there sees whether it has that id. */
  #placeOf(scope: ScopeState, [number, seq]: readonly number[]): Posted {
    const feed = scope.feedNumbered(number ?? 0)
    if (feed === undefined || seq === undefined)
      throw new WarrenError('STORE_DAMAGED', 'a client id names a feed that is not there')
    return { feed, seq, written: undefined }
  }

  /** Appends drafted entries, oldest first: one signature for the last of them, and for every 1,024th below. */
  #put(batch: Batch, staging: Staging, feed: FeedState, drafted: readonly Drafted[]): StoredEntry[] {
    if (drafted.length === 0) return []
    const { self } = this.#core
    const storedAt = this.#core.now()
    const stored: StoredEntry[] = drafted.map((each) => ({ ...each, storedAt, signature: undefined }))
    for (let end = drafted.length; end > 0; end -= limits.runEntries) {
      const from = Math.max(0, end - limits.runEntries)
      const top = drafted[end - 1] as Drafted
      const part = drafted.slice(from, end).toReversed()
      const run = signedMeanwhile(
        part.map(({ sealed, payload }) => ({ sealed, slot: { is: 'held', payload, seconds: 0 } })),
        () => signEntry(self.signingKey, top.sealed.id),
      )
      // Messages are served with a signature made anew; an operation is served as it stands here.
      if (feed.feed.lane === lanes.roster) stored[end - 1] = { ...top, storedAt, signature: run.signature }
      staging.ownRuns.push(run)
    }
    this.#core.append(batch, staging, feed, stored)
    return stored
  }

  /** The epoch to seal with: the newest that fits the present devices, else a new one in the same batch. */
  usableEpoch(batch: Batch, staging: Staging): UsableEpoch {
    const { scope } = staging
    const { people, scopes } = this.#core
    const roster = people.rosterOf(scope)
    const usable = this.usable(scope)
    if (usable !== undefined) return usable
    if (scope.record.kind === 'group') return this.groups.mint(batch, staging)
    const now = this.#core.now()
    const key = this.#core.random(32)
    const { epoch, operation } = mintEpoch(scope.record.scope, roster, mintHeads(this.#core, roster), key)
    this.appendOperation(batch, staging, operation)
    scopes.putKey(batch, staging, epoch, key)
    const made = { epoch, key, mintedMs: now }
    this.#crowded.made(scope, made)
    return made
  }

  /** The epoch that the next message can be sealed with, if its key is here and still young. */
  usable(scope: ScopeState): UsableEpoch | undefined {
    const { people, now } = this.#core
    const roster = people.rosterOf(scope)
    const version = people.versionOf(scope)
    let known = this.#usable.get(roster)
    // A group's roster grows in place: what was found holds for one version of it.
    if (known?.keys !== scope.keys.size || known.version !== version) {
      known = { keys: scope.keys.size, version, epoch: usableEpoch(roster, scope.keys) }
      this.#usable.set(roster, known)
    }
    const epoch = known.epoch ?? (scope.record.kind === 'group' ? undefined : this.#crowded.usable(scope))
    return epoch !== undefined && now() - epoch.mintedMs < epochMaxAgeMs ? epoch : undefined
  }

  /** Appends an own roster operation, signed by itself. */
  appendOperation(batch: Batch, staging: Staging, operation: Operation): LoggedOperation {
    return loggedOf(this.#appendPlain(batch, staging, lanes.roster, kinds[operation.kind], encodeOperation(operation)))
  }

  #appendPlain(batch: Batch, staging: Staging, lane: Lane, kind: number, payload: Uint8Array): StoredEntry {
    const feed = this.#ownFeed(batch, staging, lane)
    const [stored] = this.#put(batch, staging, feed, [this.#core.author.plain(feed.feed, feed.staged, kind, payload)])
    return stored as StoredEntry
  }

  /** Appends own content inside a batch that is already under way. */
  appendContents(batch: Batch, staging: Staging, contents: readonly Content[]): void {
    if (contents.length > 0) this.#write(batch, staging, contents)
  }

  /** The feed that own new entries of a lane go to. */
  #ownFeed(batch: Batch, staging: Staging, lane: Lane): FeedState {
    const { scope } = staging
    if (scope.doubted.has(scope.staged.generations[lane]) || this.#isEnded(scope, lane))
      this.#beginGeneration(batch, staging, lane)
    return this.#core.feedState(batch, staging, this.#ownName(scope, lane))
  }

  /** The owner was removed, left or lost the right to post, and has it again: nobody takes more of the feed than was let stand. */
  #isEnded(scope: ScopeState, lane: Lane): boolean {
    if (scope.record.kind !== 'group' || lane !== lanes.messages) return false
    return this.#core.people.groupOf(scope).endOf(this.#ownName(scope, lane)) !== 'all'
  }

  #ownName(scope: ScopeState, lane: Lane): Feed {
    const { device } = this.#core.self
    return { scope: scope.record.scope, device, lane, generation: scope.staged.generations[lane] }
  }

  /**
   * Something of `feed` was lost here, or came back from a peer. If it is an own one, others may know more of the generation
   * in use than this device: it is not written to any more.
   */
  noteLoss(batch: Batch, staging: Staging, { feed }: FeedState): void {
    const { scope } = staging
    if (feed.device !== this.#core.self.device) return
    const inUse = scope.staged.generations[feed.lane]
    if (inUse === feed.generation || !scope.begun.has(inUse)) this.#beginGeneration(batch, staging, feed.lane)
  }

  /** Others may have written to the generations in use. */
  renew(batch: Batch, staging: Staging): void {
    for (const lane of [lanes.roster, lanes.messages]) {
      const own = staging.scope.feed(this.#ownName(staging.scope, lane))
      if (own?.staged.head !== undefined) this.#beginGeneration(batch, staging, lane)
    }
  }

  /** New own entries of this lane go to a new generation, which begins by saying where the old one ended. */
  #beginGeneration(batch: Batch, staging: Staging, lane: Lane): void {
    const { scope } = staging
    const old = scope.feed(this.#ownName(scope, lane))
    const next = generationOf(this.#core.random(8))
    scope.begun.add(next)
    const [first, second] = scope.staged.generations
    staging.setRecord({ ...scope.staged, generations: lane === lanes.roster ? [next, second] : [first, next] })
    if (lane === lanes.roster || old?.staged.head === undefined) return
    const { seq, head } = old.staged
    const end = encodeGenerationEnd({ generation: old.feed.generation, seq, id: head })
    this.#appendPlain(batch, staging, lane, kinds.closeGeneration, end)
  }

  /** Remembers a client id that was used, so that its content is not written a second time. */
  noteClient(batch: Batch, scope: ScopeState, clientId: string, feed: FeedState, seq: number): void {
    const key = clientKey(this.#core.store, scope, clientId)
    if (clientId !== '' && wholeIndexed(batch, key) === undefined) batch.index(key, [feed.number, seq])
  }

  /** Forgets a client id, so that its content can be written again elsewhere. */
  forgetClient(batch: Batch, scope: ScopeState, clientId: string): void {
    batch.delete(clientKey(this.#core.store, scope, clientId))
  }
}
