/** Several addresses at once: the first that answers counts, a little apart, and nothing is left open. */

import t from 'tap'
import { raceDial, type RaceOptions } from '../../../daemon/net/race-dial.ts'
import { WarrenError } from '../../../protocol/errors.ts'

/** `ok 20` answers after 20 ms, `refused 5` fails after 5 ms, `deaf` answers once nobody waits any more, `silent` never does anything. */
function options(change: Partial<RaceOptions<string, string>> = {}) {
  const dialled: string[] = []
  const discarded: string[] = []
  const all: RaceOptions<string, string> = {
    dial: async (address, signal) => {
      dialled.push(address)
      const [what, ms] = address.split(' ')
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      if (what === 'ok') setTimeout(() => resolve(address), Number(ms))
      if (what === 'refused') setTimeout(() => reject(new WarrenError('REFUSED', 'no')), Number(ms))
      signal.addEventListener('abort', () => (what === 'deaf' ? resolve(address) : reject(signal.reason)))
      return await promise
    },
    discard: (connection) => void discarded.push(connection),
    staggerMs: 20,
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    ...change,
  }
  return { all, dialled, discarded }
}

t.test('the first address alone is dialled if it answers soon', async (t) => {
  const { all, dialled } = options()
  t.match(await raceDial(['ok 1', 'ok 2'], all), { address: 'ok 1', connection: 'ok 1' })
  t.same(dialled, ['ok 1'])
})

t.test('a silent address costs the stagger only, a refusal nothing', async (t) => {
  const { all, dialled } = options()
  t.match(await raceDial(['silent', 'refused 1', 'ok 1'], all), { address: 'ok 1' })
  t.same(dialled, ['silent', 'refused 1', 'ok 1'])
})

t.test('a connection that comes second is closed', async (t) => {
  const { all, discarded } = options({ staggerMs: 1 })
  const late = Promise.withResolvers<void>()
  const race = raceDial(['deaf', 'ok 10'], { ...all, discard: (each) => (discarded.push(each), late.resolve()) })
  t.match(await race, { address: 'ok 10' })
  await late.promise
  t.same(discarded, ['deaf'])
})

t.test('the failure that says most is thrown, TIMED_OUT when time is up', async (t) => {
  const { all } = options()
  await t.rejects(raceDial(['refused 1', 'refused 2'], all), { code: 'REFUSED' })
  await t.rejects(raceDial(['silent'], { ...all, timeoutMs: 30 }), { code: 'TIMED_OUT' })
  await t.rejects(raceDial(['silent', 'refused 1'], { ...all, staggerMs: 1, timeoutMs: 1500 }), { code: 'REFUSED' })
  await t.rejects(raceDial([], all), { code: 'UNREACHABLE' })
})

t.test('the signal ends it', async (t) => {
  const { all } = options()
  const stop = new AbortController()
  const race = raceDial(['silent'], { ...all, signal: stop.signal })
  stop.abort(new Error('enough'))
  await t.rejects(race, { message: 'enough' })
  await t.rejects(raceDial(['ok 1'], { ...all, signal: stop.signal }), { message: 'enough' })
})
