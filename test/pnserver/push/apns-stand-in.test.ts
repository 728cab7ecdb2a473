/** The stand-in for Apple's server is faithful: another project's client works with it, and understands all that it says. */

import { generateKeyPairSync } from 'node:crypto'
import { Notification, Provider, type ResponseFailure, type ResponseSent, type Responses } from '@parse/node-apn'
import t, { type Test } from 'tap'
import { openApnsStandIn, type ApnsStandIn } from '../support/apns-stand-in.ts'
import { reasons, refusals } from '../support/apns-refusals.ts'

t.setTimeout(300_000)

const topic = 'org.example.warren'
const device = 'ab'.repeat(32)
const hourMs = 3_600_000

interface Rig {
  readonly apple: ApnsStandIn
  /** A client of the other project. */
  readonly client: (key?: { keyId?: string; teamId?: string; ca?: string }) => Provider
  /** Moves the clock of the stand-in. */
  readonly later: (ms: number) => void
}

async function rig(t: Test, streams?: number): Promise<Rig> {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const known = { keyId: 'ABC123DEFG', teamId: 'TEAM123456' }
  let ahead = 0
  const apple = await openApnsStandIn({
    keys: [{ ...known, publicKey: pair.publicKey }],
    topics: [topic, 'org.example.other'],
    now: () => Date.now() + ahead,
    ...(streams === undefined ? {} : { streams }),
  })
  apple.devices.set(device, { topics: [topic] })
  t.teardown(async () => {
    await apple.close()
  })
  const key = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
  const client: Rig['client'] = ({ ca = apple.ca, ...others } = {}) => {
    const token = { ...known, ...others, key }
    const provider = new Provider({
      token,
      address: 'localhost',
      port: apple.door.port,
      ca: [ca],
      production: false,
      connectionRetryLimit: 0,
    })
    t.teardown(async () => {
      await provider.shutdown()
    })
    return provider
  }
  return { apple, client, later: (ms) => (ahead += ms) }
}

const note = (change: object = {}): Notification =>
  Object.assign(new Notification({ aps: { alert: { 'loc-key': 'X' }, 'mutable-content': 1 } }), {
    topic,
    pushType: 'alert',
    priority: 10,
    expiry: 2_000_000_000,
    collapseId: 'one',
    ...change,
  })

const reasonOf = ({ failed }: Responses<ResponseSent, ResponseFailure>): string | undefined =>
  failed[0]?.response?.reason

t.test('what the other client sends arrives as it was sent', async (t) => {
  const { apple, client } = await rig(t)
  const id = '123E4567-E89B-12D3-A456-4266554400A0'
  t.match(await client().send(note({ id }), device), { sent: [{ device }], failed: [] })
  t.match(apple.pushes, [
    {
      id,
      token: device,
      payload: { aps: { alert: { 'loc-key': 'X' }, 'mutable-content': 1 } },
      headers: {
        'apns-topic': topic,
        'apns-push-type': 'alert',
        'apns-priority': '10',
        'apns-expiration': '2000000000',
        'apns-collapse-id': 'one',
      },
    },
  ])
})

t.test('each mistake is refused for its reason', async (t) => {
  const { apple, client } = await rig(t)
  apple.devices.set('cd'.repeat(32), { topics: [topic], gone: { reason: 'Unregistered', since: 1_700_000_000_000 } })
  const provider = client()
  const mistakes: [reason: string, change: object, device?: string][] = [
    ['BadDeviceToken', {}, 'ef'.repeat(32)],
    ['BadDeviceToken', {}, 'zz'],
    ['Unregistered', {}, 'cd'.repeat(32)],
    ['MissingDeviceToken', {}, ''],
    ['MissingTopic', { topic: '' }],
    ['BadTopic', { topic: 'a b' }],
    ['TopicDisallowed', { topic: 'org.example.foreign' }],
    ['DeviceTokenNotForTopic', { topic: 'org.example.other' }],
    ['BadPriority', { priority: 7 }],
    ['BadPriority', { pushType: 'background' }],
    ['InvalidPushType', { pushType: 'shout' }],
    ['BadExpirationDate', { expiry: 1.5 }],
    ['BadCollapseId', { collapseId: 'x'.repeat(65) }],
    ['BadMessageId', { id: 'seven' }],
    ['PayloadTooLarge', { payload: { text: 'x'.repeat(4096) } }],
  ]
  for (const [reason, change, to = device] of mistakes) {
    t.equal(reasonOf(await provider.send(note(change), to)), reason, `${reason} ${JSON.stringify(change).slice(0, 60)}`)
  }
  t.match(await provider.send(note({ collapseId: 'x'.repeat(64) }), device), { failed: [] })
  t.strictSame(apple.answers, [...mistakes.map(([reason]) => reason), 200])
  const failed = await provider.send(note(), 'cd'.repeat(32))
  t.match(failed.failed[0], { status: 410, response: { timestamp: 1_700_000_000_000 } })
})

t.test('tokens of an unknown key, of another team, too old and too often new ones are refused', async (t) => {
  const { apple, client, later } = await rig(t)
  t.equal(reasonOf(await client({ keyId: 'XXXXXXXXXX' }).send(note(), device)), 'InvalidProviderToken')
  t.equal(reasonOf(await client({ teamId: 'XXXXXXXXXX' }).send(note(), device)), 'InvalidProviderToken')
  const first = client()
  t.match(await first.send(note(), device), { failed: [] })
  later(hourMs - 60_000)
  t.match(await first.send(note(), device), { failed: [] }, 'good for an hour')
  later(2 * 60_000)
  t.match(await first.send(note(), device), { failed: [{ status: 403 }] })
  t.equal(apple.answers.at(-1), 'ExpiredProviderToken')
  t.equal(apple.tokens.accepted, 1)
})

t.test('another token within twenty minutes is one too many', async (t) => {
  const { apple, client } = await rig(t)
  t.match(await client().send(note(), device), { failed: [] })
  // ECDSA is not deterministic: a second client has another token.
  t.equal(reasonOf(await client().send(note(), device)), 'TooManyProviderTokenUpdates')
  t.equal(apple.tokens.accepted, 1)
})

t.test('every reason that Apple names is understood', async (t) => {
  const { apple, client } = await rig(t)
  const provider = client()
  for (const reason of reasons) {
    const { status } = refusals[reason]
    apple.mishaps.push({ ...refusals[reason], retryAfter: 0 })
    const [failed] = (await provider.send(note(), device)).failed
    t.equal(failed?.status, status, reason)
  }
  t.strictSame(apple.answers, reasons)
})

t.test('one stream until the provider is known, then as many as it says', async (t) => {
  const { apple, client } = await rig(t, 3)
  const provider = client()
  t.match(await provider.send(note(), device), { failed: [] })
  t.equal(apple.mostStreams, 1)
  const release = apple.hold()
  const sent = Promise.all(Array.from({ length: 5 }, async () => await provider.send(note(), device)))
  await apple.arrived(4)
  release()
  t.match(
    await sent,
    Array.from({ length: 5 }, () => ({ failed: [] })),
  )
  t.equal(apple.mostStreams, 3)
})

t.test('resets, a connection that is cut and a GOAWAY end a request, and the next one works', async (t) => {
  const { apple, client } = await rig(t)
  const provider = client()
  t.match(await provider.send(note(), device), { failed: [] })
  for (const mishap of ['reset', 'refuse', 'cut', 'goaway'] as const) {
    apple.mishaps.push(mishap)
    t.match(await provider.send(note(), device), { sent: [], failed: [{ device }] }, mishap)
    t.match(await provider.send(note(), device), { failed: [] })
  }
  t.equal(apple.door.connections, 3, 'one more for the cut and for the GOAWAY')
})

t.test('a client that does not trust its authority does not get through', async (t) => {
  const { apple, client } = await rig(t)
  const { apple: another } = await rig(t)
  t.match(await client({ ca: another.ca }).send(note(), device), { sent: [], failed: [{ device }] })
  t.equal(apple.requests, 0)
})
