import { randomBytes } from 'node:crypto'
import t from 'tap'
import { codeProof, codeSecret, nonceCommitment, wordsToCompare } from '../../../protocol/device-words.ts'
import { encodeDeviceFrame, readDeviceFrame, type DeviceFrame } from '../../../protocol/device-frames.ts'
import { publicBytes, signBytes, signingKeyFromSeed } from '../../../protocol/crypto.ts'
import { WarrenError } from '../../../protocol/errors.ts'
import { deviceIdOf, type DeviceId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { counterMessage } from '../../../protocol/operation-proofs.ts'
import { boundary, upTo } from '../../limits/boundary.ts'
import { desk, talkPair, type Desk } from '../../support/talk-pair.ts'

const random = (length = 32): Uint8Array => new Uint8Array(randomBytes(length))
const never = new AbortController().signal
const nobody = (): never => {
  throw new Error('nobody is dialled here')
}
const newDevice = (): DeviceId => deviceIdOf(publicBytes(signingKeyFromSeed(random())))

/** A device that dials `to`. */
const dials = (to: Desk): Desk =>
  desk((from) => {
    const [here, there] = talkPair(from, to.device)
    void to.devices.heard(there)
    return here
  })

/** What the old device answers to one that asks with this code. */
async function asks(to: Desk, code: string, asking = newDevice()): Promise<DeviceFrame> {
  const [here, there] = talkPair(asking, to.device)
  const heard = to.devices.heard(there)
  const joining = newDevice()
  const commitment = nonceCommitment(joining, random())
  const pair = { old: to.device, asking, joining }
  const proof = codeProof(codeSecret(code), pair, commitment)
  here.send({ is: 'ask', record: { device: joining, deviceClass: 'desktop' }, commitment, proof })
  const answer = await here.next(never)
  here.end()
  await heard
  return answer
}
/** Whether an offer still stands after so long. */
async function after(ms: number): Promise<boolean> {
  const old = desk(nobody)
  const { code = '' } = old.devices.begin({})
  await old.time.pass(ms)
  return (await asks(old, code)).is === 'answer'
}
const sized = (bytes: number): Uint8Array => encodeDeviceFrame({ is: 'reveal', nonce: new Uint8Array(bytes) })
const otherCode = (code: string): string => String((Number(code) + 1) % 1e8).padStart(8, '0')

for (const how of ['code', 'link'] as const) {
  t.test(`a device joins by ${how}, after both owners said that the words are the same`, async (t) => {
    const old = desk(nobody)
    const young = dials(old)
    const offer = old.devices.begin({})
    young.devices.begin(how === 'link' ? { code: offer.link ?? '' } : { code: offer.code ?? '', address: 'there' })
    const [one, other] = await Promise.all([old.until('comparing'), young.until('comparing')])
    t.equal(one.words?.length, 4)
    t.strictSame(one.words, other.words)
    t.equal(one.fingerprint, young.shown().fingerprint)
    young.devices.confirm()
    t.equal(young.shown().state, 'confirmed')
    t.equal(old.log.operations.length, 1, 'one yes is not enough')
    old.devices.confirm()
    await Promise.all([old.until('done'), young.until('done')])
    t.equal(old.log.operations.length, 2)
    t.match(await asks(old, offer.code ?? ''), { is: 'refuse', why: 'unknown' }, 'the code is spent')
  })
}

t.test('digits may be spaced; what is no code is refused at once', async (t) => {
  const old = desk(nobody)
  const young = dials(old)
  const { code = '' } = old.devices.begin({})
  t.throws(() => young.devices.begin({ code: code.slice(1), address: 'there' }), { code: 'BAD_SHAPE' })
  t.throws(() => young.devices.begin({ code: 'warren:nonsense' }), { code: 'BAD_LINK' })
  young.devices.begin({ code: `${code.slice(0, 4)} ${code.slice(4)}`, address: 'there' })
  t.ok(await young.until('comparing'))
})

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
})

t.test('whoever guessed is told, and the owner of the new device too', async (t) => {
  const old = desk(nobody)
  const young = dials(old)
  const { code = '' } = old.devices.begin({})
  young.devices.begin({ code: otherCode(code), address: 'there' })
  t.match(await young.until('failed'), { problem: 'wrong-code' })
  t.match(old.shown(), { state: 'waiting' })
})

t.test('an offer stands as long as the limit says', async (t) => {
  await boundary(
    t,
    'deviceOfferMs',
    async () => await after(limits.deviceOfferMs - 1),
    async () => await after(limits.deviceOfferMs),
    'no',
  )
})

t.test('a frame has a bound', async (t) => {
  const around = sized(100_000).length - 100_000
  await upTo(t, 'deviceFrameBytes', (bytes) => sized(bytes - around).length === bytes)
  t.throws(() => readDeviceFrame(Uint8Array.of(0x81, 0x18, 99)), { code: 'BAD_SHAPE' }, 'an unknown one ends the talk')
})

t.test('somebody in between shows other words on each side, whatever they choose', async (t) => {
  const old = desk(nobody)
  const { code = '' } = old.devices.begin({})
  const middle = newDevice()
  const victim = desk((from) => {
    // To the new device the one in between is the old one, and to the old one the new one.
    const [toVictim, victims] = talkPair(middle, from)
    void between(toVictim)
    return victims
  })
  const between = async (toVictim: ReturnType<typeof talkPair>[0]): Promise<void> => {
    const [toOld, olds] = talkPair(middle, old.device)
    void old.devices.heard(olds)
    const ask = await toVictim.next(never)
    if (ask.is !== 'ask') return
    // The code is short: who was asked with it can find it, and ask with it.
    const seed = random()
    const joining = deviceIdOf(publicBytes(signingKeyFromSeed(seed)))
    const nonce = random()
    const commitment = nonceCommitment(joining, nonce)
    const pair = { old: old.device, asking: middle, joining }
    const proof = codeProof(codeSecret(code), pair, commitment)
    toOld.send({ is: 'ask', record: { device: joining, deviceClass: 'desktop' }, commitment, proof })
    const answer = await toOld.next(never)
    if (answer.is !== 'answer') return
    toVictim.send(answer)
    toOld.send({ is: 'reveal', nonce })
    const counterSignature = signBytes(signingKeyFromSeed(seed), counterMessage(answer.person, joining))
    toOld.send({ is: 'agree', counterSignature })
  }
  victim.devices.begin({ code, address: 'there' })
  const [one, other] = await Promise.all([old.until('comparing'), victim.until('comparing')])
  t.notSame(one.words, other.words)
  victim.devices.cancel(true)
  old.devices.cancel(true)
  t.match(old.shown(), { state: 'failed', problem: 'other-words' })
  t.equal(old.log.operations.length, 1, 'and nobody was taken in')
})

t.test('a nonce that was not promised, and an agreement of another key, end it', async (t) => {
  for (const cheat of ['nonce', 'agreement'] as const) {
    const old = desk(nobody)
    const { code = '' } = old.devices.begin({})
    const asking = newDevice()
    const [here, there] = talkPair(asking, old.device)
    const heard = old.devices.heard(there)
    const seed = random()
    const joining = deviceIdOf(publicBytes(signingKeyFromSeed(seed)))
    const nonce = random()
    const commitment = nonceCommitment(joining, nonce)
    const proof = codeProof(codeSecret(code), { old: old.device, asking, joining }, commitment)
    here.send({ is: 'ask', record: { device: joining, deviceClass: 'desktop' }, commitment, proof })
    await here.next(never)
    here.send({ is: 'reveal', nonce: cheat === 'nonce' ? random() : nonce })
    if (cheat === 'agreement') {
      await old.until('comparing')
      old.devices.confirm()
      here.send({
        is: 'agree',
        counterSignature: signBytes(signingKeyFromSeed(random()), counterMessage(old.log.person, joining)),
      })
    }
    await heard
    t.match(old.shown(), { state: 'failed' }, cheat)
    t.match(await here.next(never), { is: 'refuse' })
  }
})

t.test('what one owner ends, the other hears of', async (t) => {
  for (const side of ['old', 'young'] as const) {
    const old = desk(nobody)
    const young = dials(old)
    const { code = '' } = old.devices.begin({})
    young.devices.begin({ code, address: 'there' })
    await Promise.all([old.until('comparing'), young.until('comparing')])
    const [ends, hears] = side === 'old' ? [old, young] : [young, old]
    hears.devices.confirm()
    ends.devices.cancel(true)
    t.match(await hears.until('failed'), { problem: 'other-words' }, side)
    t.throws(() => ends.devices.confirm(), { code: 'CONFLICT' })
    t.equal(old.log.operations.length, 1)
  }
})

t.test('nothing ends what is being written down: not its owner, not the clock, not the next one', async (t) => {
  for (const end of ['cancel', 'begin', 'expire'] as const) {
    const old = desk(nobody)
    const writing = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const young = desk(
      (from) => {
        const [here, there] = talkPair(from, old.device)
        void old.devices.heard(there)
        return here
      },
      [],
      async () => {
        begun.resolve()
        await writing.promise
      },
    )
    const { code = '' } = old.devices.begin({})
    young.devices.begin({ code, address: 'there' })
    await Promise.all([old.until('comparing'), young.until('comparing')])
    young.devices.confirm()
    old.devices.confirm()
    await begun.promise
    if (end === 'cancel') young.devices.cancel(false)
    if (end === 'begin') t.throws(() => young.devices.begin({}), { code: 'CONFLICT' })
    if (end === 'expire') await young.time.pass(limits.deviceOfferMs)
    t.equal(young.shown().state, 'confirmed', end)
    t.strictSame(young.became, [])
    writing.resolve()
    await young.until('done')
    t.equal(young.became.length, 1)
    t.equal(young.devices.begin({}).state, 'waiting', 'then the next may begin')
  }
})

t.test('nor is a device that is being taken in refused at that moment', async (t) => {
  const writing = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const old = desk(nobody, [], async () => {
    begun.resolve()
    await writing.promise
  })
  const young = dials(old)
  const { code = '' } = old.devices.begin({})
  young.devices.begin({ code, address: 'there' })
  await Promise.all([old.until('comparing'), young.until('comparing')])
  young.devices.confirm()
  old.devices.confirm()
  await begun.promise
  old.devices.cancel(true)
  await old.time.pass(limits.deviceOfferMs)
  t.equal(old.shown().state, 'confirmed')
  writing.resolve()
  await Promise.all([old.until('done'), young.until('done')])
  t.equal(old.log.operations.length, 2)
})

t.test('what could not be written down has failed', async (t) => {
  const old = desk(nobody)
  const young = desk(
    (from) => {
      const [here, there] = talkPair(from, old.device)
      void old.devices.heard(there)
      return here
    },
    [],
    async () => await Promise.reject(new WarrenError('STORE_FULL', 'no room')),
  )
  const { code = '' } = old.devices.begin({})
  young.devices.begin({ code, address: 'there' })
  await Promise.all([old.until('comparing'), young.until('comparing')])
  young.devices.confirm()
  old.devices.confirm()
  t.match(await young.until('failed'), { problem: 'failed' })
  t.strictSame(young.became, [])
})

t.test('of devices nearby the one that shows the code is found; another one at its link is not taken', async (t) => {
  const bystander = desk(nobody)
  const old = desk(nobody)
  const open = (from: DeviceId, address: string): ReturnType<typeof talkPair>[0] => {
    const to = address === 'bystander' ? bystander : old
    const [here, there] = talkPair(from, to.device)
    void to.devices.heard(there)
    return here
  }
  const young = desk(open, ['bystander', 'old'])
  const { code = '', link = '' } = old.devices.begin({})
  young.devices.begin({ code })
  t.ok(await young.until('comparing'))
  const other = desk((from) => open(from, 'bystander'))
  bystander.devices.begin({})
  other.devices.begin({ code: link })
  t.match(await other.until('failed'), { problem: 'wrong-code' })
  const lonely = desk(nobody)
  lonely.devices.begin({ code })
  t.match(await lonely.until('failed'), { problem: 'nobody' })
})

t.test('words stand for all that both sides said', (t) => {
  const [old, asking, joining] = [newDevice(), newDevice(), newDevice()]
  const { person } = desk(nobody).log
  const nonces = { joining: random(), old: random() }
  const pair = { old, asking, joining }
  const words = wordsToCompare(person, pair, nonces)
  t.strictSame(wordsToCompare(person, pair, nonces), words)
  for (const other of [
    { ...pair, old: joining },
    { ...pair, asking: old },
    { ...pair, joining: asking },
  ])
    t.notSame(wordsToCompare(person, other, nonces), words)
  t.notSame(wordsToCompare(person, pair, { ...nonces, old: random() }), words)
  t.notSame(wordsToCompare(person, pair, { ...nonces, joining: random() }), words)
  t.end()
})
