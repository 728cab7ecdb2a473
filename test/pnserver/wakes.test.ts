/** One answer to every wake, whoever sends it, however often; and no more pushes than the limits say. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import { dayMs, pnLimits } from '../../pnserver/limits.ts'
import { sealTarget } from '../../protocol/wake.ts'
import { cannotRun, startRedis } from './support/redis.ts'
import { answerMs, flood, RawClient } from './support/raw-wakes.ts'
import { ask, startRig, type Rig } from './support/rig.ts'
import { base64, fromNowhere, pushedWakes, sendWake, Sleeper, wakeBody } from './support/sleeper.ts'

t.setTimeout(300_000)
const minuteMs = 60_000

/** What can be wrong with a wake, and nothing. Each call makes one more. */
async function kinds(rig: Rig): Promise<Readonly<Record<string, () => Uint8Array>>> {
  const phone = new Sleeper(rig)
  const attestation = await phone.settle(1, 2, 3)
  const [known, revoked, limited, unattested] = [1, 2, 3, 4].map((contact) => phone.keysFor(contact))
  if (!known || !revoked || !limited || !unattested) throw new Error('four contacts')
  const ct = sealTarget(unattested.capability, { ...phone.target, attestation: randomBytes(53) }, randomBytes(32))
  await phone.put(attestation, [phone.row(unattested, attestation, { ct: base64(ct) })])
  await phone.revoke(revoked)
  await flood(
    rig.server.port,
    Array.from({ length: 4 }, () => wakeBody(limited.capability, rig)),
  )
  const replayed = wakeBody(known.capability, rig)
  await sendWake(rig, replayed)
  await rig.server.settled()
  return {
    known: () => wakeBody(known.capability, rig),
    unknown: () => wakeBody(new Uint8Array(randomBytes(32)), rig),
    revoked: () => wakeBody(revoked.capability, rig),
    limited: () => wakeBody(limited.capability, rig),
    unattested: () => wakeBody(unattested.capability, rig),
    replayed: () => replayed,
    stale: () => wakeBody(known.capability, rig, { sentAt: rig.now() - 2 * pnLimits.clockMs }),
    malformed: () => new Uint8Array(256),
    short: () => new Uint8Array(3),
    empty: () => new Uint8Array(0),
  }
}

t.test('all wakes are answered with the same bytes, and for each something else is done', async (t) => {
  const rig = await startRig(t)
  const all = await kinds(rig)
  const counted = [
    ['unknown', 'wakes_unknown'],
    ['revoked', 'wakes_unknown'],
    ['limited', 'wakes_limited'],
    ['unattested', 'wakes_unattested'],
    ['replayed', 'wakes_replayed'],
    ['stale', 'wakes_stale'],
    ['malformed', 'wakes_malformed'],
    ['known', 'pushes_delivered'],
  ] as const
  const answers = new Set<string>()
  for (const [kind, counter] of counted) {
    const before = rig.server.metrics.valueOf(counter)
    for (const answer of await flood(rig.server.port, [all[kind]?.() ?? new Uint8Array(0)])) answers.add(answer)
    await rig.server.settled()
    t.equal(rig.server.metrics.valueOf(counter), before + 1, kind)
  }
  for (const kind of ['short', 'empty'] as const) {
    for (const answer of await flood(rig.server.port, [all[kind]?.() ?? new Uint8Array(0)])) answers.add(answer)
  }
  t.equal(answers.size, 1)
  t.match([...answers][0], /^HTTP\/1\.1 202 Accepted\r\n/)
  t.notMatch([...answers][0], /date|etag|content-type/i)
  const large = await ask(`${rig.server.origin}/v1/wake`, { method: 'POST', body: randomBytes(100_000) })
  t.match(large, { status: 202, text: '' })
  const chunked = await ask(`${rig.server.origin}/v1/wake`, {
    method: 'POST',
    headers: { 'transfer-encoding': 'chunked' },
    body: all['known']?.(),
  })
  t.match(chunked, { status: 202, text: '' })
})

t.test('a wake is answered before anything is looked up for it, or pushed', async (t) => {
  const rig = await startRig(t)
  const all = await kinds(rig)
  const steps: string[] = []
  const held = Promise.withResolvers<void>()
  const { rows, limits } = rig.store
  const [get, admit] = [rows.get.bind(rows), limits.admit.bind(limits)]
  rows.get = async (...words) => {
    steps.push('get')
    return await get(...words)
  }
  limits.admit = async (...words) => {
    steps.push('admit')
    await held.promise
    return await admit(...words)
  }
  const bodies = Object.values(all).map((make) => make())
  t.equal((await flood(rig.server.port, bodies)).size, 1, 'all are answered while the store stands still')
  t.notOk(steps.includes('get'))
  held.resolve()
  await rig.server.settled()
  t.ok(steps.includes('get'))
})

/** How often a value of `one` is above one of `other`: about a half if nothing tells them apart. */
function share(one: readonly number[], other: readonly number[]): number {
  let above = 0
  for (const a of one) for (const b of other) above += a > b ? 1 : a === b ? 0.5 : 0
  return above / (one.length * other.length)
}

t.test('how long an answer takes says nothing of the capability', async (t) => {
  const rig = await startRig(t, { folder: t.testdir() })
  const turns = 120
  const all = await kinds(rig)
  const pushed: Uint8Array[] = []
  for await (const body of pushedWakes(rig)) if (pushed.push(body) === 2 * turns) break
  const before = rig.apple.wakes.length
  const names = ['known', 'unknown', 'revoked', 'limited'] as const
  const times = new Map<string, number[]>(names.map((name) => [name, []]))
  const client = await RawClient.to(rig.server.port)
  // By turns, so that what else this machine does is felt by all alike.
  for (let turn = 0; turn < turns; turn += 1) {
    for (const at of names.keys()) {
      const name = names[(at + turn) % names.length] ?? 'known'
      const bodies = name === 'known' ? pushed.splice(0, 2) : [0, 1].map(() => all[name]?.() ?? new Uint8Array(0))
      times.get(name)?.push(await answerMs(client, bodies))
    }
  }
  await rig.server.settled()
  t.equal(rig.apple.wakes.length - before, 2 * turns, 'what is known is pushed, each time')
  await client.close()
  // Of one that looked at wakes before it answers them.
  const other = await RawClient.to(rig.server.port)
  const [answered, lookedAt]: [number[], number[]] = [[], []]
  for (let turn = 0; turn < turns / 2; turn += 1) {
    const bodies = [0, 1].map(() => all['unknown']?.() ?? new Uint8Array(0))
    const began = performance.now()
    answered.push(await answerMs(other, bodies))
    await rig.server.settled()
    lookedAt.push(performance.now() - began)
  }
  await other.close()
  t.ok(share(lookedAt, answered) > 0.75, 'a server that looked first would be seen')
  const known = times.get('known') ?? []
  for (const name of names.slice(1)) {
    const above = share(known, times.get(name) ?? [])
    t.ok(above > 0.25 && above < 0.75, `known against ${name}: ${above.toFixed(2)}`)
  }
})

/** Through the door; what is behind it takes ten thousand in limits.test.ts. */
const wakesInADay = Number(process.env['WARREN_WAKES'] ?? 1000)

t.test('a thousand wakes on one capability in a day are twenty pushes', async (t) => {
  const rig = await startRig(t)
  const phone = new Sleeper(rig)
  await phone.settle(1)
  const { capability } = phone.keysFor(1)
  const at: number[] = []
  const different = new Set<string>()
  for (let step = 0; step < 100; step += 1) {
    rig.clock.aheadMs = Math.floor((step * dayMs) / 101)
    const before = rig.apple.wakes.length
    const answers = await flood(
      rig.server.port,
      Array.from({ length: wakesInADay / 100 }, () => wakeBody(capability, rig)),
    )
    for (const answer of answers) different.add(answer)
    await rig.server.settled()
    for (let each = before; each < rig.apple.wakes.length; each += 1) at.push(rig.clock.aheadMs)
  }
  t.equal(rig.server.metrics.valueOf('wakes'), wakesInADay)
  t.equal(different.size, 1)
  t.equal(at.length, 20)
  const inAny = (ms: number): number =>
    Math.max(...at.map((from) => at.filter((each) => each >= from && each < from + ms).length))
  t.equal(inAny(60 * minuteMs), 6)
  t.equal(inAny(10 * minuteMs), 3)
})

t.test('a wake that is sent again pushes nothing, then and later', async (t) => {
  const rig = await startRig(t)
  const phone = new Sleeper(rig)
  await phone.settle(1)
  const body = wakeBody(phone.keysFor(1).capability, rig)
  await flood(
    rig.server.port,
    Array.from({ length: 50 }, () => body),
  )
  await rig.server.settled()
  t.equal(rig.apple.wakes.length, 1)
  for (const aheadMs of [4, 6, 9, 11, 60].map((minutes) => minutes * minuteMs)) {
    rig.clock.aheadMs = aheadMs
    await sendWake(rig, body)
    await rig.server.settled()
  }
  t.equal(rig.apple.wakes.length, 1)
})

t.test('one token is woken 30 times an hour, by whomever; codes to it are fewer', async (t) => {
  const rig = await startRig(t)
  const phone = new Sleeper(rig)
  const contacts = Array.from({ length: 20 }, (_, at) => at)
  await phone.settle(...contacts)
  await flood(
    rig.server.port,
    contacts.flatMap((contact) => [0, 1, 2].map(() => wakeBody(phone.keysFor(contact).capability, rig))),
  )
  await rig.server.settled()
  t.equal(rig.apple.wakes.length, 29, 'and its code was the thirtieth')
  const thief = new Sleeper(rig, phone.target)
  rig.clock.aheadMs = 61 * minuteMs
  const before = rig.apple.sent.length
  for (let each = 0; each < 10; each += 1) t.match(await rig.post('/v1/tokens', thief.claim()), { status: 202 })
  t.equal(rig.apple.sent.length - before, 3, 'whoever knows a foreign token makes it ring three times an hour')
})

t.test('the breaker bounds all pushes of a minute, and says so once', async (t) => {
  const rig = await startRig(t, { pushesAMinute: 12 })
  const phones = [new Sleeper(rig), new Sleeper(rig)]
  const contacts = [1, 2, 3, 4, 5, 6, 7, 8]
  // Codes are pushes, too.
  for (const phone of phones) await phone.settle(...contacts)
  await flood(
    rig.server.port,
    phones.flatMap((phone) => contacts.map((each) => wakeBody(phone.keysFor(each).capability, rig))),
  )
  await rig.server.settled()
  t.equal(rig.apple.sent.length, 12)
  t.equal(rig.server.metrics.valueOf('pushes_dropped'), 6)
  t.equal(rig.server.metrics.valueOf('breaker_trips'), 1)
  t.equal(rig.logged.length, 1)
  rig.clock.aheadMs = minuteMs + 1000
  await sendWake(rig, wakeBody(phones[0]?.keysFor(1).capability ?? randomBytes(32), rig))
  await rig.server.settled()
  t.equal(rig.apple.sent.length, 13)
})

t.test('strangers who make tokens up take a sixth of all pushes, and ring no alarm but their own', async (t) => {
  const rig = await startRig(t, { pushesAMinute: 60 })
  const phone = new Sleeper(rig)
  const contacts = Array.from({ length: 20 }, (_, at) => at + 1)
  await phone.settle(...contacts)
  const stranger = async (claim = new Sleeper(rig).claim()): Promise<void> => {
    t.match(await rig.post('/v1/tokens', claim, fromNowhere()), { status: 202 })
  }
  rig.apple.answer = () => ({ is: 'rejectedConfig', reason: 'BadTopic' })
  for (let each = 0; each < 70; each += 1) await stranger()
  const tooMuch = new Sleeper(rig).claim()
  await stranger(tooMuch)
  await rig.server.settled()
  t.equal(rig.apple.sent.length, 10)
  t.equal(rig.server.metrics.valueOf('codes_dropped'), 62)
  t.equal(rig.server.metrics.valueOf('codes_refused'), 9)
  t.equal(rig.server.metrics.valueOf('pushes_rejected'), 0)
  t.match(rig.logged.join(''), /^[^\n]*more codes in a minute[^\n]*\n?$/)

  rig.apple.answer = () => ({ is: 'delivered' })
  for (const each of contacts) await sendWake(rig, wakeBody(phone.keysFor(each).capability, rig))
  await rig.server.settled()
  t.equal(rig.apple.wakes.length, contacts.length, 'who is woken does not feel it')
  t.equal(rig.server.metrics.valueOf('breaker_trips'), 0)

  rig.clock.aheadMs = minuteMs + 1000
  await stranger(tooMuch)
  await rig.server.settled()
  t.equal(rig.apple.sent.length, 10 + contacts.length + 1, 'and what was too much may come again')
})

t.test(
  'without its Redis a server answers wakes as ever, and says to everybody else that it cannot',
  { skip: cannotRun },
  async (t) => {
    const redis = await startRedis(t)
    const rig = await startRig(t, { redis: redis.url })
    const phone = new Sleeper(rig)
    const attestation = await phone.settle(1)
    const wake = async () => await flood(rig.server.port, [wakeBody(phone.keysFor(1).capability, rig)])
    const before = await wake()
    await rig.server.settled()
    t.equal(rig.apple.wakes.length, 1)
    await redis.stop()
    t.strictSame(await wake(), before)
    await rig.server.settled()
    t.equal(rig.apple.wakes.length, 1)
    t.equal(rig.server.metrics.valueOf('wakes_failed'), 1)
    t.match(await phone.put(attestation, []), { status: 500 })
  },
)
