/** The dialler: at once when there is reason to, ever more rarely where nobody is, and a mesh that starts together. */

import { randomBytes } from 'node:crypto'
import { mock } from 'node:test'
import t, { type Test } from 'tap'
import { dialError, isCutOff, mostTelling } from '../../../daemon/net/dial-error.ts'
import { Dialler, type Attempt } from '../../../daemon/net/dialler.ts'
import { defaultTimes } from '../../../daemon/net/times.ts'
import { WarrenError } from '../../../protocol/errors.ts'
import { deviceIdOf, type DeviceId } from '../../../protocol/ids.ts'
import { startPeer } from './peer.ts'

const someDevice = (): DeviceId => deviceIdOf(randomBytes(32))

function harness(connect: (device: DeviceId, attempt: number) => Promise<Attempt>, times = {}) {
  const attempts: { device: DeviceId; at: number }[] = []
  const linked = new Set<DeviceId>()
  const waiting = new Set<() => void>()
  const dialler = new Dialler(
    {
      connect: async (device) => {
        attempts.push({ device, at: performance.now() })
        for (const each of waiting) each()
        return await connect(device, attempts.length)
      },
      linked: (device) => linked.has(device),
      random: () => 0.5,
    },
    { ...defaultTimes, reconnectFirstMs: 10, reconnectMostMs: 80, refusedMs: 400, ...times },
  )
  const until = async (count: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const check = (): void => {
      if (attempts.length >= count) resolve()
    }
    waiting.add(check)
    check()
    // The dialler's own timers do not keep the process alive.
    const alive = setInterval(() => undefined, 1000)
    await promise
    clearInterval(alive)
  }
  return { dialler, attempts, linked, until }
}

const unreachable = (): Promise<Attempt> => Promise.reject(new WarrenError('UNREACHABLE', 'nobody'))

/** Milliseconds before each of the first seven attempts. */
async function waitsOf(t: Test, connect: () => Promise<Attempt>, times = {}): Promise<number[]> {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const { dialler, attempts } = harness(connect, times)
  dialler.keep([someDevice()])
  const waits: number[] = []
  for (let waited = 0; waits.length < 7; waited += 1) {
    const before = attempts.length
    mock.timers.tick(waited === 0 ? 0 : 1)
    // The attempt fails, and the next one is put off.
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
    if (attempts.length === before) continue
    waits.push(waited)
    waited = 0
  }
  dialler.stop()
  return waits
}

t.test('attempts come ever more rarely, up to a bound', async (t) => {
  // Three quarters of 10, 20, 40, 80 and then 80 ms: the dice here always fall on the middle.
  t.same(await waitsOf(t, unreachable), [0, 8, 15, 30, 60, 60, 60])
})

const cutOff = (): Promise<Attempt> =>
  Promise.reject(dialError(Object.assign(new Error('cut'), { code: 'ECONNRESET' })))

t.test('where a gate is crowded attempts do not become rare', async (t) => {
  t.same(await waitsOf(t, cutOff, { crowdedMostMs: 40 }), [0, 8, 15, 30, 30, 30, 30])
  const refused = new WarrenError('REFUSED', 'nothing listens')
  t.ok(isCutOff(mostTelling([refused, await cutOff().catch((error: unknown) => error)])))
  t.notOk(isCutOff(refused))
})

t.test('news brings an attempt at once, a mere sign of life only where it was not just tried', async (t) => {
  const { dialler, attempts, until } = harness(unreachable, { reconnectFirstMs: 60_000, reconnectMostMs: 60_000 })
  const bob = someDevice()
  dialler.keep([bob])
  await until(1)
  await new Promise((resolve) => setImmediate(resolve))
  dialler.soon(bob, 0, false)
  dialler.soon(bob, 0)
  await until(2)
  t.equal(attempts.length, 2)
  dialler.soon(someDevice(), 0)
  dialler.stop()
})

t.test('who turned us away is left in peace, unless there is news', async (t) => {
  const { dialler, attempts, until } = harness(() => Promise.reject(new WarrenError('NOT_ALLOWED', 'no')))
  const bob = someDevice()
  dialler.keep([bob])
  await until(2)
  t.ok((attempts[1]?.at ?? 0) - (attempts[0]?.at ?? 0) > 250)
  dialler.stop()
})

t.test('what is linked is not dialled, and comes back when it is lost', async (t) => {
  const { dialler, attempts, linked, until } = harness((device) => {
    linked.add(device)
    return Promise.resolve('linked')
  })
  const bob = someDevice()
  dialler.keep([bob])
  await until(1)
  dialler.all()
  linked.delete(bob)
  dialler.lost(bob, false)
  await until(2)
  t.equal(attempts.length, 2)
  dialler.stop()
})

t.test('only so many attempts run at a time, and all get their turn', async (t) => {
  let running = 0
  let most = 0
  const { dialler, attempts, linked, until } = harness(async (device) => {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setImmediate(resolve))
    running -= 1
    linked.add(device)
    return 'linked'
  })
  dialler.keep(Array.from({ length: 100 }, someDevice))
  await until(100)
  t.equal(attempts.length, 100)
  t.ok(most <= 16, `${most}`)
  dialler.stop()
})

t.test('ten devices that start together end up in a full mesh, one link a pair', async (t) => {
  const peers = await Promise.all(Array.from({ length: 10 }, () => startPeer()))
  t.teardown(async () => await Promise.all(peers.map((each) => each.net.stop())))
  const start = performance.now()
  for (const peer of peers) {
    const others = peers.filter((each) => each !== peer)
    for (const other of others) {
      peer.wants.add(other.device)
      peer.net.learn(other.device, [other.address()], 'contact')
    }
    peer.net.keep(others.map(({ device }) => device))
  }
  await Promise.all(peers.map((each) => each.until(() => each.net.links().length === peers.length - 1)))
  t.comment(`45 links after ${Math.round(performance.now() - start)} ms`)
  for (const { net } of peers) t.equal(new Set(net.links().map(({ device }) => device)).size, 9)
})

t.test('a device that is not kept any more is not dialled', async (t) => {
  const [alice, bob] = await Promise.all([startPeer({ times: { reconnectFirstMs: 20 } }), startPeer()])
  alice.wants.add(bob.device)
  bob.wants.add(alice.device)
  alice.net.keep([bob.device])
  alice.net.learn(bob.device, [bob.address()], 'manual')
  await alice.until(() => alice.net.links().length === 1)
  t.match([...alice.saved.values()], [], 'nothing is saved yet')
  alice.net.keep([])
  await alice.net.links()[0]?.close(0)
  await alice.net.look(bob.address(), AbortSignal.timeout(60_000))
  t.equal(alice.links.length, 2, 'linked again because somebody looked, not by itself')
  await Promise.all([alice.net.stop(), bob.net.stop()])
  const [known] = [...alice.saved.values()]
  t.match(known, { device: bob.device, address: `/ip4/127.0.0.1/tcp/${known?.address.split('/').at(-1)}` })
  t.ok((known?.workedAt ?? 0) > 0, 'stop() saves what worked')
})

t.test('who is to be first is dialled before all others, kept already or not', async (t) => {
  const devices = Array.from({ length: 40 }, someDevice)
  const [last = someDevice()] = devices.slice(-1)
  const { dialler, attempts, until } = harness(async () => await new Promise<Attempt>(() => undefined))
  dialler.first(last)
  dialler.keep(devices)
  await until(16)
  t.equal(attempts[0]?.device, last)
  dialler.stop()
  const other = harness(unreachable, { reconnectFirstMs: 1e6, reconnectMostMs: 1e6 })
  other.dialler.keep(devices)
  await other.until(40)
  // The last attempts come to their end.
  await new Promise((resolve) => setImmediate(resolve))
  other.dialler.first(last)
  await other.until(41)
  t.equal(other.attempts[40]?.device, last, 'at once, whatever it waits for')
  other.dialler.stop()
})
