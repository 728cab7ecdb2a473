import { base64url } from 'multiformats/bases/base64'
import fc from 'fast-check'
import t from 'tap'
import { concat, sameBytes } from '../../protocol/bytes.ts'
import { readContactLink } from '../../protocol/contact-link.ts'
import { sha256 } from '../../protocol/crypto.ts'
import { entryIdOf, personIdOf } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { reducePerson } from '../../protocol/roster.ts'
import * as codes from '../../protocol/safety-code.ts'
import * as safety from '../../protocol/safety.ts'
import { actor, alice, fill, mallory, PersonLog, recoverySeed } from './cast.ts'

const subjectOf = (byte: number): safety.SafetySubject => ({ person: personIdOf(fill(byte)), recoveries: [] })
const [ann, ben, eve] = [subjectOf(1), subjectOf(2), subjectOf(3)]
const recovered = { ...ben, recoveries: [entryIdOf(fill(9))] }
const numberOf = (one: safety.SafetySubject, other: safety.SafetySubject): string =>
  safety.safetyNumber(safety.safetyHalf(safety.safetyKeys(one)), safety.safetyHalf(safety.safetyKeys(other)))
const codeOf = (by: safety.SafetySubject, to: safety.SafetySubject): string =>
  codes.encodeSafetyCode({ shownBy: codes.codeSubject(by), shownTo: codes.codeSubject(to) })
/** What `to` is told of a code that they scan in the place of `them`. */
const scanned = (code: string, to: safety.SafetySubject, them: safety.SafetySubject): codes.CodeMatch =>
  codes.matchSafetyCode(codes.readSafetyCode(code), codes.codeSubject(to), codes.codeSubject(them))

/** A link around any body, with the right checksum. */
const around = (body: Uint8Array): string => `warren:${base64url.baseEncode(concat(body, sha256(body).subarray(0, 4)))}`

t.test('a number has 60 digits, the same on both sides, and another one for anybody else', async (t) => {
  const number = numberOf(ann, ben)
  t.match(number, /^\d{60}$/)
  t.equal(numberOf(ben, ann), number)
  const others = [numberOf(ann, eve), numberOf(eve, ben), numberOf(ann, recovered)]
  t.equal(new Set([number, ...others]).size, 4)
  // Who is in between shows Ann one number and Ben another: no half that a person holds may be made to fit.
  const [low, high] = [number.slice(0, 30), number.slice(30)]
  for (const each of others) t.notOk(each.includes(low) && each.includes(high))
})

t.test('a half rests on every bit of the person and of what the recovery key did, not on its order', async (t) => {
  const keys = safety.safetyKeys(recovered)
  const two = [entryIdOf(fill(9)), entryIdOf(fill(8))]
  t.ok(
    sameBytes(
      safety.safetyKeys({ ...ben, recoveries: two }),
      safety.safetyKeys({ ...ben, recoveries: two.toReversed() }),
    ),
  )
  t.notOk(sameBytes(safety.safetyKeys({ ...ben, recoveries: two }), keys))
  fc.assert(
    fc.property(fc.nat(31), fc.nat(7), (byte, bit) => {
      const flipped = fill(2)
      flipped[byte] = (flipped[byte] ?? 0) ^ (1 << bit)
      t.notOk(sameBytes(safety.safetyKeys({ ...recovered, person: personIdOf(flipped) }), keys))
    }),
    { numRuns: 64 },
  )
})

t.test('digits are even', async (t) => {
  const digits = Array.from({ length: 10 }, () => 0)
  for (let at = 0; at < 100; at += 1)
    for (const digit of safety.safetyHalf(sha256(fill(at)))) digits[Number(digit)] = (digits[Number(digit)] ?? 0) + 1
  // 3,000 digits, 300 of each expected, standard deviation 16.4: six of them.
  for (const [digit, count] of digits.entries()) t.ok(Math.abs(count - 300) < 100, `${digit}: ${count}`)
})

t.test('only what the recovery key did changes the number: devices come and go', async (t) => {
  const [phone, laptop] = [actor(21), actor(22)]
  const log = new PersonLog(alice)
  const keysNow = (): string => Buffer.from(safety.safetyKeys(reducePerson(log.person, log.operations))).toString('hex')
  const first = keysNow()
  log.add(alice, phone)
  log.remove(phone, alice)
  log.add(mallory, mallory)
  log.rotate(phone, mallory, undefined, mallory.key)
  t.equal(keysNow(), first, 'nor does what has no right to be there')
  log.recover(laptop, { kind: 'removeDevice', heads: [], device: phone.device, recovery: undefined })
  const second = keysNow()
  t.not(second, first)
  log.rotate(laptop, recoverySeed)
  t.not(keysNow(), second)
  const shuffled = safety.safetyKeys(reducePerson(log.person, log.operations.toReversed()))
  t.equal(Buffer.from(shuffled).toString('hex'), keysNow(), 'whatever the order in which they came')
})

t.test('a number is read however it was typed, and nothing else is', async (t) => {
  const number = numberOf(ann, ben)
  const spaced = safety.spacedSafetyNumber(number)
  t.equal(spaced.length, 71)
  t.equal(spaced.split(' ').length, 12)
  for (const text of [number, spaced, spaced.replaceAll(' ', '\n'), ` ${spaced.replaceAll(' ', ' – ')}.`])
    t.equal(safety.readSafetyNumber(text), number)
  for (const text of ['', number.slice(1), `${number}1`, number.replace(/\d/, 'x'), number.replace(/\d/, '٣')])
    t.throws(() => safety.readSafetyNumber(text), { code: 'BAD_SHAPE' })
})

t.test('a code matches only where both know the same of both', async (t) => {
  t.equal(scanned(codeOf(ann, ben), ben, ann), 'match')
  t.equal(scanned(codeOf(ben, ann), ann, ben), 'match')
  t.equal(scanned(codeOf(ann, ben), ann, ben), 'own-code')
  t.equal(scanned(codeOf(eve, ann), ann, ben), 'other-person')
  t.equal(scanned(codeOf(ben, eve), ann, ben), 'not-for-you')
  t.equal(scanned(codeOf(recovered, ann), ann, ben), 'other-keys', 'they came back, which is not known here')
  t.equal(scanned(codeOf(ben, ann), ann, recovered), 'other-keys', 'it is known here, and not there')
  t.equal(scanned(codeOf(ann, recovered), ben, ann), 'other-keys', 'of the one who scans, too')
})

t.test('a code is a link of its own kind, whole or refused', async (t) => {
  const code = codeOf(ann, ben)
  t.ok(code.length <= limits.contactLinkBytes, `${code.length} characters`)
  t.throws(() => readContactLink(code), { code: 'BAD_LINK', message: 'this code compares safety numbers' })
  const body = base64url.baseDecode(code.slice('warren:'.length)).slice(0, -4)
  t.equal(around(body), code)
  const wrong = [
    `${code.slice(0, -1)}${code.endsWith('A') ? 'B' : 'A'}`,
    code.slice(0, -8),
    around(body.subarray(0, -1)),
    around(concat(body, fill(0, 1))),
    around(concat(Uint8Array.of(5), body.subarray(1))),
    around(concat(Uint8Array.of(1), body.subarray(1))),
    'https://example.org',
    '',
  ]
  for (const text of [...wrong, undefined, 7]) t.throws(() => codes.readSafetyCode(text), { code: 'BAD_LINK' })
  t.ok(codes.readSafetyCode(` ${code.replace('warren', 'WARREN')}\n`), 'as every link')
})
