/** Received entries: checked against what is held and who belongs, then through the one door. */

import { kinds, lanes, feedOf, type Feed, type SealedHeader } from '../../protocol/entry.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { FeedRanges } from '../../protocol/frames.ts'
import { mergeHlc } from '../../protocol/hlc.ts'
import { limits } from '../../protocol/limits.ts'
import { loggedOperation, type LoggedOperation } from '../../protocol/logged-operation.ts'
import { roomFor } from '../../protocol/person-room.ts'
import type { Run } from '../../protocol/run.ts'
import { addRange, type Range } from '../../protocol/vector.ts'
import type { Batch } from '../store/store.ts'
import {
  bottomOf,
  checkOperationRun,
  conflictOf,
  heldHeader,
  isProven,
  storedEntry,
  topOf,
  type Conflict,
  type RunEntry,
  type Taken,
} from './checks.ts'
import type { Core } from './core.ts'
import { putEndProof } from './end-proof.ts'
import { putProof } from './fork-proof.ts'
import { GroupIntake } from './group-intake.ts'
import type { Recovery } from './recovery.ts'
import { holds, type FeedState, type ScopeState } from './scope-state.ts'
import type { Silence } from './silence.ts'
import type { Staging } from './staging.ts'
import type { Writer } from './writer.ts'

/** Gaps in one feed, generations of one device in one scope: beyond them nothing more is stored. */
const mostRanges = 1024
const mostGenerations = 1024

export interface IntakeRooms {
  readonly recovery: Recovery
  readonly writer: Writer
  readonly silence: Silence
}

export class Intake {
  readonly #core: Core
  readonly #recovery: Recovery
  readonly #silence: Silence
  readonly #groups: GroupIntake

  constructor(core: Core, { recovery, writer, silence }: IntakeRooms) {
    this.#core = core
    this.#silence = silence
    this.#recovery = recovery
    this.#groups = new GroupIntake(core, writer)
  }

  /** Stages what is new of the runs. Throws BAD_HASH, BAD_SHAPE: the session ends. NOT_A_MEMBER: nothing was staged. */
  take(batch: Batch, staging: Staging, runs: readonly Run[]): Taken {
    const taken: Taken = { held: [], lacking: [] }
    if (staging.scope.record.kind === 'group') this.#groups.begin(staging)
    if (staging.scope.record.kind === 'person') this.#takeLog(batch, staging, runs, taken)
    else for (const run of runs) this.#takeRun(batch, staging, run, taken)
    if (staging.scope.record.kind === 'group') this.#groups.end(staging)
    return taken
  }

  /** Runs of a person's log come in any order, and are looked at together: one may give another its right. Throws NOT_A_MEMBER. */
  #takeLog(batch: Batch, staging: Staging, runs: readonly Run[], taken: Taken): void {
    const { operations, record } = staging.scope
    const brought = runs.flatMap((run): LoggedOperation[] => {
      const { header } = topOf(run)
      if (header.lane !== lanes.roster) return []
      checkOperationRun(run)
      const [entry] = run.entries
      return entry?.slot.is === 'held' ? [loggedOperation(entry.sealed, entry.slot.payload)] : []
    })
    const room = roomFor(record.person, operations, brought)
    const held = new Set(operations.map(({ id }) => id))
    const welcome = runs.filter((run) => room.taken.has(topOf(run).id) || held.has(topOf(run).id))
    for (const run of welcome) this.#takeRun(batch, staging, run, taken)
    const isForeign = room.isForeign || brought.length < runs.length
    if (welcome.length === 0 && isForeign) throw new WarrenError('NOT_A_MEMBER', 'the author does not belong here')
  }

  #takeRun(batch: Batch, staging: Staging, run: Run, taken: Taken): void {
    const { scope } = staging
    const name = feedOf(topOf(run))
    if (name.scope !== scope.record.scope) throw new WarrenError('BAD_SHAPE', 'an entry of another scope')
    if (name.lane === lanes.roster) checkOperationRun(run)
    const isOperation = name.lane === lanes.roster
    if (scope.record.kind === 'group' && isOperation) this.#groups.take(batch, staging, name, run, taken)
    else this.#takeChained(batch, staging, name, run, taken)
  }

  /** Entries of a feed that has one chain. */
  #takeChained(batch: Batch, staging: Staging, name: Feed, whole: Run, taken: Taken): void {
    const { scope } = staging
    const known = scope.feed(name)
    const run = this.#admitted(batch, staging, known, whole)
    if (run === undefined || isPast(scope, name, run)) return
    const isOwn = name.device === this.#core.self.device
    if (isOwn && this.#recovery.takeFork(batch, staging, run, taken)) return
    if (!isProven(batch, scope, known, whole)) return
    if (known !== undefined && !isOwn && known.staged.frozen) return
    const conflict = known === undefined ? undefined : conflictOf(batch, scope, known, run)
    if (known !== undefined && conflict !== undefined) {
      const headers = [...aboveOf(whole, run), ...conflict.headers]
      if (!isOwn) this.#freeze(batch, staging, known, whole, { ...conflict, headers })
      return
    }
    const heeded = this.#silence.heed(batch, scope, run, name)
    if (heeded === undefined) return
    const told = heeded === run ? withProofOf(whole, run) : heeded
    this.#hold(batch, staging, { name, known, run: heeded, told }, taken)
    this.#keepEndProof(batch, scope, name, whole, run)
  }

  /** What proves the top of what was taken, where that was not signed itself: so that it can be given on. */
  #keepEndProof(batch: Batch, scope: ScopeState, name: Feed, { signature, entries }: Run, taken: Run): void {
    const above = aboveOf({ signature, entries }, taken)
    const feed = scope.feed(name)
    if (above.length === 0 || signature === undefined || feed === undefined) return
    if (feed.staged.head === topOf(taken).id) putEndProof(batch, scope, feed, { signature, above })
  }

  /** `told`: the run as others are given it at once. */
  #hold(
    batch: Batch,
    staging: Staging,
    { name, known, run, told }: { name: Feed; known: FeedState | undefined; run: Run; told: Run },
    taken: Taken,
  ): void {
    const state = this.#put(batch, staging, { name, known, run, told })
    if (state !== undefined) taken.held.push({ ...nameOf(name), ranges: heldOf(run, state) })
  }

  /** What of a run may be taken. In a group it depends on the feed, and the rest is left out; elsewhere on the device. Throws NOT_A_MEMBER. */
  #admitted(batch: Batch, staging: Staging, known: FeedState | undefined, run: Run): Run | undefined {
    const { scope } = staging
    if (scope.record.kind === 'group') return this.#core.ends.admits(batch, scope, known, run)
    return this.#checkAuthor(batch, staging, run) ? run : undefined
  }

  /** Whether a run is taken. Throws NOT_A_MEMBER unless the author may put entries here, or once might. */
  #checkAuthor(batch: Batch, staging: Staging, run: Run): boolean {
    const { scope } = staging
    // All that is brought of it was looked at together.
    if (scope.record.kind === 'person') return true
    const standing = this.#core.people.standingOf(scope, topOf(run).header.device)
    if (standing === 'foreign') throw new WarrenError('NOT_A_MEMBER', 'the author does not belong here')
    return standing === 'belongs' || this.#counts(batch, scope, run)
  }

  /** Of a device that was removed: operations, and of messages what lies at or below the end that another device named. */
  #counts(batch: Batch, scope: ScopeState, run: Run): boolean {
    const { header, id } = topOf(run)
    if (header.lane === lanes.roster) return true
    const ends = this.#core.people.rosterOf(scope).cutOffs.filter(({ device }) => device === header.device)
    if (ends.length === 0 || ends.some(({ last }) => last === id)) return true
    const feed = scope.feed(feedOf(topOf(run)))
    return feed !== undefined && heldHeader(batch, scope, feed, header.seq + 1)?.header.prev === id
  }

  /** Two entries with one number, both signed: nothing more of this generation is taken, and what proves it is kept. */
  #freeze(batch: Batch, staging: Staging, state: FeedState, { signature }: Run, { seq, headers }: Conflict): void {
    staging.setFeed(state, { ...state.staged, frozen: true })
    if (signature !== undefined) putProof(batch, staging.scope, state, { after: seq, proof: { headers, signature } })
    staging.tellsOfFork = true
    this.#core.log('warn', 'a device forked its feed')
  }

  /** Puts what is new of a run; undefined if nothing of it is held. */
  #put(
    batch: Batch,
    staging: Staging,
    { name, known, run, told }: { name: Feed; known: FeedState | undefined; run: Run; told: Run },
  ): FeedState | undefined {
    const low = staging.scope.lowOf(name)
    const held = known?.staged.ranges ?? []
    const parts = freshOf(run, low === 0 ? held : addRange(held, [1, low]))
    if (parts.length === 0 || !this.#hasRoom(staging.scope, name, known, run)) return known
    const state = known ?? this.#core.feedState(batch, staging, name)
    this.#core.ends.note(staging.scope, state, run.entries)
    const storedAt = this.#core.now()
    for (const part of parts) {
      const stored = part.map((entry) => storedEntry(entry, run, storedAt))
      this.#core.append(batch, staging, state, stored)
      if (name.device === this.#core.self.device) this.#recovery.adopted(batch, staging, state, stored)
    }
    for (const { sealed } of run.entries)
      this.#core.author.hlc = mergeHlc(this.#core.author.hlc, sealed.header.hlc, storedAt)
    staging.tellsOfFork ||= bottomOf(run).header.kind === kinds.closeGeneration
    staging.runs.push(told)
    return state
  }

  #hasRoom(scope: ScopeState, { device, lane }: Feed, known: FeedState | undefined, run: Run): boolean {
    const isFull = scope.record.kind === 'person' && scope.operations.length >= limits.personOperations
    if (isFull) return false
    if (known !== undefined) return known.staged.ranges.length < mostRanges || touches(known.staged.ranges, run)
    return device === this.#core.self.device || scope.feedsOf(device, lane).length < mostGenerations
  }
}

/** Whether nothing of a run is taken any more: it was deleted, or its author was blocked. */
const isPast = (scope: ScopeState, name: Feed, run: Run): boolean =>
  scope.floorOf(name)?.frozen === true || topOf(run).header.seq <= scope.lowOf(name)

/** Headers of a run above the part of it that is taken. */
const aboveOf = (whole: Run, part: Run): SealedHeader[] =>
  whole.entries.slice(0, whole.entries.length - part.entries.length).map(({ sealed }) => sealed)

/** What was taken of a run, under the headers that prove it where its own top is not signed; of those nothing is said but that they are. */
function withProofOf(whole: Run, taken: Run): Run {
  const above = aboveOf(whole, taken)
  if (above.length === 0 || whole.signature === undefined) return taken
  const proof = above.map((sealed) => ({ sealed, slot: { is: 'missing' as const } }))
  return { signature: whole.signature, entries: [...proof, ...taken.entries] }
}

const nameOf = ({ device, lane, generation }: Feed): Omit<FeedRanges, 'ranges'> => ({ device, lane, generation })

/** Whether a run fills a gap, or a part of one, rather than make another. */
const touches = (ranges: readonly Range[], run: Run): boolean =>
  ranges.some(([low, high]) => low - 1 <= topOf(run).header.seq && bottomOf(run).header.seq <= high + 1)

/** Whether a slot leaves nothing wanted. */
const isHeldSlot = ({ sealed, slot }: RunEntry): boolean =>
  slot.is === 'held' || (slot.is === 'lapsed' && sealed.header.lifetime > 0)

/**
 * The entries to store, in parts without gaps: new here, with payload, and each below one that is stored or was signed itself.
 * What hangs below a header alone stays wanted, since nobody could be given it with a proof from here.
 */
function freshOf(run: Run, held: readonly Range[]): RunEntry[][] {
  const parts: RunEntry[][] = []
  let part: RunEntry[] | undefined
  let chained = true
  for (const entry of run.entries) {
    const isHeld = holds(held, entry.sealed.header.seq)
    if (!isHeld && chained && isHeldSlot(entry)) {
      if (part === undefined) parts.push((part = []))
      part.push(entry)
    } else {
      part = undefined
      chained = isHeld
    }
  }
  return parts
}

/** The parts of a run that are held now. */
function heldOf(run: Run, { staged }: FeedState): Range[] {
  const from = run.entries.at(-1)?.sealed.header.seq ?? 0
  const to = run.entries[0]?.sealed.header.seq ?? 0
  return staged.ranges.flatMap(([low, high]): Range[] =>
    high < from || low > to ? [] : [[Math.max(low, from), Math.min(high, to)]],
  )
}
