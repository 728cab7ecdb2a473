import { mock } from 'node:test'
import t from 'tap'
import type { Page } from '../../../protocol/http.ts'
import type { SessionInfo as Info } from '../../../protocol/http-access.ts'
import { limits } from '../../../protocol/limits.ts'
import { boundary } from '../../limits/boundary.ts'
import { bodyOf } from '../../support/api-answer.ts'
import { ownPort } from '../../support/own-port.ts'
import { openEvents, runApi } from '../../support/running-api.ts'

const dayMs = 24 * 60 * 60_000

t.test('a session ends after thirty days without use, whatever it is asked with', async (t) => {
  const running = await runApi(t)
  const { token, ...session } = await running.signIn()
  const { clock } = running
  const usedAfter = async (ms: number): Promise<unknown> => {
    clock.now += ms
    return await bodyOf(running.ask('GET', '/me', { token }))
  }
  await boundary(
    t,
    'sessionIdleMs',
    async () => {
      await usedAfter(limits.sessionIdleMs - 1)
      clock.now += limits.sessionIdleMs - 1
      t.match(await running.prove(session), /^[\w-]{43}$/)
    },
    async () => await usedAfter(limits.sessionIdleMs),
    'NO_SESSION',
  )
  t.equal((await running.ask('GET', '/me', { token })).status, 401, 'asking is no use')
  await t.rejects(running.prove(session), /NO_SESSION/)
  const events = await openEvents(t, running, { token })
  t.equal(await events.closed, 4401)
})

t.test('a session ends after a year, however much it is used', async (t) => {
  const running = await runApi(t)
  const { token, ...session } = await running.signIn()
  const ends = running.clock.now + limits.sessionMostMs
  while (running.clock.now + 25 * dayMs < ends) {
    running.clock.now += 25 * dayMs
    if ((await running.ask('GET', '/me', { token })).status !== 200) t.fail('too early')
  }
  const { items } = (await running.shell('GET', '/sessions')).body as Page<Info>
  t.equal(items[0]?.expiresAt, ends)
  const usedAt = async (now: number): Promise<unknown> => {
    running.clock.now = now
    return await bodyOf(running.ask('GET', '/me', { token }))
  }
  await boundary(
    t,
    'sessionMostMs',
    async () => await usedAt(ends - 1),
    async () => await usedAt(ends),
    'NO_SESSION',
  )
  await t.rejects(running.prove(session), /NO_SESSION/)
})

t.test('an open socket of a session that expires is closed, and the session is gone from the list', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  const running = await runApi(t)
  const [idle, busy] = [await running.signIn(), await running.signIn()]
  const [idleEvents, busyEvents] = [
    await openEvents(t, running, { token: idle.token }),
    await openEvents(t, running, { token: busy.token }),
  ]
  await Promise.all([idleEvents.until('snapshot'), busyEvents.until('snapshot')])
  running.clock.now += limits.sessionIdleMs - 1000
  await running.ask('GET', '/me', { token: busy.token })
  running.clock.now += 1000
  mock.timers.tick(60_000)
  mock.timers.reset()
  t.match(await idleEvents.until('closing'), { reason: 'revoked' })
  t.equal(await idleEvents.closed, 4403)
  running.owner.see('bob')
  t.match(await busyEvents.next(), { type: 'peer' })
  t.strictSame([...running.sessions.rows.keys()], [busy.sessionId])
})

t.test('the time of use is kept over a restart, and expired sessions are not', async (t) => {
  const first = await runApi(t, { port: await ownPort() })
  const [lost, kept] = [await first.signIn(), await first.signIn()]
  first.clock.now += 20 * dayMs
  await first.ask('GET', '/me', { token: kept.token })
  await first.close()
  const second = await runApi(t, { open: false, port: first.listeners.port })
  second.clock.now = first.clock.now + 15 * dayMs
  await second.api.open({ sessions: first.sessions, keys: second.keys })
  second.api.unlocked(second.owner)
  t.strictSame([...first.sessions.rows.keys()], [kept.sessionId])
  await t.rejects(second.prove(lost), /NO_SESSION/)
  t.match(await second.prove(kept), /^[\w-]{43}$/)
})
