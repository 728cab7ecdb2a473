/** Says what became durable: to sync, to the owner's page, and for messages without a key once the key is here. */

import type { BlobReference } from '../../protocol/blob.ts'
import { errorCode } from '../../protocol/errors.ts'
import type { ConversationId, DeviceId, EpochId, Scope } from '../../protocol/ids.ts'
import type { Run } from '../../protocol/run.ts'
import type { Awareness } from './awareness.ts'
import type { Core } from './core.ts'
import type { MintTurn } from './mint-turn.ts'
import type { Reader } from './reader.ts'
import type { ScopeState } from './scope-state.ts'
import type { Staging } from './staging.ts'

/** Entries that became durable here. */
export interface Appended {
  readonly scope: Scope
  readonly runs: readonly Run[]
  readonly from: DeviceId | undefined
}

/** `files`: undefined where the message must be opened for them. */
export type FilesCame = (
  conversation: ConversationId,
  order: string,
  files: readonly BlobReference[] | undefined,
) => void

/** Messages that wait for one key. Those beyond are found in the store when it comes. */
const mostWaiting = 10_000

interface Waiting {
  readonly scope: ScopeState
  readonly orders: string[]
  /** Some wait that are not listed here: since before this start, or too many. */
  isPartial: boolean
}

export interface AnnouncerParts {
  readonly reader: Reader
  readonly awareness: Awareness
  readonly turn: MintTurn
}

export class Announcer {
  readonly #core: Core
  readonly #reader: Reader
  readonly #awareness: Awareness
  readonly #turn: MintTurn
  readonly #listeners = new Set<(appended: Appended) => void>()
  readonly #keyListeners = new Set<(scope: Scope) => void>()
  /** See Conversations. */
  filesCame: FilesCame = () => undefined
  readonly #waiting = new Map<EpochId, Waiting>()

  constructor(core: Core, { reader, awareness, turn }: AnnouncerParts) {
    this.#awareness = awareness
    this.#turn = turn
    this.#core = core
    this.#reader = reader
  }

  /** Notes the keys that were missing when the last run ended. */
  start(): void {
    for (const scope of this.#core.scopes.all()) {
      if (scope.record.kind === 'person') continue
      if (scope.record.kind === 'group') this.#core.people.groupOf(scope).news(scope)
      for (const epoch of this.#core.people.rosterOf(scope).epochs.keys())
        if (!scope.keys.has(epoch)) this.#waitingFor(scope, epoch).isPartial = true
    }
  }

  /** Returns the function that ends the subscription. */
  onAppended(listener: (appended: Appended) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** Called with every conversation of which keys came. */
  onKeys(listener: (scope: Scope) => void): void {
    this.#keyListeners.add(listener)
  }

  /** Tells of a build that is durable. Whoever brought messages waits for the answer: of those it is told once that has left. */
  tell(staging: Staging, from: DeviceId | undefined): void {
    if (from === undefined || staging.changesOperations) this.#tell(staging, from)
    else process.nextTick(() => this.#tellLate(staging, from))
  }

  /** Nobody waits for it any more, so whatever goes wrong ends here. */
  #tellLate(staging: Staging, from: DeviceId): void {
    if (staging.scope.isGone) return
    try {
      this.#tell(staging, from)
    } catch (error) {
      this.#core.log('error', 'what came could not be told', { code: errorCode(error) })
    }
  }

  #tell(staging: Staging, from: DeviceId | undefined): void {
    const { scope } = staging
    const { record } = scope
    if (staging.changesOperations) this.#groupsChanged(scope, from)
    this.#turn.changed(scope)
    this.#offer({ scope: record.scope, runs: staging.runs, from })
    this.#offer({ scope: record.scope, runs: staging.ownRuns, from: undefined })
    if (record.kind === 'person') return
    const conversation = record.scope as ConversationId
    for (const order of staging.gone) this.#core.bus.publish({ type: 'message-gone', conversation, order })
    for (const { order, waitsFor, large } of staging.messages) {
      if (waitsFor !== undefined && !scope.keys.has(waitsFor)) {
        this.#wait(scope, waitsFor, order)
        continue
      }
      this.#core.bus.publish({ type: 'message', conversation, order })
      if (large === undefined || from === undefined) continue
      const files = this.#reader.filesIn(scope, large)
      if (files.length > 0) this.filesCame(conversation, order, files)
    }
    for (const epoch of staging.keys) this.#keyCame(scope, epoch)
    if (staging.keys.length > 0) for (const listener of this.#keyListeners) listener(record.scope)
    if (staging.changesRecord || staging.tellsOfFork)
      this.#core.bus.publish({ type: 'conversation', conversation: record.scope as ConversationId })
  }

  /** Lines that tell of a group came, or are not true any more. */
  #groupsChanged(scope: ScopeState, from: DeviceId | undefined): void {
    const { scopes, people, bus } = this.#core
    for (const group of scope.record.kind === 'person' ? scopes.groups() : [scope]) {
      if (group.record.kind !== 'group') continue
      const conversation = group.record.scope as ConversationId
      const { came, gone } = people.groupOf(group).news(group)
      for (const order of gone) bus.publish({ type: 'message-gone', conversation, order })
      for (const order of came) bus.publish({ type: 'message', conversation, order })
      this.#noteRemovals(group, came, from)
      if (group === scope || came.length + gone.length > 0) bus.publish({ type: 'conversation', conversation })
    }
  }

  #noteRemovals(group: ScopeState, orders: readonly string[], from: DeviceId | undefined): void {
    const { notices } = this.#core.people.groupOf(group)
    for (const order of orders) {
      const notice = notices.get(order)
      if (notice?.happening.is === 'removed') this.#awareness.removed(group, notice, from)
    }
  }

  /** The scope was deleted: nobody waits for its keys any more. */
  forget(scope: ScopeState): void {
    for (const [epoch, waiting] of this.#waiting) if (waiting.scope === scope) this.#waiting.delete(epoch)
  }

  #offer(appended: Appended): void {
    if (appended.runs.length > 0) for (const listener of this.#listeners) listener(appended)
  }

  #waitingFor(scope: ScopeState, epoch: EpochId): Waiting {
    const waiting = this.#waiting.get(epoch) ?? { scope, orders: [], isPartial: false }
    this.#waiting.set(epoch, waiting)
    return waiting
  }

  #wait(scope: ScopeState, epoch: EpochId, order: string): void {
    const waiting = this.#waitingFor(scope, epoch)
    if (waiting.orders.length < mostWaiting) waiting.orders.push(order)
    else waiting.isPartial = true
  }

  #keyCame(scope: ScopeState, epoch: EpochId): void {
    const waiting = this.#waiting.get(epoch)
    this.#waiting.delete(epoch)
    if (waiting === undefined) return
    if (waiting.isPartial) void this.#publishStored(scope, epoch)
    else for (const order of waiting.orders) this.#publishLate(waiting.scope, order)
    this.#core.bus.publish({ type: 'conversation', conversation: scope.record.scope as ConversationId })
  }

  async #publishStored(scope: ScopeState, epoch: EpochId): Promise<void> {
    try {
      for (const order of await this.#reader.sealedUnder(scope, epoch)) this.#publishLate(scope, order)
    } catch {
      this.#core.log('error', 'messages whose key came could not be read')
    }
  }

  #publishLate({ record }: ScopeState, order: string): void {
    const conversation = record.scope as ConversationId
    this.#core.bus.publish({ type: 'message', conversation, order })
    this.filesCame(conversation, order, undefined)
  }
}
