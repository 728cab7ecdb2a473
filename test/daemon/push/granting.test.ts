/** What becomes of grants while a push server misbehaves: nothing is handed out that would wake nobody, and all is tried again. */

import t from 'tap'
import { toBase64url } from '../../../protocol/base64url.ts'
import { WarrenError } from '../../../protocol/errors.ts'
import { deviceIdOf, personIdOf, type DeviceId } from '../../../protocol/ids.ts'
import { readGrant } from '../../../protocol/wake-keys.ts'
import { sealNote } from '../../../protocol/wake-note.ts'
import { rowIdOf } from '../../../protocol/wake.ts'
import type { Answer } from '../../../daemon/push/ask.ts'
import { bob, dayMs, json, origin, Rig, target } from '../../support/granting-rig.ts'

t.test('a grant is given once its row is there, and leads to it', async (t) => {
  const rig = await Rig.open()
  await rig.register()
  await rig.time.pass(1000)
  const [grant] = rig.grants()
  t.strictSame([...rig.rows], [toBase64url(rowIdOf(grant?.grant.subarray(0, 32) ?? new Uint8Array(0)))])
  t.equal(rig.push.settings().wakers, 1)
  const asked = rig.paths.length
  rig.push.changed()
  await rig.time.pass(dayMs)
  t.equal(rig.paths.length, asked, 'nothing is asked without a reason')
})

t.test('while the server answers nonsense, nothing is given; then it is', async (t) => {
  const wrong: [string, Answer | undefined][] = [
    ['nonsense', { status: 200, retryAfterMs: 0, body: new Uint8Array([1, 2, 3]) }],
    ['other results', json(200, { results: [] })],
    ['trouble', json(500, {})],
    ['elsewhere', json(307, {})],
    ['too often', { ...json(429, {}), retryAfterMs: 120_000 }],
    ['no', json(403, {})],
    ['full', json(200, { results: ['full'] })],
  ]
  for (const [name, answer] of wrong) {
    const rig = await Rig.open()
    rig.mishap = (path) => (path === '/v1/rows' ? answer : undefined)
    await rig.register()
    await rig.time.pass(10_000)
    t.strictSame(rig.grants(), [], name)
    t.match(rig.push.settings(), { wakers: 0, problem: String }, name)
    const asked = rig.paths.length
    await rig.time.pass(dayMs)
    t.ok(rig.paths.length - asked < 40, `${name}: asked ${rig.paths.length - asked} times in a day`)
    rig.mishap = undefined
    await rig.time.pass(dayMs)
    t.equal(rig.grants().length, 1, name)
    t.notOk('problem' in rig.push.settings(), name)
  }
})

t.test('a server that is no push server is not used, and one that hangs keeps nothing from closing', async (t) => {
  const rig = await Rig.open()
  rig.mishap = () => json(200, { version: '1', origin: 'https://elsewhere.example' })
  await t.rejects(rig.push.use(origin), { code: 'NOT_WARREN' })
  rig.mishap = () => {
    throw new WarrenError('TIMED_OUT', 'no answer')
  }
  await t.rejects(rig.push.use(origin), { code: 'TIMED_OUT' })
  await t.rejects(rig.push.use('http://push.example'), { code: 'BAD_SHAPE' })
  await t.rejects(rig.push.register(target), { code: 'CONFLICT' })
  t.match(rig.push.settings(), { server: '', state: 'off' })
  await rig.push.close()
})

t.test(
  'many contacts are told in calls of 64; one who goes loses theirs alone, and comes back with another',
  async (t) => {
    const rig = await Rig.open()
    rig.contacts = Array.from({ length: 150 }, (_, at) => personIdOf(new Uint8Array(32).fill(at + 1)))
    await rig.register()
    await rig.time.pass(1000)
    t.strictSame(rig.calls, [64, 64, 22])
    const before = rig.grants()
    rig.contacts = rig.contacts.filter((each) => each !== bob)
    rig.push.changed()
    await rig.time.pass(1000)
    t.strictSame(rig.grants(), [])
    t.equal(rig.rows.size, 149)
    rig.contacts = [...rig.contacts, bob]
    rig.push.changed()
    await rig.time.pass(1000)
    t.strictSame(rig.calls, [64, 64, 22, 1])
    t.equal(rig.rows.size, 150)
    t.notSame(rig.grants()[0]?.grant, before[0]?.grant)
  },
)

t.test('what could not be taken back is taken back later, whatever server is used by then', async (t) => {
  const rig = await Rig.open()
  await rig.register()
  await rig.time.pass(1000)
  rig.mishap = (path) => (path === '/v1/rows/revoke' ? json(503, {}) : undefined)
  await rig.push.use(undefined)
  await rig.time.pass(60_000)
  t.strictSame(rig.grants(), [], 'nobody holds it')
  t.equal(rig.rows.size, 1)
  rig.mishap = undefined
  await rig.time.pass(dayMs)
  t.equal(rig.rows.size, 0)
})

t.test('who could not be told that what they hold is taken back is told later', async (t) => {
  const rig = await Rig.open()
  await rig.register()
  await rig.time.pass(1000)
  t.equal(rig.grants().length, 1)
  rig.isFull = true
  rig.contacts = []
  rig.push.changed()
  await rig.time.pass(1000)
  rig.isFull = false
  await rig.time.pass(2 * 60 * 60_000)
  t.strictSame(rig.grants(), [])
  t.equal(rig.rows.size, 0)
})

t.test('once a device is removed that held it, what was given wakes nobody, and another is given', async (t) => {
  const rig = await Rig.open()
  await rig.register()
  await rig.time.pass(1000)
  const [before] = rig.grants()
  rig.removed = 1
  rig.push.changed()
  await rig.time.pass(1000)
  const [after] = rig.grants()
  t.notSame(after?.grant, before?.grant)
  const row = rowIdOf(after?.grant.subarray(0, 32) ?? new Uint8Array(0))
  t.strictSame([...rig.rows], [toBase64url(row)], 'and the row of the one before is gone')
  const asked = rig.paths.length
  rig.push.changed()
  await rig.time.pass(1000)
  t.equal(rig.paths.length, asked, 'once')
})

t.test('who closes this is not kept by all the contacts that there are', async (t) => {
  const rig = await Rig.open()
  rig.contacts = Array.from({ length: 150 }, (_, at) => personIdOf(new Uint8Array(32).fill(at + 1)))
  await rig.register()
  let closing: Promise<void> | undefined
  rig.mishap = (path) => {
    if (path === '/v1/rows') closing ??= rig.push.close()
    return undefined
  }
  await rig.time.pass(1000)
  await closing
  t.strictSame(rig.calls, [64])
  t.equal(rig.given.size, 0)
})

t.test('a day that no calendar knows is not believed', async (t) => {
  const rig = await Rig.open()
  await rig.push.use(origin)
  const { pendingId } = await rig.push.register(target)
  const attestation = toBase64url(new Uint8Array(53))
  rig.mishap = () => json(200, { attestation, expiresDay: 1e8 })
  await t.rejects(rig.push.verify(pendingId, new Uint8Array(16)), { code: 'NOT_WARREN' })
  t.match(rig.push.settings(), { state: 'unproven' })
})

t.test('a registration is renewed once it is seven days old, and once only while its code is on the way', async (t) => {
  const rig = await Rig.open()
  await rig.register()
  const asked = (): number => rig.paths.filter((path) => path === '/v1/tokens').length
  await rig.time.pass(6 * dayMs)
  await rig.push.resumed()
  t.equal(asked(), 1)
  await rig.time.pass(dayMs)
  await rig.push.resumed()
  await rig.push.resumed()
  t.equal(asked(), 2)
  await rig.push.verify(rig.push.pendingId ?? '', new Uint8Array(16))
  t.equal(rig.push.pendingId, undefined)
  await rig.push.resumed()
  t.equal(asked(), 2)
})

t.test('a place that is somebody else’s is left to them, and another is derived', async (t) => {
  const [usual, rig] = [await Rig.open(), await Rig.open()]
  let refusals = 1
  rig.mishap = (path) => (path === '/v1/rows' && refusals-- > 0 ? json(200, { results: ['refused'] }) : undefined)
  for (const each of [usual, rig]) {
    await each.register()
    await each.time.pass(dayMs)
  }
  t.equal(rig.grants().length, 1)
  t.notSame(rig.grants()[0]?.grant, usual.grants()[0]?.grant)
})

t.test('once the server’s word ran out nobody is given anything, and nothing is asked with it', async (t) => {
  const rig = await Rig.open()
  await rig.register()
  await rig.time.pass(1000)
  t.match(rig.push.settings(), { state: 'registered', wakers: 1 })
  const before = rig.grants()
  t.equal(before[0]?.expiresAt, (Math.floor(rig.time.now() / dayMs) + 91) * dayMs)
  await rig.time.pass(92 * dayMs)
  const carol = personIdOf(new Uint8Array(32).fill(3))
  rig.contacts = [bob, carol]
  const asked = rig.paths.length
  rig.push.changed()
  await rig.time.pass(dayMs)
  t.match(rig.push.settings(), { state: 'expired' })
  t.equal(rig.paths.length, asked)
  t.strictSame(rig.grants(carol), [])
})

t.test('a note counts as the word of its contact about a device of their own', async (t) => {
  const rig = await Rig.open()
  await rig.register()
  await rig.time.pass(1000)
  const { noteKey } = readGrant(rig.grants()[0]?.grant ?? new Uint8Array(0))
  const [own, foreign, unknown] = [4, 5, 6].map((fill) => deviceIdOf(new Uint8Array(32).fill(fill)))
  if (own === undefined || foreign === undefined || unknown === undefined) throw new Error('three devices')
  rig.persons.set(own, bob)
  rig.persons.set(foreign, personIdOf(new Uint8Array(32).fill(3)))
  const opened = (device: DeviceId): unknown =>
    rig.push.openNote(sealNote(noteKey, { device, sentAt: 1, addresses: [] }, new Uint8Array(12)))
  t.match(opened(own), { device: own, person: bob })
  t.equal(opened(foreign), undefined)
  t.equal(opened(unknown), undefined)
})
