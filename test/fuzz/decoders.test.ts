/** Recorded and example bytes, changed, into every reader: it ends with a code that it promises, soon, and keeps nothing. */

import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { joinFrames, splitFrames } from '../../daemon/net/frame-bytes.ts'
import { errorCode } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import { seededRandom } from '../support/virtual-time.ts'
import { Mutator } from './mutate.ts'
import { complaint, readers } from './readers.ts'
import { record } from './recording.ts'

/** Byte strings fed to a reader, all readers together; `make fuzz` takes many more. */
const cases = Number(process.env['WARREN_FUZZ_CASES'] ?? 60_000)
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
const examples = [...new Set(text.match(/"0x[0-9a-f]*"/g) ?? [])]
  .map((each) => Uint8Array.from(Buffer.from(each.slice(3, -1), 'hex')))
  .filter(({ length }) => length > 4)

t.test('every reader ends with a code that it promises', async (t) => {
  const { frames, hellos } = await record(t, seed)
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

t.test('a stream of frames that was changed anywhere ends with a code, or gives what it says', async (t) => {
  const { frames } = await record(t, seed + 1)
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
