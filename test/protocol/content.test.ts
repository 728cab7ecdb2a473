import fc from 'fast-check'
import t from 'tap'
import { ChunkFrames, chunkFrameHead, encodeBlobFrame, readBlobFrame } from '../../protocol/blob-frames.ts'
import {
  blobIdFor,
  blobReferenceValue,
  chunkCount,
  openChunk,
  readBlobReference,
  sealChunk,
  type BlobReference,
} from '../../protocol/blob.ts'
import { sameBytes, utf8 } from '../../protocol/bytes.ts'
import { decode, encode, type Value } from '../../protocol/codec.ts'
import * as bodies from '../../protocol/content-bodies.ts'
import * as content from '../../protocol/content.ts'
import { aeadKey, sha256 } from '../../protocol/crypto.ts'
import { blobIdOf, entryIdOf, personIdOf, selfId, type EpochId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import * as values from '../../protocol/register-values.ts'
import * as registers from '../../protocol/register.ts'
import { alice, conversation, epoch, fill, generation, PersonLog } from './cast.ts'

const target = entryIdOf(fill(1))
const code = (which: string) => ({ code: which })
const back = (each: content.Content): content.Content => content.readContent(content.encodeContent(each))
const file: BlobReference = {
  id: blobIdOf(fill(2)),
  key: fill(3),
  size: 5,
  type: 'image/png',
  name: 'ä.png',
  hash: fill(4),
}
const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item)

/** Any code points, lone surrogates among them. */
const anyText = fc.array(fc.nat(0x10_ffff), { maxLength: 60 }).map((points) => String.fromCodePoint(...points))

t.test('content is read as it was written, any Unicode byte for byte', async (t) => {
  fc.assert(
    fc.property(anyText, fc.string({ maxLength: 16 }), (text, clientId) => {
      const each = content.textContent(text.toWellFormed(), clientId.toWellFormed())
      const read = back(each)
      return read.text === each.text && read.clientId === each.clientId && read.type === content.contentTypes.text
    }),
    { seed: 1, numRuns: 200 },
  )
  for (const text of ['\uFEFF', '🇩🇪👩🏽‍🚀', 'مرحبا\u202E', 'a\r\nb\0'])
    t.equal(back(content.textContent(text, '')).text, text)
})

t.test('content of a newer Warren shows its fallback text', async (t) => {
  const newer = content.readContent(encode([900, 7, 'a poll', 'id', [], [[1], 'x'], 'and more']))
  t.match(newer, { type: 900, version: 7, text: 'a poll' })
  t.throws(() => content.readContent(encode([1, 1, 'x', 'y', []])), code('BAD_SHAPE'))
})

t.test('edits, reactions and attachments are read as they were written', async (t) => {
  const edit = back(bodies.editContent(target, 'new', 'id'))
  t.strictSame([bodies.targetOf(edit), edit.text], [target, 'new'])
  const reaction = { target, emoji: '👩🏽‍🚀', on: false }
  t.strictSame(bodies.readReaction(back(bodies.reactionContent(reaction, 'id'))), reaction)
  t.throws(() => bodies.targetOf(content.textContent('', '')), code('BAD_SHAPE'))
  const files = times(limits.attachments, file)
  t.strictSame(bodies.readAttachments(back(bodies.attachmentsContent('caption', 'id', files))), files)
})

t.test('notes about feeds are read as they were written', async (t) => {
  const end = { generation, seq: 9, id: target }
  t.strictSame(content.readGenerationEnd(content.encodeGenerationEnd(end)), end)
  t.strictSame(content.readErase(content.encodeErase([target])), [target])
  t.throws(() => content.readGenerationEnd(encode([fill(1), 1, fill(1)])), code('BAD_SHAPE'))
})

t.test('a blob reference ignores what newer versions add', async (t) => {
  t.strictSame(readBlobReference([...(blobReferenceValue(file) as readonly Value[]), 640, 480]), file)
})

t.test('a chunk opens in its own place alone', async (t) => {
  const key = aeadKey(fill(1))
  const sealed = sealChunk(key, 3, false, utf8('chunk'))
  t.ok(sameBytes(openChunk(key, 3, false, sealed), utf8('chunk')))
  t.throws(() => openChunk(key, 2, false, sealed), code('CANNOT_DECRYPT'), 'another number')
  t.throws(() => openChunk(key, 3, true, sealed), code('CANNOT_DECRYPT'), 'cut off behind it')
  t.throws(() => openChunk(aeadKey(fill(2)), 3, false, sealed), code('CANNOT_DECRYPT'))
  t.throws(() => sealChunk(key, 2 ** 32, false, fill(1)), code('BAD_SHAPE'))
  t.doesNotThrow(() => sealChunk(key, 2 ** 32 - 1, true, fill(1)))
  t.strictSame([0, 1, limits.chunkBytes, limits.chunkBytes + 1].map(chunkCount), [1, 1, 1, 2])
  t.not(blobIdFor(sha256(fill(1))), blobIdFor(sha256(fill(2))))
})

t.test('a chunk is written in one way, however it is put together', async (t) => {
  for (const number of [0, 23, 24, 255, 65_536, 2 ** 32 - 1])
    for (const length of [0, 23, 24, 255, 256, 65_535, 65_536, limits.chunkBytes + 16]) {
      const bytes = fill(7, length)
      const frame = encodeBlobFrame({ is: 'chunk', number, bytes })
      t.ok(Buffer.concat([chunkFrameHead(number, length), bytes]).equals(frame), `${number}, ${length}`)
    }
})

function prefix(length: number): Buffer {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(length)
  return out
}

t.test('frames of chunks that lie where they leave from are those that are written one by one', (t) => {
  for (const from of [0, 20, 250, 65_530]) {
    const frames = new ChunkFrames(from, 10)
    const sealed = frames.places.map((place, at) => place.fill(at))
    const written = sealed.map((bytes, at) => encodeBlobFrame({ is: 'chunk', number: from + at, bytes }))
    const expected = written.flatMap((frame) => [prefix(frame.length), frame])
    t.ok(Buffer.concat(expected).equals(frames.bytes), `from ${from}`)
  }
  t.end()
})

t.test('blob frames go there and back', async (t) => {
  const blob = file.id
  const [hashes, bytes] = [fill(1, 64), fill(2, 100)]
  const frames = [
    { is: 'ask-list', scope: conversation, blob, from: 0 },
    { is: 'list', count: 9, from: 0, hashes },
    { is: 'ask', scope: conversation, blob, from: 2, to: 2 },
    { is: 'chunk', number: 2 ** 32 - 1, bytes },
    { is: 'refuse', code: 1 },
  ] as const
  for (const frame of frames) t.strictSame(readBlobFrame(encodeBlobFrame(frame)), frame)
  t.strictSame(readBlobFrame(encode([99, 'new'])), { is: 'unknown', type: 99 })
  t.throws(() => readBlobFrame(encode([1, 1, 0, fill(1, 33)])), code('BAD_SHAPE'))
  t.throws(() => readBlobFrame(encode([2, fill(1), fill(1), 3, 2])), code('BAD_SHAPE'))
  t.throws(() => readBlobFrame(encode([3, 2 ** 32, fill(1)])), code('BAD_SHAPE'))
})

const hlc = { wallMs: 5, count: 6 }

t.test('registers hold what was put into them', async (t) => {
  const card = { name: 'Zoë 🌱', status: '', color: '#00ff7f' }
  t.strictSame(registers.readCard(registers.encodeCard(card)), card)
  t.strictSame(registers.readAddresses(registers.encodeAddresses(['/dns4/x/tcp/1'])), ['/dns4/x/tcp/1'])
  const position = { hlc, device: alice.device, generation, seq: 7 }
  t.strictSame(registers.readReadPosition(registers.encodeReadPosition(position)), position)
  for (const state of ['offline', 'online', 'away'] as const) {
    t.strictSame(values.readPresence(values.encodePresence({ state, activeAt: 3 })), { state, activeAt: 3 })
  }
  t.equal(values.readPresence(encode([77, 0])).state, 'online')
  const top = { device: alice.device, generation, seq: 4 }
  for (const held of [
    { tops: [top], watermark: undefined },
    { tops: [], watermark: hlc },
  ]) {
    t.strictSame(values.readHeld(values.encodeHeld(held)), held)
  }
  const grant = { server: 'https://push.example.org', grant: fill(1, 512), expiresAt: 9 }
  t.strictSame(values.readWake(values.encodeWake([grant])), [grant])
  const wakers = [personIdOf(fill(1)), personIdOf(fill(2))]
  t.strictSame(values.readWakers(values.encodeWakers(wakers)), wakers)
})

t.test('registers refuse what does not belong into them', async (t) => {
  const card = { name: 'A', status: '', color: '#000000' }
  const bad: [() => unknown, string][] = [
    [() => registers.readCard(registers.encodeCard({ ...card, color: '#00000G' })), 'BAD_SHAPE'],
    [() => values.readWake(encode([[['http://x', fill(1), 0]]])), 'BAD_SHAPE'],
    [() => values.readWake(encode([[['https://x', fill(1, 513), 0]]])), 'TOO_LARGE'],
    [() => values.readHeld(encode([[], [1]])), 'BAD_SHAPE'],
    [() => registers.readReadPosition(encode([1, 65_536, fill(1), fill(1, 8), 1])), 'BAD_SHAPE'],
  ]
  for (const [read, expected] of bad) t.throws(read, code(expected))
})

t.test('the value of a private register opens in its own place, with the key of its epoch', async (t) => {
  const scope = selfId(new PersonLog(alice).person)
  const place = { scope, device: alice.device, key: `${values.privatePrefix}draft/${conversation.slice(0, 40)}` }
  const key = fill(6)
  const value = values.sealValue(place, { epoch, key }, utf8('a draft'), fill(7))
  const register = registers.signRegister(alice.key, { ...place, hlc, value })
  const keyOf = (wanted: EpochId) => (wanted === epoch ? key : undefined)
  t.ok(sameBytes(values.openValue(register, keyOf), utf8('a draft')))
  t.throws(() => values.openValue(register, () => undefined), code('NO_KEY'))
  t.throws(() => values.openValue(register, () => fill(1)), code('CANNOT_DECRYPT'))
  t.throws(() => values.openValue({ ...register, key: 'own/settings' }, keyOf), code('CANNOT_DECRYPT'))
  t.throws(() => values.openValue({ ...register, value: encode([1]) }, keyOf), code('BAD_SHAPE'))
  const [head] = decode(register.value) as [Value]
  t.throws(() => values.openValue({ ...register, value: encode([head, fill(1, 20)]) }, keyOf), code('CANNOT_DECRYPT'))
})
