import { decode as cborDecode, encode as cborEncode, rfc8949EncodeOptions } from 'cborg'
import fc from 'fast-check'
import t from 'tap'
import { compareBytes, fromBase32, readUtf8, sameBytes, toBase32, utf8 } from '../../protocol/bytes.ts'
import * as codec from '../../protocol/codec.ts'
import { errorCode } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'

const { value: anyValue } = fc.letrec<{ value: codec.Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true, maxDepth: limits.valueDepth - 1 },
    fc.maxSafeNat(),
    fc.nat(70_000),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 30 }),
  ),
}))

/** Any code points, lone surrogates among them. */
const anyText = fc.array(fc.nat(0x10_ffff), { maxLength: 60 }).map((points) => String.fromCodePoint(...points))

const refuses = (bytes: Uint8Array): boolean => {
  try {
    codec.decode(bytes)
  } catch (error) {
    return errorCode(error) === 'BAD_SHAPE'
  }
  return false
}

t.test('encode() and decode() are inverse and agree with an independent CBOR', async (t) => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const bytes = codec.encode(value)
      t.ok(sameBytes(bytes, cborEncode(value, rfc8949EncodeOptions)))
      return sameBytes(codec.encode(codec.decode(bytes)), bytes)
    }),
    { seed: 1, numRuns: 300 },
  )
})

t.test('decode() accepts nothing that an independent CBOR would encode otherwise', async (t) => {
  const options = { strict: true, allowIndefinite: false, allowUndefined: false, allowBigInt: false }
  let accepted = 0
  fc.assert(
    fc.property(anyValue, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 }), (value, flips) => {
      const bytes = Uint8Array.from(codec.encode(value))
      for (const [at, byte] of flips) bytes[at % bytes.length] = byte
      if (refuses(bytes)) return true
      accepted += 1
      return sameBytes(cborEncode(cborDecode(bytes, options), rfc8949EncodeOptions), bytes)
    }),
    { seed: 2, numRuns: 3000 },
  )
  t.ok(accepted > 300)
})

t.test('decode() refuses a megabyte of arrays within arrays', async (t) => {
  t.ok(refuses(new Uint8Array(limits.entriesFrameBytes).fill(0x81)))
})

t.test('decode() makes nothing of an array that claims more items than there are bytes', async (t) => {
  for (const head of ['9affffffff', '9b001fffffffffffff', '5affffffff', '7affffffff']) {
    const bytes = Uint8Array.from(Buffer.from(`${head}0000`, 'hex'))
    const before = process.memoryUsage().heapUsed
    t.ok(refuses(bytes), head)
    t.ok(process.memoryUsage().heapUsed - before < 10 * 1024 * 1024)
  }
})

t.test('decode() gives bytes of their own, also from a Buffer', async (t) => {
  const frame = Buffer.from(codec.encode([Uint8Array.of(1, 2, 3)]))
  const [bytes] = codec.readArray(codec.decode(frame)) as [Uint8Array]
  frame.fill(0)
  t.strictSame([...bytes], [1, 2, 3])
  t.equal(bytes.constructor, Uint8Array)
  t.not(bytes.buffer, frame.buffer)
})

t.test('encode() refuses numbers that are no unsigned integers, and works on after that', async (t) => {
  for (const number of [-1, 0.5, NaN, Infinity, -0, 2 ** 53]) {
    t.throws(() => codec.encode(['x', number]), { code: 'BAD_SHAPE' })
  }
  t.strictSame([...codec.encode(1)], [1])
})

t.test('readers take the last allowed value and refuse the next', async (t) => {
  t.equal(codec.readUint(7, 7), 7)
  t.throws(() => codec.readUint(8, 7), { code: 'BAD_SHAPE' })
  t.doesNotThrow(() => codec.readBytesUpTo(new Uint8Array(4), 4))
  t.throws(() => codec.readBytesUpTo(new Uint8Array(5), 4), { code: 'TOO_LARGE' })
  t.throws(() => codec.readBytes(new Uint8Array(5), 4), { code: 'BAD_SHAPE' })
  t.equal(codec.readText('üü', 4), 'üü')
  t.throws(() => codec.readText('üüa', 4), { code: 'TOO_LARGE' })
  t.equal(codec.readCodePoints('👩‍👧', 3), '👩‍👧')
  t.throws(() => codec.readCodePoints('👩‍👧a', 3), { code: 'TOO_LARGE' })
  t.throws(() => codec.readEach([1, 2, 3], 2, (each) => each), { code: 'TOO_LARGE' })
  t.throws(() => codec.readArray([1], 2), { code: 'BAD_SHAPE' })
})

t.test('text keeps every character, the byte order mark too, and nothing but UTF-8 is text', async (t) => {
  fc.assert(
    fc.property(anyText, (text) => readUtf8(utf8(text)) === text.toWellFormed()),
    { seed: 3 },
  )
  t.equal(readUtf8(utf8('\uFEFF\uFEFFx')), '\uFEFF\uFEFFx')
  t.equal(utf8('ü').length, 2)
  for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
    t.throws(() => readUtf8(Uint8Array.from(bytes)), { code: 'BAD_SHAPE' })
  }
})

t.test('base32 has one spelling for each bytes', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => sameBytes(fromBase32(toBase32(bytes)), bytes)),
    { seed: 4 },
  )
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...Array.from('abcz27A1=é')), maxLength: 12 }), (text) => {
      try {
        return toBase32(fromBase32(text)) === text
      } catch (error) {
        return errorCode(error) === 'BAD_SHAPE'
      }
    }),
    { seed: 5, numRuns: 500 },
  )
  t.ok(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0)) < 0)
})
