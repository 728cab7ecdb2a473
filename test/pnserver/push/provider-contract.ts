/** What every provider promises, whichever push service it speaks to. */

import type { Test } from 'tap'
import type { PushMessage, PushProvider } from '../../../pnserver/push/provider.ts'
import { pushLimits } from '../../../pnserver/push/waiting.ts'
import type { HandTimers } from '../support/hand-timers.ts'

/** `limited` and `busyFor` come with a Retry-After of so many seconds. */
export type Trouble = 'gone' | 'config' | 'busy' | 'cut' | 'reset' | { limited: number } | { busyFor: number }

export interface ProviderRig {
  readonly provider: PushProvider
  readonly timers: HandTimers
  message(change?: Partial<PushMessage>): PushMessage
  /** Notes that reached the device. */
  received(): readonly Uint8Array[]
  /** Requests that reached the push service. */
  requests(): number
  /** For the next requests, one each. */
  trouble(...next: readonly Trouble[]): void
  /** Answers nothing until the returned function is called. */
  hold(): () => void
  /** Resolves when so many requests have arrived. */
  arrived(count: number): Promise<void>
  /** Nobody listens any more. */
  down(): Promise<void>
}

const never = new AbortController().signal
const note = (fill: number): Uint8Array => new Uint8Array(160).fill(fill)

/** `random` of the provider has to be 1. */
export function providerContract(t: Test, open: (t: Test) => Promise<ProviderRig>): void {
  /** One that has sent something before. */
  const known = async (t: Test): Promise<ProviderRig> => {
    const rig = await open(t)
    await rig.provider.send(rig.message(), never)
    return rig
  }

  t.test('what is sent reaches the device, byte by byte', async (t) => {
    const rig = await open(t)
    for (const [at, word] of (['message', 'call', 'verify'] as const).entries()) {
      t.ok(rig.provider.accepts(rig.message({ class: word })))
      t.strictSame(await rig.provider.send(rig.message({ class: word, note: note(at + 1) }), never), {
        is: 'delivered',
      })
    }
    t.strictSame(
      rig.received().map((each) => each[0]),
      [1, 2, 3],
    )
    t.ok(rig.received().every((each) => each.length === 160))
    t.strictSame(rig.timers.waits, [], 'and leaves no wait behind')
  })

  t.test('what is not served here is refused, and nobody is asked', async (t) => {
    const rig = await open(t)
    const { provider } = rig
    const platform = provider.platform === 'apns' ? 'webpush' : 'apns'
    for (const change of [{ platform }, { token: new Uint8Array(0) }] as const) {
      t.notOk(provider.accepts(rig.message(change)))
      t.match(await provider.send(rig.message(change), never), { is: 'rejectedConfig' })
    }
    t.equal(rig.requests(), 0)
  })

  t.test('only a token that is gone is called so', async (t) => {
    const rig = await open(t)
    rig.trouble('gone', 'config', { limited: 90 })
    t.match(await rig.provider.send(rig.message(), never), { is: 'gone' })
    t.match(await rig.provider.send(rig.message(), never), { is: 'rejectedConfig', reason: /^[\w-]+$/ })
    t.strictSame(await rig.provider.send(rig.message(), never), { is: 'later', retryAfterMs: 90_000 })
    t.equal(rig.requests(), 3, 'none of these is tried again')
  })

  t.test('a server in trouble and a connection that is lost are tried again', async (t) => {
    const rig = await open(t)
    for (const trouble of ['busy', 'cut', 'reset'] as const) {
      rig.trouble(trouble, trouble)
      const sent = rig.provider.send(rig.message(), never)
      await rig.timers.over(pushLimits.retryFirstMs)
      await rig.timers.over(2 * pushLimits.retryFirstMs)
      t.strictSame(await sent, { is: 'delivered' }, trouble)
    }
    t.equal(rig.requests(), 9)
    t.equal(rig.received().length, 3)
  })

  t.test('but not for ever', async (t) => {
    const rig = await open(t)
    rig.trouble(...Array.from({ length: 9 }, () => 'busy' as const))
    const sent = rig.provider.send(rig.message(), never)
    for (let next = 1; next < pushLimits.tries; next += 1)
      await rig.timers.over(pushLimits.retryFirstMs * 2 ** (next - 1))
    t.match(await sent, { is: 'later' })
    t.equal(rig.requests(), pushLimits.tries)
  })

  t.test('a short wait that is asked for is waited, a long one is told, and the next push keeps to it', async (t) => {
    const rig = await open(t)
    rig.trouble({ busyFor: 2 })
    const sent = rig.provider.send(rig.message(), never)
    await rig.timers.over(2000)
    t.strictSame(await sent, { is: 'delivered' })
    rig.trouble({ busyFor: 3600 })
    t.strictSame(await rig.provider.send(rig.message(), never), { is: 'later', retryAfterMs: 3_600_000 })
    t.match(await rig.provider.send(rig.message(), never), { is: 'later', retryAfterMs: 3_600_000 })
    t.equal(rig.requests(), 3)
    rig.timers.pass(3_600_000)
    t.strictSame(await rig.provider.send(rig.message(), never), { is: 'delivered' })
  })

  t.test('nobody listens: later', async (t) => {
    const rig = await open(t)
    await rig.down()
    const sent = rig.provider.send(rig.message(), never)
    for (let next = 1; next < pushLimits.tries; next += 1)
      await rig.timers.over(pushLimits.retryFirstMs * 2 ** (next - 1))
    t.match(await sent, { is: 'later' })
  })

  t.test('an end by the caller, by the clock and by close() is no answer', async (t) => {
    const rig = await known(t)
    const release = rig.hold()
    const controller = new AbortController()
    const ended = rig.provider.send(rig.message(), controller.signal)
    await rig.arrived(2)
    controller.abort()
    t.match(await ended, { is: 'later' })
    t.match(await rig.provider.send(rig.message(), controller.signal), { is: 'later' }, 'nor does it begin')
    const late = rig.provider.send(rig.message(), never)
    await rig.arrived(3)
    await rig.timers.over(pushLimits.sendMs)
    t.match(await late, { is: 'later' })
    const closed = rig.provider.send(rig.message(), never)
    await rig.arrived(4)
    await rig.provider.close()
    t.match(await closed, { is: 'later' })
    t.match(await rig.provider.send(rig.message(), never), { is: 'later' })
    t.equal(rig.requests(), 4)
    t.strictSame(rig.timers.waits, [])
    release()
  })

  t.test('so many at a time and no more', async (t) => {
    const rig = await known(t)
    const release = rig.hold()
    const controller = new AbortController()
    const message = rig.message()
    const sent = Array.from({ length: pushLimits.pushes }, () => rig.provider.send(message, controller.signal))
    t.match(await rig.provider.send(message, never), { is: 'later' }, 'one more')
    controller.abort()
    for (const each of await Promise.all(sent)) if (each.is !== 'later') t.fail('there is an answer that was not given')
    release()
    t.strictSame(await rig.provider.send(message, never), { is: 'delivered' }, 'and again when they are over')
  })
}
