/** What the frames of one link may cost, and who waits for a greeting or for news of an address. */

import { mock } from 'node:test'
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { Dialler } from '../../daemon/net/dialler.ts'
import { Greetings } from '../../daemon/net/greetings.ts'
import { Pace } from '../../daemon/net/pace.ts'
import { Rehandshake } from '../../daemon/net/rehandshake.ts'
import { StrangerHellos } from '../../daemon/net/stranger-hellos.ts'
import { defaultTimes } from '../../daemon/net/times.ts'
import { nextTurn, Turnstile } from '../../daemon/net/turnstile.ts'
import type { Meeting } from '../../daemon/net/meeting.ts'
import type { NetLink } from '../../daemon/net/net-link.ts'
import { deviceIdOf, type DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { boundary, upTo } from './boundary.ts'

const someDevice = (): DeviceId => deviceIdOf(randomBytes(32))

/** Frames of one unit each: the length of a frame adds to it. */
async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield new Uint8Array(0)
}

/** What holds frames back; time passes only while they are. `lateMs`: so long a wait lasts at least. */
function paced(lateMs = 0) {
  const clock = { now: 0 }
  const waits: number[] = []
  const pace = new Pace({
    turnstile: new Turnstile(),
    closed: new AbortController().signal,
    now: () => clock.now,
    sleep: async (ms) => {
      waits.push(ms)
      clock.now += Math.max(ms, lateMs)
      await Promise.resolve()
    },
  })
  const frames = pace.frames(endless())
  const take = async (count: number): Promise<number> => {
    const before = waits.length
    for (let at = 0; at < count; at += 1) await frames.next()
    return waits.length - before
  }
  return { clock, waits, take, pace }
}

/** Units that are less than a timer's worth, 20 ms, are let through. */
const leftThrough = Math.floor((20 * limits.frameUnitsPerSecond) / 1000)

t.test('units of work: at once, a second, and how long a peer may be held back', async (t) => {
  const isFree = async ({ take }: ReturnType<typeof paced>, count: number): Promise<boolean> =>
    (await take(count)) === 0
  const one = paced()
  await boundary(
    t,
    'frameUnits',
    async () => await isFree(one, limits.frameUnits + leftThrough),
    async () => await isFree(one, 1),
    'no',
  )
  const other = paced()
  await other.take(limits.frameUnits + leftThrough)
  other.clock.now += 1000
  await boundary(
    t,
    'frameUnitsPerSecond',
    async () => await isFree(other, limits.frameUnitsPerSecond),
    async () => await isFree(other, 1),
    'no',
  )
  const heldFor = async (ms: number): Promise<number> => await paced(ms).take(limits.frameUnits + leftThrough + 1)
  await upTo(t, 'floodPatienceMs', heldFor, 'RATE_LIMITED')
  // A third of what is waited comes in again: 20 s of each minute.
  const { take, clock } = paced()
  await t.rejects(take(limits.frameUnits + 60 * limits.frameUnitsPerSecond), { code: 'RATE_LIMITED' })
  t.equal(Math.round(clock.now / 1000), (1.5 * limits.floodPatienceMs) / 1000)
})

t.test('hellos of all strangers: at once, and a second', async (t) => {
  const clock = { now: 0 }
  const time = mock.method(performance, 'now', () => clock.now)
  t.teardown(() => time.mock.restore())
  const hellos = new StrangerHellos(() => false)
  const admits = (count: number): boolean => {
    const meeting = { device: someDevice(), link: undefined, asked: 1, answering: 1 } as unknown as Meeting
    return Array.from({ length: count }, () => hellos.admits(meeting)).every(Boolean)
  }
  await boundary(
    t,
    'strangerHellos',
    () => admits(limits.strangerHellos),
    () => admits(1),
    'no',
  )
  clock.now += 1000
  await boundary(
    t,
    'strangerHellosPerSecond',
    () => admits(limits.strangerHellosPerSecond),
    () => admits(1),
    'no',
  )
})

t.test('frames of too many signatures make their link rest three times as long as they take', async (t) => {
  const { clock, take, waits, pace } = paced()
  await take(1)
  const isFree = async (signatures: number): Promise<boolean> => {
    pace.checked(128 + signatures)
    return (await take(1)) === 0
  }
  await boundary(
    t,
    'frameSignatures',
    async () => await isFree(limits.frameSignatures),
    async () => await isFree(1000),
    'no',
  )
  t.same(waits.map(Math.round), [300])
  for (let each = 0; each < 1000; each += 1) t.ok(await isFree(0), 'a catch-up has no more in any frame')
  t.equal(clock.now, waits[0])
})

t.test('a link gives way once it kept its turn for long, and never where frames come one by one', async (t) => {
  const clock = { now: 0 }
  const pace = new Pace({
    turnstile: new Turnstile(),
    closed: new AbortController().signal,
    now: () => clock.now,
    sleep: async () => await Promise.resolve(),
  })
  const frames = pace.frames(endless())
  /** Whether something else had its turn before the next frame came. */
  const gaveWay = async (): Promise<boolean> => {
    let turned = false
    setImmediate(() => {
      turned = true
    })
    await frames.next()
    return turned
  }
  for (let each = 0; each < 5; each += 1) {
    t.equal(await gaveWay(), false, 'the first for a second')
    clock.now += 1000
    await nextTurn()
  }
  const ways: boolean[] = []
  for (let each = 0; each < 9; each += 1) {
    ways.push(await gaveWay())
    clock.now += 4
  }
  t.same(ways, [false, false, false, true, false, false, true, false, false], 'one after the other: 8 ms each time')
})

t.test('long frames of all links go through one at a time', async (t) => {
  const turnstile = new Turnstile()
  const order: string[] = []
  const pass = async (name: string): Promise<void> => {
    await turnstile.pass()
    order.push(name)
    setImmediate(() => order.push(`after ${name}`))
  }
  await Promise.all([pass('a'), pass('b'), pass('c')])
  await turnstile.pass()
  t.equal(order.filter((each) => each.length === 1).join(''), 'abc')
  t.ok(order.indexOf('after a') < order.indexOf('c'), 'others get their turn in between')
})

t.test('strangers that wait to be greeted', async (t) => {
  const greeted: DeviceId[] = []
  const greetings = new Greetings({
    greet: async (device) => {
      greeted.push(device)
      await new Promise(() => undefined)
    },
    isWanted: () => true,
    random: () => 0.5,
    now: () => 0,
  })
  t.teardown(() => greetings.stop())
  await boundary(
    t,
    'greetingsWaiting',
    () => {
      for (let at = 1; at < limits.greetingsWaiting; at += 1) greetings.after(someDevice(), 60_000)
      return greetings.hasRoom
    },
    () => {
      greetings.after(someDevice(), 60_000)
      return greetings.hasRoom
    },
    'no',
  )
})

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
}

t.test('waits of the dialler and of new handshakes', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const attempts: string[] = []
  const dialler = new Dialler(
    {
      connect: async (device) => {
        attempts.push(device)
        return await Promise.reject(new Error('nobody'))
      },
      linked: () => false,
      // The whole of each wait.
      random: () => 1,
    },
    defaultTimes,
  )
  const passes = async (ms: number): Promise<boolean> => {
    const before = attempts.length
    mock.timers.tick(ms)
    await settle()
    return attempts.length === before
  }
  dialler.keep([someDevice()])
  await passes(0)
  t.equal(attempts.length, 1)
  await boundary(
    t,
    'reconnectFirstMs',
    async () => await passes(limits.reconnectFirstMs - 1),
    async () => await passes(1),
    'no',
  )
  for (let turn = 0; turn < 15; turn += 1) await passes(limits.reconnectMostMs)
  await boundary(
    t,
    'reconnectMostMs',
    async () => await passes(limits.reconnectMostMs - 1),
    async () => await passes(1),
    'no',
  )
  const [bob] = dialler.devices()
  const believed = (): boolean => {
    const before = attempts.length
    dialler.heardOf(bob as DeviceId, 0, true)
    mock.timers.tick(0)
    return attempts.length > before
  }
  await boundary(
    t,
    'addressNewsPerMinute',
    async () => {
      for (let at = 1; at < limits.addressNewsPerMinute; at += 1) {
        if (!believed()) return false
        await settle()
      }
      return believed()
    },
    async () => {
      await settle()
      return believed()
    },
    'no',
  )
  dialler.stop()
})

t.test('a link of long standing gets a new handshake, at a time that nobody knows before', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  /** Lets time pass; says whether it was left in peace. */
  const watched = (random: number): ((ms: number) => boolean) => {
    let redialled = false
    const redial = async (): Promise<void> => {
      redialled = true
      await Promise.resolve()
    }
    const watch = new Rehandshake({ redial, random: () => random }, defaultTimes)
    t.teardown(() => watch.stop())
    watch.watch({ closed: new AbortController().signal, device: someDevice() } as unknown as NetLink)
    return (ms) => (mock.timers.tick(ms), !redialled)
  }
  const early = watched(0)
  await boundary(
    t,
    'rehandshakeAfterMs',
    () => early(limits.rehandshakeAfterMs - 1),
    () => early(1),
    'no',
  )
  const late = watched(1)
  await boundary(
    t,
    'rehandshakeJitterMs',
    () => late(limits.rehandshakeAfterMs + limits.rehandshakeJitterMs - 1),
    () => late(1),
    'no',
  )
})
