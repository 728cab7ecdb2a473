import fc from 'fast-check'
import t from 'tap'
import { boundsOf, decodeKey, encodeKey, keyText } from '../../../daemon/store/keys.ts'
import { tables } from '../../../daemon/store/store.ts'

/** Any unsigned safe integer, with a liking for the edges of the code. */
const number = fc.oneof(
  fc.nat(260),
  fc.maxSafeNat(),
  fc.tuple(fc.nat(6), fc.integer({ min: -1, max: 1 })).map(([power, by]) => Math.max(0, 256 ** power + by)),
  fc.constantFrom(0, 247, 248, 255, Number.MAX_SAFE_INTEGER),
)
const tuple = fc.array(number, { maxLength: 5 })

const compareTuples = (a: readonly number[], b: readonly number[]): number => {
  for (const [index, left] of a.entries()) {
    const right = b[index]
    if (right === undefined) return 1
    if (left !== right) return left < right ? -1 : 1
  }
  return a.length === b.length ? 0 : -1
}

t.test('the order of keys is the order of their numbers, as bytes and as texts', async (t) => {
  fc.assert(
    fc.property(tuple, tuple, (a, b) => {
      const [left, right] = [encodeKey(tables.entry, a), encodeKey(tables.entry, b)]
      const wanted = compareTuples(a, b)
      const texts = keyText(left) < keyText(right) ? -1 : Number(keyText(left) > keyText(right))
      return Math.sign(Buffer.compare(left, right)) === wanted && texts === wanted
    }),
    { numRuns: 5000 },
  )
  t.pass('5,000 pairs')
})

t.test('a key is read as it was written', async (t) => {
  fc.assert(
    fc.property(tuple, (at) => {
      t.same(decodeKey(encodeKey(tables.entry, at)), at)
    }),
  )
})

t.test('small numbers make short keys', async (t) => {
  t.equal(encodeKey(tables.entry, [1, 7, 247]).length, 4)
  t.equal(encodeKey(tables.entry, [1, 7, 65_535]).length, 6)
})

t.test('the bounds of a range hold what has the prefix and lies between, and nothing else', async (t) => {
  const short = fc.array(fc.constantFrom(0, 1, 247, 248, 256), { maxLength: 3 })
  const maybe = fc.option(short, { nil: undefined })
  fc.assert(
    fc.property(short, short, maybe, maybe, (at, prefix, after, before) => {
      const { lower, lowerIn, upper } = boundsOf(tables.entry, {
        prefix,
        ...(after && { after }),
        ...(before && { before }),
      })
      const bytes = encodeKey(tables.entry, at)
      const low = Buffer.compare(bytes, lower)
      const inside = (lowerIn ? low >= 0 : low > 0) && Buffer.compare(bytes, upper) < 0
      const rest = at.slice(prefix.length)
      const wanted =
        prefix.every((wanted, index) => at[index] === wanted) &&
        (after === undefined || compareTuples(rest, after) > 0) &&
        (before === undefined || compareTuples(rest, before) < 0)
      return inside === wanted
    }),
    { numRuns: 5000 },
  )
  t.pass('5,000 ranges')
})

t.test('bytes that no key has are damage', async (t) => {
  const encoded = encodeKey(tables.entry, [300])
  for (const wrong of [encoded.subarray(0, 3), Buffer.of(4, 248, 7), Buffer.of(4, 255), Buffer.of(4, 249, 0, 255)]) {
    t.throws(() => decodeKey(wrong), { code: 'STORE_DAMAGED' })
  }
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 24 }), (bytes) => {
      try {
        t.same(new Uint8Array(encodeKey(tables.meta, decodeKey(bytes)).subarray(1)), bytes.subarray(1))
      } catch (error) {
        t.match(error, { code: 'STORE_DAMAGED' })
      }
    }),
  )
})
