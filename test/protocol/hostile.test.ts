/** Changed, cut and random bytes into every reader: it ends with a code, soon, and with little memory. */

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { decode, encode, type Value } from '../../protocol/codec.ts'
import { readContent } from '../../protocol/content.ts'
import { errorCode } from '../../protocol/errors.ts'
import { readFrame } from '../../protocol/frames.ts'
import { readHello } from '../../protocol/hello.ts'
import { limits } from '../../protocol/limits.ts'
import { broken, expected } from '../fuzz/readers.ts'
import { fill } from './cast.ts'

const text = readFileSync(new URL('../../docs/protocol-vectors.json', import.meta.url), 'utf8')
/** Every byte string of the vectors: something good for each reader among them. */
const good = [...new Set(text.match(/"0x[0-9a-f]*"/g) ?? [])]
  .map((each) => Uint8Array.from(Buffer.from(each.slice(3, -1), 'hex')))
  .filter(({ length }) => length > 4)

/** Interesting single bytes: heads of every type with counts that lie. */
const heads = fc.constantFrom(0x00, 0x1b, 0x40, 0x5a, 0x7b, 0x80, 0x9a, 0x9b, 0xbf, 0xf6, 0xf7, 0xff)
const change = fc.record({
  how: fc.constantFrom('set', 'set', 'cut', 'drop', 'double'),
  at: fc.nat(5000),
  byte: fc.oneof(heads, fc.nat(255)),
})

function changed(bytes: Uint8Array, { how, at, byte }: { how: string; at: number; byte: number }): Uint8Array {
  const place = at % Math.max(1, bytes.length)
  if (how === 'cut') return bytes.slice(0, place)
  if (how === 'drop') return Uint8Array.from([...bytes.slice(0, place), ...bytes.slice(place + 1)])
  if (how === 'double')
    return Uint8Array.from([...bytes.slice(0, place), ...bytes.slice(place, place + 40), ...bytes.slice(place)])
  return bytes.map((each, index) => (index === place ? byte : each))
}

t.test('changed and cut bytes end with a code that the readers promise', async (t) => {
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.array(change, { minLength: 1, maxLength: 3 }), (which, changes) => {
      const bytes = changes.reduce(changed, good[which] ?? fill(0))
      t.strictSame(broken(bytes), [])
    }),
    { seed: 1, numRuns: 1500 },
  )
})

t.test('random bytes and random values end with a code that the readers promise', async (t) => {
  const leaf = fc.oneof(
    fc.nat(70_000),
    fc.maxSafeNat(),
    fc.uint8Array({ maxLength: 40 }),
    fc.constant(fill(1)),
    fc.constant(fill(1, 64)),
    fc.string(),
    fc.constant(null),
  )
  const value = fc.array(fc.oneof(leaf, fc.array(fc.oneof(leaf, fc.array(leaf, { maxLength: 8 })), { maxLength: 8 })), {
    maxLength: 16,
  })
  const type = fc.nat(12)
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.tuple(type, value).map(([first, rest]) => encode([first, ...(rest as Value[])])),
      ),
      (bytes) => {
        t.strictSame(broken(bytes), [])
      },
    ),
    { seed: 2, numRuns: 1000 },
  )
})

t.test('the worst megabyte takes less than a second and little memory', async (t) => {
  const most = limits.entriesFrameBytes
  const empty = new Uint8Array(most).fill(0x80)
  empty.set([0x9a, 0, 0x0f, 0xff, 0xfb])
  const nested = new Uint8Array(most).fill(0x81)
  const liar = new Uint8Array(most).fill(0x9a)
  const long = new Uint8Array(most).fill(0x61)
  long.set([0x7a, 0, 0x0f, 0xff, 0xfb])
  for (const bytes of [empty, nested, liar, long, new Uint8Array(most), new Uint8Array(most).fill(0xff)]) {
    const before = process.memoryUsage()
    const start = process.cpuUsage()
    for (const read of [readFrame, readHello, readContent, decode]) {
      try {
        read(bytes)
      } catch (error) {
        t.ok(expected.has(errorCode(error)))
      }
    }
    const { user } = process.cpuUsage(start)
    const after = process.memoryUsage()
    t.ok(user < 1_000_000, `${Math.round(user / 1000)} ms`)
    t.ok(after.heapUsed + after.external - before.heapUsed - before.external < 200 * 1024 * 1024)
  }
})
