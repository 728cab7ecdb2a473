import { randomBytes } from 'node:crypto'
import t from 'tap'
import { chunkBytes, openStream, sealStream, tagBytes } from '../../../daemon/backup/stream-seal.ts'
import { aeadKey, type AeadKey } from '../../../protocol/crypto.ts'
import { errorCode } from '../../../protocol/errors.ts'

const key = aeadKey(randomBytes(32))

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function all(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts)
}

const seal = async (plain: Uint8Array): Promise<Buffer> => await all(sealStream(key, once(plain)))

/** What came out before it broke off, and the code of what it broke off with. */
async function opened(sealed: Uint8Array, by: AeadKey = key): Promise<[plain: Buffer, code: string]> {
  const parts: Uint8Array[] = []
  try {
    for await (const part of openStream(by, once(sealed))) parts.push(part)
    return [Buffer.concat(parts), 'whole']
  } catch (error) {
    return [Buffer.concat(parts), errorCode(error)]
  }
}

const border = chunkBytes + tagBytes

t.test('what was sealed opens, however it is cut on either way', async (t) => {
  for (const length of [0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 3 * chunkBytes, 3 * chunkBytes + 7]) {
    const plain = randomBytes(length)
    const sealed = await all(sealStream(key, inPieces(plain, 1000)))
    t.equal(sealed.length, length + tagBytes * Math.max(1, Math.ceil(length / chunkBytes)), `${length} bytes`)
    t.ok(plain.equals(await all(openStream(key, inPieces(sealed, 70_001)))))
    t.ok(plain.equals(await all(openStream(key, once(sealed)))))
  }
})

t.test('a flipped bit anywhere is found, and nothing of its chunk comes out', async (t) => {
  const plain = randomBytes(2 * chunkBytes + 100)
  const sealed = await seal(plain)
  const places = [
    ...[0, 1, chunkBytes - 1, chunkBytes, border - 1, border, 2 * border - 1].map((at) => at),
    ...Array.from({ length: sealed.length - 2 * border }, (_, at) => 2 * border + at),
  ]
  for (const at of places) {
    const changed = Buffer.from(sealed)
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
    const [out, code] = await opened(changed)
    const whole = Math.floor(at / border) * chunkBytes
    if (code !== 'CANNOT_DECRYPT' || !out.equals(plain.subarray(0, whole))) t.fail(`byte ${at}: ${code}`)
  }
  t.equal(places.length, 7 + 100 + tagBytes)
})

t.test('an end that is missing is told, wherever it was cut off', async (t) => {
  const sealed = await seal(randomBytes(3 * chunkBytes))
  for (const at of [0, border, 2 * border])
    t.strictSame((await opened(sealed.subarray(0, at)))[1], 'TRUNCATED', `${at}`)
  for (const at of [1, 100, border - 1, border + 1, 3 * border - 1])
    t.strictSame((await opened(sealed.subarray(0, at)))[1], 'CANNOT_DECRYPT', `${at}`)
})

t.test('chunks that were left out, doubled, exchanged, added or taken from another stream are found', async (t) => {
  const sealed = await seal(randomBytes(3 * chunkBytes))
  const [one, two, three] = [0, 1, 2].map((at) => sealed.subarray(at * border, (at + 1) * border)) as [
    Buffer,
    Buffer,
    Buffer,
  ]
  const other = await seal(randomBytes(3 * chunkBytes))
  const changed = {
    'left out': [one, three],
    'left out at the beginning': [two, three],
    doubled: [one, one, two, three],
    'doubled at the end': [one, two, three, three],
    exchanged: [two, one, three],
    added: [one, two, three, Buffer.alloc(1)],
    joined: [sealed, other],
  }
  for (const [what, parts] of Object.entries(changed))
    t.equal((await opened(Buffer.concat(parts)))[1], 'CANNOT_DECRYPT', what)
  t.equal((await opened(sealed, aeadKey(randomBytes(32))))[1], 'CANNOT_DECRYPT', 'another key')
})

t.test('neither way holds more than a chunk and what it was just given', async (t) => {
  let given = 0
  async function* rows(): AsyncGenerator<Uint8Array> {
    for (let each = 0; each < 5000; each += 1) {
      given += 1000
      yield new Uint8Array(1000)
    }
  }
  let taken = 0
  let most = 0
  for await (const plain of openStream(key, sealStream(key, rows()))) {
    taken += plain.length
    most = Math.max(most, given - taken)
  }
  t.equal(taken, 5_000_000)
  // One chunk ahead on each side, for it might be the last.
  t.ok(most <= 3 * chunkBytes, `${most} bytes`)
})
