/** Who does not know the code, or stands in between. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import { drawScalar } from '../../../protocol/cpace.ts'
import { codeProofs, codeSecret, codeShare } from '../../../protocol/device-code.ts'
import type { DeviceFrame } from '../../../protocol/device-frames.ts'
import type { DeviceId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { boundary } from '../../limits/boundary.ts'
import { asks, CodeAsker, dials, newDevice, nobody } from '../../support/code-asker.ts'
import { desk, talkPair } from '../../support/talk-pair.ts'

// A bound: the machine may be busy.
t.setTimeout(240_000)

const random = (length = 32): Uint8Array => new Uint8Array(randomBytes(length))
const never = new AbortController().signal
const isBusy = (frame: DeviceFrame): boolean => frame.is === 'refuse' && frame.why === 'busy'
const otherCode = (code: string): string => String((Number(code) + 1) % 1e8).padStart(8, '0')

t.test('guesses end the offer, so that eight digits are not tried until they fit', async (t) => {
  const old = desk(nobody)
  const { code = '' } = old.devices.begin({})
  const wrong = otherCode(code)
  const guesses = async (): Promise<boolean> =>
    (await asks(old, wrong)).is === 'refuse' && old.shown().state === 'waiting'
  for (let at = 1; at < limits.deviceTries - 1; at += 1) await guesses()
  await boundary(t, 'deviceTries', guesses, guesses, 'no')
  t.match(old.shown(), { state: 'failed', problem: 'used-up' })
  t.match(await asks(old, code), { is: 'refuse', why: 'unknown' }, 'the right one comes too late')
  t.ok(limits.deviceTries / 1e8 < 1e-6, 'all guesses together hit with a chance under one in a million')
})

t.test('who guessed wrong waits, longer each time; others do not', async (t) => {
  const old = desk(nobody)
  const { code = '' } = old.devices.begin({})
  const guess = async (): Promise<DeviceFrame> => await asks(old, otherCode(code), 'there')
  const busy = { is: 'refuse', why: 'busy' }
  const wrong = { is: 'refuse', why: 'wrong-code' }
  t.match(await guess(), wrong)
  await boundary(
    t,
    'deviceFirstWaitMs',
    async () => {
      await old.time.pass(limits.deviceFirstWaitMs - 1)
      t.match(await guess(), busy, 'it waits')
    },
    async () => {
      await old.time.pass(1)
      return isBusy(await guess())
    },
    'no',
  )
  let waitMs = limits.deviceFirstWaitMs * 2
  while (waitMs < limits.deviceMostWaitMs) {
    await old.time.pass(waitMs - 1)
    t.match(await guess(), busy)
    await old.time.pass(1)
    t.match(await guess(), wrong, `after ${waitMs} ms`)
    waitMs *= 2
  }
  await boundary(
    t,
    'deviceMostWaitMs',
    async () => {
      await old.time.pass(limits.deviceMostWaitMs - 1)
      t.match(await guess(), busy)
    },
    async () => {
      await old.time.pass(1)
      return isBusy(await guess())
    },
    'no',
  )
  t.match(await asks(old, code, 'elsewhere'), { is: 'answer' }, 'the right one gets in beside the guesser')
})

t.test('one place has one guess at a time, also if nothing is shown for it', async (t) => {
  const old = desk(nobody)
  const { code = '' } = old.devices.begin({})
  const asking = newDevice()
  const [here, there] = talkPair(asking, old.device, 'there')
  const heard = old.devices.heard(there)
  const silent = new CodeAsker(here, asking).ask(code, () => {
    throw new Error('nothing is shown')
  })
  await t.rejects(silent, /nothing is shown/)
  t.match(await asks(old, code, 'there'), { is: 'refuse', why: 'busy' })
  await boundary(
    t,
    'deviceProofMs',
    async () => {
      await old.time.pass(limits.deviceProofMs - 1)
      t.match(await asks(old, code, 'there'), { is: 'refuse', why: 'busy' })
    },
    async () => {
      await old.time.pass(1)
      await heard
      return isBusy(await asks(old, code, 'there'))
    },
    'no',
  )
})

t.test('a device that is told to wait asks again by itself', async (t) => {
  const old = desk(nobody)
  const { code = '' } = old.devices.begin({})
  const young = desk((from) => {
    const [here, there] = talkPair(from, old.device, 'there')
    void old.devices.heard(there)
    return here
  })
  t.match(await asks(old, otherCode(code), 'there'), { why: 'wrong-code' })
  young.devices.begin({ code, address: 'there' })
  await young.time.pass(0)
  t.equal(young.shown().state, 'looking')
  await old.time.pass(limits.deviceFirstWaitMs)
  await young.time.pass(limits.deviceProofMs)
  t.equal(young.shown().state, 'comparing')
})

t.test('nobody is told whose device it is before the code was proven', async (t) => {
  const old = desk(nobody)
  const { code = '' } = old.devices.begin({})
  const asking = newDevice()
  const [here, there] = talkPair(asking, old.device)
  const sent: DeviceFrame[] = []
  const send = there.send.bind(there)
  there.send = (frame) => {
    sent.push(frame)
    send(frame)
  }
  const heard = old.devices.heard(there)
  t.match(await new CodeAsker(here, asking).ask(otherCode(code)), { why: 'wrong-code' })
  here.end()
  await heard
  t.strictSame(
    sent.map(({ is }) => is),
    ['share', 'refuse'],
  )
  t.notOk(sent.some((frame) => 'person' in frame))
})

t.test('whoever guessed is told, and the owner of the new device too', async (t) => {
  const old = desk(nobody)
  const young = dials(old)
  const { code = '' } = old.devices.begin({})
  young.devices.begin({ code: otherCode(code), address: 'there' })
  t.match(await young.until('failed'), { problem: 'wrong-code' })
  t.match(old.shown(), { state: 'waiting' })
})

t.test('somebody in between who passes on all of the exchange gets in on neither side', async (t) => {
  const old = desk(nobody)
  const { code = '' } = old.devices.begin({})
  const middle = newDevice()
  const victim = desk((from) => {
    // To the new device the one in between is the old one, and to the old one the new one.
    const [toVictim, victims] = talkPair(middle, from)
    const [toOld, olds] = talkPair(middle, old.device)
    void old.devices.heard(olds)
    const pass = async (one: typeof toOld, other: typeof toOld): Promise<void> => {
      for (;;) other.send(await one.next(never))
    }
    pass(toVictim, toOld).catch(() => toOld.end())
    pass(toOld, toVictim).catch(() => toVictim.end())
    return victims
  })
  victim.devices.begin({ code, address: 'there' })
  t.match(await victim.until('failed'), { problem: 'wrong-code' })
  t.equal(old.shown().state, 'waiting', 'and nobody was taken in')
  t.equal(old.log.operations.length, 1)
})

t.test('somebody who knows the code and stands in between shows other words on each side', async (t) => {
  const old = desk(nobody)
  const { code = '' } = old.devices.begin({})
  const middle = newDevice()
  const between = async (toVictim: ReturnType<typeof talkPair>[0], from: DeviceId): Promise<void> => {
    const [toOld, olds] = talkPair(middle, old.device)
    void old.devices.heard(olds)
    const asker = new CodeAsker(toOld, middle)
    const answer = await asker.ask(code)
    const ask = await toVictim.next(never)
    if (ask.is !== 'ask' || answer.is !== 'answer') return
    const [scalar, nonce] = [drawScalar(random(64)), random()]
    const pair = { old: middle, asking: from, joining: ask.record.device }
    const share = { share: codeShare(codeSecret(code), pair, ask.session, scalar), nonce }
    const proofs = codeProofs(scalar, ask.share, ask, share)
    toVictim.send({ is: 'share', ...share })
    await toVictim.next(never)
    toVictim.send({ is: 'answer', proof: proofs.asked, person: answer.person })
    toOld.send({ is: 'reveal', nonce: asker.nonce })
  }
  const victim = desk((from) => {
    const [toVictim, victims] = talkPair(middle, from)
    void between(toVictim, from)
    return victims
  })
  victim.devices.begin({ code, address: 'there' })
  const [one, other] = await Promise.all([old.until('comparing'), victim.until('comparing')])
  t.notSame(one.words, other.words)
  victim.devices.cancel(true)
  old.devices.cancel(true)
  t.match(old.shown(), { state: 'failed', problem: 'other-words' })
  t.equal(old.log.operations.length, 1, 'and nobody was taken in')
})

t.test(
  'who shows a code without knowing it is not believed, and has one guess for each time they are asked',
  async (t) => {
    const liar = newDevice()
    const young = desk((from) => {
      const [here, there] = talkPair(from, liar)
      const lie = async (): Promise<void> => {
        const ask = await there.next(never)
        if (ask.is !== 'ask') return
        const pair = { old: liar, asking: from, joining: ask.record.device }
        const scalar = drawScalar(random(64))
        const share = { share: codeShare(codeSecret('00000000'), pair, ask.session, scalar), nonce: random() }
        there.send({ is: 'share', ...share })
        const prove = await there.next(never)
        const { asking, asked } = codeProofs(scalar, ask.share, ask, share)
        t.notSame(prove, { is: 'prove', proof: asking }, 'the guess was wrong')
        there.send({ is: 'answer', proof: asked, person: desk(nobody).log.person })
      }
      void lie()
      return here
    })
    young.devices.begin({ code: '12345678', address: 'there' })
    t.match(await young.until('failed'), { problem: 'wrong-code' })
  },
)
