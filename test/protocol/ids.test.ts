import { base58btc } from 'multiformats/bases/base58'
import fc from 'fast-check'
import t from 'tap'
import { sameBytes, toBase32 } from '../../protocol/bytes.ts'
import { publicBytes, signBytes, signingKeyFromSeed, verifyBytes, verifyKeyFromBytes } from '../../protocol/crypto.ts'
import { isSignedBy, verifyKeyOf } from '../../protocol/device-key.ts'
import { errorCode } from '../../protocol/errors.ts'
import { compareHlc, hlcText, maxCount, maxWallMs, mergeHlc, tickHlc } from '../../protocol/hlc.ts'
import * as ids from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { orderKey, readOrderKey } from '../../protocol/order.ts'
import { compareOrder } from '../../protocol/entry.ts'
import { alice, bob, entryOf, fill } from './cast.ts'

const id32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
const onlyBadShape = (read: () => unknown): boolean => {
  try {
    read()
  } catch (error) {
    return errorCode(error) === 'BAD_SHAPE'
  }
  return true
}

t.test('ids go to bytes and back, whatever was asked for before', async (t) => {
  fc.assert(
    fc.property(id32, (bytes) => {
      const scope = ids.scopeOf(bytes)
      const device = ids.deviceIdOf(bytes)
      return (
        sameBytes(ids.idBytes(scope), bytes) &&
        (ids.readConversationId(scope) as string) === (scope as string) &&
        sameBytes(ids.deviceBytes(device), bytes) &&
        ids.readDeviceId(device) === device &&
        ids.scopeOf(bytes) === scope
      )
    }),
    { seed: 1, numRuns: 300 },
  )
  t.pass()
})

t.test('ids that share the place of a remembered one are still told apart', async (t) => {
  const one = fill(4)
  const other = Uint8Array.from(one)
  other[31] = 5
  t.not(ids.scopeOf(one), ids.scopeOf(other))
  t.not(ids.deviceIdOf(one), ids.deviceIdOf(other))
  t.equal(ids.scopeOf(one), toBase32(one))
})

t.test('readers of ids throw nothing but BAD_SHAPE, whatever they get', async (t) => {
  const readers = [ids.readPersonId, ids.readConversationId, ids.readEntryId, ids.readBlobId, ids.readDeviceId]
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.string()), (value) =>
      readers.every((read) => onlyBadShape(() => read(value))),
    ),
    { seed: 2 },
  )
  fc.assert(
    fc.property(id32, fc.nat(51), fc.constantFrom(...Array.from('abz27A= 1')), (bytes, at, letter) => {
      const text = toBase32(bytes)
      const wrong = text.slice(0, at) + letter + text.slice(at + 1)
      return onlyBadShape(() => ids.readEntryId(wrong))
    }),
    { seed: 3 },
  )
  t.throws(() => ids.readEntryId(`${toBase32(fill(0)).slice(0, 51)}b`), { code: 'BAD_SHAPE' })
})

t.test('readDeviceId() takes the PeerId of an Ed25519 key and no second spelling of it', async (t) => {
  t.match(alice.device, /^12D3KooW/)
  for (const wrong of [`1${alice.device}`, ` ${alice.device}`, `${alice.device} `, alice.device.slice(0, -1), '']) {
    t.throws(() => ids.readDeviceId(wrong), { code: 'BAD_SHAPE' }, wrong)
  }
  const rsa = base58btc.baseEncode(Uint8Array.from([18, 32, ...fill(1)]))
  t.throws(() => ids.readDeviceId(rsa), { code: 'BAD_SHAPE' })
})

t.test('deviceBytes() gives memory that its caller may change', async (t) => {
  ids.deviceBytes(alice.device).fill(0)
  t.ok(sameBytes(ids.deviceBytes(alice.device), publicBytes(alice.key)))
})

t.test('directId() is the same for both sides and another for every pair', async (t) => {
  const [a, b, c] = [1, 2, 3].map((byte) => ids.personIdOf(fill(byte))) as [ids.PersonId, ids.PersonId, ids.PersonId]
  t.equal(ids.directId(a, b), ids.directId(b, a))
  t.equal(new Set([ids.directId(a, b), ids.directId(a, c), ids.directId(a, a), ids.selfId(a), a]).size, 5)
})

t.test('keys of small order and second spellings of keys verify nothing', async (t) => {
  const bad = [
    '00'.repeat(32),
    `01${'00'.repeat(31)}`,
    `01${'00'.repeat(30)}80`,
    `ec${'ff'.repeat(30)}7f`,
    `ec${'ff'.repeat(30)}ff`,
    `ed${'ff'.repeat(30)}7f`,
    `ee${'ff'.repeat(30)}7f`,
    `f5${'ff'.repeat(30)}7f`,
    'ff'.repeat(32),
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  ]
  for (const hex of bad) {
    const bytes = Uint8Array.from(Buffer.from(hex, 'hex'))
    t.throws(() => verifyKeyFromBytes(bytes), { code: 'BAD_SHAPE' }, hex)
    t.notOk(isSignedBy(bytes, fill(1), fill(0, 64)))
    t.throws(() => verifyKeyOf(ids.deviceIdOf(bytes)), { code: 'BAD_SHAPE' })
  }
  t.throws(() => signingKeyFromSeed(fill(1, 31)), { code: 'BAD_SHAPE' })
})

t.test('verifyBytes() accepts what signBytes() made, nothing with one bit changed, and no larger S', async (t) => {
  const verifyKey = verifyKeyOf(alice.device)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(511), (bytes, bit) => {
      const signature = signBytes(alice.key, bytes)
      const wrong = Uint8Array.from(signature)
      wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return verifyBytes(verifyKey, bytes, signature) && !verifyBytes(verifyKey, bytes, wrong)
    }),
    { seed: 4, numRuns: 100 },
  )
  const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n
  const signature = signBytes(alice.key, fill(1))
  let s = order
  for (let at = 63; at >= 32; at -= 1) s += BigInt(signature[at] ?? 0) << BigInt((at - 32) * 8)
  const malleable = signature.map((byte, at) => (at < 32 ? byte : Number((s >> BigInt((at - 32) * 8)) & 255n)))
  t.notOk(verifyBytes(verifyKey, fill(1), malleable))
  t.notOk(verifyBytes(verifyKey, fill(1), signature.subarray(0, 63)))
})

const hlcs = fc.record({ wallMs: fc.integer({ min: 0, max: maxWallMs - 1 }), count: fc.nat(maxCount) })

t.test('tickHlc() always moves on, and its text sorts as it does', async (t) => {
  fc.assert(
    fc.property(hlcs, fc.integer({ min: 0, max: maxWallMs }), (last, now) => {
      const next = tickHlc(last, now)
      return compareHlc(next, last) > 0 && hlcText(next) > hlcText(last) && next.wallMs >= now
    }),
    { seed: 5 },
  )
  t.pass()
})

t.test('mergeHlc() follows a clock five minutes ahead and none further', async (t) => {
  const own = { wallMs: 1000, count: 0 }
  const ahead = { wallMs: 1000 + limits.clockAheadMs, count: 3 }
  t.equal(mergeHlc(own, ahead, 1000), ahead)
  t.equal(mergeHlc(own, { ...ahead, wallMs: ahead.wallMs + 1 }, 1000), own)
  t.equal(mergeHlc(own, { wallMs: 999, count: 9 }, 1000), own)
})

t.test('orderKey() sorts as messages stand on screen, reads back, and refuses anything else', async (t) => {
  const position = fc.record({
    hlc: hlcs,
    device: fc.constantFrom(alice.device, bob.device),
    generation: fc.constantFrom(ids.generationOf(fill(1, 8)), ids.generationOf(fill(2, 8))),
    seq: fc.maxSafeNat(),
  })
  fc.assert(
    fc.property(position, position, (a, b) => {
      const [x, y] = [a, b].map((each) => entryOf({ ...each, prev: undefined }).sealed.header)
      if (x === undefined || y === undefined) return false
      const asText = orderKey(a) < orderKey(b) ? -1 : Number(orderKey(a) > orderKey(b))
      return Math.sign(compareOrder(x, y)) === asText && orderKey(readOrderKey(orderKey(a))) === orderKey(a)
    }),
    { seed: 6, numRuns: 200 },
  )
  t.strictSame(
    readOrderKey(
      orderKey({
        hlc: { wallMs: 1, count: 2 },
        device: alice.device,
        generation: ids.generationOf(fill(1, 8)),
        seq: 3,
      }),
    ).hlc,
    { wallMs: 1, count: 2 },
  )
  fc.assert(
    fc.property(fc.anything(), (value) => onlyBadShape(() => readOrderKey(value))),
    { seed: 7 },
  )
  t.throws(() => readOrderKey('f'.repeat(110)), { code: 'BAD_SHAPE' })
})
