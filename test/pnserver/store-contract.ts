/** What every store of the push server promises. */

import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { dayMs, pace, pnLimits } from '../../pnserver/limits.ts'
import type { PushStore, Row } from '../../pnserver/store/store.ts'

const minuteMs = 60_000
const today = Math.floor(Date.now() / dayMs)
/** Past the middle of a day, so that a day back and a day on are other days. */
const noon = today * dayMs + dayMs / 2
const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const rowOf = (over: Partial<Row> = {}): Row => ({
  sealed: new Uint8Array(1024).fill(7),
  revokeHash: hash(1),
  expiresDay: today + 180,
  ...over,
})

async function keepsRows(t: Test, { rows }: PushStore): Promise<void> {
  const id = randomBytes(32)
  t.equal(await rows.get(id, today), undefined)
  t.equal(await rows.put(id, rowOf(), undefined, today), true)
  t.strictSame(await rows.get(id, today), rowOf())
  t.equal(await rows.get(id, today + 181), undefined, 'a row that ran out is none')
  t.strictSame(await rows.get(id, today + 180), rowOf(), 'and was one on its last day')

  const other = rowOf({ sealed: new Uint8Array(1024).fill(8), revokeHash: hash(2) })
  t.equal(await rows.put(id, other, undefined, today), false, 'nobody replaces it without its secret')
  t.equal(await rows.put(id, other, hash(2), today), false, 'or with another one')
  t.strictSame(await rows.get(id, today), rowOf())
  t.equal(await rows.put(id, other, hash(1), today), true)
  t.strictSame(await rows.get(id, today), other)

  await rows.revoke(id, hash(1))
  t.strictSame(await rows.get(id, today), other, 'the secret of before takes nothing back')
  await rows.clear(id, rowOf().sealed)
  t.strictSame(await rows.get(id, today), other, 'nor does news about what was there before')
  await rows.revoke(id, hash(2))
  const emptied = { ...other, sealed: new Uint8Array(0) }
  t.strictSame(await rows.get(id, today), emptied)
  t.equal(await rows.put(id, rowOf(), hash(1), today), false, 'the place stays its owner’s')
  t.equal(await rows.put(id, other, hash(2), today), true)
  await rows.clear(id, other.sealed)
  t.strictSame(await rows.get(id, today), emptied)
  const nobodys = randomBytes(32)
  await rows.revoke(nobodys, hash(1))
  await rows.clear(nobodys, other.sealed)
  t.equal(await rows.get(nobodys, today), undefined)
}

async function lendsOnce(t: Test, { rows }: PushStore): Promise<void> {
  const id = randomBytes(32)
  const all = await Promise.all(
    Array.from({ length: 20 }, (_, at) => rows.put(id, rowOf({ revokeHash: hash(at) }), undefined, today)),
  )
  t.equal(all.filter(Boolean).length, 1, 'of many who put one row at once, one does')
  const key = randomBytes(32)
  const taken = await Promise.all(Array.from({ length: 20 }, () => rows.take(key, 7, 100, today + 90)))
  t.equal(
    taken.reduce((sum, each) => sum + each, 0),
    100,
  )
  t.equal(await rows.take(key, 1, 100, today + 90), 0)
  t.equal(await rows.take(randomBytes(32), 1, 100, today + 90), 1)
}

async function sweeps(t: Test, { rows }: PushStore): Promise<void> {
  const [old, kept] = [randomBytes(32), randomBytes(32)]
  const before = await rows.sweep(today)
  await rows.put(old, rowOf({ expiresDay: today - 1 }), undefined, today - 2)
  await rows.put(kept, rowOf({ expiresDay: today }), undefined, today)
  t.equal(await rows.sweep(today), before + 1)
  t.equal(await rows.get(old, today - 1), undefined)
  t.strictSame(await rows.get(kept, today), rowOf({ expiresDay: today }))
  t.equal(await rows.put(old, rowOf(), undefined, today), true, 'what ran out is nobody’s any more')
}

/** How many of so many at once were let through, and how long the rest is told to wait. */
async function admitted(
  { limits }: PushStore,
  subject: Uint8Array,
  count: number,
  nowMs: number,
): Promise<[number, number]> {
  const claims = [{ name: 'capability', subject }] as const
  const all = await Promise.all(Array.from({ length: count }, () => limits.admit(claims, undefined, nowMs)))
  const waits = all.map((each) => (each.is === 'limited' ? each.retryAfterMs : 0))
  return [all.filter(({ is }) => is === 'admitted').length, Math.max(...waits)]
}

async function countsInWindows(t: Test, store: PushStore): Promise<void> {
  const subject = randomBytes(32)
  t.strictSame(await admitted(store, subject, 20, noon), [3, 10 * minuteMs])
  t.strictSame(await admitted(store, subject, 20, noon + 10 * minuteMs - 1), [0, 1])
  t.strictSame(await admitted(store, subject, 20, noon + 10 * minuteMs), [3, 50 * minuteMs], 'six in an hour')
  t.strictSame(await admitted(store, subject, 1, noon + 59 * minuteMs), [0, minuteMs])
  let most = 6
  for (let hour = 1; hour <= 12; hour += 1) {
    for (const minutes of [0, 20, 40])
      most += (await admitted(store, subject, 9, noon + (hour * 60 + minutes) * minuteMs))[0]
  }
  t.equal(most, pace.capability[2].most, 'twenty in a day, also where another day begins')
  t.strictSame(await admitted(store, randomBytes(32), 1, noon), [1, 0], 'and anybody else is not meant')
}

/** By the hour from noon until behind midnight. */
async function countsEachKind(t: Test, { limits }: PushStore): Promise<void> {
  for (const [name, anHour, aDay] of [
    ['token', 30, 200],
    ['code', 3, 12],
  ] as const) {
    const claims = [{ name, subject: randomBytes(32) }] as const
    const counts: number[] = []
    for (let hour = 0; hour < 14; hour += 1) {
      const nowMs = noon + hour * 60 * minuteMs
      const all = await Promise.all(Array.from({ length: anHour + 1 }, () => limits.admit(claims, undefined, nowMs)))
      counts.push(all.filter(({ is }) => is === 'admitted').length)
    }
    t.equal(Math.max(...counts), anHour, `${name}: an hour`)
    t.equal(
      counts.reduce((sum, each) => sum + each, 0),
      aDay,
      `${name}: a day`,
    )
  }
}

async function countsAllOrNone(t: Test, { limits }: PushStore): Promise<void> {
  const [one, other, token] = [randomBytes(32), randomBytes(32), randomBytes(32)]
  const claim = async (subject: Uint8Array, nonce?: Uint8Array, nowMs = noon) =>
    await limits.admit(
      [
        { name: 'capability', subject },
        { name: 'token', subject: token },
      ],
      nonce,
      nowMs,
    )
  for (let each = 0; each < 3; each += 1) t.equal((await claim(one)).is, 'admitted')
  for (let each = 0; each < 50; each += 1) t.match(await claim(one), { is: 'limited', by: 'capability' })
  const rest = await Promise.all(
    Array.from({ length: 40 }, () => limits.admit([{ name: 'token', subject: token }], undefined, noon)),
  )
  t.equal(rest.filter(({ is }) => is === 'admitted').length, 27, 'what was refused did not count for the token')
  t.match(await claim(other), { is: 'limited', by: 'token' })
}

async function remembersNonces(t: Test, { limits }: PushStore): Promise<void> {
  const [subject, nonce] = [randomBytes(32), randomBytes(16)]
  const claims = [{ name: 'capability', subject }] as const
  const all = await Promise.all(Array.from({ length: 10 }, () => limits.admit(claims, nonce, noon)))
  t.equal(all.filter(({ is }) => is === 'admitted').length, 1)
  t.equal(all.filter(({ is }) => is === 'replayed').length, 9)
  t.equal((await limits.admit(claims, nonce, noon + pnLimits.nonceMs - 1)).is, 'replayed')
  t.equal((await limits.admit(claims, randomBytes(16), noon)).is, 'admitted')
  const late = noon + dayMs / 2 - 1
  const last = randomBytes(16)
  t.equal((await limits.admit([], last, late)).is, 'admitted')
  t.equal((await limits.admit([], last, late + 2)).is, 'replayed', 'also where another day begins')
}

const promises = {
  keepsRows,
  lendsOnce,
  sweeps,
  countsInWindows,
  countsEachKind,
  countsAllOrNone,
  remembersNonces,
}

/** Runs all of it against one store. */
export function storeContract(name: string, open: (t: Test) => Promise<PushStore>, skip: string | false = false): void {
  const options = skip === false ? {} : { skip }
  t.test(name, options, async (t) => {
    const store = await open(t)
    for (const [promise, holds] of Object.entries(promises)) await t.test(promise, async (t) => await holds(t, store))
    await store.limits.close()
    await store.rows.close()
  })
}
