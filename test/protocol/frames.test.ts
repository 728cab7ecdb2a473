import fc from 'fast-check'
import t from 'tap'
import { sameBytes } from '../../protocol/bytes.ts'
import { decode, encode, type Value } from '../../protocol/codec.ts'
import { lanes } from '../../protocol/entry.ts'
import { encodeFrame, readFrame, type Frame, type KnownFrame } from '../../protocol/frames.ts'
import { encodeHello, maxWishNumber, protocolVersion, readHello, type Hello } from '../../protocol/hello.ts'
import { conversationIdOf, entryIdOf, epochIdOf, type Scope } from '../../protocol/ids.ts'
import {
  readRegister,
  registerDigest,
  registerValue,
  replaces,
  signRegister,
  type Register,
} from '../../protocol/register.ts'
import { entrySize, runOverhead, type Run } from '../../protocol/run.ts'
import {
  addRange,
  readRanges,
  readRow,
  rowValue,
  subtractRanges,
  vectorDigest,
  type Range,
  type VectorRow,
} from '../../protocol/vector.ts'
import { alice, bob, chainOf, conversation, entryOf, epoch, fill, generation, PersonLog, runOf } from './cast.ts'

const feedName = { device: alice.device, lane: lanes.messages, generation }
const hlc = { wallMs: 1_800_000_000_000, count: 1 }
const row: VectorRow = { ...feedName, ranges: [[1, 3]], head: entryIdOf(fill(1)), hlc }
const registerOf = (changes: Partial<Register> = {}): Register =>
  signRegister(alice.key, { scope: conversation, device: alice.device, key: 'held', hlc, value: fill(1), ...changes })
const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item)
const code = (which: string) => ({ code: which })
const withItem = (frame: KnownFrame, at: number, value: Value): Uint8Array => {
  const items = [...(decode(encodeFrame(frame)) as readonly Value[])]
  items[at] = value
  return encode(items)
}

const setOf = (ranges: readonly Range[]): Set<number> =>
  new Set(ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, at) => from + at)))
const joined = (list: readonly Range[]): Range[] => list.reduce<Range[]>((all, each) => addRange(all, each), [])

t.test('readFrame() ignores items behind those it knows, and frames that it does not know', async (t) => {
  const heartbeat: Frame = { is: 'heartbeat', number: 1, answer: true }
  t.strictSame(readFrame(withItem({ is: 'heartbeat', number: 1, answer: true }, 3, 'new')), heartbeat)
  t.strictSame(readFrame(encode([77, 'new', [1]])), { is: 'unknown', type: 77 })
  t.strictSame(readFrame(encode([0, [[fill(1), fill(2, 16), fill(3, 16), 'new']]])), {
    is: 'offer',
    scopes: [{ scope: conversationIdOf(fill(1)), digest: fill(2, 16), registers: fill(3, 16) }],
  })
  t.match(readFrame(encode([0, [[fill(1), fill(2, 16)]]])), { scopes: [{ registers: undefined }] })
})

t.test('readFrame() refuses what is no frame', async (t) => {
  for (const value of [0, [], ['x'], [65_536], [1], [4, fill(1), 7], [9, 1, 2]] satisfies Value[]) {
    t.throws(() => readFrame(encode(value)), code('BAD_SHAPE'), JSON.stringify(value))
  }
  t.throws(() => readFrame(new Uint8Array(0)), code('BAD_SHAPE'))
})

t.test('entries of another scope than the frame names are refused', async (t) => {
  const runs = [runOf(chainOf(2))]
  const frame = (scope: Scope): KnownFrame => ({ is: 'entries', scope, runs, done: true })
  t.match(readFrame(encodeFrame(frame(conversation))), { is: 'entries', done: true })
  t.throws(() => readFrame(encodeFrame(frame(conversationIdOf(fill(1))))), code('BAD_SHAPE'))
})

t.test('an entries frame that is filled by entrySize() and runOverhead stays within its limit', async (t) => {
  const entries = chainOf(1024, { lifetime: 9, extension: [] }).map((each) => ({
    ...each,
    size: entrySize(each.sealed, { is: 'held', payload: each.payload, seconds: 9 }),
  }))
  const estimate = entries.reduce((sum, { size }) => sum + size, runOverhead + 64)
  const bytes = encodeFrame({ is: 'entries', scope: conversation, runs: [runOf(entries)], done: true })
  t.ok(bytes.length <= estimate, `${bytes.length} within ${estimate}`)
})

t.test('what a frame held stays when its buffer is used again', async (t) => {
  const [one] = chainOf(1)
  if (one === undefined) throw new Error('an entry')
  const bytes = Buffer.from(encodeFrame({ is: 'entries', scope: conversation, runs: [runOf([one])], done: true }))
  const frame = readFrame(bytes)
  bytes.fill(0)
  const entry = frame.is === 'entries' ? frame.runs[0]?.entries[0] : undefined
  t.ok(entry?.slot.is === 'held' && sameBytes(entry.slot.payload, one.payload))
  t.ok(sameBytes(entry?.sealed.bytes ?? fill(0), one.sealed.bytes))
})

t.test('ranges are ascending and apart', async (t) => {
  t.strictSame(
    readRanges([
      [1, 1],
      [3, 9],
    ]),
    [
      [1, 1],
      [3, 9],
    ],
  )
  const wrong: Value[] = [
    [[0, 1]],
    [[2, 1]],
    [
      [1, 2],
      [3, 4],
    ],
    [
      [5, 6],
      [1, 2],
    ],
    [
      [1, 2],
      [2, 3],
    ],
    [[1]],
    [1],
  ]
  for (const value of wrong) t.throws(() => readRanges(value), code('BAD_SHAPE'), JSON.stringify(value))
  t.doesNotThrow(() => readRanges([[1, Number.MAX_SAFE_INTEGER]]))
  t.throws(() => readRow(rowValue({ ...row, ranges: [] })), code('BAD_SHAPE'))
})

t.test('addRange() and subtractRanges() do what sets of numbers would', async (t) => {
  const range = fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.nat(8))
    .map(([from, length]): Range => [from, from + length])
  fc.assert(
    fc.property(fc.array(range, { maxLength: 6 }), fc.array(range, { maxLength: 6 }), (a, b) => {
      const [wanted, held] = [joined(a), joined(b)]
      t.doesNotThrow(() => readRanges(wanted))
      const rest = subtractRanges(wanted, held)
      const expected = [...setOf(a)].filter((each) => !setOf(b).has(each)).toSorted((x, y) => x - y)
      t.strictSame([...setOf(rest)], expected)
      return setOf(wanted).size === setOf(a).size
    }),
    { seed: 1, numRuns: 100 },
  )
  t.strictSame(addRange([[1, 2]], [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]).length, 2)
})

t.test('digests are equal for equal holdings, in any order, and for no others', async (t) => {
  const other = { ...row, device: bob.device }
  t.ok(sameBytes(vectorDigest([row, other]), vectorDigest([other, row])))
  t.notOk(sameBytes(vectorDigest([row]), vectorDigest([{ ...row, ranges: [[1, 4]] }])))
  const [a, b] = [registerOf(), registerOf({ key: 'read' })]
  t.ok(sameBytes(registerDigest([a, b]), registerDigest([b, a])))
  t.notOk(sameBytes(registerDigest([a]), registerDigest([b])))
})

t.test('readRegister() refuses a forged, moved or changed register', async (t) => {
  const good = registerOf()
  t.strictSame(readRegister(registerValue(good)), good)
  const wrong: Partial<Register>[] = [
    { scope: conversationIdOf(fill(1)) },
    { device: bob.device },
    { key: 'read' },
    { hlc: { wallMs: hlc.wallMs, count: 2 } },
    { value: fill(2) },
    { signature: fill(1, 64) },
  ]
  for (const change of wrong) {
    const value = registerValue({ ...good, ...change })
    t.throws(() => readRegister(value), code('BAD_SIGNATURE'), Object.keys(change).join())
  }
})

t.test('of two registers the same one wins everywhere', async (t) => {
  const old = registerOf()
  const newer = registerOf({ hlc: { wallMs: hlc.wallMs, count: 2 }, value: fill(0) })
  const larger = registerOf({ value: fill(2) })
  t.strictSame([replaces(newer, old), replaces(old, newer)], [true, false])
  t.strictSame([replaces(larger, old), replaces(old, larger)], [true, false])
  t.strictSame([replaces(old, old), replaces(old, undefined)], [false, true])
})

const log = new PersonLog(alice)
const proof: Run[] = log.entries.map((each) => runOf([each]))
const hello: Hello = {
  versions: [1, 3],
  features: ['a', 'b'],
  bootId: fill(1, 8),
  linkNumber: 1,
  wallMs: 1,
  person: log.person,
  wish: { is: 'contact', note: 'hi', number: 7 },
  name: 'Alice',
  proof,
}
const helloWith = (at: number, value: Value): Uint8Array => {
  const items = [...(decode(encodeHello(hello)) as readonly Value[])]
  items[at] = value
  return encode(items)
}

t.test('readHello() reads what encodeHello() wrote', async (t) => {
  t.strictSame(readHello(encodeHello(hello)), hello)
  for (const wish of [{ is: 'nothing' }, { is: 'declined', upTo: 7 }] as const) {
    t.strictSame(readHello(encodeHello({ ...hello, wish, name: '', proof: [] })).wish, wish)
  }
  t.strictSame(readHello(helloWith(6, [9, 'new'])).wish, { is: 'nothing' })
  t.doesNotThrow(() => readHello(helloWith(15, 'new')))
  t.strictSame(readHello(helloWith(6, [2, '', maxWishNumber, 'new'])).wish, { is: 'declined', upTo: maxWishNumber })
})

t.test('readHello() refuses what it cannot speak to, and more than it asked for', async (t) => {
  t.throws(() => readHello(helloWith(0, [protocolVersion + 1, 9])), code('UNSUPPORTED_VERSION'))
  t.throws(() => readHello(helloWith(0, [0, 0])), code('UNSUPPORTED_VERSION'))
  t.doesNotThrow(() => readHello(helloWith(1, ['x'.repeat(32)])))
  t.throws(() => readHello(helloWith(1, ['x'.repeat(33)])), code('TOO_LARGE'))
  t.throws(() => encodeHello({ ...hello, proof: times(200, proof[0] as Run) }), code('TOO_LARGE'))
  for (const [at, value] of [
    [2, fill(1, 7)],
    [5, fill(1, 31)],
    [4, 2 ** 48],
    [3, 'x'],
    [6, [1, '']],
    [6, [1, '', maxWishNumber + 1]],
    [6, [2, '', maxWishNumber + 1]],
  ] satisfies [number, Value][]) {
    t.throws(() => readHello(helloWith(at, value)), code('BAD_SHAPE'), `item ${at}`)
  }
})

t.test("readHello() refuses a proof from another person's log, or with a forged signature", async (t) => {
  const other = new PersonLog(bob, 2)
  t.throws(() => readHello(encodeHello({ ...hello, person: other.person })), code('BAD_SHAPE'))
  t.throws(() => readHello(encodeHello({ ...hello, proof: [runOf(log.entries, fill(1, 64))] })), code('BAD_SIGNATURE'))
  t.throws(() => readHello(encodeHello({ ...hello, proof: [runOf([entryOf()])] })), code('BAD_SHAPE'))
})

t.test('keys and asked epochs go there and back', async (t) => {
  const frame: KnownFrame = {
    is: 'keys',
    scope: conversation,
    asked: [epoch, epochIdOf(fill(1))],
    given: [{ epoch, key: fill(2) }],
  }
  t.strictSame(readFrame(encodeFrame(frame)), frame)
})
