/** What a device does that may have lost its own past: adopts it from peers, and never writes on where others may know more. */

import { readContent, type Content } from '../../protocol/content.ts'
import { feedOf, kinds, lanes, signEntry, type SealedHeader } from '../../protocol/entry.ts'
import { openPayload } from '../../protocol/epoch.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { FeedRanges } from '../../protocol/frames.ts'
import { limits } from '../../protocol/limits.ts'
import type { Operation } from '../../protocol/operation.ts'
import type { Run } from '../../protocol/run.ts'
import type { Range, VectorRow } from '../../protocol/vector.ts'
import type { Batch } from '../store/store.ts'
import { bottomOf, contradicts, heldHeader, heldId, isProven, topOf, type Taken } from './checks.ts'
import type { Core } from './core.ts'
import { putProof } from './fork-proof.ts'
import { OwnBranch } from './own-branch.ts'
import { without } from './positions.ts'
import { loggedOf, isMessage, readEntryRow, type StoredEntry } from './rows.ts'
import { entryKey, orderRowKey } from './scope-keys.ts'
import { holds, orderIn, type FeedState, type ScopeState } from './scope-state.ts'
import type { Staging } from './staging.ts'
import { wholeRow } from './whole-row.ts'
import type { Writer } from './writer.ts'

type Said =
  | { readonly is: 'operation'; readonly operation: Operation }
  | { readonly is: 'content'; readonly content: Content }

export class Recovery {
  readonly #core: Core
  readonly #writer: Writer
  readonly #branches = new WeakMap<FeedState, OwnBranch>()

  constructor(core: Core, writer: Writer) {
    this.#core = core
    this.#writer = writer
  }

  /**
   * The ends of own feeds at which a peer's row says more or something else than ours: to be fetched before anything is
   * pushed. Until then nothing is written to such a feed any more: what is said meanwhile begins a new generation.
   */
  suspicious(scope: ScopeState, rows: readonly VectorRow[]): FeedRanges[] {
    return rows.flatMap((row): FeedRanges[] => {
      const { ranges, device, lane, generation } = row
      if (device !== this.#core.self.device || !this.#isSuspicious(scope, row)) return []
      // A peer cannot know more of what was begun since this start: its word alone does not end that.
      if (scope.record.generations[lane] === generation && !scope.begun.has(generation)) scope.doubted.add(generation)
      const name = { scope: scope.record.scope, device, lane, generation }
      const floor = scope.floorOf(name)?.seq ?? 0
      const top = ranges.at(-1)?.[1] ?? 0
      if (top <= floor) return []
      const known = scope.feed(name)?.durable.seq ?? 0
      const low = top > known ? Math.max(known, floor) + 1 : floor + 1
      return [{ device, lane, generation, ranges: [[Math.max(low, top - limits.runEntries + 1), top]] }]
    })
  }

  #isSuspicious(scope: ScopeState, { ranges, head, floor: theirs, ...row }: VectorRow): boolean {
    const name = { scope: scope.record.scope, ...row }
    const feed = scope.feed(name)
    if (feed?.durable.frozen === true) return false
    const floor = scope.floorOf(name)?.seq ?? 0
    // They deleted what is not here, or is another entry here: what is said under such a number would not be taken there.
    if (theirs !== undefined && theirs.seq > floor && this.#idAt(scope, feed, theirs.seq) !== theirs.id) return true
    const top = ranges.at(-1)?.[1] ?? 0
    return top > floor && this.#idAt(scope, feed, top) !== head
  }

  #idAt(scope: ScopeState, feed: FeedState | undefined, seq: number): SealedHeader['id'] | undefined {
    if (feed === undefined || !holds(feed.durable.ranges, seq)) return undefined
    return seq === feed.durable.seq ? feed.durable.head : this.#core.scopes.entry(scope, feed, seq)?.sealed.id
  }

  /** What else of an own feed is wanted before a fork can be mended. */
  wanted(feed: FeedState | undefined): Range | undefined {
    return feed === undefined ? undefined : this.#branches.get(feed)?.below
  }

  /** Own entries that were not here came from a peer. They were said before: their client ids must not be used again. */
  adopted(batch: Batch, staging: Staging, feed: FeedState, entries: readonly StoredEntry[]): void {
    for (const each of entries) {
      const content = this.#contentOf(staging.scope, each)
      const { seq } = each.sealed.header
      if (content !== undefined) this.#writer.noteClient(batch, staging.scope, content.clientId, feed, seq)
    }
    this.#writer.noteLoss(batch, staging, feed)
  }

  /**
   * Takes a run of own entries that contradicts what is here, or goes on with one that did; false if it does neither. Once
   * it is known where the chains part, ours is taken out from there, the peer's adopted, and what ours said is said again
   * in a new generation.
   */
  takeFork(batch: Batch, staging: Staging, run: Run, taken: Taken): boolean {
    const { scope } = staging
    const { device, lane, generation } = topOf(run).header
    const feed = scope.feed(feedOf(topOf(run)))
    if (feed === undefined || feed.staged.frozen) return false
    const now = this.#core.now()
    let branch = this.#branches.get(feed)
    if (branch?.take(run, now) !== true) {
      const isFork = isProven(batch, scope, feed, run) && contradicts(batch, scope, feed, run)
      branch = isFork ? OwnBranch.of(run, now) : undefined
      if (branch === undefined) return false
    }
    this.#branches.set(feed, branch)
    const name = { device, lane, generation }
    taken.held.push({ ...name, ranges: [[bottomOf(run).header.seq, topOf(run).header.seq]] })
    const { header } = branch.bottom
    if (header.seq === 1 || heldId(batch, scope, feed, header.seq - 1) === header.prev) {
      this.#branches.delete(feed)
      this.#mend(batch, staging, feed, branch)
    } else if (branch.isFull) {
      this.#branches.delete(feed)
      staging.setFeed(feed, { ...feed.staged, frozen: true })
      this.#writer.noteLoss(batch, staging, feed)
    } else taken.lacking.push({ ...name, ranges: [branch.below] })
    return true
  }

  #mend(batch: Batch, staging: Staging, feed: FeedState, branch: OwnBranch): void {
    const { scope } = staging
    const said: Said[] = []
    const gone: Range[] = this.#replaced(batch, scope, feed, branch)
    this.#keepProof(batch, scope, feed, branch, gone[0]?.[0])
    for (const [low, high] of gone)
      for (let seq = low; seq <= high; seq += 1) said.push(...this.#takeOut(batch, staging, feed, seq))
    // One fork is mended, not two: a third branch of one feed would have ours and theirs change places for ever.
    staging.setFeed(feed, { ...without(batch, scope, feed, gone), frozen: true })
    const entries = branch.entries.filter(({ sealed }) => !holds(feed.staged.ranges, sealed.header.seq))
    this.#core.append(batch, staging, feed, entries)
    this.adopted(batch, staging, feed, entries)
    this.#core.log('warn', 'own entries came back from a peer', { adopted: entries.length, again: said.length })
    for (const each of said) {
      if (each.is === 'operation') this.#writer.appendOperation(batch, staging, each.operation)
      else this.#writer.appendContents(batch, staging, [each.content])
    }
  }

  /** What is taken out is signed for the last time: it proves that there were two histories. `seq`: the lowest that is. */
  #keepProof(batch: Batch, scope: ScopeState, feed: FeedState, { top }: OwnBranch, seq: number | undefined): void {
    if (seq === undefined || feed.feed.lane !== lanes.messages) return
    const row = wholeRow(batch, entryKey(scope, feed.number, seq))
    if (row === undefined) return
    const { sealed } = readEntryRow(row)
    const signature = signEntry(this.#core.self.signingKey, sealed.id)
    putProof(batch, scope, feed, { after: Math.min(seq, top.header.seq), proof: { headers: [sealed], signature } })
  }

  /** The numbers under which we hold others than the branch, and what hangs on those. */
  #replaced(batch: Batch, scope: ScopeState, feed: FeedState, branch: OwnBranch): Range[] {
    const { top, bottom } = branch
    const above = heldHeader(batch, scope, feed, top.header.seq + 1)
    const end = above === undefined || above.header.prev === top.id ? top.header.seq : feed.staged.seq
    const differing: Range[] = []
    for (const [low, high] of feed.staged.ranges) {
      for (let seq = Math.max(low, bottom.header.seq); seq <= Math.min(high, end); seq += 1) {
        const theirs = branch.entries[top.header.seq - seq]?.sealed.id
        // Chains that agree at one place agree below it: what is the same lies under what differs, or over it all.
        if (heldId(batch, scope, feed, seq) !== theirs) differing.push([seq, seq])
      }
    }
    return differing
  }

  /** Takes out one own entry; returns what it said. */
  #takeOut(batch: Batch, staging: Staging, feed: FeedState, seq: number): Said[] {
    const { scope } = staging
    const row = wholeRow(batch, entryKey(scope, feed.number, seq))
    if (row === undefined) return []
    const own = readEntryRow(row)
    batch.delete(entryKey(scope, feed.number, seq))
    if (feed.feed.lane === lanes.roster) {
      staging.removeOperation(own.sealed.id)
      const { operation } = loggedOf(own)
      return operation === undefined ? [] : [{ is: 'operation', operation }]
    }
    batch.delete(orderRowKey(scope, feed.number, own.sealed.header))
    if (isMessage(own)) staging.gone.push(orderIn(feed, own.sealed.header))
    const content = this.#contentOf(scope, own)
    if (content === undefined) return []
    this.#writer.forgetClient(batch, scope, content.clientId)
    return [{ is: 'content', content }]
  }

  #contentOf(scope: ScopeState, { sealed, payload }: StoredEntry): Content | undefined {
    const { epoch, kind, lane } = sealed.header
    const key = epoch === undefined ? undefined : scope.keys.get(epoch)
    if (key === undefined || payload === undefined || kind !== kinds.content || lane !== lanes.messages)
      return undefined
    try {
      return readContent(openPayload(key, sealed, payload))
    } catch (error) {
      if (error instanceof WarrenError) return undefined
      throw error
    }
  }
}
