import t from 'tap'
import { IdleWatch } from '../../../daemon/lock/idle-watch.ts'
import type { Timers } from '../../../daemon/timers.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const minuteMs = 60_000

/** A clock that can be set while timers stand still, as they do in a machine that sleeps. */
class SleepyTime implements Timers {
  readonly time = new VirtualTime()
  offsetMs = 0

  now(): number {
    return this.time.now() + this.offsetMs
  }

  after(ms: number, task: () => void): () => void {
    return this.time.after(ms, task)
  }
}

function watched(minutes: number): { timers: SleepyTime; watch: IdleWatch; locks: number[] } {
  const timers = new SleepyTime()
  const locks: number[] = []
  const watch = new IdleWatch(timers, () => locks.push(timers.now()))
  watch.start(minutes)
  return { timers, watch, locks }
}

t.test('falls after so many minutes without the owner, counted from the last thing they did, and once', async (t) => {
  const { timers, watch, locks } = watched(5)
  await timers.time.pass(4 * minuteMs)
  watch.touch()
  await timers.time.pass(5 * minuteMs - 1)
  t.equal(locks.length, 0)
  await timers.time.pass(6000)
  t.equal(locks.length, 1)
  await timers.time.pass(60 * minuteMs)
  t.equal(locks.length, 1)
})

t.test('the very minute counts', async (t) => {
  const { timers, watch, locks } = watched(5)
  timers.offsetMs = 5 * minuteMs - 1
  watch.look()
  t.equal(locks.length, 0)
  timers.offsetMs += 1
  watch.look()
  t.equal(locks.length, 1)
})

t.test('a machine that slept wakes up locked, though no timer ran', async (t) => {
  const { timers, watch, locks } = watched(60)
  await timers.time.pass(minuteMs)
  timers.offsetMs = 8 * 60 * minuteMs
  watch.look()
  t.equal(locks.length, 1, 'whoever asks first')
  const other = watched(60)
  other.timers.offsetMs = 8 * 60 * minuteMs
  await other.timers.time.pass(5000)
  t.equal(other.locks.length, 1, 'and if nobody asks, at the next tick')
})

t.test('a clock that is set back does not keep it open for longer', async (t) => {
  const { timers, locks } = watched(5)
  await timers.time.pass(minuteMs)
  timers.offsetMs = -24 * 60 * minuteMs
  await timers.time.pass(5 * minuteMs + 10_000)
  t.equal(locks.length, 1)
})

t.test('never means never, and a change counts anew', async (t) => {
  const { timers, watch, locks } = watched(0)
  await timers.time.pass(1000 * minuteMs)
  watch.look()
  t.equal(locks.length, 0)
  watch.start(5)
  await timers.time.pass(4 * minuteMs)
  watch.start(15)
  await timers.time.pass(14 * minuteMs)
  t.equal(locks.length, 0)
  watch.stop()
  await timers.time.pass(60 * minuteMs)
  t.equal(locks.length, 0)
})
