/**
 * What a person wrote while they were blocked is never taken in the conversation with them: nothing at all until the end, and
 * later nothing that was written before it. A number per feed keeps it so. Decision 0063 says what a clock can tell and what not.
 */

import { feedKey, lanes, type Feed } from '../../protocol/entry.ts'
import { directId, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Run } from '../../protocol/run.ts'
import type { VectorRow } from '../../protocol/vector.ts'
import type { Batch } from '../store/store.ts'
import type { Core } from './core.ts'
import type { ScopeState } from './scope-state.ts'
import { putSilence } from './silences.ts'

interface Raise {
  readonly feed: Feed
  readonly seq: number
  /** Its author says that it ends there now, after the silence with this end. */
  readonly settled?: number
}

/** No end is in sight. */
const blocked = Number.MAX_SAFE_INTEGER

export class Silence {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  /** From now on nothing of theirs is taken. Durable when it resolves; the same again changes nothing. Throws STORE_…. */
  async begin(person: PersonId): Promise<void> {
    await this.#set(person, (until) => (until === blocked ? undefined : blocked))
  }

  /** What they write from now on is taken again. Throws STORE_…. */
  async end(person: PersonId): Promise<void> {
    const now = this.#core.now()
    await this.#set(person, () => now)
  }

  async #set(person: PersonId, next: (until: number) => number | undefined): Promise<void> {
    const { scopes, self } = this.#core
    const scope = scopes.get(directId(self.person, person))
    if (scope === undefined) return
    await this.#core.commit(scope, undefined, (batch, staging) => {
      const silentUntil = next(scope.staged.silentUntil)
      if (silentUntil === undefined) return
      staging.setRecord({ ...scope.staged, silentUntil })
      // Up to here it counts; gaps are not filled any more.
      for (const { feed, staged } of scope.feeds.values())
        if (staged.seq > 0 && this.#isTheirs(scope, feed)) this.#raise(batch, scope, { feed, seq: staged.seq })
    })
    scope.changed()
  }

  /**
   * The rows that a device says it holds. Of its own feeds it knows where they end: what comes behind that was written after we
   * met again, whatever its clock says.
   */
  async heard(scope: ScopeState, rows: readonly VectorRow[], device: DeviceId): Promise<void> {
    const until = scope.record.silentUntil
    if (until === 0 || until === blocked) return
    const tops = rows.flatMap((row) => {
      const feed: Feed = { scope: scope.record.scope, device: row.device, lane: row.lane, generation: row.generation }
      const seq = row.ranges.at(-1)?.[1]
      const isNews = row.device === device && this.#isTheirs(scope, feed) && scope.silenceOf(feed)?.settled !== until
      return !isNews || seq === undefined || row.hlc.wallMs > until ? [] : [{ feed, seq, settled: until }]
    })
    if (tops.length === 0) return
    await this.#core.commit(scope, undefined, (batch) => {
      for (const top of tops) this.#raise(batch, scope, top)
    })
  }

  /** What of a run that is proven may be taken: all above its newest entry from the silence. */
  heed(batch: Batch, scope: ScopeState, run: Run, feed: Feed): Run | undefined {
    const until = scope.staged.silentUntil
    if (until === 0 || !this.#isTheirs(scope, feed)) return run
    const isSettled = until !== blocked && scope.silenceOf(feed)?.settled === until
    const latest = isSettled ? until - limits.clockAheadMs : until
    const silent = run.entries.findIndex(({ sealed }) => sealed.header.hlc.wallMs <= latest)
    const newest = run.entries[silent]?.sealed
    if (newest === undefined) return run
    this.#raise(batch, scope, { feed, seq: newest.header.seq })
    return silent === 0 ? undefined : { ...run, entries: run.entries.slice(0, silent) }
  }

  #isTheirs(scope: ScopeState, { device, lane }: Feed): boolean {
    const { kind, person } = scope.record
    return kind === 'direct' && lane === lanes.messages && this.#core.people.personOf(device) === person
  }

  /** Never lower than it was. In memory at once: if the batch is lost, it is raised again when the same is met again. */
  #raise(batch: Batch, scope: ScopeState, { feed, seq, settled }: Raise): void {
    const before = scope.silenceOf(feed)
    const silent = { feed, seq: Math.max(seq, before?.seq ?? 0), settled: settled ?? before?.settled ?? 0 }
    putSilence(batch, this.#core.store, scope.number, silent)
    scope.silences.set(feedKey(feed), silent)
  }
}
