/** When a device that sleeps is woken, and when it is let sleep. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import { WarrenError } from '../../../protocol/errors.ts'
import { deviceIdOf, personIdOf, scopeOf, type DeviceId, type Scope } from '../../../protocol/ids.ts'
import type { LinkAddress } from '../../../protocol/link-address.ts'
import { limits } from '../../../protocol/limits.ts'
import { openNote } from '../../../protocol/wake-note.ts'
import { wakeKeysFor } from '../../../protocol/wake-keys.ts'
import { readWakeBody } from '../../../protocol/wake.ts'
import type { Answer, Asking } from '../../../daemon/push/ask.ts'
import type { Grant } from '../../../daemon/push/grants.ts'
import { Waker } from '../../../daemon/push/waker.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const minute = 60_000
const alice = deviceIdOf(new Uint8Array(32).fill(1))
const phone = deviceIdOf(new Uint8Array(32).fill(2))
const chat = scopeOf(new Uint8Array(32).fill(3))
const other = scopeOf(new Uint8Array(32).fill(4))
const keys = wakeKeysFor(new Uint8Array(32).fill(5), personIdOf(new Uint8Array(32).fill(6)), 0)
const ok: Answer = { status: 202, retryAfterMs: 0, body: new Uint8Array(0) }

class Rig {
  readonly time = new VirtualTime()
  readonly asked: { readonly origin: string; readonly asking: Asking; readonly atMs: number }[] = []
  readonly linked = new Set<DeviceId>()
  readonly lacking = new Set<Scope>([chat, other])
  readonly woken = new Map<DeviceId, readonly number[]>()
  grant: Grant | undefined = {
    person: personIdOf(new Uint8Array(32).fill(7)),
    server: 'https://push.example',
    capability: keys.capability,
    noteKey: keys.noteKey,
    expiresAt: 0,
  }
  answer: () => Promise<Answer> = () => Promise.resolve(ok)
  addresses: LinkAddress[] = [{ kind: 'ip4', host: '100.64.0.7', port: 7718 }]
  changes = 0
  isAlone = false
  readonly #began = this.time.now()
  waker = this.open()

  /** As after a restart: what is kept of earlier wakes is there. */
  open(): Waker {
    return new Waker({
      self: { device: alice },
      book: {
        wokenAt: (device) => this.woken.get(device) ?? [],
        woke: async (device, times) => void this.woken.set(device, times),
      },
      grants: { of: () => this.grant },
      ask: async (origin, asking) => {
        this.asked.push({ origin, asking, atMs: this.time.now() - this.#began })
        return await this.answer()
      },
      timers: this.time,
      log: () => {},
      random: (length) => new Uint8Array(randomBytes(length)),
      isLinked: (device) => this.linked.has(device),
      isAlone: () => this.isAlone,
      lacks: (scope) => this.lacking.has(scope),
      addresses: () => this.addresses,
      changed: () => {
        this.changes += 1
      },
    })
  }

  get at(): number[] {
    return this.asked.map(({ atMs }) => Math.round(atMs / 1000))
  }
}

t.test('the first message wakes at once, with a note that says who and where', async (t) => {
  const rig = new Rig()
  rig.waker.lacking(phone, chat)
  await rig.time.pass(0)
  const [only] = rig.asked
  t.match(only, { origin: 'https://push.example', asking: { method: 'POST', path: '/v1/wake', statusAlone: true } })
  const wake = readWakeBody(only?.asking.body ?? new Uint8Array(0))
  t.strictSame(wake.capability, keys.capability)
  t.match(openNote(keys.noteKey, wake.note), { device: alice, addresses: [{ host: '100.64.0.7', port: 7718 }] })
  t.strictSame(rig.waker.of(chat), [phone])
  t.strictSame(rig.waker.of(other), [])
})

t.test('what is written meanwhile is for the wake that is out; three are all there are', async (t) => {
  const rig = new Rig()
  for (let each = 0; each < 50; each += 1) rig.waker.lacking(phone, each % 2 === 0 ? chat : other)
  await rig.time.pass(10 * minute)
  t.strictSame(rig.at, [0, 60, 300])
  t.strictSame(rig.waker.of(chat), [], 'its person is waited for')
  rig.waker.lacking(phone, chat)
  await rig.time.pass(24 * 60 * minute)
  t.equal(rig.asked.length, 3)
})

t.test('what is written after the wake went out is for that one, too; each is another one to the server', async (t) => {
  const rig = new Rig()
  rig.waker.lacking(phone, chat)
  await rig.time.pass(1000)
  for (const scope of [chat, other, chat]) rig.waker.lacking(phone, scope)
  await rig.time.pass(minute / 2)
  t.equal(rig.asked.length, 1)
  await rig.time.pass(10 * minute)
  const nonces = rig.asked.map(({ asking }) => readWakeBody(asking.body ?? new Uint8Array(0)).nonce.join())
  t.equal(new Set(nonces).size, 3)
})

t.test('of many addresses the likeliest are in the note', async (t) => {
  const rig = new Rig()
  rig.addresses = Array.from({ length: 9 }, (_, at) => ({ kind: 'ip4', host: `10.0.0.${at}`, port: 7718 }))
  rig.waker.lacking(phone, chat)
  await rig.time.pass(0)
  const { note } = readWakeBody(rig.asked[0]?.asking.body ?? new Uint8Array(0))
  t.strictSame(openNote(keys.noteKey, note).addresses, rig.addresses.slice(0, limits.wakeAddresses))
})

t.test('who closes wakes nobody any more', async (t) => {
  const rig = new Rig()
  rig.waker.lacking(phone, chat, 1000)
  await rig.waker.close()
  rig.waker.lacking(phone, other)
  await rig.time.pass(minute)
  t.equal(rig.asked.length, 0)
})

t.test('a link begins everything anew', async (t) => {
  const rig = new Rig()
  rig.waker.lacking(phone, chat)
  await rig.time.pass(10 * minute)
  rig.linked.add(phone)
  rig.waker.linked(phone)
  rig.waker.lacking(phone, chat)
  await rig.time.pass(20 * minute)
  t.equal(rig.asked.length, 3, 'it is here')
  rig.linked.clear()
  rig.waker.lacking(phone, chat)
  await rig.time.pass(0)
  t.equal(rig.asked.length, 4)
  rig.linked.add(phone)
  rig.waker.linked(phone)
  await rig.time.pass(60 * minute)
  t.equal(rig.asked.length, 4, 'it answered')
})

t.test('the pace is kept whatever comes, also across a restart', async (t) => {
  const rig = new Rig()
  for (let each = 0; each < 24 * 60; each += 1) {
    rig.waker.linked(phone)
    rig.waker.lacking(phone, chat)
    if (each % 100 === 99) {
      await rig.waker.close()
      rig.waker = rig.open()
    }
    await rig.time.pass(minute)
  }
  t.equal(rig.asked.length, 20)
  const times = rig.asked.map(({ atMs }) => atMs)
  const most = (ms: number): number =>
    Math.max(...times.map((from) => times.filter((at) => at >= from && at <= from + ms).length))
  t.ok(most(10 * minute) <= 3, `${most(10 * minute)} in ten minutes`)
  t.ok(most(60 * minute) <= 6, `${most(60 * minute)} in an hour`)
})

t.test('a server that fails is asked ever more seldom, and has not woken anybody', async (t) => {
  const rig = new Rig()
  const answers: (() => Promise<Answer>)[] = [
    () => Promise.resolve({ ...ok, status: 500 }),
    () => Promise.resolve({ ...ok, status: 302 }),
    () => Promise.resolve({ ...ok, status: 200 }),
    () => Promise.reject(new WarrenError('TIMED_OUT', 'no answer')),
  ]
  rig.answer = async () => await (answers.shift() ?? (() => Promise.resolve(ok)))()
  rig.waker.lacking(phone, chat)
  await rig.time.pass(100)
  t.strictSame(rig.waker.of(chat), [])
  await rig.time.pass(3 * 60 * minute)
  t.strictSame(answers, [])
  t.equal(rig.asked.length, 7, 'four that failed, and three')
  const gaps = rig.at.slice(1).map((at, before) => at - (rig.at[before] ?? 0))
  t.ok(
    gaps.slice(0, 4).every((gap, index) => gap >= 30 * 2 ** index),
    gaps.join(' '),
  )
})

t.test(
  'a server that is gone for good is asked once a day in the end; a word that is written asks sooner',
  async (t) => {
    const rig = new Rig()
    rig.answer = () => Promise.reject(new WarrenError('REFUSED', 'gone'))
    rig.waker.lacking(phone, chat)
    await rig.time.pass(8 * 24 * 60 * minute)
    const [before = 0, last = 0] = rig.at.slice(-2)
    t.equal(last - before, 24 * 60 * 60)
    rig.answer = () => Promise.resolve(ok)
    const asked = rig.asked.length
    for (let each = 0; each < 10; each += 1) rig.waker.lacking(phone, chat)
    await rig.time.pass(1000)
    t.equal(rig.asked.length, asked + 1)
    t.strictSame(rig.waker.of(chat), [phone])
  },
)

t.test('who had no network for long wakes within little more than an hour of having one', async (t) => {
  const rig = new Rig()
  rig.isAlone = true
  rig.answer = () => Promise.reject(new WarrenError('HOST_NOT_FOUND', 'no network'))
  rig.waker.lacking(phone, chat)
  await rig.time.pass(3 * 24 * 60 * minute)
  rig.answer = () => Promise.resolve(ok)
  const asked = rig.asked.length
  await rig.time.pass(65 * minute)
  t.ok(rig.asked.length > asked)
  t.strictSame(rig.waker.of(chat), [phone])
})

t.test('what is written soon after a failure does not hurry it', async (t) => {
  const rig = new Rig()
  rig.answer = () => Promise.reject(new WarrenError('REFUSED', 'gone'))
  rig.waker.lacking(phone, chat)
  for (let each = 0; each < 60 * 60; each += 1) {
    await rig.time.pass(1000)
    rig.waker.lacking(phone, chat)
  }
  t.ok(rig.asked.length <= 6, `${rig.asked.length} in an hour`)
})

t.test('what is written once a clock is right that was far ahead does not wait for that time', async (t) => {
  const rig = new Rig()
  rig.answer = () => Promise.reject(new WarrenError('REFUSED', 'gone'))
  rig.time.set(10 * 24 * 60 * minute)
  rig.waker.lacking(phone, chat)
  await rig.time.pass(3 * 60 * minute)
  rig.time.set(-10 * 24 * 60 * minute)
  rig.answer = () => Promise.resolve(ok)
  const asked = rig.asked.length
  rig.waker.lacking(phone, chat)
  await rig.time.pass(11 * minute)
  t.ok(rig.asked.length > asked)
})

t.test('nobody is woken for what arrived, was deleted, or without a grant', async (t) => {
  const rig = new Rig()
  rig.waker.lacking(phone, chat, 1000)
  rig.lacking.delete(chat)
  rig.waker.delivered(chat)
  await rig.time.pass(minute)
  rig.lacking.add(chat)
  rig.waker.lacking(phone, chat, 1000)
  rig.lacking.delete(chat)
  await rig.time.pass(minute)
  rig.lacking.add(chat)
  rig.waker.perhapsLacking(phone, chat, 1000)
  rig.waker.forget(chat)
  await rig.time.pass(minute)
  rig.waker.lacking(phone, chat, 1000)
  rig.grant = undefined
  await rig.time.pass(minute)
  rig.waker.lacking(phone, chat)
  await rig.time.pass(minute)
  t.equal(rig.asked.length, 0)
})

t.test('in a group the author has the first word; one who is linked meanwhile is left alone', async (t) => {
  const rig = new Rig()
  rig.waker.perhapsLacking(phone, chat, 6000)
  await rig.time.pass(5000)
  t.equal(rig.asked.length, 0)
  rig.waker.linked(phone)
  await rig.time.pass(minute)
  t.equal(rig.asked.length, 0)
  rig.waker.perhapsLacking(phone, chat, 20_000)
  rig.waker.lacking(phone, other)
  await rig.time.pass(1000)
  t.equal(rig.asked.length, 1, 'an own word does not wait')
})
