/** What a device does that may have lost its own past: adopts it from peers, and never writes on where others may know more. */

import { encodeGenerationEnd, readContent, type Content } from '../../protocol/content.ts'
import { feedOf, kinds, lanes } from '../../protocol/entry.ts'
import { openPayload } from '../../protocol/epoch.ts'
import type { FeedRanges } from '../../protocol/frames.ts'
import { generationOf } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Operation } from '../../protocol/operation.ts'
import type { Run } from '../../protocol/run.ts'
import { subtractRanges, type Range, type VectorRow } from '../../protocol/vector.ts'
import { tables, type Batch, type Key } from '../store/store.ts'
import type { Core } from './core.ts'
import { emptyPosition, readEntryRow, type Position, type StoredEntry } from './rows.ts'
import { entryKey, loggedOf } from './scope-table.ts'
import { holds, type FeedState, type ScopeState } from './scope-state.ts'
import type { Staging } from './staging.ts'
import type { Writer } from './writer.ts'

/** Where a message stands in the order index. */
export const orderRowKey = (
  scope: ScopeState,
  feed: number,
  { sealed: { header } }: Pick<StoredEntry, 'sealed'>,
): Key => ({
  table: tables.order,
  at: [scope.number, header.hlc.wallMs, header.hlc.count, feed, header.seq],
  under: scope.number,
})

export class Recovery {
  readonly #core: Core
  readonly #writer: Writer

  constructor(core: Core, writer: Writer) {
    this.#core = core
    this.#writer = writer
  }

  /** The ends of own feeds at which a peer's row says something else than ours: to be fetched before anything is pushed. */
  suspicious(scope: ScopeState, rows: readonly VectorRow[]): FeedRanges[] {
    return rows.flatMap(({ ranges, head, device, lane, generation }): FeedRanges[] => {
      const name = { device, lane, generation }
      const feed = scope.feed({ scope: scope.record.scope, ...name })
      const top = ranges.at(-1)?.[1] ?? 0
      if (name.device !== this.#core.self.device || feed === undefined) return []
      const known = top <= feed.durable.seq ? this.#entry(scope, feed, top)?.sealed.id : undefined
      if (known === head) return []
      return [{ ...name, ranges: [[Math.max(1, top - limits.runEntries + 1), top]] }]
    })
  }

  #entry(scope: ScopeState, feed: FeedState, seq: number, batch?: Batch): StoredEntry | undefined {
    if (!holds((batch === undefined ? feed.durable : feed.staged).ranges, seq)) return undefined
    const row = (batch ?? this.#core.store).get(entryKey(scope, feed.number, seq))
    return row === undefined ? undefined : readEntryRow(row)
  }

  /**
   * Own entries came back from a peer: this device lost them, or wrote others in their place. The others are taken out, the
   * peer's adopted, a new generation begun, and what was taken out is said again in it.
   */
  recover(batch: Batch, staging: Staging, run: Run): void {
    const { scope } = staging
    const top = run.entries[0]
    if (top === undefined) return
    const feed = this.#core.feedState(batch, scope, feedOf(top.sealed))
    const again = this.#takeOut(batch, staging, feed, run)
    for (const { sealed, slot } of run.entries.toReversed()) {
      if (slot.is !== 'held' || holds(feed.staged.ranges, sealed.header.seq)) continue
      const signature = sealed === top.sealed ? run.signature : undefined
      this.#core.append(batch, staging, feed, { sealed, payload: slot.payload, signature, storedAt: this.#core.now() })
    }
    this.#core.log('warn', 'own entries came back from a peer', { again: again.length })
    if (scope.staged.generations[feed.feed.lane] !== feed.feed.generation) return
    this.beginGeneration(batch, staging, feed)
    for (const each of again) this.#say(batch, staging, each)
  }

  #say(batch: Batch, staging: Staging, said: Said): void {
    if (said.is === 'operation') this.#writer.appendOperation(batch, staging, said.operation)
    else this.#writer.appendContents(batch, staging, [said.content])
  }

  /** Takes out the own entries that a run contradicts; returns what they said, oldest first. */
  #takeOut(batch: Batch, staging: Staging, feed: FeedState, run: Run): Said[] {
    const { scope } = staging
    const differing = run.entries.filter(({ sealed }) => {
      const own = this.#entry(scope, feed, sealed.header.seq, batch)
      return own !== undefined && own.sealed.id !== sealed.id
    })
    const lowest = differing.at(-1)?.sealed.header.seq
    const highest = (run.entries[0]?.sealed.header.seq ?? 0) + 1
    const above = this.#entry(scope, feed, highest, batch)
    const hangs = above !== undefined && above.sealed.header.prev !== run.entries[0]?.sealed.id
    const from = lowest ?? (hangs ? highest : undefined)
    if (from === undefined) return []
    const said: Said[] = []
    for (let seq = from; seq <= feed.staged.seq; seq += 1) {
      const own = this.#entry(scope, feed, seq, batch)
      if (own !== undefined) said.push(...this.#remove(batch, scope, feed, own))
    }
    staging.setFeed(feed, this.#cut(scope, feed, from, batch))
    return said
  }

  #remove(batch: Batch, scope: ScopeState, feed: FeedState, own: StoredEntry): Said[] {
    const { header, id } = own.sealed
    batch.delete(entryKey(scope, feed.number, header.seq))
    if (header.lane === lanes.roster) {
      const at = scope.operations.findIndex((each) => each.id === id)
      if (at >= 0) scope.operations.splice(at, 1)
      if (at >= 0 && at < scope.durableOperations) scope.durableOperations -= 1
      scope.roster = undefined
      const { operation } = loggedOf(own)
      return operation === undefined ? [] : [{ is: 'operation', operation }]
    }
    batch.delete(orderRowKey(scope, feed.number, own))
    const key = header.epoch === undefined ? undefined : scope.keys.get(header.epoch)
    if (key === undefined || own.payload === undefined || header.kind !== kinds.content) return []
    const content = readContent(openPayload(key, own.sealed, own.payload))
    this.#writer.forgetClient(batch, scope, content.clientId)
    return [{ is: 'content', content }]
  }

  /** The position of a feed without its entries from `from` on. */
  #cut(scope: ScopeState, feed: FeedState, from: number, batch: Batch): Position {
    const ranges = feed.staged.ranges.flatMap(([low, high]): Range[] =>
      low >= from ? [] : [[low, Math.min(high, from - 1)]],
    )
    const seq = ranges.at(-1)?.[1] ?? 0
    const last = seq === 0 ? undefined : readEntryRow(batch.get(entryKey(scope, feed.number, seq)) as Uint8Array)
    if (last === undefined) return emptyPosition
    return { ...feed.staged, ranges, seq, head: last.sealed.id, hlc: last.sealed.header.hlc }
  }

  /** New own entries of this lane go to a new generation, which begins by saying where the old one ended. */
  beginGeneration(batch: Batch, staging: Staging, old: FeedState): void {
    const { scope } = staging
    const { lane, generation } = old.feed
    const next = generationOf(this.#core.random(8))
    const [first, second] = scope.staged.generations
    staging.setRecord({ ...scope.staged, generations: lane === lanes.roster ? [next, second] : [first, next] })
    const { head, seq } = old.staged
    if (lane === lanes.roster || head === undefined) return
    this.#writer.appendPlain(
      batch,
      staging,
      lane,
      kinds.closeGeneration,
      encodeGenerationEnd({ generation, seq, id: head }),
    )
  }

  /** LevelDB may drop a block without a word: looks for gaps among the last 1,024 entries of every own feed. */
  async checkTails(): Promise<void> {
    for (const scope of this.#core.scopes.all()) {
      for (const feed of scope.feeds.values()) {
        if (feed.feed.device === this.#core.self.device) await this.#checkTail(scope, feed)
      }
    }
  }

  async #checkTail(scope: ScopeState, feed: FeedState): Promise<void> {
    const { seq, ranges } = feed.durable
    const low = Math.max(1, seq - limits.runEntries + 1)
    const rows = await this.#core.store.range(tables.entry, {
      prefix: [scope.number, feed.number],
      under: scope.number,
      after: [low - 1],
    })
    const present = new Set(rows.map(({ at }) => at[2] ?? 0))
    const lost: Range[] = []
    for (let each = low; each <= seq; each += 1) if (holds(ranges, each) && !present.has(each)) lost.push([each, each])
    const beyond = Math.max(0, ...present) > seq
    if (lost.length === 0 && !beyond) return
    this.#core.log('error', 'own entries are gone from the store', { lost: lost.length })
    await this.#core.commit(scope, undefined, (batch, staging) => {
      staging.setFeed(feed, { ...feed.staged, ranges: subtractRanges(feed.staged.ranges, merged(lost)) })
      if (scope.staged.generations[feed.feed.lane] === feed.feed.generation) this.beginGeneration(batch, staging, feed)
    })
  }
}

type Said =
  | { readonly is: 'operation'; readonly operation: Operation }
  | { readonly is: 'content'; readonly content: Content }

const merged = (singles: readonly Range[]): Range[] => {
  const out: Range[] = []
  for (const [from, to] of singles) {
    const last = out.at(-1)
    if (last !== undefined && last[1] + 1 === from) out[out.length - 1] = [last[0], to]
    else out.push([from, to])
  }
  return out
}
