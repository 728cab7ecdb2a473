/** The limits that no flood in the other tests reaches: the last that is allowed, and the next. */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { Attestor, hashTarget } from '../../pnserver/attest.ts'
import { Breaker } from '../../pnserver/breaker.ts'
import { dayOf } from '../../pnserver/days.ts'
import { dayMs, pnLimits } from '../../pnserver/limits.ts'
import { Metrics } from '../../pnserver/metrics.ts'
import type { PushOutcome } from '../../pnserver/push/provider.ts'
import { Pusher } from '../../pnserver/pusher.ts'
import { MemoryLimits } from '../../pnserver/store/memory-limits.ts'
import { memoryTable } from '../../pnserver/store/memory-table.ts'
import { TableRows } from '../../pnserver/store/table.ts'
import { Wakes } from '../../pnserver/wakes.ts'
import { publicBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import { encodeWakeBody, rowIdOf, sealTarget, signCodeClaim, type PushTarget } from '../../protocol/wake.ts'
import { FakeProvider } from './support/fake-provider.ts'
import { startRig } from './support/rig.ts'
import { Sleeper } from './support/sleeper.ts'

t.setTimeout(300_000)
const noon = dayOf(Date.now()) * dayMs + dayMs / 2
const origin = 'https://push.example'
const device = signingKeyFromSeed(randomBytes(32))
const target = (): PushTarget => ({
  platform: 'apns',
  environment: 'production',
  topic: 'org.example.warren',
  token: new Uint8Array(randomBytes(32)),
})

/** The inside of a server whose clock stands where it is put, without a door. */
function inside() {
  const clock = { ms: noon }
  const now = (): number => clock.ms
  const [secret, metrics, provider] = [randomBytes(32), new Metrics(), new FakeProvider()]
  const deps = { providers: [provider], metrics, log: () => undefined, now }
  const pusher = new Pusher(deps, 1e9)
  const store = { rows: new TableRows(memoryTable()), limits: new MemoryLimits(secret) }
  const attestor = new Attestor([secret], origin)
  const wakes = new Wakes({ ...deps, store, attestor, pusher })
  return { clock, metrics, provider, pusher, store, attestor, wakes }
}

function attest(attestor: Attestor, of: PushTarget, atMs: number): Uint8Array {
  const { pendingId, code } = attestor.begin(hashTarget(of), publicBytes(device), atMs)
  return attestor.finish({ pendingId, code }, signCodeClaim(device, { origin, pendingId, code }), atMs).bytes
}

t.test('a wake is five minutes old or ahead at most, an attestation 90 days', async (t) => {
  const { clock, metrics, provider, store, attestor, wakes } = inside()
  const outcomeAt = async (nowMs: number, sentAt: number, issuedMs: number): Promise<number> => {
    const [to, capability] = [target(), new Uint8Array(randomBytes(32))]
    const sealed = sealTarget(capability, { ...to, attestation: attest(attestor, to, issuedMs) }, new Uint8Array(32))
    await store.rows.put(
      rowIdOf(capability),
      { sealed, revokeHash: randomBytes(32), expiresDay: 100_000 },
      undefined,
      0,
    )
    const [nonce, note] = [new Uint8Array(randomBytes(16)), new Uint8Array(160)]
    clock.ms = nowMs
    const before = provider.sent.length
    wakes.expect(encodeWakeBody({ capability, class: 'message', sentAt, nonce, note }), randomBytes(4))()
    await wakes.settled()
    return provider.sent.length - before
  }
  const { clockMs, attestationDays } = pnLimits
  t.equal(await outcomeAt(noon, noon - clockMs, noon), 1)
  t.equal(await outcomeAt(noon, noon + clockMs, noon), 1)
  t.equal(await outcomeAt(noon, noon - clockMs - 1, noon), 0)
  t.equal(await outcomeAt(noon, noon + clockMs + 1, noon), 0)
  t.equal(metrics.valueOf('wakes_stale'), 2)
  const late = noon + attestationDays * dayMs
  t.equal(await outcomeAt(late - 1, late - 1, noon), 1)
  t.equal(await outcomeAt(late, late, noon), 0)
  t.equal(metrics.valueOf('wakes_unattested'), 1)
})

t.test('ten thousand wakes on one capability in a day are twenty pushes, and six in no hour more', async (t) => {
  const { clock, metrics, provider, store, attestor, wakes } = inside()
  const [to, capability] = [target(), new Uint8Array(randomBytes(32))]
  const sealed = sealTarget(capability, { ...to, attestation: attest(attestor, to, noon) }, new Uint8Array(32))
  await store.rows.put(rowIdOf(capability), { sealed, revokeHash: randomBytes(32), expiresDay: 100_000 }, undefined, 0)
  const at: number[] = []
  for (let step = 0; step < 100; step += 1) {
    clock.ms = noon + Math.floor((step * dayMs) / 101)
    for (let each = 0; each < 100; each += 1) {
      const [nonce, note] = [new Uint8Array(16), new Uint8Array(160)]
      new DataView(nonce.buffer).setUint32(0, step * 100 + each)
      wakes.expect(encodeWakeBody({ capability, class: 'call', sentAt: clock.ms, nonce, note }), nonce)()
    }
    const before = provider.sent.length
    await wakes.settled()
    for (let each = before; each < provider.sent.length; each += 1) at.push(clock.ms)
  }
  const inAny = (ms: number): number =>
    Math.max(...at.map((from) => at.filter((each) => each >= from && each < from + ms).length))
  t.equal(at.length, 20)
  t.equal(inAny(3_600_000), 6)
  t.equal(inAny(600_000), 3)
  t.equal(metrics.valueOf('wakes_limited'), 9980)
})

t.test('wakes that wait are bounded, and what is beyond is dropped', async (t) => {
  const { metrics, wakes } = inside()
  for (let each = 0; each < pnLimits.wakesWaiting; each += 1) wakes.expect(new Uint8Array(0), new Uint8Array(4))()
  t.equal(metrics.valueOf('wakes_dropped'), 0)
  wakes.expect(new Uint8Array(0), new Uint8Array(4))()
  t.equal(metrics.valueOf('wakes_dropped'), 1)
  await wakes.close()
})

t.test('wakes that wait are bounded also behind a store that stalls, and all of them come to their turn', async (t) => {
  const { metrics, store, wakes } = inside()
  const { wakesAtOnce, wakesWaiting, wakeEveryMs } = pnLimits
  const [held, begun, ended] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
  ]
  let asked = 0
  store.limits.admit = async () => {
    asked += 1
    begun.resolve()
    await held.promise
    if (asked === wakesAtOnce + wakesWaiting) ended.resolve()
    return { is: 'limited', by: 'address', retryAfterMs: 1 }
  }
  const come = (count: number): void => {
    for (let each = 0; each < count; each += 1) wakes.expect(new Uint8Array(0), new Uint8Array(4))()
  }
  come(wakesAtOnce)
  await begun.promise
  for (let round = 0; round < 4; round += 1) {
    come(wakesWaiting / 2)
    // The clock by which they are looked at comes round: nobody may be taken off the count by that.
    await new Promise((resolve) => setTimeout(resolve, wakeEveryMs))
  }
  t.equal(asked, wakesAtOnce)
  t.equal(metrics.valueOf('wakes_dropped'), wakesWaiting)
  t.match(metrics.text(), `warren_pn_wakes_waiting ${wakesWaiting}\n`)
  held.resolve()
  await ended.promise
  await wakes.settled()
  t.equal(metrics.valueOf('wakes_address_limited'), wakesAtOnce + wakesWaiting)
  t.match(metrics.text(), 'warren_pn_wakes_waiting 0\n')
  await wakes.close()
})

t.test('a server that closes looks at no more wakes than it has begun with', async (t) => {
  const { metrics, store, wakes } = inside()
  const [held, begun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  store.limits.admit = async () => {
    begun.resolve()
    await held.promise
    return { is: 'limited', by: 'address', retryAfterMs: 1 }
  }
  for (let each = 0; each < 3 * pnLimits.wakesAtOnce; each += 1) wakes.expect(new Uint8Array(0), new Uint8Array(4))()
  await begun.promise
  const closed = wakes.close()
  held.resolve()
  await closed
  t.equal(metrics.valueOf('wakes_address_limited'), pnLimits.wakesAtOnce)
})

t.test('pushes under way and waiting are bounded, and none is lost within the bound', async (t) => {
  const { metrics, provider, pusher } = inside()
  const held = Promise.withResolvers<PushOutcome>()
  provider.answer = async () => await held.promise
  const message = { ...target(), class: 'message', note: new Uint8Array(160) } as const
  const most = pnLimits.pushesAtOnce + pnLimits.pushesWaiting
  for (let each = 0; each < most; each += 1) pusher.push({ message })
  t.equal(provider.sent.length, pnLimits.pushesAtOnce)
  t.equal(metrics.valueOf('pushes_dropped'), 0)
  pusher.push({ message })
  t.equal(metrics.valueOf('pushes_dropped'), 1)
  held.resolve({ is: 'delivered' })
  await pusher.settled()
  t.equal(metrics.valueOf('pushes_delivered'), most)
})

t.test('a row for a host or an app that is served no more is not pushed to', async (t) => {
  const { metrics, provider, pusher } = inside()
  const message = { ...target(), class: 'message', note: new Uint8Array(160) } as const
  pusher.push({ message: { ...message, topic: 'org.example.former' } })
  pusher.push({ message: { ...message, platform: 'webpush', topic: '' } })
  await pusher.settled()
  t.equal(provider.sent.length, 0)
  t.equal(metrics.valueOf('pushes_rejected'), 2)
})

t.test('pushes that are tried once more wait for their turn as well, and are within the bound', async (t) => {
  const { metrics, provider, pusher } = inside()
  const { pushesAtOnce, pushesWaiting } = pnLimits
  const message = { ...target(), class: 'message', note: new Uint8Array(160) } as const
  const held = Promise.withResolvers<PushOutcome>()
  const afterMs = 20
  const count = 3 * pushesAtOnce
  provider.answer = () => ({ is: 'later', retryAfterMs: afterMs })
  for (let each = 0; each < count; each += 1) pusher.push({ message })
  await pusher.settled()
  provider.answer = async () => await held.promise
  // Timers of one length go off in the order in which they were set: this one is the last.
  await new Promise((resolve) => setTimeout(resolve, afterMs))
  t.equal(provider.sent.length, count + pushesAtOnce)
  held.resolve({ is: 'delivered' })
  await pusher.settled()
  t.equal(metrics.valueOf('pushes_delivered'), count)

  provider.answer = () => ({ is: 'later', retryAfterMs: pnLimits.pushLaterMs })
  for (let each = 0; each < pushesWaiting; each += 1) pusher.push({ message })
  await pusher.settled()
  t.equal(metrics.valueOf('pushes_dropped'), 0)
  t.match(metrics.text(), `warren_pn_pushes_waiting ${pushesWaiting}\n`)
  pusher.push({ message })
  t.equal(metrics.valueOf('pushes_dropped'), 1)
  await pusher.close()
})

t.test('what a push service has no time for twice is not tried a third time', async (t) => {
  const { provider, pusher } = inside()
  provider.answer = () => ({ is: 'later', retryAfterMs: 1 })
  pusher.push({ message: { ...target(), class: 'message', note: new Uint8Array(160) } })
  await pusher.settled()
  // A third would come as soon as the second did, and so on.
  for (let rounds = 0; provider.sent.length < 2 || rounds < 5; rounds += 1) {
    await new Promise((resolve) => setTimeout(resolve, 2))
    await pusher.settled()
  }
  t.equal(provider.sent.length, 2)
  await pusher.close()
})

t.test('the breaker closes again with the next minute', async (t) => {
  let trips = 0
  const breaker = new Breaker(2, () => (trips += 1))
  const admitted = [0, 1, 2, 59_999, 60_000, 60_001, 60_002].map((ms) => breaker.admit(noon + ms))
  t.strictSame(admitted, [true, true, false, false, true, true, false])
  t.equal(trips, 2)
})

t.test('what is counted of is bounded: the oldest make room, but no nonce is forgotten early', async (t) => {
  const limits = new MemoryLimits(randomBytes(32), 3)
  const [one, two, three, four] = [1, 2, 3, 4].map((byte) => new Uint8Array(32).fill(byte))
  if (!one || !two || !three || !four) throw new Error('four')
  const admit = async (subject: Uint8Array, nonce?: Uint8Array, nowMs = noon): Promise<string> =>
    (await limits.admit([{ name: 'capability', subject }], nonce, nowMs)).is
  for (let each = 0; each < 3; each += 1) t.equal(await admit(one), 'admitted')
  t.equal(await admit(one), 'limited')
  for (const subject of [two, three, four]) t.equal(await admit(subject), 'admitted')
  t.equal(await admit(one), 'admitted', 'it was the oldest, and is new again')
  for (const nonce of [one, two, three]) t.equal((await limits.admit([], nonce, noon)).is, 'admitted')
  t.equal((await limits.admit([], four, noon)).is, 'limited')
  t.equal((await limits.admit([], one, noon)).is, 'replayed')
  t.equal((await limits.admit([], four, noon + pnLimits.nonceMs)).is, 'admitted')
})

t.test('a row is kept for 180 days', async (t) => {
  const rig = await startRig(t)
  const phone = new Sleeper(rig)
  await phone.settle(1)
  const id = rowIdOf(phone.keysFor(1).capability)
  const today = dayOf(Date.now())
  t.ok(await rig.store.rows.get(id, today + pnLimits.rowDays))
  // A day may have ended since it was put.
  t.notOk(await rig.store.rows.get(id, today + pnLimits.rowDays + 1))
})

t.test('a sender who is slow with headers or body is cut off', async (t) => {
  const rig = await startRig(t, { times: { headersMs: 50, requestMs: 100, checkMs: 20 } })
  for (const begun of [
    'POST /v1/wake HTTP/1.1\r\nhost: x\r\n',
    'POST /v1/wake HTTP/1.1\r\nhost: x\r\ncontent-length: 256\r\n\r\nab',
  ]) {
    const socket = connect(rig.server.port, '127.0.0.1')
    socket.resume()
    socket.write(begun)
    await once(socket, 'close')
    t.pass('it is closed')
  }
  t.equal(rig.server.metrics.valueOf('pushes'), 0)
})
