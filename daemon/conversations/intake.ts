/** Received entries: checked against what is held and who belongs, then through the one door. */

import { lanes, feedOf, type SealedHeader } from '../../protocol/entry.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { mergeHlc } from '../../protocol/hlc.ts'
import type { Run } from '../../protocol/run.ts'
import type { FeedRanges } from '../../protocol/frames.ts'
import { addRange, type Range } from '../../protocol/vector.ts'
import { readEntryRow } from './rows.ts'
import type { Batch } from '../store/store.ts'
import { checkOperationRun, mayEnter, mayEnterPersonLog, operationOf } from './checks.ts'
import type { Core } from './core.ts'
import { entryKey } from './scope-table.ts'
import { holds, type FeedState, type ScopeState } from './scope-state.ts'
import type { Staging } from './staging.ts'

/** What became of the runs of one frame. */
export interface Taken {
  held: FeedRanges[]
  /** Own entries that this device had lost, or that contradict its own: recovery takes over. */
  ownRuns: Run[]
}

type RunEntry = Run['entries'][number]

export class Intake {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  /** Stages what is new of the runs. Throws BAD_HASH, BAD_SHAPE: the session ends. NOT_A_MEMBER: nothing was staged. */
  take(batch: Batch, staging: Staging, runs: readonly Run[]): Taken {
    const taken: Taken = { held: [], ownRuns: [] }
    for (const run of runs) this.#takeRun(batch, staging, run, taken)
    return taken
  }

  #takeRun(batch: Batch, staging: Staging, run: Run, taken: Taken): void {
    const top = (run.entries[0] as RunEntry).sealed
    const feed = feedOf(top)
    if (feed.scope !== staging.scope.record.scope) throw new WarrenError('BAD_SHAPE', 'an entry of another scope')
    if (feed.lane === lanes.roster) checkOperationRun(run)
    this.#checkAuthor(staging.scope, top, run)
    const state = this.#core.feedState(batch, staging.scope, feed)
    this.#checkTop(batch, staging.scope, state, run, top)
    if (state.staged.frozen) return
    const isOwn = feed.device === this.#core.self.device
    if (this.#contradicts(batch, staging.scope, state, run)) {
      if (isOwn) taken.ownRuns.push(run)
      else this.#freeze(staging, state)
      return
    }
    const fresh = freshOf(run, state)
    if (isOwn && fresh.length > 0) taken.ownRuns.push(run)
    this.#put(batch, staging, state, run, fresh)
    taken.held.push({ device: feed.device, lane: feed.lane, generation: feed.generation, ranges: heldOf(run, state) })
  }

  /** Throws NOT_A_MEMBER unless the author may put entries here. */
  #checkAuthor(scope: ScopeState, top: SealedHeader, run: Run): void {
    const { kind, person } = scope.record
    const allowed =
      kind === 'person'
        ? mayEnterPersonLog(this.#core.people.stateOf(person), top, operationOf(run))
        : mayEnter(this.#core.people.rosterOf(scope), top.header.device)
    if (!allowed) throw new WarrenError('NOT_A_MEMBER', 'the author does not belong here')
  }

  /** An unsigned run must hang below a held entry. Throws BAD_HASH. */
  #checkTop(batch: Batch, scope: ScopeState, state: FeedState, run: Run, top: SealedHeader): void {
    if (run.signature !== undefined) return
    const above = this.#header(batch, scope, state, top.header.seq + 1)
    if (above?.header.prev !== top.id)
      throw new WarrenError('BAD_HASH', 'a run is neither signed nor below a held entry')
  }

  #header(batch: Batch, scope: ScopeState, state: FeedState, seq: number): SealedHeader | undefined {
    if (!holds(state.staged.ranges, seq)) return undefined
    const row = batch.get(entryKey(scope, state.number, seq))
    if (row === undefined) throw new WarrenError('STORE_DAMAGED', 'an entry that is held is not there')
    return readEntryRow(row).sealed
  }

  /** Whether the run is another chain than the one held: looked at where the two meet, so at most a few times a run. */
  #contradicts(batch: Batch, scope: ScopeState, state: FeedState, run: Run): boolean {
    const { ranges } = state.staged
    const high = (run.entries[0] as RunEntry).sealed
    const low = (run.entries.at(-1) as RunEntry).sealed
    const above = this.#header(batch, scope, state, high.header.seq + 1)
    if (above !== undefined && above.header.prev !== high.id) return true
    const below = this.#header(batch, scope, state, low.header.seq - 1)
    if (below !== undefined && low.header.prev !== below.id) return true
    // Inside the run, the highest entry that is held on both sides speaks for all below it.
    const shared = run.entries.find(({ sealed }) => holds(ranges, sealed.header.seq))
    return shared !== undefined && this.#header(batch, scope, state, shared.sealed.header.seq)?.id !== shared.sealed.id
  }

  /** Two entries with one number, both signed: nothing more of this generation is taken. */
  #freeze(staging: Staging, state: FeedState): void {
    staging.setFeed(state, { ...state.staged, frozen: true })
    this.#core.log('warn', 'a device forked its feed')
  }

  #put(batch: Batch, staging: Staging, state: FeedState, run: Run, fresh: readonly RunEntry[]): void {
    const storedAt = this.#core.now()
    const top = run.entries[0]
    for (const entry of fresh) {
      const { sealed, slot } = entry
      this.#core.append(batch, staging, state, {
        sealed,
        storedAt,
        payload: slot.is === 'held' ? slot.payload : undefined,
        signature: entry === top ? run.signature : undefined,
      })
      this.#core.author.hlc = mergeHlc(this.#core.author.hlc, sealed.header.hlc, storedAt)
    }
    if (fresh.length > 0) staging.runs.push(run)
  }
}

/** Whether a slot leaves nothing wanted. */
const isHeldSlot = (sealed: SealedHeader, slot: RunEntry['slot']): boolean =>
  slot.is === 'held' || (slot.is === 'lapsed' && sealed.header.lifetime > 0)

/**
 * The entries to store: new here, with payload, and each below one that is stored or was signed itself. What hangs below a
 * header alone stays wanted, since nobody could be given it with a proof from here.
 */
function freshOf(run: Run, state: FeedState): RunEntry[] {
  const fresh: RunEntry[] = []
  let chained = true
  for (const entry of run.entries) {
    const isHeld = holds(state.staged.ranges, entry.sealed.header.seq)
    if (!isHeld && chained && isHeldSlot(entry.sealed, entry.slot)) fresh.push(entry)
    else chained = isHeld
  }
  return fresh
}

/** The parts of a run that are held now. */
function heldOf(run: Run, state: FeedState): Range[] {
  let ranges: Range[] = []
  for (const { sealed } of run.entries) {
    const { seq } = sealed.header
    if (holds(state.staged.ranges, seq)) ranges = addRange(ranges, [seq, seq])
  }
  return ranges
}
