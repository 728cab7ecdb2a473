/**
 * Deletes a conversation for good: its floors first, then the key that all of it is sealed with, then its rows. What a stop cuts
 * off is finished at the next start.
 */

import { feedKey, lanes } from '../../protocol/entry.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { ConversationId, Scope } from '../../protocol/ids.ts'
import { tables, type Batch, type Table } from '../store/store.ts'
import type { Announcer } from './announcer.ts'
import type { Core } from './core.ts'
import { putFloor, type Floor } from './floors.ts'
import { indexRow, type Unfinished } from './rows.ts'
import { indexKey } from './scope-keys.ts'
import type { LateRows } from './late-rows.ts'
import type { ScopeState } from './scope-state.ts'

/** Every table with rows under a conversation's number and key. */
const deletedTables: readonly Table[] = [
  tables.state,
  tables.feed,
  tables.entry,
  tables.order,
  tables.client,
  tables.peerHeld,
  tables.epoch,
  tables.register,
  tables.fork,
  tables.end,
  tables.branch,
  tables.blob,
  tables.chunks,
]

/** Where the message feeds stand now. The conversation rests on its operations: they have no floor, and are taken again. */
const floorsNow = (scope: ScopeState): Floor[] =>
  [...scope.feeds.values()].flatMap(({ feed, staged: { seq, head, frozen } }) =>
    feed.lane === lanes.messages && head !== undefined ? [{ feed, seq, id: head, frozen }] : [],
  )

export interface DeletionDeps {
  readonly core: Core
  readonly announcer: Announcer
  readonly lateRows: LateRows
  /** Devices may see more or less than before. */
  readonly scopesChanged: (gone?: Scope) => void
}

export class Deletion {
  readonly #deps: DeletionDeps
  readonly #ending = new AbortController()
  readonly #running = new Set<Promise<unknown>>()
  /** The group that marked them failed: whether it is on the disk is known once the store is mended. */
  readonly #doubtful = new Map<ScopeState, readonly Floor[]>()

  constructor(deps: DeletionDeps) {
    const { store, scopes } = deps.core
    this.#deps = deps
    scopes.clear = async (left) => await this.#clear(left)
    store.onFailed(() => this.#storeFailed())
  }

  /** Goes on with what the last run did not finish; the rest of the home does not wait for it. */
  resume(): void {
    for (const left of this.#deps.core.scopes.unfinished()) this.#inBackground(left)
  }

  /** Stops between two steps; what is left is for the next start. */
  async close(): Promise<void> {
    this.#ending.abort(new WarrenError('CLOSING', 'the daemon is closing'))
    await Promise.allSettled(this.#running)
  }

  /** Resolves when nothing of the conversation is left on the disk. Throws NOT_FOUND, STORE_…, CLOSING. */
  async delete(scope: ScopeState): Promise<void> {
    const { store } = this.#deps.core
    let floors: readonly Floor[] | undefined
    try {
      floors = await store.commit((batch) => (floors = this.#mark(batch, scope)))
    } catch (error) {
      if (floors !== undefined) {
        this.#doubtful.set(scope, floors)
        scope.isGone = false
        this.#deps.lateRows.doubt(scope)
      }
      throw error
    }
    await this.#finish(scope, floors)
  }

  /** From here on nothing is written to the conversation, and nothing of it is given to anybody. */
  #mark(batch: Batch, scope: ScopeState): readonly Floor[] {
    const { store, delivery } = this.#deps.core
    if (scope.isGone) throw new WarrenError('NOT_FOUND', 'the conversation was deleted')
    const floors = floorsNow(scope)
    for (const floor of floors) putFloor(batch, store, scope.number, floor)
    batch.put(indexKey(scope.number), indexRow({ ...scope.staged, isDeleted: true }))
    delivery.forget(scope)
    scope.isGone = true
    return floors
  }

  async #finish(scope: ScopeState, floors: readonly Floor[]): Promise<void> {
    const { core, announcer, lateRows, scopesChanged } = this.#deps
    for (const floor of floors) scope.floors.set(feedKey(floor.feed), floor)
    const left = core.scopes.take(scope)
    announcer.forget(scope)
    lateRows.forget(scope)
    core.bus.publish({ type: 'conversation-gone', conversation: scope.record.scope as ConversationId })
    scopesChanged(scope.record.scope)
    await this.#track(this.#renew(left))
  }

  #inBackground(left: Unfinished): void {
    this.#track(this.#renew(left)).catch((error: unknown) => {
      if (error instanceof WarrenError && error.code === 'CLOSING') return
      this.#deps.core.log('error', 'a deleted conversation could not be cleared away; the next start goes on')
    })
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#running.add(work)
    try {
      await work
    } finally {
      this.#running.delete(work)
    }
  }

  /** Makes the conversation anew: empty, under a key of its own, above its floors. A group comes back if somebody adds the owner. */
  async #renew(left: Unfinished): Promise<void> {
    const { core, scopesChanged } = this.#deps
    const { scope, kind, person } = left
    // Of a person that this home was before nothing can come again.
    if (kind === 'group' || core.people.isLeft({ record: left })) {
      await this.#clear(left)
      await core.scopes.forget(left)
      return
    }
    const { record } = await core.scopes.open(scope, kind, person)
    if (record.listed) core.bus.publish({ type: 'conversation', conversation: scope as ConversationId })
    scopesChanged()
  }

  async #clear({ number }: Unfinished): Promise<void> {
    const { store } = this.#deps.core
    const { signal } = this.#ending
    await store.dropConversationKey(number)
    for (const table of deletedTables) await store.clear(table, [number], signal)
  }

  /** An owner who was told that it failed asked for it all the same: it must not come to pass at some later start. */
  #storeFailed(): void {
    const { scopes, log } = this.#deps.core
    for (const [scope, floors] of this.#doubtful) {
      let isMarked: boolean
      try {
        isMarked = scopes.isMarked(scope)
      } catch {
        continue // the next mending may tell
      }
      this.#doubtful.delete(scope)
      if (!isMarked) continue
      scope.isGone = true
      this.#track(this.#finish(scope, floors)).catch(() => log('error', 'a conversation could not be deleted'))
    }
  }
}
