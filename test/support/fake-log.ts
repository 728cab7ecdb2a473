/** A log in memory that keeps real signed entries and the promises of SyncLog, without knowing what entries mean. */

import { checkSignature, feedKey, type Feed, type SealedHeader } from '../../protocol/entry.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { FeedRanges } from '../../protocol/frames.ts'
import type { DeviceId, EpochId, Scope } from '../../protocol/ids.ts'
import type { Run } from '../../protocol/run.ts'
import { addRange, subtractRanges, vectorDigest, type Range, type VectorRow } from '../../protocol/vector.ts'
import type { Accepted, Appended, Part, SyncLog } from '../../daemon/sync/log.ts'
import { compareCursors, FakeFeed } from './fake-feed.ts'
import { chainRuns, fakeFeed, feedOfRun, topOf, type ChainInit, type FakeDevice, type FeedInit } from './fake-device.ts'

interface KeptScope {
  readonly feeds: Map<string, FakeFeed>
  readonly keys: Map<EpochId, Uint8Array | undefined>
  digest: Uint8Array | undefined
}

const name = ({ device, lane, generation }: Feed): Omit<FeedRanges, 'ranges'> => ({ device, lane, generation })
export class FakeLog implements SyncLog {
  readonly own: FakeDevice
  /** How much of any scope that it may see a device may see; all unless said. */
  readonly parts = new Map<DeviceId, Part>()
  /** How often each method was called, and how many entries were looked at. */
  readonly calls = new Map<string, number>()
  /** What peers said they hold. */
  readonly holders = new Map<DeviceId, Map<string, readonly Range[]>>()
  /** Devices whose entries are let in; undefined is everyone. */
  authors: ReadonlySet<DeviceId> | undefined
  /** Thrown by the next accept(). */
  failure: Error | undefined
  /** Awaited before anything counts as durable. */
  durable: () => Promise<void> = () => Promise.resolve()
  readonly #scopes = new Map<Scope, KeptScope>()
  readonly #visible = new Map<DeviceId, Set<Scope>>()
  readonly #appended = new Set<(appended: Appended) => void>()
  readonly #scopesChanged = new Set<() => void>()

  constructor(own: FakeDevice) {
    this.own = own
  }

  share(scope: Scope, ...devices: readonly DeviceId[]): void {
    this.#scope(scope)
    for (const device of devices) {
      const scopes = this.#visible.get(device) ?? new Set()
      this.#visible.set(device, scopes.add(scope))
    }
    for (const listener of this.#scopesChanged) listener()
  }

  unshare(scope: Scope, device: DeviceId): void {
    this.#visible.get(device)?.delete(scope)
    for (const listener of this.#scopesChanged) listener()
  }

  /** Own entries, durable at once. */
  post(init: FeedInit, chain: ChainInit): Run[] {
    const feed = fakeFeed(this.own, init)
    const kept = this.#feed(feed)
    const below = kept.entries.get(kept.ranges.at(-1)?.[1] ?? 0)?.sealed
    const runs = chainRuns(this.own, feed, { below, ...chain })
    for (const run of runs) this.#put(run)
    this.#tell({ scope: init.scope, runs: runs.toReversed(), from: undefined })
    return runs
  }

  /** Entries that are simply there, as after a start. */
  hold(runs: readonly Run[]): void {
    for (const run of runs) this.#put(run)
  }

  /** Entries that are simply gone, as after a restored backup. */
  lose(feed: Feed, from: number): void {
    const kept = this.#feed(feed)
    kept.lose(from)
    this.#scope(feed.scope).digest = undefined
  }

  needKey(scope: Scope, epoch: EpochId, key?: Uint8Array): void {
    this.#scope(scope).keys.set(epoch, key)
  }

  keyOf(scope: Scope, epoch: EpochId): Uint8Array | undefined {
    return this.#scope(scope).keys.get(epoch)
  }

  rangesOf(feed: Feed): readonly Range[] {
    return this.#feed(feed).ranges
  }

  count(scope: Scope): number {
    return [...this.#scope(scope).feeds.values()].reduce((sum, { entries }) => sum + entries.size, 0)
  }

  /** Everything held, in a form that is equal for equal logs. */
  contents(scope: Scope): string[] {
    return [...this.#scope(scope).feeds.values()]
      .flatMap(({ entries }) =>
        [...entries.values()].map(
          ({ sealed }) => `${feedKey(this.#feedOf(sealed, scope))}/${sealed.header.seq}/${sealed.id}`,
        ),
      )
      .toSorted((a, b) => (a < b ? -1 : 1))
  }

  scopesFor(device: DeviceId): readonly Scope[] {
    this.#count('scopesFor')
    return [...(this.#visible.get(device) ?? [])]
  }

  partFor(device: DeviceId, scope: Scope): Part | undefined {
    return this.maySee(device, scope) ? (this.parts.get(device) ?? 'all') : undefined
  }

  missing(): [] {
    return []
  }

  operations(): Promise<readonly Run[]> {
    return Promise.resolve([])
  }

  acceptParted(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  farewells(): [] {
    return []
  }

  isOfInterest(): 'no' {
    return 'no'
  }

  consider(): Promise<{ is: 'foreign' }> {
    return Promise.resolve({ is: 'foreign' })
  }

  maySee(device: DeviceId, scope: Scope): boolean {
    this.#count('maySee')
    return this.#visible.get(device)?.has(scope) ?? false
  }

  vector(scope: Scope): readonly VectorRow[] {
    this.#count('vector')
    return [...this.#scope(scope).feeds.values()].flatMap(({ feed, ranges, entries }) => {
      const head = entries.get(ranges.at(-1)?.[1] ?? 0)?.sealed
      return head === undefined ? [] : [{ ...name(feed), ranges, head: head.id, hlc: head.header.hlc }]
    })
  }

  digest(scope: Scope): Uint8Array {
    this.#count('digest')
    const kept = this.#scope(scope)
    kept.digest ??= vectorDigest(this.vector(scope))
    return kept.digest
  }

  async read(
    scope: Scope,
    feeds: readonly FeedRanges[],
    budget: number,
  ): Promise<{ runs: readonly Run[]; done: boolean }> {
    this.#count('read')
    await Promise.resolve()
    const cursors = feeds.flatMap((each) => {
      const kept = this.#scope(scope).feeds.get(feedKey({ scope, ...each }))
      return kept === undefined ? [] : [kept.cursor(each.ranges)]
    })
    const runs: Run[] = []
    for (let left = budget; left > 0 || runs.length === 0;) {
      const next = cursors.filter((each) => !each.done).toSorted(compareCursors)[0]
      if (next === undefined) break
      const { run, bytes } = next.take(left)
      this.#count('entries', run.entries.length)
      runs.push(run)
      left -= bytes
    }
    return { runs, done: cursors.every(({ done }) => done) }
  }

  async accept(scope: Scope, runs: readonly Run[], from: DeviceId): Promise<Accepted> {
    this.#count('accept')
    const { failure } = this
    this.failure = undefined
    if (failure !== undefined) throw failure
    if (!(this.#visible.get(from)?.has(scope) ?? false)) throw new WarrenError('NOT_A_MEMBER', 'not shared')
    const fresh = runs.filter((run) => {
      this.#check(scope, run)
      return this.#feed(feedOfRun(run)).proves(run) && this.#put(run)
    })
    await this.durable()
    if (fresh.length > 0) this.#tell({ scope, runs: fresh, from })
    return { held: runs.flatMap((run) => this.#heldOf(run)), lacking: runs.flatMap((run) => this.#below(run)) }
  }

  peerHolds(_scope: Scope, device: DeviceId, feeds: readonly FeedRanges[]): void {
    this.#count('peerHolds')
    const held = this.holders.get(device) ?? new Map<string, readonly Range[]>()
    this.holders.set(device, held)
    for (const { ranges, ...feed } of feeds) {
      const key = feedKey({ scope: _scope, ...feed })
      held.set(key, ranges.reduce<readonly Range[]>(addRange, held.get(key) ?? []))
    }
  }

  lacking(scope: Scope, feeds: readonly FeedRanges[]): readonly FeedRanges[] {
    this.#count('lacking')
    return feeds.flatMap((each) => {
      if (this.authors?.has(each.device) === false) return []
      const kept = this.#scope(scope).feeds.get(feedKey({ scope, ...each }))
      const ranges = kept?.frozen === true ? [] : subtractRanges(each.ranges, kept?.ranges ?? [])
      return ranges.length === 0 ? [] : [{ device: each.device, lane: each.lane, generation: each.generation, ranges }]
    })
  }

  recoverOwn(scope: Scope, rows: readonly VectorRow[]): Promise<readonly FeedRanges[]> {
    this.#count('recoverOwn')
    return Promise.resolve(
      this.lacking(
        scope,
        rows.filter(({ device }) => device === this.own.id),
      ),
    )
  }

  missingKeys(scope: Scope): readonly EpochId[] {
    this.#count('missingKeys')
    return [...this.#scope(scope).keys].flatMap(([epoch, key]) => (key === undefined ? [epoch] : []))
  }

  keysFor(scope: Scope, asked: readonly EpochId[], device: DeviceId): readonly { epoch: EpochId; key: Uint8Array }[] {
    this.#count('keysFor')
    if (this.authors?.has(device) === false) return []
    return asked.flatMap((epoch) => {
      const key = this.#scope(scope).keys.get(epoch)
      return key === undefined ? [] : [{ epoch, key }]
    })
  }

  takeKeys(scope: Scope, given: readonly { epoch: EpochId; key: Uint8Array }[]): Promise<void> {
    this.#count('takeKeys')
    const { keys } = this.#scope(scope)
    for (const { epoch, key } of given) if (keys.has(epoch)) keys.set(epoch, key)
    return Promise.resolve()
  }

  onAppended(listener: (appended: Appended) => void): () => void {
    this.#appended.add(listener)
    return () => void this.#appended.delete(listener)
  }

  onScopesChanged(listener: () => void): () => void {
    this.#scopesChanged.add(listener)
    return () => void this.#scopesChanged.delete(listener)
  }

  #check(scope: Scope, run: Run): void {
    const top = topOf(run)
    const feed = feedOfRun(run)
    if (feed.scope !== scope) throw new WarrenError('BAD_SHAPE', 'an entry of another scope')
    if (this.authors?.has(feed.device) === false) throw new WarrenError('NOT_A_MEMBER', 'not an author')
    if (run.signature !== undefined) checkSignature(top, run.signature)
  }

  /** False if nothing of the run is new. */
  #put(run: Run): boolean {
    const kept = this.#feed(feedOfRun(run))
    this.#count('entries', run.entries.length)
    const fresh = kept.put(run)
    if (fresh) this.#scope(kept.feed.scope).digest = undefined
    return fresh
  }

  #heldOf(run: Run): FeedRanges[] {
    const feed = feedOfRun(run)
    const { ranges } = this.#feed(feed)
    const offered: Range = [run.entries.at(-1)?.sealed.header.seq ?? 1, topOf(run).header.seq]
    const held = subtractRanges([offered], subtractRanges([offered], ranges))
    return held.length === 0 ? [] : [{ ...name(feed), ranges: held }]
  }

  #below(run: Run): FeedRanges[] {
    const feed = feedOfRun(run)
    const bottom = run.entries.at(-1)?.sealed.header.seq ?? 1
    return bottom === 1 ? [] : [...this.lacking(feed.scope, [{ ...name(feed), ranges: [[1, bottom - 1]] }])]
  }

  #feedOf(sealed: SealedHeader, scope: Scope): Feed {
    return { ...sealed.header, scope }
  }

  #scope(scope: Scope): KeptScope {
    let kept = this.#scopes.get(scope)
    if (kept === undefined) {
      kept = { feeds: new Map(), keys: new Map(), digest: undefined }
      this.#scopes.set(scope, kept)
    }
    return kept
  }

  #feed(feed: Feed): FakeFeed {
    const { feeds } = this.#scope(feed.scope)
    let kept = feeds.get(feedKey(feed))
    if (kept === undefined) {
      kept = new FakeFeed(feed)
      feeds.set(feedKey(feed), kept)
    }
    return kept
  }

  #tell(appended: Appended): void {
    for (const listener of this.#appended) listener(appended)
  }

  #count(what: string, times = 1): void {
    this.calls.set(what, (this.calls.get(what) ?? 0) + times)
  }
}
