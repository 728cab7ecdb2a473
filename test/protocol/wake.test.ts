import { readFileSync } from 'node:fs'
import t from 'tap'
import { concat, sameBytes } from '../../protocol/bytes.ts'
import { aeadKey, aeadSeal, publicBytes } from '../../protocol/crypto.ts'
import { readPersonId } from '../../protocol/ids.ts'
import type { LinkAddress } from '../../protocol/link-address.ts'
import { limits } from '../../protocol/limits.ts'
import { encodeGrant, readGrant, serverKeyFor, wakeKeysFor } from '../../protocol/wake-keys.ts'
import { openNote, sealNote, type WakeNote } from '../../protocol/wake-note.ts'
import * as wake from '../../protocol/wake.ts'
import { upTo } from '../limits/boundary.ts'
import { alice, fill } from './cast.ts'

/** The part of docs/protocol-vectors.json that is spoken of here, with its bytes as bytes. */
interface Vectors {
  readonly secret: Uint8Array
  readonly contact: string
  readonly revision: number
  readonly keys: ReturnType<typeof wakeKeysFor>
  readonly grant: Uint8Array
  readonly rowId: Uint8Array
  readonly revokeHash: Uint8Array
  readonly rows: readonly { readonly target: wake.WakeTarget; readonly sealed: Uint8Array }[]
  readonly subscription: { readonly subscription: wake.PushSubscription; readonly token: Uint8Array }
  readonly note: { readonly note: WakeNote; readonly sealed: Uint8Array }
  readonly wake: { readonly wake: wake.Wake; readonly bytes: Uint8Array }
  readonly server: { readonly origin: string; readonly publicKey: Uint8Array }
  readonly tokenClaim: { readonly claim: wake.TokenClaim; readonly signature: Uint8Array }
  readonly codeClaim: { readonly claim: wake.CodeClaim; readonly signature: Uint8Array }
}
const file = new URL('../../docs/protocol-vectors.json', import.meta.url)
const { waking: vectors } = JSON.parse(readFileSync(file, 'utf8'), (_, each: unknown) =>
  typeof each === 'string' && /^0x([0-9a-f]{2})*$/.test(each)
    ? Uint8Array.from(Buffer.from(each.slice(2), 'hex'))
    : each,
) as { waking: Vectors }
const { keys } = vectors
const contact = readPersonId(vectors.contact)
const [row] = vectors.rows
if (row === undefined) throw new Error('the vectors have rows')
const sealed = (over: Partial<wake.WakeTarget>): Uint8Array =>
  wake.sealTarget(keys.capability, { ...row.target, ...over }, fill(1))

t.test(
  'what is derived for a contact, a revision and a server is as the vectors say, and different for each',
  async (t) => {
    t.strictSame(wakeKeysFor(vectors.secret, contact, vectors.revision), keys)
    t.strictSame(wake.rowIdOf(keys.capability), vectors.rowId)
    t.strictSame(wake.revokeHashOf(keys.revokeSecret), vectors.revokeHash)
    t.strictSame(encodeGrant(keys), vectors.grant)
    t.strictSame(readGrant(vectors.grant), { capability: keys.capability, noteKey: keys.noteKey })
    t.strictSame(publicBytes(serverKeyFor(vectors.secret, vectors.server.origin)), vectors.server.publicKey)
    const others = [
      wakeKeysFor(vectors.secret, contact, vectors.revision + 1),
      wakeKeysFor(vectors.secret, readPersonId('a'.repeat(52)), vectors.revision),
      wakeKeysFor(fill(1), contact, vectors.revision),
    ]
    const all = [keys, ...others].flatMap((each) => Object.values(each) as Uint8Array[])
    t.equal(new Set(all.map((each) => Buffer.from(each).toString('hex'))).size, all.length)
  },
)

t.test('rows: both platforms have one size, and open for their own capability alone', async (t) => {
  for (const { target, sealed } of vectors.rows) {
    t.equal(sealed.length, wake.wakeSizes.sealedTarget)
    t.strictSame(wake.openTarget(keys.capability, sealed), target)
    t.throws(() => wake.openTarget(fill(1), sealed), { code: 'CANNOT_DECRYPT' })
  }
  const { subscription, token } = vectors.subscription
  t.strictSame(wake.readSubscription(token), subscription)
  t.strictSame(wake.encodeSubscription(subscription), token)
  const plain = wake.encodeSubscription({ ...subscription, endpoint: 'http://169.254.169.254/' })
  t.throws(() => wake.readSubscription(plain), { code: 'BAD_SHAPE' })
  t.throws(() => sealed({ topic: 'a topic' }), { code: 'BAD_SHAPE' })
  t.throws(() => sealed({ token: fill(1, 0) }), { code: 'BAD_SHAPE' })
  t.throws(() => sealed({ attestation: fill(1, 52) }), { code: 'BAD_SHAPE' })
  await upTo(t, 'pushTokenBytes', (length) => sealed({ token: fill(1, length) }))
  await upTo(t, 'pushTopicBytes', (length) => sealed({ topic: 'a'.repeat(length) }))
  const largest = { topic: 'a'.repeat(limits.pushTopicBytes), token: fill(1, limits.pushTokenBytes) }
  t.equal(sealed(largest).length, wake.wakeSizes.sealedTarget)
})

t.test('a wake has one body, and a reader takes no other', async (t) => {
  t.strictSame(wake.encodeWakeBody(vectors.wake.wake), vectors.wake.bytes)
  t.strictSame(wake.readWakeBody(vectors.wake.bytes), vectors.wake.wake)
  const changed = (at: number, to: number): Uint8Array => {
    const out = vectors.wake.bytes.slice()
    out[at] = to
    return out
  }
  t.equal(wake.readWakeBody(changed(1, 2)).class, 'call')
  t.throws(() => wake.readWakeBody(changed(0, 2)), { code: 'UNSUPPORTED_VERSION' })
  for (const [at, to] of [
    [1, 0],
    [1, 3],
    [2, 1],
    [255, 1],
    [218, 1],
  ] as const) {
    t.throws(() => wake.readWakeBody(changed(at, to)), { code: 'BAD_SHAPE' }, `byte ${at}`)
  }
  for (const other of [new Uint8Array(0), vectors.wake.bytes.slice(1), concat(vectors.wake.bytes, fill(0, 1))]) {
    t.throws(() => wake.readWakeBody(other), { code: 'BAD_SHAPE' })
  }
})

t.test('a note has one size, opens for its contact alone, and names addresses that are numbers', async (t) => {
  const { note, sealed } = vectors.note
  t.strictSame(openNote(keys.noteKey, sealed), note)
  t.ok(sameBytes(sealNote(keys.noteKey, note, fill(0x73, 12)), sealed))
  t.throws(() => openNote(keys.capability, sealed), { code: 'CANNOT_DECRYPT' })
  t.throws(() => openNote(keys.noteKey, sealed.slice(1)), { code: 'BAD_SHAPE' })
  const dns: LinkAddress = { kind: 'dns', host: 'bob.example', port: 7718 }
  t.throws(() => sealNote(keys.noteKey, { ...note, addresses: [dns] }, fill(1, 12)), { code: 'BAD_SHAPE' })
  const longest: LinkAddress = { kind: 'ip6', host: '2001:db8:1:2:3:4:5:6', port: 65_535 }
  const noteWith = (count: number): WakeNote => ({
    device: alice.device,
    sentAt: 2 ** 47,
    addresses: Array.from({ length: count }, () => longest),
  })
  await upTo(t, 'wakeAddresses', (count) => {
    const sealed = sealNote(keys.noteKey, noteWith(count), fill(1, 12))
    t.equal(sealed.length, wake.wakeSizes.note)
    t.strictSame(openNote(keys.noteKey, sealed), noteWith(count))
  })
  const empty = aeadSeal(
    aeadKey(keys.noteKey),
    fill(1, 12),
    fill(0, 132),
    new TextEncoder().encode('warren/1/wake-note\0'),
    fill(1, 12),
  )
  t.throws(() => openNote(keys.noteKey, empty), { code: 'BAD_SHAPE' })
})

t.test('what is signed to one server counts there alone', async (t) => {
  const { publicKey } = vectors.server
  const { tokenClaim, codeClaim } = vectors
  t.doesNotThrow(() => wake.checkTokenClaim(publicKey, tokenClaim.claim, tokenClaim.signature))
  t.doesNotThrow(() => wake.checkCodeClaim(publicKey, codeClaim.claim, codeClaim.signature))
  const elsewhere = 'https://other.example.org'
  const changes: Partial<wake.TokenClaim>[] = [
    { origin: elsewhere },
    { token: fill(1) },
    { topic: 'another' },
    { platform: 'webpush' },
    { environment: 'production' },
    { nonce: fill(1, 16) },
  ]
  for (const change of changes) {
    const claim = { ...tokenClaim.claim, ...change }
    t.throws(() => wake.checkTokenClaim(publicKey, claim, tokenClaim.signature), { code: 'BAD_SIGNATURE' })
  }
  for (const change of [{ origin: elsewhere }, { pendingId: fill(1) }, { code: fill(1, 16) }]) {
    const claim = { ...codeClaim.claim, ...change }
    t.throws(() => wake.checkCodeClaim(publicKey, claim, codeClaim.signature), { code: 'BAD_SIGNATURE' })
  }
  t.throws(() => wake.checkTokenClaim(fill(0), tokenClaim.claim, tokenClaim.signature), { code: 'BAD_SHAPE' })
})
