/** Push servers that are gone, for a while or for good: each is left alone by itself, and the owner is told. */

import t from 'tap'
import { personIdOf } from '../../../protocol/ids.ts'
import { bob, dayMs, json, origin, Rig } from '../../support/granting-rig.ts'

t.test(
  'a server that is gone for good is asked ever more seldom, once a day in the end; the owner is told',
  async (t) => {
    const rig = await Rig.open()
    await rig.register()
    rig.mishap = () => json(503, {})
    await rig.time.pass(1000)
    t.match(rig.push.settings(), { problem: 'UNREACHABLE', problemSince: Number, nextTryAt: Number })
    const { problemSince: since } = rig.push.settings()
    await rig.time.pass(10 * dayMs)
    const times = rig.asked.map(({ atMs }) => atMs).slice(-6)
    t.strictSame(
      times.slice(1).map((at, each) => Math.round((at - (times[each] ?? 0)) / dayMs)),
      [1, 1, 1, 1, 1],
    )
    t.equal(rig.push.settings().problemSince, since)
    const asked = rig.asked.length
    for (let each = 0; each < 50; each += 1) {
      rig.push.changed()
      await rig.time.pass(1000)
    }
    t.equal(rig.asked.length, asked, 'whatever changes meanwhile')
    const again = await Rig.over(rig.store, rig.time)
    again.mishap = rig.mishap
    again.push.changed()
    await again.time.pass(1000)
    t.equal(again.push.settings().problemSince, since, 'after a restart, too')
    again.mishap = undefined
    await again.push.use(origin)
    await again.time.pass(1000)
    t.equal(again.rows.size, 1, 'the owner wants it to be tried now')
    t.notOk('problem' in again.push.settings())
  },
)

t.test('what a former server asks for holds up no other, and is given up once it is worth nothing', async (t) => {
  const other = 'https://other.example'
  const rig = await Rig.open()
  await rig.register()
  await rig.time.pass(1000)
  rig.mishap = (path, server) =>
    server === origin && path === '/v1/rows/revoke' ? { ...json(429, {}), retryAfterMs: dayMs } : undefined
  await rig.register(other)
  await rig.time.pass(1000)
  t.match(rig.grants(), [{ server: other }])
  t.match(rig.push.settings(), { server: other, wakers: 1, former: [{ server: origin, rows: 1, nextTryAt: Number }] })
  t.notOk('problem' in rig.push.settings())
  rig.contacts = [bob, personIdOf(new Uint8Array(32).fill(3))]
  rig.push.changed()
  await rig.time.pass(1000)
  t.equal(rig.push.settings().wakers, 2, 'the next contact does not wait')
  const askedFormer = (): number => rig.asked.filter(({ server }) => server === origin).length
  const before = askedFormer()
  await rig.time.pass(23 * 60 * 60_000)
  t.equal(askedFormer(), before, 'as long as it asks for')
  await rig.time.pass(100 * dayMs)
  t.strictSame(rig.push.settings().former, [])
  const given = askedFormer()
  await rig.time.pass(100 * dayMs)
  t.equal(askedFormer(), given)
})

t.test('a row that was left while another server was chosen is taken back where it is', async (t) => {
  const other = 'https://other.example'
  const rig = await Rig.open()
  await rig.register()
  let choosing: Promise<void> | undefined
  rig.mishap = (path, server) => {
    if (path === '/v1/rows' && server === origin) choosing ??= rig.push.use(other)
    return undefined
  }
  await rig.time.pass(1000)
  await choosing
  await rig.time.pass(60_000)
  t.equal(rig.rows.size, 0)
  t.equal(rig.asked.filter(({ server }) => server === other).length > 0, true)
})

t.test('a server that renews again has no trouble any more, also where nobody is given anything', async (t) => {
  const rig = await Rig.open()
  rig.contacts = []
  await rig.register()
  await rig.time.pass(8 * dayMs)
  rig.mishap = () => json(503, {})
  await rig.push.resumed()
  t.match(rig.push.settings(), { problem: 'UNREACHABLE' })
  rig.mishap = undefined
  await rig.register()
  await rig.time.pass(1000)
  t.notOk('problem' in rig.push.settings())
})

t.test('a disk that takes nothing is not tried all the time, whatever trouble a server had', async (t) => {
  const rig = await Rig.open()
  await rig.register()
  await rig.time.pass(1000)
  rig.mishap = () => json(503, {})
  rig.contacts = [bob, personIdOf(new Uint8Array(32).fill(3))]
  rig.push.changed()
  await rig.time.pass(1000)
  rig.isFull = true
  rig.contacts = []
  const told = rig.told
  await rig.time.pass(10 * 60_000)
  t.ok(rig.told - told < 20, `${rig.told - told} times in ten minutes`)
  rig.isFull = false
  rig.mishap = undefined
  await rig.time.pass(dayMs)
  t.strictSame(rig.grants(), [])
  t.equal(rig.rows.size, 0)
})

t.test('a clock that was far ahead and is put right makes no server wait for longer than it was to', async (t) => {
  const rig = await Rig.open()
  await rig.register()
  rig.mishap = () => json(503, {})
  rig.time.set(40 * dayMs)
  await rig.time.pass(1000)
  t.match(rig.push.settings(), { problem: 'UNREACHABLE' })
  rig.time.set(-40 * dayMs)
  rig.mishap = undefined
  const before = rig.asked.length
  await rig.time.pass(60_000)
  t.equal(rig.rows.size, 1)
  t.equal(rig.asked.length, before + 1)
  t.notOk('problem' in rig.push.settings())
})
