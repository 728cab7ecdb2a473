import t from 'tap'
import { Sleeping } from '../../daemon/sleeping.ts'
import { limits } from '../../protocol/limits.ts'
import { boundary } from '../limits/boundary.ts'
import { VirtualTime } from '../support/virtual-time.ts'

interface Sleeper {
  readonly sleeping: Sleeping
  readonly time: VirtualTime
  readonly seen: string[]
}

/** `fall`: what falling asleep waits for. */
function sleeper(fall: (time: VirtualTime) => Promise<void> = async () => await Promise.resolve()): Sleeper {
  const time = new VirtualTime()
  const seen: string[] = []
  const sleeping = new Sleeping({
    fallAsleep: async () => {
      seen.push('falls')
      await fall(time)
      seen.push('asleep')
    },
    wakeUp: async (note) => {
      seen.push(note === undefined ? 'wakes' : `wakes for ${note.length}`)
      await Promise.resolve()
    },
    nudged: async (note) => {
      seen.push(`nudged with ${note.length}`)
      await Promise.resolve()
    },
    timers: time,
    log: (_, text) => seen.push(text),
  })
  return { sleeping, time, seen }
}

const afterMs =
  (ms: number) =>
  async (time: VirtualTime): Promise<void> =>
    await new Promise((resolve) => void time.after(ms, resolve))

t.test('falling asleep is waited for up to the limit, and goes on behind it', async (t) => {
  const falls = async (ms: number): Promise<boolean> => {
    const { sleeping, time } = sleeper(afterMs(ms))
    const suspended = sleeping.suspend()
    await time.pass(limits.suspendMs + 2)
    return await suspended
  }
  await boundary(
    t,
    'suspendMs',
    async () => await falls(limits.suspendMs - 1),
    async () => await falls(limits.suspendMs + 1),
    'no',
  )
  const { sleeping, time, seen } = sleeper(afterMs(10_000))
  const suspended = sleeping.suspend()
  await time.pass(limits.suspendMs)
  t.equal(await suspended, false)
  const waking = sleeping.resume()
  await time.pass(10_000)
  await waking
  t.strictSame(seen, ['falls', 'asleep', 'wakes'])
})

t.test('a note wakes who sleeps and nudges who does not', async (t) => {
  const { sleeping, seen } = sleeper()
  await sleeping.suspend()
  await sleeping.resume(new Uint8Array(160))
  await sleeping.resume(new Uint8Array(160))
  await sleeping.resume()
  t.strictSame(seen, ['falls', 'asleep', 'wakes for 160', 'nudged with 160'])
})

t.test('who could not fall asleep in order sleeps all the same', async (t) => {
  const { sleeping, seen } = sleeper(async () => await Promise.reject(new Error('a socket')))
  t.equal(await sleeping.suspend(), true)
  await sleeping.resume()
  t.strictSame(seen, ['falls', 'the daemon could not fall asleep in order', 'wakes'])
})
