/** Recorded and example bytes, changed, into every reader: it ends with a code that it promises, soon, and keeps nothing. */

import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { writeContents } from '../../daemon/backup/contents.ts'
import { readContents } from '../../daemon/backup/read-contents.ts'
import { readRecords } from '../../daemon/backup/records.ts'
import { chunkBytes, openStream, sealStream, tagBytes } from '../../daemon/backup/stream-seal.ts'
import { joinFrames, splitFrames } from '../../daemon/net/frame-bytes.ts'
import { utf8 } from '../../protocol/bytes.ts'
import { aeadKey } from '../../protocol/crypto.ts'
import { errorCode } from '../../protocol/errors.ts'
import { directId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { seededRandom } from '../support/virtual-time.ts'
import { linesOf, cast, Feed } from '../protocol/export-cast.ts'
import { alice } from '../protocol/cast.ts'
import { Mutator } from './mutate.ts'
import { broken, complaint, readers } from './readers.ts'
import { allReaders, calledIn, readersIn } from './reached.ts'
import { record } from './recording.ts'

/** Byte strings fed to a reader, all readers together; `make fuzz` takes many more. */
const cases = Number(process.env['WARREN_FUZZ_CASES'] ?? 45_000)
const seed = Number(process.env['WARREN_FUZZ_SEED'] ?? 1)
t.setTimeout(3_600_000)

/** Of one case, in processor time of this thread (the collector has threads of its own): a bound on loops that a peer could make long. */
const longestMs = 500
/** Kept when all is done; and taken by one reader, for a long input, of which some are looked at. */
const mostKeptBytes = 16 * 1024 * 1024
const mostTakenBytes = 128 * 1024 * 1024
const longBytes = 4 * 1024

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
function keptBytes(): number {
  collect()
  return usedBytes()
}

const text = readFileSync(new URL('../../docs/protocol-vectors.json', import.meta.url), 'utf8')
const said = (form: RegExp, from: number, encoding: 'hex' | 'base64url'): Uint8Array[] =>
  [...new Set(text.match(form) ?? [])].map((each) => Uint8Array.from(Buffer.from(each.slice(from, -1), encoding)))
const examples = [
  ...said(/"0x[0-9a-f]*"/g, 3, 'hex'),
  ...said(/"warren:[\w-]*"/g, 8, 'base64url'),
  utf8(anExport().join('\n')),
].filter(({ length }) => length > 4)

function anExport(): string[] {
  const { alices, bobs, document } = cast()
  const feed = new Feed(directId(alices.person, bobs.person), alice, alices.person)
  return linesOf(document(feed.say('one', 1000).say('two', 2000).signed()))
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

const notOf = (found: Set<string>, expected: readonly string[]): string[] =>
  [...found].filter((each) => !expected.includes(each))

const nothing = (): void => undefined

/** What comes of reading the records of a backup. */
async function verdictOn(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  try {
    await readContents(readRecords(chunks), {
      facts: nothing,
      keys: nothing,
      row: nothing,
      piece: nothing,
      fileEnd: nothing,
    })
    return 'whole'
  } catch (error) {
    return errorCode(error)
  }
}

/** Readers that no recorded or example bytes run into, and where they are fed instead. */
const elsewhere: Readonly<Record<string, string>> = {}

const recorded = record(t, seed)

t.test('every reader ends with a code that it promises', async (t) => {
  const { frames, hellos } = await recorded
  t.ok(frames.length > 50, 'sessions were recorded')
  const mutator = new Mutator(seededRandom(seed), [...examples, ...frames, ...hellos])
  const names = Object.keys(readers)
  const wrong: string[] = []
  let slowest = { ms: 0, name: '' }
  const keptBefore = keptBytes()
  let mostTaken = 0
  for (let done = 0; done < cases && wrong.length < 10;) {
    const bytes = mutator.next()
    const isWatched = bytes.length > longBytes && (mostTaken === 0 || mutator.below(100) === 0)
    for (const name of names) {
      const takenBefore = isWatched ? keptBytes() : 0
      const begun = process.threadCpuUsage()
      const found = complaint(name, bytes)
      const { user, system } = process.threadCpuUsage(begun)
      const ms = (user + system) / 1000
      if (isWatched) mostTaken = Math.max(mostTaken, usedBytes() - takenBefore)
      if (ms > slowest.ms) slowest = { ms, name }
      if (found !== undefined) wrong.push(`${found} <- ${Buffer.from(bytes.subarray(0, 200)).toString('hex')}`)
      done += 1
    }
  }
  const kept = keptBytes() - keptBefore
  t.comment(`${cases} cases, seed ${seed}; the slowest took ${slowest.ms} ms in ${slowest.name}`)
  t.strictSame(wrong, [])
  t.ok(slowest.ms < longestMs, `${slowest.name}: ${slowest.ms} ms`)
  t.ok(kept < mostKeptBytes, `${Math.round(kept / 1024)} KiB are kept`)
  t.ok(mostTaken > 0 && mostTaken < mostTakenBytes, `one reader took ${Math.round(mostTaken / 1024)} KiB`)
})

t.test('every reader of protocol/ is fed: one that is added is found', async (t) => {
  const { frames, hellos } = await recorded
  const called = await calledIn(() => {
    for (const bytes of [...examples, ...frames, ...hellos]) broken(bytes)
  })
  const reached = (all: readonly string[]): string[] => all.filter((each) => !called.has(each) && !(each in elsewhere))
  t.ok(allReaders().length > 50, 'they are found')
  t.strictSame(reached(allReaders()), [])
  const planted = { path: 'protocol/new.ts', text: 'export function readNew(bytes: Uint8Array): void {}' }
  t.strictSame(reached(readersIn([planted])), ['protocol/new.ts readNew'])
  for (const each of Object.keys(elsewhere)) t.ok(allReaders().includes(each), each)
})

t.test('a backup that was changed anywhere, before or after it was sealed, ends with a code', async (t) => {
  const random = seededRandom(seed + 2)
  const mutator = new Mutator(random, [new Uint8Array(1)])
  const key = aeadKey(new Uint8Array(32).fill(1))
  async function* rows(): AsyncGenerator<[Uint8Array, Uint8Array][]> {
    yield [[mutator.bytes(9), mutator.bytes(70_000)]]
    yield [[mutator.bytes(9), mutator.bytes(40)]]
  }
  const keys = { homeKey: mutator.bytes(32), conversationKeys: new Map([[1, mutator.bytes(32)]]), keysMade: 1 }
  const file = {
    name: 'a'.repeat(26),
    async *read() {
      yield mutator.bytes(5000)
      return true
    },
  }
  const plain = await whole(writeContents({ facts: { madeAt: 1, warren: '0' }, keys, rows: rows(), files: [file] }))
  const sealed = await whole(sealStream(key, only(plain)))
  t.equal(await verdictOn(openStream(key, only(sealed))), 'whole')
  t.equal(await verdictOn(openStream(key, only(sealed.subarray(0, chunkBytes + tagBytes)))), 'TRUNCATED')
  const changed = (bytes: Uint8Array): Uint8Array => new Mutator(random, [bytes]).next()
  const [codes, unsealed] = [new Set<string>(), new Set<string>()]
  for (let turn = 0; turn < cases / 600; turn += 1) {
    const other = changed(sealed)
    if (Buffer.compare(other, sealed) !== 0) codes.add(await verdictOn(openStream(key, only(other))))
    unsealed.add(await verdictOn(only(changed(plain))))
  }
  t.strictSame(notOf(codes, ['CANNOT_DECRYPT', 'TRUNCATED']), [])
  t.ok(codes.has('CANNOT_DECRYPT'))
  t.strictSame(notOf(unsealed, ['BAD_SHAPE', 'STORE_NEWER', 'TOO_LARGE', 'whole']), [])
  t.ok(unsealed.has('BAD_SHAPE'))
})

t.test('a stream of frames that was changed anywhere ends with a code, or gives what it says', async (t) => {
  const { frames } = await recorded
  const random = seededRandom(seed + 1)
  const mutator = new Mutator(random, frames)
  async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length;) {
      const size = 1 + mutator.below(400)
      yield bytes.subarray(at, at + size)
      at += size
    }
  }
  const codes = new Set<string>()
  let uneven = 0
  for (let turn = 0; turn < cases / 200; turn += 1) {
    const bytes = Uint8Array.from(joinFrames([mutator.next(), mutator.next(), mutator.next()]))
    for (let changes = mutator.below(3); changes > 0; changes -= 1)
      bytes[mutator.below(bytes.length)] = mutator.below(256)
    let length = 0
    try {
      for await (const frame of splitFrames(limits.entriesFrameBytes)(pieces(bytes))) length += frame.length + 4
      if (length !== bytes.length) uneven += 1
    } catch (error) {
      codes.add(errorCode(error))
    }
  }
  t.equal(uneven, 0, 'no byte is lost')
  t.strictSame(
    [...codes].filter((each) => each !== 'TOO_LARGE' && each !== 'BAD_SHAPE'),
    [],
  )
})
