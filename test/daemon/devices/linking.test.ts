import { randomBytes } from 'node:crypto'
import t from 'tap'
import { wordsToCompare } from '../../../protocol/device-words.ts'
import { encodeDeviceFrame, readDeviceFrame } from '../../../protocol/device-frames.ts'
import { signBytes, signingKeyFromSeed } from '../../../protocol/crypto.ts'
import { WarrenError } from '../../../protocol/errors.ts'
import type { DeviceId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { counterMessage } from '../../../protocol/operation-proofs.ts'
import { boundary, upTo } from '../../limits/boundary.ts'
import { asks, CodeAsker, dials, newDevice, nobody } from '../../support/code-asker.ts'
import { desk, newDisk, talkPair } from '../../support/talk-pair.ts'

const random = (length = 32): Uint8Array => new Uint8Array(randomBytes(length))
const never = new AbortController().signal
/** Whether an offer still stands after so long. */
async function after(ms: number): Promise<boolean> {
  const old = desk(nobody)
  const { code = '' } = old.devices.begin({})
  await old.time.pass(ms)
  return (await asks(old, code)).is === 'answer'
}
const sized = (bytes: number): Uint8Array => encodeDeviceFrame({ is: 'reveal', nonce: new Uint8Array(bytes) })

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

t.test(
  'a device of one person joins another one, one that was removed its own too, and a backup its own alone',
  async (t) => {
    for (const [comesBack, isOwn, problem] of [
      ['not', true, 'same-person'],
      ['may', true, undefined],
      ['may', false, undefined],
      ['must', true, undefined],
      ['must', false, 'other-person'],
    ] as const) {
      const disk = newDisk()
      const old = desk(nobody, [], undefined, { disk })
      const own = newDisk()
      const young = dials(old, { comesBack, disk: isOwn ? { ...own, log: disk.log } : own })
      const { code = '' } = old.devices.begin({})
      young.devices.begin({ code, address: 'there' })
      const said = await young.until(problem === undefined ? 'comparing' : 'failed')
      t.equal(said.problem, problem, `${comesBack}, own: ${isOwn}`)
    }
    const backup = desk(nobody, [], undefined, { comesBack: 'must' })
    t.throws(() => backup.devices.begin({}), { code: 'NOT_ALLOWED' })
  },
)

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

t.test('a nonce that was not promised, and an agreement of another key, end it', async (t) => {
  for (const cheat of ['nonce', 'agreement'] as const) {
    const old = desk(nobody)
    const { code = '' } = old.devices.begin({})
    const asking = newDevice()
    const [here, there] = talkPair(asking, old.device)
    const heard = old.devices.heard(there)
    const asker = new CodeAsker(here, asking)
    await asker.ask(code)
    here.send({ is: 'reveal', nonce: cheat === 'nonce' ? random() : asker.nonce })
    if (cheat === 'agreement') {
      await old.until('comparing')
      old.devices.confirm()
      here.send({
        is: 'agree',
        counterSignature: signBytes(signingKeyFromSeed(random()), counterMessage(old.log.person, asker.joining)),
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
  t.match(await other.until('failed'), { problem: 'not-theirs' })
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
