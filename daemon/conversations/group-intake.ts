/** Received operations of a group: every one by somebody whose log is here is kept, whether it counts or not. */

import type { Feed } from '../../protocol/entry.ts'
import { mergeHlc } from '../../protocol/hlc.ts'
import type { Run } from '../../protocol/run.ts'
import type { Batch } from '../store/store.ts'
import { hasRoomFor, putBranch } from './branches.ts'
import { conflictOf, storedEntry, topOf, type RunEntry, type Taken } from './checks.ts'
import type { Core } from './core.ts'
import { holds, type ScopeState } from './scope-state.ts'
import type { Staging } from './staging.ts'
import type { Writer } from './writer.ts'

export class GroupIntake {
  readonly #core: Core
  readonly #writer: Writer

  constructor(core: Core, writer: Writer) {
    this.#core = core
    this.#writer = writer
  }

  /** What is judged before is taken up to now, so that what comes together is judged together. */
  begin({ scope }: Staging): void {
    this.#core.people.groupOf(scope)
  }

  /** A group shows itself to the owner once they belong to it, or are asked to. */
  end(staging: Staging): void {
    const { scope } = staging
    if (!staging.changesOperations || scope.staged.listed) return
    const { people, self } = this.#core
    const isTheirs = people.groupOf(scope).roster.members.has(self.person)
    if (isTheirs) staging.setRecord({ ...scope.staged, listed: true })
  }

  /** Stages the operation of a run, which is alone and signed, unless it is here or nobody knows whose it is. */
  take(batch: Batch, staging: Staging, name: Feed, run: Run, taken: Taken): void {
    const { scope } = staging
    const { device, lane, generation } = name
    const entry = run.entries[0] as RunEntry
    const { id, header } = entry.sealed
    const isHere = staging.adds(id) || scope.live?.operation(id) !== undefined
    if (!isHere && (entry.slot.is !== 'held' || !this.#hasRoom(scope, name))) return
    if (!isHere) this.#put(batch, staging, name, run)
    taken.held.push({ device, lane, generation, ranges: [[header.seq, header.seq]] })
  }

  #put(batch: Batch, staging: Staging, name: Feed, run: Run): void {
    const { scope } = staging
    const entry = run.entries[0] as RunEntry
    const stored = storedEntry(entry, run, this.#core.now())
    const isOwn = name.device === this.#core.self.device
    const feed = this.#core.feedState(batch, staging, name)
    const isBranch =
      holds(feed.staged.ranges, topOf(run).header.seq) || conflictOf(batch, scope, feed, run) !== undefined
    if (isBranch) putBranch(batch, staging, feed, stored)
    else this.#core.append(batch, staging, feed, [stored])
    const { author } = this.#core
    author.hlc = mergeHlc(author.hlc, stored.sealed.header.hlc, stored.storedAt)
    // Something was said by this device that it does not know of: what it says from now on goes elsewhere.
    if (isOwn) this.#writer.noteLoss(batch, staging, feed)
    staging.runs.push(run)
  }

  /** A device of somebody known, which has not said more than one may. */
  #hasRoom(scope: ScopeState, { device, lane }: Feed): boolean {
    if (this.#core.people.onceOf(device) === undefined) return false
    return hasRoomFor(scope, device, lane)
  }
}
