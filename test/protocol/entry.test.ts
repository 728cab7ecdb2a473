import fc from 'fast-check'
import t from 'tap'
import { concat, sameBytes } from '../../protocol/bytes.ts'
import { decode, encode, type Value } from '../../protocol/codec.ts'
import { sha256 } from '../../protocol/crypto.ts'
import * as entry from '../../protocol/entry.ts'
import { maxCount, maxWallMs } from '../../protocol/hlc.ts'
import { conversationIdOf, entryIdOf, epochIdOf, generationOf, type EntryId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { readRun, runValue, type Run, type Slot } from '../../protocol/run.ts'
import { bob, chainOf, entryOf, fill, mallory, runOf } from './cast.ts'

const { kinds, lanes } = entry
const fieldsOf = (bytes: Uint8Array): Value[] => [...(decode(bytes) as readonly Value[])]
const readBack = (run: Run): Run => readRun(decode(encode(runValue(run))))

/** A good header with one field, by its number in docs/protocol.md, replaced. */
const withField = (at: number, value: Value, changes = {}): Uint8Array => {
  const fields = fieldsOf(entryOf({ seq: 2, prev: entryIdOf(fill(1)), ...changes }).sealed.bytes)
  fields[at] = value
  return encode(fields)
}

t.test('readHeader() reads what sealHeader() wrote, in every combination of fields', async (t) => {
  const id = fc.uint8Array({ minLength: 32, maxLength: 32 })
  const changes = fc.record({
    version: fc.constantFrom(1, 2, 255),
    seq: fc.integer({ min: 2, max: Number.MAX_SAFE_INTEGER }),
    prev: id.map(entryIdOf),
    hlc: fc.record({ wallMs: fc.integer({ min: 0, max: maxWallMs }), count: fc.nat(maxCount) }),
    epoch: id.map(epochIdOf),
    lifetime: fc.nat(limits.lifetimeSeconds),
    kind: fc.constantFrom(kinds.content, 999, 65_535),
    extension: fc.constantFrom<Value[]>([], [1], ['x', [fill(1)]]),
  })
  fc.assert(
    fc.property(changes, (change) => {
      const { sealed } = entryOf(change)
      const read = entry.readHeader(sealed.bytes)
      const [front, rest] = [entry.associatedDataOf(read), fieldsOf(sealed.bytes).slice(12)]
      return (
        read.id === sealed.id &&
        sameBytes(entry.sealHeader(read.header).bytes, sealed.bytes) &&
        sameBytes(front, entry.associatedData(read.header)) &&
        sameBytes(concat(front, encode(rest).subarray(1)), sealed.bytes)
      )
    }),
    { seed: 1, numRuns: 200 },
  )
  t.pass()
})

t.test('readHeader() refuses a field that is out of range, and takes the last one within', async (t) => {
  const good: [number, Value][] = [
    [0, 1],
    [5, Number.MAX_SAFE_INTEGER],
    [7, maxWallMs],
    [8, maxCount],
    [9, 65_535],
  ]
  for (const [at, value] of good) t.doesNotThrow(() => entry.readHeader(withField(at, value)), `field ${at}`)
  const bad: [number, Value][] = [
    [0, 0],
    [0, 256],
    [1, 2],
    [2, fill(1, 31)],
    [2, new Uint8Array(0)],
    [3, fill(1, 33)],
    [3, new Uint8Array(0)],
    [4, fill(1, 7)],
    [5, 0],
    [5, 1],
    [6, new Uint8Array(0)],
    [7, maxWallMs + 1],
    [8, maxCount + 1],
    [9, 65_536],
    [10, fill(1, 16)],
    [10, new Uint8Array(0)],
    [12, fill(1, 31)],
    [14, 0],
    [5, 'two'],
    [14, null],
  ]
  for (const [at, value] of bad) {
    t.throws(() => entry.readHeader(withField(at, value)), { code: 'BAD_SHAPE' }, `field ${at}: ${String(value)}`)
  }
})

t.test('readHeader() knows how many fields each version has', async (t) => {
  const fields = fieldsOf(entryOf().sealed.bytes)
  t.throws(() => entry.readHeader(encode(fields.slice(0, 14))), { code: 'BAD_SHAPE' })
  t.throws(() => entry.readHeader(encode([...fields, 7])), { code: 'BAD_SHAPE' })
  t.equal(entry.readHeader(encode([2, ...fields.slice(1), 7, ['new']])).header.version, 2)
  t.throws(() => entry.readHeader(concat(entryOf().sealed.bytes, fill(0, 1))), { code: 'BAD_SHAPE' })
})

t.test('a scope is missing in the entry that creates it, and in no other', async (t) => {
  const plain = { lane: lanes.roster, epoch: undefined } as const
  for (const kind of [kinds.createPerson, kinds.createGroup]) {
    const { sealed } = entryOf({ ...plain, kind, scope: undefined })
    t.equal(entry.feedOf(entry.readHeader(sealed.bytes)).scope, sealed.id)
    t.throws(() => entry.readHeader(entryOf({ ...plain, kind }).sealed.bytes), { code: 'BAD_SHAPE' })
  }
  const other = entryOf({ ...plain, kind: kinds.epoch, scope: undefined }).sealed.bytes
  t.throws(() => entry.readHeader(other), { code: 'BAD_SHAPE' })
})

t.test('operations and notes about feeds are plain, content never is', async (t) => {
  const wrong = [
    { lane: lanes.roster, kind: kinds.epoch },
    { lane: lanes.roster, kind: kinds.epoch, epoch: undefined, lifetime: 1 },
    { kind: kinds.erase },
    { kind: kinds.closeGeneration, epoch: undefined, lifetime: 1 },
    { kind: kinds.content, epoch: undefined },
  ]
  for (const changes of wrong) t.throws(() => entry.readHeader(entryOf(changes).sealed.bytes), { code: 'BAD_SHAPE' })
  t.doesNotThrow(() => entry.readHeader(entryOf({ kind: kinds.erase, epoch: undefined }).sealed.bytes))
  t.doesNotThrow(() => entry.readHeader(entryOf({ kind: 77, epoch: undefined }).sealed.bytes))
})

t.test('checkSignature() refuses a forged author', async (t) => {
  const good = entryOf()
  const forged = entry.signEntry(mallory.key, good.sealed.id)
  t.doesNotThrow(() => entry.checkSignature(good.sealed, good.signature))
  t.throws(() => entry.checkSignature(good.sealed, forged), { code: 'BAD_SIGNATURE' })
  t.throws(() => entry.checkSignature(entryOf({ seq: 2, prev: good.sealed.id }).sealed, good.signature), {
    code: 'BAD_SIGNATURE',
  })
})

t.test('readRun() reads what runValue() wrote, with every kind of slot', async (t) => {
  const entries = chainOf(4, { lifetime: 60 })
  const slots: Slot[] = [
    { is: 'missing' },
    { is: 'erased', by: entries[0]?.sealed.id as EntryId },
    { is: 'lapsed' },
    { is: 'held', payload: entries[0]?.payload ?? fill(0), seconds: 59 },
  ]
  const run = {
    ...runOf(entries),
    entries: entries.toReversed().map(({ sealed }, at) => ({ sealed, slot: slots[at] ?? { is: 'missing' as const } })),
  }
  t.strictSame(readBack(run), run)
})

t.test('readRun() refuses a broken chain, a wrong payload and a wrong signature', async (t) => {
  const [a, b, c] = chainOf(3)
  const others = chainOf(3, { generation: generationOf(fill(1, 8)) })
  if (a === undefined || b === undefined || c === undefined || others[1] === undefined) throw new Error('three entries')
  t.doesNotThrow(() => readBack(runOf([a, b, c])))
  t.doesNotThrow(() => readBack({ ...runOf([a, b, c]), signature: undefined }))
  const broken = { code: 'BAD_HASH' }
  t.throws(() => readBack(runOf([a, c])), broken, 'an entry is missing')
  t.throws(() => readBack(runOf([b, a])), broken, 'oldest first')
  t.throws(() => readBack(runOf([a, others[1] ?? a])), broken, 'of another feed')
  t.throws(() => readBack(runOf([a, { ...b, payload: fill(9, 112) }])), broken, 'another payload')
  t.throws(() => readBack(runOf([a, { ...b, payload: b.payload.subarray(1) }])), broken, 'a shorter payload')
  const seqGap = entryOf({ seq: 3, prev: a.sealed.id })
  t.throws(() => readBack(runOf([a, seqGap])), broken, 'a seq that skips')
  const crossed = entryOf({ seq: 2, prev: a.sealed.id, scope: conversationIdOf(fill(99)) })
  t.throws(() => readBack(runOf([a, crossed])), broken, 'a chain into another scope')
  const adopted = entryOf({ seq: 2, prev: a.sealed.id }, fill(2, 112), bob)
  t.throws(() => readBack(runOf([a, adopted])), broken, 'a chain into another device')
  t.throws(() => readBack(runOf([a, b, c], b.signature)), { code: 'BAD_SIGNATURE' }, 'the signature of another entry')
  t.throws(() => readRun([fill(1, 64), [], []]), { code: 'BAD_SHAPE' }, 'empty')
  t.throws(() => readRun([c.signature, [c.sealed.bytes], []]), { code: 'BAD_SHAPE' }, 'uneven')
})

t.test('an operation travels alone, signed and with its payload', async (t) => {
  const plain = { lane: lanes.roster, kind: kinds.epoch, epoch: undefined } as const
  const entries = chainOf(2, plain)
  const [one] = entries
  if (one === undefined) throw new Error('an entry')
  t.doesNotThrow(() => readBack(runOf([one])))
  t.throws(() => readBack(runOf(entries)), { code: 'BAD_SHAPE' })
  t.throws(() => readBack({ ...runOf([one]), signature: undefined }), { code: 'BAD_SHAPE' })
  const bare: Run = { signature: one.signature, entries: [{ sealed: one.sealed, slot: { is: 'missing' } }] }
  t.throws(() => readBack(bare), { code: 'BAD_SHAPE' })
})

t.test('no relay lengthens a lifetime, drops it, or invents its end', async (t) => {
  const [mortal, lasting] = [entryOf({ lifetime: 60 }), entryOf()]
  const read = ({ sealed, payload, signature }: typeof mortal, seconds: number): Run =>
    readBack({ signature, entries: [{ sealed, slot: { is: 'held', payload, seconds } }] })
  t.doesNotThrow(() => read(mortal, 60))
  t.throws(() => read(mortal, 61), { code: 'BAD_SHAPE' })
  t.throws(() => read(mortal, 0), { code: 'BAD_SHAPE' })
  t.throws(() => read(lasting, 1), { code: 'BAD_SHAPE' })
  const lapsed: Run = { signature: lasting.signature, entries: [{ sealed: lasting.sealed, slot: { is: 'lapsed' } }] }
  t.throws(() => readBack(lapsed), { code: 'BAD_SHAPE' })
})

t.test("a newer Warren's slot counts as missing", async (t) => {
  const { sealed, signature } = entryOf()
  t.strictSame(readRun([signature, [sealed.bytes], [[9, 'new']]]).entries[0]?.slot, { is: 'missing' })
})

t.test('an entry id is the hash of the header bytes as they travel', async (t) => {
  const { sealed } = entryOf()
  t.equal(sealed.id, entryIdOf(sha256(sealed.bytes)))
})
