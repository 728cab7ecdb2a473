/** A wake from the waker's request to the device: the true server, its true providers, and stand-ins for those behind them. */

import t from 'tap'
import { encodeSubscription, type PushTarget } from '../../protocol/wake.ts'
import { refusals } from './support/apns-refusals.ts'
import { fromNowhere, sendWake, Sleeper, wakeBody } from './support/sleeper.ts'
import { inApple, inBrowser, startWhole, type WholeServer } from './support/whole-server.ts'
import { topic } from './support/apple.ts'

t.setTimeout(300_000)

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** A phone with the app, as it was installed for one of Apple's environments. */
function phone(whole: WholeServer, place: 'production' | 'sandbox' = 'production'): Sleeper {
  const sleeper = new Sleeper(whole)
  whole[place].devices.set(hex(sleeper.target.token), { topics: [topic] })
  return sleeper
}

/** A browser that allowed notifications. */
const page = (whole: WholeServer, endpoint?: string): PushTarget => {
  const subscription = { ...whole.browser.subscription(), ...(endpoint === undefined ? {} : { endpoint }) }
  return { platform: 'webpush', environment: 'production', topic: '', token: encodeSubscription(subscription) }
}

t.test('contacts wake a phone: each note arrives as it was sealed, once', async (t) => {
  const whole = await startWhole(t)
  const sleeper = phone(whole)
  const contacts = Array.from({ length: 20 }, (_, at) => at + 1)
  await sleeper.settle(...contacts)
  const notes = contacts.map((contact) => new Uint8Array(160).fill(contact))
  for (const [at, contact] of contacts.entries()) {
    const { capability } = sleeper.keysFor(contact)
    t.match(await sendWake(whole, wakeBody(capability, whole, { note: notes[at] ?? new Uint8Array(0) })), {
      status: 202,
      text: '',
    })
  }
  await whole.production.delivered(1 + contacts.length)
  await whole.server.settled()
  const arrived = whole.production.pushes.slice(1).map(({ payload }) => inApple(payload)[0] ?? 0)
  t.strictSame(
    arrived.toSorted((a, b) => a - b),
    contacts,
  )
  t.equal(whole.production.door.connections, 1)
  t.equal(whole.sandbox.door.connections, 0)
  t.strictSame(whole.logged, [])
})

t.test('a phone that names the wrong environment is reached all the same, also by its code', async (t) => {
  const whole = await startWhole(t)
  const sleeper = phone(whole, 'sandbox')
  await sleeper.settle(1)
  await sendWake(whole, wakeBody(sleeper.keysFor(1).capability, whole))
  await whole.sandbox.delivered(2)
  t.strictSame(whole.production.answers, ['BadDeviceToken', 'BadDeviceToken'])
})

t.test(
  'an app that was removed costs its row, one that came back since then does not, and a bad key costs none',
  async (t) => {
    const whole = await startWhole(t)
    const sleeper = phone(whole)
    await sleeper.settle(1, 2)
    const token = hex(sleeper.target.token)
    const wake = async (contact = 1): Promise<string | number | undefined> => {
      await sendWake(whole, wakeBody(sleeper.keysFor(contact).capability, whole))
      await whole.server.settled()
      return whole.production.answers.at(-1)
    }
    whole.production.mishaps.push(refusals.InvalidProviderToken)
    t.equal(await wake(), 'InvalidProviderToken')
    t.match(whole.logged.join(''), /InvalidProviderToken/)
    const longAgo = Date.now() - 24 * 3_600_000
    whole.production.devices.set(token, { topics: [topic], gone: { reason: 'Unregistered', since: longAgo } })
    t.equal(await wake(), 'Unregistered')
    whole.production.devices.set(token, {
      topics: [topic],
      gone: { reason: 'Unregistered', since: Date.now() + 120_000 },
    })
    t.equal(await wake(), 'Unregistered', 'the row was still there')
    const before = whole.production.requests
    await wake()
    t.equal(whole.production.requests, before, 'and now it is not')
    t.equal(whole.server.metrics.valueOf('wakes_unknown'), 1, 'which is no matter of limits')
    await wake(2)
    t.equal(whole.production.requests, before + 1, 'of the row of another contact nothing was said')
  },
)

t.test('a browser is woken through its push service', async (t) => {
  const whole = await startWhole(t)
  const sleeper = new Sleeper(whole, page(whole))
  await sleeper.settle(1)
  const note = new Uint8Array(160).fill(9)
  await sendWake(whole, wakeBody(sleeper.keysFor(1).capability, whole, { note, class: 'call' }))
  await whole.browser.delivered(2)
  t.strictSame(inBrowser(whole.browser.arrivals[1]?.data), note)
  t.match(whole.browser.arrivals[1], { data: { notification: { tag: 'call' } }, headers: { ttl: '60' } })
  t.equal(whole.production.requests, 0)
})

t.test('no endpoint makes the server send to another host', async (t) => {
  const whole = await startWhole(t)
  const { host } = whole.browser
  const endpoints = [
    'http://169.254.169.254',
    'https://169.254.169.254/latest/meta-data',
    'https://127.0.0.1/',
    'https://localhost/',
    `http://${host}/push/one`,
    `https://user@${host}/push/one`,
    `https://${host}@127.0.0.1/`,
  ]
  for (const endpoint of endpoints) {
    const sleeper = new Sleeper(whole, page(whole, endpoint))
    const { status } = await whole.post('/v1/tokens', sleeper.claim(), fromNowhere())
    t.ok(status >= 400 && status < 500, `${endpoint}: ${status}`)
  }
  await whole.server.settled()
  t.equal(whole.browser.door.connections, 0)
})
