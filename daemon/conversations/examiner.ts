/** Looks through every log of this home and the rows beside, and mends what can be mended: lists anew, and lets peers bring what is damaged or gone. */

import { errorCode } from '../../protocol/errors.ts'
import type { Finding, FindingKind } from '../../protocol/examination.ts'
import type { Scope } from '../../protocol/ids.ts'
import { subtractRanges } from '../../protocol/vector.ts'
import { tables, type SealedTable } from '../store/store.ts'
import { sweep } from '../store/sweep.ts'
import type { Core } from './core.ts'
import { FeedExaminer, type FeedFaults } from './examine-feed.ts'
import { orderRowKey } from './scope-keys.ts'
import type { FeedState, ScopeState } from './scope-state.ts'
import { clientKey } from './writer.ts'

export interface ExamineOptions {
  readonly repair: boolean
  readonly signal: AbortSignal
  /** Entries looked at so far, and all there are. */
  readonly progress: (checked: number, total: number) => void
}

export interface Examined {
  readonly findings: readonly Finding[]
  /** Entries that were lost or have not come yet: peers are asked for them. */
  readonly waiting: number
}

/** Tables of a scope beside its entries, whose rows must at least open. */
const tablesBeside: readonly SealedTable[] = [tables.feed, tables.epoch]

/** Findings of one look, added up by kind and conversation. */
class Tally {
  readonly #findings = new Map<string, Finding>()

  add(kind: FindingKind, outcome: Finding['outcome'], count: number, scope?: Scope): void {
    if (count === 0) return
    const name = `${kind} ${outcome} ${scope ?? ''}`
    const before = this.#findings.get(name)?.count ?? 0
    const where = scope === undefined ? {} : { conversation: scope as string }
    this.#findings.set(name, { kind, outcome, count: before + count, ...where })
  }

  /** Once, however often it is met: it must be mended while nobody uses it. */
  note(kind: FindingKind): void {
    this.#findings.set(kind, { kind, outcome: 'open', count: 1 })
  }

  get findings(): readonly Finding[] {
    return [...this.#findings.values()]
  }
}

/** Does what concerns one scope. One that the owner deletes meanwhile has no key any more, and takes nothing: that is no fault. */
async function unlessGone(scope: ScopeState, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const code = errorCode(error)
    if (!scope.isGone || (code !== 'NO_KEY' && code !== 'NOT_FOUND')) throw error
  }
}

export class Examiner {
  readonly #core: Core
  readonly #settled: () => Promise<void>

  /** `settled`: resolves when what was told as lost is noted durably. */
  constructor(core: Core, settled: () => Promise<void>) {
    this.#core = core
    this.#settled = settled
  }

  /** Reads all of it once, some entries at a time. Throws what `signal` says, STORE_FAILED, STORE_FULL. */
  async examine({ repair, signal, progress }: ExamineOptions): Promise<Examined> {
    const tally = new Tally()
    const work = [...this.#core.scopes.all()].flatMap((scope) =>
      [...scope.feeds.values()].map((feed) => ({ scope, feed, look: new FeedExaminer(this.#core, scope, feed) })),
    )
    const total = work.reduce((sum, { look }) => sum + look.count, 0)
    let checked = 0
    progress(checked, total)
    for (const { scope, feed, look } of work) {
      const upTo = checked + look.count
      await unlessGone(scope, async () => {
        for await (const { entries, faults } of look.steps()) {
          signal.throwIfAborted()
          // What is not there was cleared away.
          if (scope.isGone) return
          await this.#take(tally, scope, feed, faults, repair)
          checked += entries
          progress(checked, total)
        }
      })
      // What was deleted meanwhile needs no look.
      if (checked < upTo) progress((checked = upTo), total)
    }
    for (const scope of this.#core.scopes.all())
      await unlessGone(scope, async () => await this.#beside(tally, scope, repair))
    // What the rooms use was read at the start: such a row is missed at the next one, and taken out while nobody uses it.
    const shut = await sweep(this.#core.store, { remove: false, except: tablesBeside, signal })
    tally.add('row', 'open', shut)
    await this.#settled()
    return { findings: tally.findings, waiting: this.#waiting() }
  }

  async #take(tally: Tally, scope: ScopeState, feed: FeedState, faults: FeedFaults, repair: boolean): Promise<void> {
    const where = scope.record.kind === 'person' ? undefined : scope.record.scope
    const outcome = repair ? 'mended' : 'open'
    if (faults.hasUnreadable) tally.note('database')
    tally.add('entry-damaged', repair ? 'wanted' : 'open', faults.damaged.length, where)
    tally.add('entry-missing', repair ? 'wanted' : 'open', faults.missing.length, where)
    tally.add('order', outcome, faults.unlisted.length, where)
    tally.add('client-id', outcome, faults.unnoted.length, where)
    tally.add('position', outcome, faults.headDiffers ? 1 : 0, where)
    if (!repair) return
    this.#core.lost(scope, feed, [...faults.damaged, ...faults.missing])
    if (faults.unlisted.length + faults.unnoted.length === 0 && !faults.headDiffers) return
    await this.#core.commit(scope, undefined, (batch, staging) => {
      for (const { sealed } of faults.unlisted) batch.index(orderRowKey(scope, feed.number, sealed.header), [])
      for (const { clientId, seq } of faults.unnoted)
        batch.index(clientKey(this.#core.store, scope, clientId), [feed.number, seq])
      if (!faults.headDiffers) return
      const stored = this.#core.scopes.entry(scope, feed, feed.staged.seq)
      if (stored === undefined) return
      const { id, header } = stored.sealed
      staging.setFeed(feed, { ...feed.staged, head: id, hlc: header.hlc })
    })
  }

  /** Rows beside the entries, and keys that are not here. */
  async #beside(tally: Tally, scope: ScopeState, repair: boolean): Promise<void> {
    const { number, record } = scope
    const where = record.kind === 'person' ? undefined : record.scope
    for (const table of tablesBeside) {
      const outcome = repair && table === tables.feed ? 'mended' : 'open'
      const damaged = (): void => tally.add('row', outcome, 1, where)
      await this.#core.store.range(table, { prefix: [number], under: number, damaged })
    }
    if (where !== undefined) {
      const { epochs } = this.#core.people.rosterOf(scope)
      const missing = [...epochs.keys()].filter((epoch) => !scope.keys.has(epoch))
      tally.add('key', 'wanted', missing.length, where)
    }
    if (repair) await this.#core.commit(scope, undefined, (_, staging) => this.#rewrite(scope, staging))
  }

  /** What is in memory was read when the rows were whole: it is written again, over rows that are not. */
  #rewrite(scope: ScopeState, staging: { setFeed(feed: FeedState, position: FeedState['staged']): void }): void {
    for (const feed of scope.feeds.values()) staging.setFeed(feed, feed.staged)
  }

  /** What was deleted, or is not taken, is not waited for. */
  #waiting(): number {
    let count = 0
    for (const scope of this.#core.scopes.all()) {
      for (const { feed, durable } of scope.feeds.values()) {
        const floor = scope.floorOf(feed)
        const deleted = scope.lowOf(feed)
        if (durable.seq <= deleted || floor?.frozen === true) continue
        const gaps = subtractRanges([[deleted + 1, durable.seq]], durable.ranges)
        count += gaps.reduce((sum, [low, high]) => sum + high - low + 1, 0)
      }
    }
    return count
  }
}
