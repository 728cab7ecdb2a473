/** Pushes to browsers, against a stand-in for a push service and the browser behind it. */

import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import type { PushMessage } from '../../../pnserver/push/provider.ts'
import { pushLimits } from '../../../pnserver/push/waiting.ts'
import { WebPushProvider } from '../../../pnserver/push/web-push.ts'
import { encodeSubscription } from '../../../protocol/wake.ts'
import { pushHosts, vapidKeyFrom } from '../../../protocol/web-push.ts'
import { HandTimers } from '../support/hand-timers.ts'
import { openWebPushStandIn, type WebPushMishap, type WebPushStandIn } from '../support/web-push-stand-in.ts'
import { providerContract, type ProviderRig, type Trouble } from './provider-contract.ts'

t.setTimeout(300_000)

const never = new AbortController().signal
const hourMs = 3_600_000
const subject = 'mailto:operator@example.org'

interface Rig {
  readonly provider: WebPushProvider
  readonly timers: HandTimers
  readonly service: WebPushStandIn
  readonly message: (change?: Partial<PushMessage>) => PushMessage
}

async function rig(t: Test): Promise<Rig> {
  const timers = new HandTimers()
  const key = vapidKeyFrom(new Uint8Array(randomBytes(32)))
  const service = await openWebPushStandIn(key.publicKey, () => timers.now())
  const options = { key, subject, moreHosts: [service.host], ca: service.ca }
  const provider = new WebPushProvider(options, { timers, random: () => 1 })
  t.teardown(async () => {
    await provider.close()
    await service.close()
  })
  const message = (change: Partial<PushMessage> = {}): PushMessage => ({
    platform: 'webpush',
    environment: 'production',
    topic: '',
    token: encodeSubscription(service.subscription()),
    class: 'message',
    note: new Uint8Array(160).fill(7),
    ...change,
  })
  return { provider, timers, service, message }
}

function mishapOf(trouble: Trouble): WebPushMishap {
  if (trouble === 'cut' || trouble === 'reset') return trouble
  if (typeof trouble === 'string') return { status: { gone: 410, config: 403, busy: 500 }[trouble] }
  return 'limited' in trouble
    ? { status: 429, retryAfter: String(trouble.limited) }
    : { status: 503, retryAfter: String(trouble.busyFor) }
}

/** What the service worker finds in a push. */
function noteIn(data: unknown): Uint8Array {
  const { note, code } = (data as { notification: { data: { note?: string; code?: string } } }).notification.data
  return Buffer.from(note ?? code ?? '', 'base64url')
}

async function contractRig(t: Test): Promise<ProviderRig> {
  const { provider, timers, service, message } = await rig(t)
  return {
    provider,
    timers,
    message,
    received: () => service.arrivals.map(({ data }) => noteIn(data)),
    requests: () => service.requests,
    trouble: (...next) => service.mishaps.push(...next.map((each) => mishapOf(each))),
    hold: () => service.hold(),
    arrived: async (count) => {
      await service.arrived(count)
    },
    down: async () => {
      await service.close()
    },
  }
}

t.test('it is a provider', async (t) => {
  providerContract(t, contractRig)
})

const shown = (word: string, body: string, data: object): object => ({
  web_push: 8030,
  notification: { title: 'Warren', body, navigate: './', tag: word, data: { class: word, ...data } },
  mutable: true,
})

t.test('the browser can show it by itself, and it says nothing', async (t) => {
  const { provider, service, message } = await rig(t)
  for (const word of ['message', 'call', 'verify'] as const) await provider.send(message({ class: word }), never)
  const bytes = Buffer.from(message().note).toString('base64url')
  t.strictSame(
    service.arrivals.map(({ data }) => data),
    [
      shown('message', 'New message', { note: bytes }),
      shown('call', 'Incoming call', { note: bytes }),
      shown('verify', 'Notifications are being set up', { code: bytes }),
    ],
  )
  t.match(
    service.arrivals.map(({ headers }) => headers),
    [
      { ttl: '86400', urgency: 'high', topic: 'message' },
      { ttl: '60', urgency: 'high', topic: 'call' },
      { ttl: '600', urgency: 'high', topic: 'verify' },
    ],
  )
  t.equal(new Set(service.arrivals.map(({ body }) => body.length)).size, 1, 'all of one length')
  t.equal(service.door.connections, 1)
})

t.test('each status has one outcome', async (t) => {
  const { provider, timers, service, message } = await rig(t)
  const after = async (mishap: WebPushMishap): Promise<unknown> => {
    service.mishaps.push(mishap)
    return await provider.send(message(), never)
  }
  for (const status of [200, 201, 202, 204]) t.strictSame(await after({ status }), { is: 'delivered' }, String(status))
  for (const status of [404, 410]) t.strictSame(await after({ status }), { is: 'gone', sinceMs: undefined })
  for (const status of [400, 405, 413, 415])
    t.strictSame(await after({ status }), { is: 'rejectedConfig', reason: 'refused' })
  for (const status of [401, 403])
    t.strictSame(await after({ status }), { is: 'rejectedConfig', reason: 'unauthorized' })
  t.strictSame(await after({ status: 304 }), { is: 'rejectedConfig', reason: 'redirected' })
  t.strictSame(await after({ status: 429 }), { is: 'later', retryAfterMs: pushLimits.laterMs })
  const date = new Date(timers.now() + hourMs).toUTCString()
  t.strictSame(await after({ status: 429, retryAfter: date }), { is: 'later', retryAfterMs: hourMs })
  t.strictSame(await after({ status: 429, retryAfter: 'soon' }), { is: 'later', retryAfterMs: pushLimits.laterMs })
  const most = { is: 'later', retryAfterMs: pushLimits.retryAfterMostMs }
  t.strictSame(await after({ status: 429, retryAfter: '999999999' }), most)
})

t.test('an answer that points elsewhere is followed nowhere', async (t) => {
  const { provider, service, message } = await rig(t)
  const { service: other } = await rig(t)
  for (const status of [301, 302, 303, 307, 308]) {
    service.mishaps.push({ status, location: `https://${other.host}/push/one` })
    t.strictSame(await provider.send(message(), never), { is: 'rejectedConfig', reason: 'redirected' })
  }
  t.equal(other.requests, 0)
  t.equal(other.door.connections, 0)
})

t.test('an endpoint that is no push service is never connected to', async (t) => {
  const { provider, service, message } = await rig(t)
  const { door } = service
  const bad = [
    'https://169.254.169.254/latest/meta-data',
    `https://127.0.0.1:${door.port}/push/one`,
    `https://localhost:${door.port + 1}/push/one`,
    `https://user@${service.host}/push/one`,
    `https://${service.host}@evil.example/`,
    `https://${service.host}#/push/one`,
  ]
  for (const endpoint of bad) {
    const token = encodeSubscription({ ...service.subscription(), endpoint })
    t.notOk(provider.accepts(message({ token })), endpoint)
    t.strictSame(await provider.send(message({ token }), never), { is: 'rejectedConfig', reason: 'not-served' })
  }
  const plain = encodeSubscription({ ...service.subscription(), endpoint: 'http://169.254.169.254' })
  t.notOk(provider.accepts(message({ token: plain })))
  for (const change of [{ topic: 'x' }, { environment: 'sandbox' }] as const) t.notOk(provider.accepts(message(change)))
  t.equal(door.connections, 0)
  const listed = new WebPushProvider({ key: vapidKeyFrom(new Uint8Array(randomBytes(32))), subject })
  for (const host of pushHosts) {
    const endpoint = `https://${host.replace('*', 'one')}/x`
    t.ok(listed.accepts(message({ token: encodeSubscription({ ...service.subscription(), endpoint }) })), host)
  }
  t.notOk(listed.accepts(message()), 'what a test adds is added for that test alone')
})

t.test('nothing is sent to whom no trusted authority vouches for', async (t) => {
  const { service, timers, message } = await rig(t)
  const { service: other } = await rig(t)
  const key = vapidKeyFrom(new Uint8Array(randomBytes(32)))
  const options = { key, subject, moreHosts: [service.host], ca: other.ca }
  const provider = new WebPushProvider(options, { timers, random: () => 1 })
  const sent = provider.send(message(), never)
  for (let next = 1; next < pushLimits.tries; next += 1) await timers.over(pushLimits.retryFirstMs * 2 ** (next - 1))
  t.match(await sent, { is: 'later' })
  t.equal(service.requests, 0)
  t.ok(service.door.connections > 0, 'it was reached')
  await provider.close()
})

t.test('a subscription whose key is none is gone', async (t) => {
  const { provider, service, message } = await rig(t)
  const publicKey = new Uint8Array(65).fill(4)
  const token = encodeSubscription({ ...service.subscription(), publicKey })
  t.strictSame(await provider.send(message({ token }), never), { is: 'gone', sinceMs: undefined })
  t.equal(service.requests, 0)
})

t.test('who sends is signed once for hours, and anew before that ends', async (t) => {
  const { provider, timers, service, message } = await rig(t)
  const said = (): (string | undefined)[] => service.arrivals.map(({ headers }) => headers.authorization)
  for (const passed of [0, 6 * hourMs - 1, 1]) {
    timers.pass(passed)
    t.strictSame(await provider.send(message(), never), { is: 'delivered' })
  }
  const [first, second, third] = said()
  t.equal(first, second)
  t.not(second, third)
})

t.test('a request that is not answered ends, and is tried again', async (t) => {
  const { provider, timers, service, message } = await rig(t)
  await provider.send(message(), never)
  service.mishaps.push('freeze')
  const sent = provider.send(message(), never)
  await service.arrived(2)
  await timers.over(pushLimits.answerMs)
  await timers.over(pushLimits.retryFirstMs)
  t.strictSame(await sent, { is: 'delivered' })
  t.equal(service.door.connections, 2)
})

t.test('a subject that push services refuse is refused at the start', async (t) => {
  const key = vapidKeyFrom(new Uint8Array(randomBytes(32)))
  for (const bad of ['operator@example.org', 'mailto:', 'http://example.org', '']) {
    t.throws(() => new WebPushProvider({ key, subject: bad }), { code: 'BAD_SHAPE' })
  }
  t.doesNotThrow(() => new WebPushProvider({ key, subject: 'https://example.org/contact' }))
})
