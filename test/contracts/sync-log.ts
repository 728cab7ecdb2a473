/** What every SyncLog must do, run against two that share a scope. */

import { setImmediate } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Appended, SyncLog } from '../../daemon/sync/log.ts'
import { sameBytes } from '../../protocol/bytes.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import type { FeedRanges } from '../../protocol/frames.ts'
import { scopeOf, type DeviceId, type Scope } from '../../protocol/ids.ts'
import type { Run } from '../../protocol/run.ts'
import { addRange, vectorDigest, type Range, type VectorRow } from '../../protocol/vector.ts'

export interface LogEnd {
  readonly log: SyncLog
  readonly device: DeviceId
  /** Writes so many messages of its own into the shared scope; `together`: at once, under as few signatures as may be. */
  post(count: number, together?: boolean): Promise<void>
}

/** Two logs whose owners belong to `scope`, in which nobody has posted yet. */
export interface SyncLogHarness {
  readonly alice: LogEnd
  readonly bob: LogEnd
  readonly scope: Scope
  /** A device that neither has met. */
  readonly stranger: DeviceId
  stop(): void | Promise<void>
}

const everything = Number.MAX_SAFE_INTEGER
const nowhere = scopeOf(new Uint8Array(32).fill(9))

const rangesOf = (rows: readonly VectorRow[]): FeedRanges[] =>
  rows.map(({ device, lane, generation, ranges }) => ({ device, lane, generation, ranges }))

const entriesOf = (runs: readonly Run[]): Run['entries'] => runs.flatMap(({ entries }) => entries)

const laneOf = ({ entries }: Run): number => entries[0]?.sealed.header.lane ?? -1

/** Carries over what `to` lacks, as sync would: operations first, page by page, newest first. */
async function carry(from: LogEnd, to: LogEnd, scope: Scope, budget = 64 * 1024): Promise<void> {
  for (let pages = 0; pages < 1000; pages += 1) {
    const lacking = to.log.lacking(scope, rangesOf(from.log.vector(scope)))
    const roster = lacking.filter(({ lane }) => lane === 0)
    const wanted = roster.length > 0 ? roster : lacking
    if (wanted.length === 0) return
    const { runs } = await from.log.read(scope, wanted, budget)
    if (runs.length === 0) throw new Error('what the vector says is not given')
    await to.log.accept(scope, runs, from.device)
  }
}

const messagesOf = async ({ log }: LogEnd, scope: Scope): Promise<readonly Run[]> => {
  const messages = rangesOf(log.vector(scope)).filter(({ lane }) => lane === 1)
  return (await log.read(scope, messages, 10_000_000)).runs
}

const codeOf = async (promise: Promise<unknown>): Promise<ErrorCode | 'none'> =>
  await promise.then(
    () => 'none' as const,
    (error: { code: ErrorCode }) => error.code,
  )

export function syncLogContract(t: Test, name: string, make: () => Promise<SyncLogHarness>): void {
  const test = (what: string, run: (t: Test, harness: SyncLogHarness) => Promise<void>): void => {
    void t.test(`${name}: ${what}`, async (t) => {
      const harness = await make()
      t.teardown(() => harness.stop())
      await run(t, harness)
    })
  }

  test('a shared scope is seen by its members only', (t, { alice, bob, scope, stranger }) => {
    t.ok(alice.log.scopesFor(bob.device).includes(scope))
    t.ok(alice.log.maySee(bob.device, scope))
    t.same(alice.log.scopesFor(stranger), [])
    t.notOk(alice.log.maySee(stranger, scope))
    t.notOk(alice.log.maySee(bob.device, nowhere))
    return Promise.resolve()
  })

  test('the vector tells ranges and heads, and the digest is that of the vector', async (t, { alice, scope }) => {
    await alice.post(5)
    const row = alice.log.vector(scope).find(({ lane }) => lane === 1)
    t.same(row?.ranges, [[1, 5]])
    const [top] = entriesOf(await messagesOf(alice, scope))
    t.equal(row?.head, top?.sealed.id)
    t.same(row?.hlc, top?.sealed.header.hlc)
    t.same(alice.log.digest(scope), vectorDigest(alice.log.vector(scope)))
  })

  test('what one holds the other comes to hold, and the digests agree', async (t, { alice, bob, scope }) => {
    await alice.post(30)
    await carry(alice, bob, scope)
    await bob.post(20)
    await carry(bob, alice, scope)
    t.ok(sameBytes(alice.log.digest(scope), bob.log.digest(scope)))
    t.same(alice.log.lacking(scope, rangesOf(bob.log.vector(scope))), [])
  })

  test('read() gives operations first, then the newest, and keeps to its budget', async (t, { alice, scope }) => {
    await alice.post(200)
    const all = rangesOf(alice.log.vector(scope)).map((each) => ({ ...each, ranges: [[1, everything] as const] }))
    const whole = await alice.log.read(scope, all, 10_000_000)
    t.ok(whole.done)
    const lanes = whole.runs.map(laneOf)
    t.same(
      lanes,
      lanes.toSorted((a, b) => a - b),
    )
    const seqs = entriesOf(whole.runs.filter((run) => laneOf(run) === 1)).map(({ sealed }) => sealed.header.seq)
    t.same(
      seqs,
      Array.from({ length: 200 }, (_, at) => 200 - at),
    )
    const some = await alice.log.read(scope, all, 10_000)
    t.notOk(some.done)
    t.ok(entriesOf(some.runs).length < 40)
  })

  test('read() gives at least one entry of what is held, and nothing of what is not', async (t, {
    alice,
    bob,
    scope,
  }) => {
    await alice.post(3)
    const messages = rangesOf(alice.log.vector(scope)).filter(({ lane }) => lane === 1)
    t.equal(entriesOf((await alice.log.read(scope, messages, 1)).runs).length, 1)
    const foreign = messages.map((each) => ({ ...each, device: bob.device }))
    t.same(await alice.log.read(scope, foreign, 1000), { runs: [], done: true })
  })

  test('accept() says what is held, new or not, and tells listeners of what is new once', async (t, {
    alice,
    bob,
    scope,
  }) => {
    await alice.post(4)
    const told: Appended[] = []
    await carry(alice, bob, scope)
    await alice.post(2)
    // Of what was brought they are told once whoever brought it was answered.
    await setImmediate()
    const unsubscribe = bob.log.onAppended((appended) => told.push(appended))
    const runs = await messagesOf(alice, scope)
    const first = await bob.log.accept(scope, runs, alice.device)
    const again = await bob.log.accept(scope, runs, alice.device)
    const ranges = first.held.flatMap((each) => each.ranges)
    t.same(ranges.reduce<readonly Range[]>(addRange, []), [[1, 6]])
    t.same(again.held, first.held)
    await setImmediate()
    t.same(
      told.map(({ from }) => from),
      [alice.device],
    )
    unsubscribe()
    await bob.post(1)
    t.equal(told.length, 1)
  })

  test('own entries are told with no device that brought them', async (t, { alice, scope }) => {
    const told: Appended[] = []
    alice.log.onAppended((appended) => told.push(appended))
    await alice.post(1)
    t.ok(told.length > 0)
    t.ok(told.every((each) => each.from === undefined && each.scope === scope))
    t.ok(told.every(({ runs }) => runs.every(({ signature }) => signature !== undefined)))
  })

  test('the newest page first leaves a gap, which lacking() names', async (t, { alice, bob, scope }) => {
    await alice.post(1)
    await carry(alice, bob, scope)
    await alice.post(20)
    const wanted = bob.log.lacking(scope, rangesOf(alice.log.vector(scope)))
    const { runs } = await alice.log.read(scope, wanted, 1500)
    await bob.log.accept(scope, runs, alice.device)
    const [left] = bob.log.lacking(scope, rangesOf(alice.log.vector(scope)))
    t.equal(left?.ranges[0]?.[0], 2)
    t.equal(left?.ranges[0]?.[1], 21 - entriesOf(runs).length)
    await carry(alice, bob, scope, 1500)
    t.ok(sameBytes(alice.log.digest(scope), bob.log.digest(scope)))
  })

  test('what was taken page by page can be given on page by page', async (t, { alice, bob, scope }) => {
    await alice.post(3000, true)
    await carry(alice, bob, scope, 20_000)
    let left: readonly FeedRanges[] = rangesOf(bob.log.vector(scope)).filter(({ lane }) => lane === 1)
    const given: number[] = []
    for (let pages = 0; pages < 1000 && left.length > 0; pages += 1) {
      const { runs, done } = await bob.log.read(scope, left, 20_000)
      const seqs = entriesOf(runs).flatMap(({ sealed, slot }) => (slot.is === 'held' ? [sealed.header.seq] : []))
      given.push(...seqs)
      left = done ? [] : left.map((each) => ({ ...each, ranges: [[1, Math.max(1, (seqs.at(-1) ?? 2) - 1)] as const] }))
    }
    t.same(
      given,
      Array.from({ length: 3000 }, (_, at) => 3000 - at),
    )
  })

  test('a run that is neither signed nor below a held entry is left out', async (t, { alice, bob, scope }) => {
    await alice.post(1)
    await carry(alice, bob, scope)
    await alice.post(1)
    const before = bob.log.digest(scope)
    const [run] = await messagesOf(alice, scope)
    const top = run?.entries.slice(0, 1) ?? []
    const { held } = await bob.log.accept(scope, [{ signature: undefined, entries: top }], alice.device)
    t.same(held, [])
    t.same(bob.log.digest(scope), before)
  })

  test('what a vector said is given with a proof, though more was said since', async (t, { alice, bob, scope }) => {
    await alice.post(3)
    await carry(alice, bob, scope)
    await alice.post(5)
    const rows = rangesOf(alice.log.vector(scope))
    await alice.post(2)
    const wanted = bob.log.lacking(scope, rows).filter(({ lane }) => lane === 1)
    t.same(
      wanted.map(({ ranges }) => ranges),
      [[[4, 8]]],
    )
    const { runs } = await alice.log.read(scope, wanted, 100_000)
    await bob.log.accept(scope, runs, alice.device)
    t.same(bob.log.lacking(scope, rows), [])
  })

  test('nothing is taken from a device that may not see the scope', async (t, { alice, bob, scope, stranger }) => {
    await alice.post(1)
    const before = bob.log.digest(scope)
    t.equal(await codeOf(bob.log.accept(scope, await messagesOf(alice, scope), stranger)), 'NOT_A_MEMBER')
    t.same(bob.log.digest(scope), before)
  })

  test('lacking() asks for nothing that is held, however wide the ranges', async (t, { alice, bob, scope }) => {
    await alice.post(3)
    await carry(alice, bob, scope)
    const [row] = rangesOf(alice.log.vector(scope)).filter(({ lane }) => lane === 1)
    if (row === undefined) throw new Error('no row')
    const lacking = bob.log.lacking(scope, [{ ...row, ranges: [[1, everything]] }])
    t.same(
      lacking.map(({ ranges }) => ranges),
      [[[4, everything]]],
    )
  })

  test('a peer that only lags behind leaves nothing to recover', async (t, { alice, bob, scope }) => {
    await alice.post(3)
    await carry(alice, bob, scope)
    const rows = bob.log.vector(scope)
    await alice.post(2)
    t.same(await alice.log.recoverOwn(scope, rows, bob.device), [])
  })

  test('missing keys are named, given to members only, and taken', async (t, { alice, bob, scope, stranger }) => {
    await alice.post(1)
    await carry(alice, bob, scope)
    const missing = bob.log.missingKeys(scope)
    t.same(alice.log.keysFor(scope, missing, stranger), [])
    const given = alice.log.keysFor(scope, missing, bob.device)
    t.equal(given.length, missing.length)
    await bob.log.takeKeys(scope, given)
    t.same(bob.log.missingKeys(scope), [])
  })
}
