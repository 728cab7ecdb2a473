/** The cipher for long messages of Noise, against the library's own; and how many system calls such a message takes. */

import { randomBytes } from 'node:crypto'
import { Socket } from 'node:net'
import { defaultCrypto } from '@chainsafe/libp2p-noise/crypto'
import t from 'tap'
import { longBytes, noiseCrypto } from '../../../daemon/net/long-cipher.ts'
import { scopeOf } from '../../../protocol/ids.ts'
import { startLinked } from './peer.ts'

type Bytes = Parameters<typeof noiseCrypto.chaCha20Poly1305Encrypt>[0]

const none = new Uint8Array(0)
const nonce = Uint8Array.from({ length: 12 }, (_, at) => at)

/** As the library has a message that came in several pieces: as much of its list as is used. */
class Pieces {
  readonly #pieces: Uint8Array[]

  constructor(...pieces: Uint8Array[]) {
    this.#pieces = pieces
  }

  get byteLength(): number {
    return this.#pieces.reduce((sum, piece) => sum + piece.length, 0)
  }

  [Symbol.iterator](): ArrayIterator<Uint8Array> {
    return this.#pieces[Symbol.iterator]()
  }

  sublist(): Pieces {
    return new Pieces()
  }

  append(...pieces: Uint8Array[]): void {
    this.#pieces.push(...pieces)
  }
}

const cut = (bytes: Uint8Array, at: number): Bytes =>
  new Pieces(bytes.subarray(0, at), bytes.subarray(at)) as unknown as Bytes
const whole = (bytes: Bytes): Buffer => Buffer.concat([...(bytes instanceof Uint8Array ? [bytes] : bytes)])

t.test('what it encrypts the library decrypts, and the other way round, in one piece and in several', async (t) => {
  const key = new Uint8Array(randomBytes(32))
  for (const length of [longBytes, longBytes + 1, 65_519]) {
    const plain = new Uint8Array(randomBytes(length))
    const theirs = whole(defaultCrypto.chaCha20Poly1305Encrypt(plain, nonce, none, key))
    for (const at of [1, 12, length - 1]) {
      const ours = whole(noiseCrypto.chaCha20Poly1305Encrypt(cut(plain, at), nonce, none, key))
      t.ok(ours.equals(theirs), `${length} bytes, cut at ${at}`)
      const opened = whole(noiseCrypto.chaCha20Poly1305Decrypt(cut(theirs, at), nonce, none, key))
      t.ok(opened.equals(plain))
    }
    t.ok(whole(noiseCrypto.chaCha20Poly1305Decrypt(theirs, nonce, none, key)).equals(plain))
  }
})

t.test('what it decrypted stays when the next message comes', async (t) => {
  const key = new Uint8Array(randomBytes(32))
  const [one, other] = [new Uint8Array(longBytes).fill(1), new Uint8Array(longBytes).fill(2)]
  const sealed = [one, other].map((plain) => whole(defaultCrypto.chaCha20Poly1305Encrypt(plain, nonce, none, key)))
  const [first] = sealed.map((each) => noiseCrypto.chaCha20Poly1305Decrypt(cut(each, 5), nonce, none, key))
  t.ok(whole(first ?? none).equals(one))
})

t.test('a byte that differs is noticed, and another key, and another nonce', async (t) => {
  const [key, other] = [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(32))]
  const sealed = whole(defaultCrypto.chaCha20Poly1305Encrypt(new Uint8Array(longBytes), nonce, none, key))
  for (const at of [0, longBytes - 1, longBytes, longBytes + 15]) {
    const bad = Buffer.from(sealed)
    bad[at] = (bad[at] ?? 0) ^ 1
    t.throws(() => noiseCrypto.chaCha20Poly1305Decrypt(cut(bad, 7), nonce, none, key), `byte ${at}`)
  }
  t.throws(() => noiseCrypto.chaCha20Poly1305Decrypt(sealed, nonce, none, other))
  t.throws(() => noiseCrypto.chaCha20Poly1305Decrypt(sealed, new Uint8Array(12), none, key))
})

t.test('a long message leaves in one write, its length before it', async (t) => {
  const [alice, bob] = await startLinked()
  t.teardown(async () => await Promise.all([alice.net.stop(), bob.net.stop()]))
  const writeAll: unknown = Reflect.get(Socket.prototype, '_writev')
  if (typeof writeAll !== 'function') throw new Error('this Node has sockets of another kind')
  const writes: number[][] = []
  const noting = function (this: Socket, pieces: readonly { chunk: Uint8Array }[], done: unknown): unknown {
    writes.push(pieces.map(({ chunk }) => chunk.length))
    return Reflect.apply(writeAll, this, [pieces, done]) as unknown
  }
  Reflect.set(Socket.prototype, '_writev', noting)
  t.teardown(() => Reflect.set(Socket.prototype, '_writev', writeAll))
  const value = new Uint8Array(30_000)
  alice.links[0]?.send({ is: 'live', scope: scopeOf(new Uint8Array(32).fill(7)), what: 1, value })
  await bob.until(() => bob.frames.length === 1)
  const long = writes.find((pieces) => pieces.some((length) => length > value.length)) ?? []
  t.equal(long[0], 2, 'its length')
  t.equal(long.at(-1), 16, 'its tag')
})
