/** Pushes through Apple, against a stand-in that does all that Apple's server may do. */

import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { judge, readAnswer } from '../../../pnserver/push/apns-answer.ts'
import { openApnsProvider } from '../../../pnserver/push/apns.ts'
import { tokenAges } from '../../../pnserver/push/provider-token.ts'
import { pushLimits } from '../../../pnserver/push/waiting.ts'
import { reasons, refusals, type Reason } from '../support/apns-refusals.ts'
import { apnsMessage as message, apnsRig, device, hex, noteIn } from '../support/apns-rig.ts'
import { someKey, topic } from '../support/apple.ts'
import type { Mishap } from '../support/apns-stand-in.ts'
import { providerContract, type ProviderRig, type Trouble } from './provider-contract.ts'

t.setTimeout(300_000)

const never = new AbortController().signal
const minuteMs = 60_000
const of = (length: number): Uint8Array => new Uint8Array(length).fill(1)

function mishapOf(trouble: Trouble): Mishap {
  if (typeof trouble === 'object') {
    return 'limited' in trouble
      ? { ...refusals.TooManyRequests, retryAfter: trouble.limited }
      : { ...refusals.ServiceUnavailable, retryAfter: trouble.busyFor }
  }
  const plain = { gone: refusals.Unregistered, config: refusals.TopicDisallowed, busy: refusals.InternalServerError }
  return trouble === 'cut' || trouble === 'reset' ? trouble : plain[trouble]
}

async function contractRig(t: Test): Promise<ProviderRig> {
  const { provider, timers, apple } = await apnsRig(t)
  return {
    provider,
    timers,
    message,
    received: () => apple.pushes.map(({ payload }) => noteIn(payload)),
    requests: () => apple.requests,
    trouble: (...next) => apple.mishaps.push(...next.map((each) => mishapOf(each))),
    hold: () => apple.hold(),
    arrived: async (count) => {
      await apple.arrived(count)
    },
    down: async () => {
      await apple.close()
    },
  }
}

t.test('it is a provider', async (t) => {
  providerContract(t, contractRig)
})

const aps = (word: string): object => ({
  alert: { 'title-loc-key': `PUSH_${word}_TITLE`, 'loc-key': `PUSH_${word}_TEXT` },
  'mutable-content': 1,
  sound: 'default',
})

t.test('the phone is told in its own language, and nothing else is said', async (t) => {
  const { provider, apple, timers } = await apnsRig(t)
  for (const word of ['message', 'call', 'verify'] as const) await provider.send(message({ class: word }), never)
  const now = Math.floor(timers.now() / 1000)
  const note = Buffer.from(message().note).toString('base64')
  t.strictSame(
    apple.pushes.map(({ payload }) => payload),
    [
      { aps: aps('MESSAGE'), note },
      { aps: aps('CALL'), note },
      { aps: aps('VERIFY'), code: note },
    ],
  )
  const common = {
    ':path': `/3/device/${hex(device)}`,
    'apns-topic': topic,
    'apns-push-type': 'alert',
    'apns-priority': '10',
  }
  t.match(
    apple.pushes.map(({ headers }) => headers),
    [
      { ...common, 'apns-collapse-id': 'message', 'apns-expiration': String(now + 24 * 3600) },
      { ...common, 'apns-collapse-id': 'call', 'apns-expiration': String(now + 60) },
      { ...common, 'apns-collapse-id': 'verify', 'apns-expiration': String(now + 600) },
    ],
  )
  t.equal(apple.door.connections, 1)
})

t.test('each reason that Apple gives has one outcome', async (t) => {
  const { provider, apple } = await apnsRig(t)
  const gone: readonly Reason[] = ['Unregistered', 'ExpiredToken', 'BadDeviceToken']
  const later: readonly Reason[] = ['TooManyRequests', 'TooManyProviderTokenUpdates']
  const again: readonly Reason[] = ['IdleTimeout', 'InternalServerError', 'ServiceUnavailable', 'Shutdown']
  for (const reason of reasons.filter((each) => !again.includes(each))) {
    apple.mishaps.push({ ...refusals[reason], timestamp: 1_700_000_000_000 })
    const outcome = await provider.send(message(), never)
    if (gone.includes(reason)) {
      t.strictSame(
        outcome,
        { is: 'gone', sinceMs: reason === 'BadDeviceToken' ? undefined : 1_700_000_000_000 },
        reason,
      )
    } else if (later.includes(reason)) t.strictSame(outcome, { is: 'later', retryAfterMs: pushLimits.laterMs }, reason)
    else t.strictSame(outcome, { is: 'rejectedConfig', reason }, reason)
  }
  t.equal(apple.requests, reasons.length - again.length)
  apple.mishaps.push({ status: 418, reason: 'NotKnown' as Reason }, { status: 300, reason: '<b>' as Reason })
  t.strictSame(await provider.send(message(), never), { is: 'rejectedConfig', reason: 'refused' })
  t.strictSame(await provider.send(message(), never), { is: 'rejectedConfig', reason: 'refused' })
})

t.test('reasons that pass are tried again', async (t) => {
  const { provider, apple, timers } = await apnsRig(t)
  for (const reason of ['IdleTimeout', 'InternalServerError', 'ServiceUnavailable', 'Shutdown'] as const) {
    apple.mishaps.push(refusals[reason])
    const sent = provider.send(message(), never)
    await timers.over(pushLimits.retryFirstMs)
    t.strictSame(await sent, { is: 'delivered' }, reason)
  }
  t.equal(new Set(apple.pushes.map(({ id }) => id)).size, 4, 'each has one id for all its tries')
})

t.test('a token that one environment does not know is tried in the other before it is given up', async (t) => {
  const { provider, apple, sandbox } = await apnsRig(t)
  const other = new Uint8Array(32).fill(0xcd)
  sandbox.devices.set(hex(other), { topics: [topic] })
  t.strictSame(await provider.send(message({ token: other }), never), { is: 'wrongEnvironment' })
  t.match([apple.answers, sandbox.pushes.length], [['BadDeviceToken'], 1])
  t.strictSame(await provider.send(message({ environment: 'sandbox' }), never), { is: 'wrongEnvironment' })
  const unknown = message({ token: new Uint8Array(32).fill(1) })
  t.strictSame(await provider.send(unknown, never), { is: 'gone', sinceMs: undefined })
  sandbox.mishaps.push(refusals.BadEnvironmentKeyIdInToken)
  t.match(
    await provider.send(unknown, never),
    { is: 'rejectedConfig' },
    'a key that may not ask there says nothing about the token',
  )
  sandbox.devices.set(hex(unknown.token), { topics: ['org.example.other'] })
  t.match(await provider.send(unknown, never), { is: 'rejectedConfig', reason: 'DeviceTokenNotForTopic' })
})

t.test('nothing goes to Apple for another app than those that are served, or to what is no token', async (t) => {
  const { provider, apple, sandbox } = await apnsRig(t)
  const wrong = [{ topic: 'org.example.stranger' }, { topic: '' }, ...[7, 101].map((length) => ({ token: of(length) }))]
  for (const change of wrong) {
    t.notOk(provider.accepts(message(change)))
    t.strictSame(await provider.send(message(change), never), { is: 'rejectedConfig', reason: 'not-served' })
  }
  for (const length of [8, 100]) t.ok(provider.accepts(message({ token: of(length) })))
  t.equal(apple.door.connections + sandbox.door.connections, 0)
})

t.test('one token of its own for forty minutes, then another one', async (t) => {
  const { provider, apple, timers } = await apnsRig(t)
  const sendAfter = async (ms: number): Promise<void> => {
    timers.pass(ms)
    t.strictSame(await provider.send(message(), never), { is: 'delivered' })
  }
  t.equal(tokenAges.renewMs, 40 * minuteMs)
  await sendAfter(0)
  await sendAfter(tokenAges.renewMs - 1)
  t.equal(apple.tokens.accepted, 1)
  await sendAfter(1)
  t.equal(apple.tokens.accepted, 2)
  await Promise.all([sendAfter(tokenAges.renewMs), sendAfter(0), sendAfter(0)])
  t.equal(apple.tokens.accepted, 3, 'one for all who come at the same time')
})

t.test('a token that was signed by a clock that was ahead is not kept once that is right', async (t) => {
  let aheadMs = 0
  const { provider, apple, timers } = await apnsRig(t, { aheadMs: () => aheadMs })
  t.strictSame(await provider.send(message(), never), { is: 'delivered' })
  timers.pass(-minuteMs)
  // Apple takes another one after twenty minutes, by its own clock.
  aheadMs = minuteMs + tokenAges.leastMs
  t.strictSame(await provider.send(message(), never), { is: 'delivered' })
  t.equal(apple.tokens.accepted, 2)
})

t.test('a token that Apple calls expired is renewed once, and only if it is not young', async (t) => {
  let aheadMs = 0
  const { provider, apple, timers } = await apnsRig(t, { aheadMs: () => aheadMs })
  t.strictSame(await provider.send(message(), never), { is: 'delivered' })
  apple.mishaps.push(refusals.ExpiredProviderToken)
  t.match(await provider.send(message(), never), { is: 'rejectedConfig', reason: 'ExpiredProviderToken' })
  t.equal(apple.tokens.accepted, 1, 'another one so soon would be refused')
  timers.pass(tokenAges.leastMs)
  // By Apple's clock it is older than an hour; the one that is made now is not.
  aheadMs = 41 * minuteMs
  t.strictSame(await provider.send(message(), never), { is: 'delivered' })
  t.strictSame(apple.answers, [200, 'ExpiredProviderToken', 'ExpiredProviderToken', 200])
  aheadMs = 2 * 60 * minuteMs
  timers.pass(tokenAges.leastMs)
  t.match(await provider.send(message(), never), { is: 'rejectedConfig', reason: 'ExpiredProviderToken' })
  t.equal(apple.requests, 6, 'once renewed, and no more')
})

t.test('a key that is none is refused at the start', async (t) => {
  const ed25519 = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
  const good = someKey()
  for (const change of [{ pem: 'no' }, { pem: ed25519 }, { keyId: 'short' }, { teamId: 'team123456' }]) {
    await t.rejects(openApnsProvider({ key: { ...good, ...change }, topics: [topic] }), { code: 'BAD_SHAPE' })
  }
  await t.resolves(openApnsProvider({ key: good, topics: [topic] }))
})

t.test('an answer that makes no sense is read as far as it does', async (t) => {
  const now = 1_800_000_000_000
  fc.assert(
    fc.property(
      fc.nat(999),
      fc.option(fc.string(), { nil: undefined }),
      fc.oneof(fc.string(), fc.json()),
      (status, retry, text) => {
        const answer = readAnswer(status, retry, text, now)
        const { retryAfterMs = 0, sinceMs = 1, reason = 'x' } = answer
        const isSane =
          retryAfterMs >= 0 && retryAfterMs <= pushLimits.retryAfterMostMs && sinceMs > 0 && /^[A-Za-z]+$/.test(reason)
        // Nothing but this status, or Apple's own word about a token, may ever cost a row.
        const costs = ['gone', 'badToken'].includes(judge(answer).is)
        return isSane && (!costs || status === 410 || reason === 'BadDeviceToken')
      },
    ),
  )
  t.strictSame(readAnswer(410, '7', '{"reason":"Unregistered","timestamp":-1}', now), {
    status: 410,
    reason: 'Unregistered',
    sinceMs: undefined,
    retryAfterMs: 7000,
  })
})
