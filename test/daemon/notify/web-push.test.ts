/** A notification on its way to a push service: what is sent there, and what its answers mean. */

import { createECDH, randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import t from 'tap'
import type { SendOutcome } from '../../../daemon/notify/notifier.ts'
import { createSender } from '../../../daemon/notify/web-push.ts'
import type { PushPayload } from '../../../protocol/http-push.ts'
import { subscriptionOf } from './subscription-of.ts'

const ece = createRequire(import.meta.url)('http_ece') as {
  decrypt(body: Buffer, options: { version: string; privateKey: unknown; authSecret: Buffer }): Buffer
}

interface Asked {
  readonly url: string
  readonly init: RequestInit & { readonly headers: Record<string, string>; readonly body: Uint8Array }
}

const privateKey = new Uint8Array(32).fill(7)
const browser = createECDH('prime256v1')
browser.generateKeys()
const auth = randomBytes(16)
const subscription = subscriptionOf('one', {
  endpoint: 'https://fcm.googleapis.com/fcm/send/abc',
  p256dh: new Uint8Array(browser.getPublicKey()),
  auth: new Uint8Array(auth),
})
const payload: PushPayload = { type: 'message', conversation: 'abc', title: 'Bob', body: 'hello', at: 1 }
const never = new AbortController().signal

async function sent(answer: () => Promise<Response>, endpoint = subscription.endpoint) {
  const asked: Asked[] = []
  const fetching = (async (url: string, init: Asked['init']) => {
    asked.push({ url, init })
    return await answer()
  }) as unknown as typeof fetch
  const { send } = createSender(privateKey, {
    fetch: fetching,
    random: (length) => new Uint8Array(randomBytes(length)),
  })
  const outcome: SendOutcome = await send({ ...subscription, endpoint }, payload, never)
  return { asked, outcome }
}

t.test('it is sealed to the browser, of one size, and says nothing beside', async (t) => {
  const { asked, outcome } = await sent(async () => new Response(null, { status: 201 }))
  t.strictSame(outcome, { is: 'sent' })
  const [{ url, init } = { url: '', init: { headers: {}, body: new Uint8Array() } }] = asked
  t.equal(url, subscription.endpoint)
  t.match(init, { method: 'POST', redirect: 'error' })
  t.strictSame(Object.keys(init.headers).toSorted(), [
    'authorization',
    'content-encoding',
    'content-type',
    'ttl',
    'urgency',
  ])
  t.match(init.headers, { authorization: /^vapid t=/, urgency: 'high', 'content-encoding': 'aes128gcm' })
  const [, claims = ''] = /^vapid t=[\w-]+\.([\w-]+)\./.exec(asked[0]?.init.headers['authorization'] ?? '') ?? []
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
  t.strictSame([aud, sub], ['https://fcm.googleapis.com', 'mailto:nobody@warren.invalid'])
  t.ok(Number(exp) > Date.now() / 1000 && Number(exp) < Date.now() / 1000 + 24 * 3600)
  const opened = ece.decrypt(Buffer.from(init.body), { version: 'aes128gcm', privateKey: browser, authSecret: auth })
  t.match(JSON.parse(opened.toString('utf8').replace(/\0+$/, '')), {
    web_push: 8030,
    notification: { title: 'Bob', body: 'hello', tag: 'abc', navigate: '/#/c/abc', data: payload },
  })
  t.equal(init.body.length, 3000 + 1 + 16 + 86)
})

t.test('what the answers mean', async (t) => {
  const outcome = async (status: number, headers: Record<string, string> = {}): Promise<SendOutcome> =>
    (await sent(async () => new Response(null, { status, headers }))).outcome
  t.strictSame(await outcome(200), { is: 'sent' })
  t.strictSame(await outcome(404), { is: 'gone' })
  t.strictSame(await outcome(410), { is: 'gone' })
  t.strictSame(await outcome(429, { 'retry-after': '7' }), { is: 'later', afterMs: 7000 })
  t.strictSame(await outcome(503, { 'retry-after': 'Fri, 20 Nov 2026 00:00:00 GMT' }), { is: 'later', afterMs: 5000 })
  t.strictSame(await outcome(403), { is: 'refused' })
  const { outcome: down } = await sent(async () => {
    throw new TypeError('fetch failed')
  })
  t.strictSame(down, { is: 'later', afterMs: 5000 })
})

t.test('nothing is asked of a host that is no push service', async (t) => {
  const { asked, outcome } = await sent(async () => new Response(), 'https://169.254.169.254/x')
  t.strictSame([asked.length, outcome], [0, { is: 'refused' }])
})
