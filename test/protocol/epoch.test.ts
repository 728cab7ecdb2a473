import { hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { sameBytes } from '../../protocol/bytes.ts'
import { deriveBytes } from '../../protocol/crypto.ts'
import { associatedData, lanes } from '../../protocol/entry.ts'
import {
  checkEpochKey,
  epochCommitment,
  epochIdFor,
  openPayload,
  openUnder,
  pad,
  paddedLength,
  sealPayload,
  sealUnder,
  unpad,
  unwrapParentKey,
  wrapParentKey,
} from '../../protocol/epoch.ts'
import { conversationIdOf, entryIdOf, epochIdOf, generationOf } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { alice, bob, conversation, entryOf, epoch, fill, generation } from './cast.ts'

const feed = { scope: conversation, device: alice.device, lane: lanes.messages, generation }
const key = fill(77)
const sealedWith = (plain: Uint8Array, changes = {}) => {
  const { payloadHash: _, payloadLength: __, extension: ___, ...front } = entryOf(changes).sealed.header
  const payload = sealPayload(key, feed, associatedData(front), plain, fill(3))
  return { sealed: entryOf(changes, payload).sealed, payload }
}

t.test('openPayload() opens what sealPayload() made, and nothing with a byte changed', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(), (plain, at) => {
      const { sealed, payload } = sealedWith(plain)
      const wrong = Uint8Array.from(payload)
      wrong[at % wrong.length] = (wrong[at % wrong.length] ?? 0) ^ 1
      t.throws(() => openPayload(key, sealed, wrong), { code: 'CANNOT_DECRYPT' })
      return sameBytes(openPayload(key, sealed, payload), plain)
    }),
    { seed: 2, numRuns: 60 },
  )
})

t.test('a payload opens under no other header: not in another place, feed, scope, epoch or lifetime', async (t) => {
  const { payload } = sealedWith(fill(1, 10))
  const others = [
    { seq: 2, prev: entryIdOf(fill(1)) },
    { scope: conversationIdOf(fill(1)) },
    { device: bob.device },
    { generation: generationOf(fill(1, 8)) },
    { epoch: epochIdOf(fill(1)) },
    { lifetime: 9 },
    { kind: 9 },
    { hlc: { wallMs: 1, count: 0 } },
  ]
  for (const changes of others) {
    const { sealed } = entryOf(changes, payload)
    t.throws(() => openPayload(key, sealed, payload), { code: 'CANNOT_DECRYPT' }, Object.keys(changes).join())
  }
  t.throws(() => openPayload(fill(78), entryOf({}, payload).sealed, payload), { code: 'CANNOT_DECRYPT' })
  for (const length of [0, 31, 47]) {
    t.throws(() => openPayload(key, entryOf().sealed, payload.subarray(0, length)), { code: 'CANNOT_DECRYPT' })
  }
})

t.test('sealPayload() takes the longest message that may travel, and none longer', async (t) => {
  const most = Math.floor((limits.sealedPayloadBytes - 48) / 4096) * 4096 - 1
  t.doesNotThrow(() => sealedWith(fill(1, most)))
  t.throws(() => sealedWith(fill(1, most + 1)), { code: 'TOO_LARGE' })
  t.ok(most >= limits.textBytes + 1024)
})

t.test('pad() tells little of a length and unpad() finds it again', async (t) => {
  const steps: [number, number][] = [
    [0, 64],
    [63, 64],
    [64, 256],
    [255, 256],
    [256, 1024],
    [1023, 1024],
    [1024, 4096],
    [4096, 8192],
  ]
  for (const [length, padded] of steps) {
    t.equal(paddedLength(length), padded)
    t.ok(sameBytes(unpad(pad(fill(0, length))), fill(0, length)))
    t.ok(sameBytes(unpad(pad(fill(0x80, length))), fill(0x80, length)))
  }
  for (const wrong of [new Uint8Array(0), fill(0, 64), fill(1, 64)]) t.throws(() => unpad(wrong), { code: 'BAD_SHAPE' })
})

t.test("an epoch's id names its conversation, its parents and one key", async (t) => {
  const commitment = epochCommitment(key)
  const all = [
    epochIdFor(conversation, [], commitment),
    epochIdFor(conversation, [epoch], commitment),
    epochIdFor(conversation, [epoch, epoch], commitment),
    epochIdFor(conversationIdOf(fill(1)), [], commitment),
    epochIdFor(conversation, [], epochCommitment(fill(1))),
  ]
  t.equal(new Set(all).size, all.length)
  t.doesNotThrow(() => checkEpochKey(key, commitment))
  t.throws(() => checkEpochKey(fill(1), commitment), { code: 'BAD_HASH' })
  t.throws(() => checkEpochKey(fill(77, 31), epochCommitment(fill(77, 31))), { code: 'BAD_HASH' })
})

t.test('a parent key opens under its own child alone', async (t) => {
  const at = { scope: conversation, epoch, parent: epochIdOf(fill(2)) }
  const wrapped = wrapParentKey(at, key, fill(5), fill(6))
  t.ok(sameBytes(unwrapParentKey(at, key, wrapped), fill(5)))
  t.throws(() => unwrapParentKey({ ...at, parent: epoch }, key, wrapped), { code: 'CANNOT_DECRYPT' })
  t.throws(() => unwrapParentKey(at, fill(5), wrapped), { code: 'CANNOT_DECRYPT' })
  t.throws(() => openUnder(key, fill(1), sealUnder(key, fill(2), fill(3), fill(4))), { code: 'CANNOT_DECRYPT' })
  t.throws(() => sealUnder(key, fill(2), fill(3), fill(4, 31)), { code: 'BAD_SHAPE' })
})

t.test('deriveBytes() is HKDF-SHA-256, whatever was derived before', async (t) => {
  const bytes = fc.uint8Array({ maxLength: 1200 })
  fc.assert(
    fc.property(bytes, fc.uint8Array({ maxLength: 64 }), bytes, (secret, salt, info) =>
      sameBytes(
        deriveBytes(secret, salt, info.slice(0, 1024)),
        new Uint8Array(hkdfSync('sha256', secret, salt, info.slice(0, 1024), 32)),
      ),
    ),
    { seed: 3, numRuns: 200 },
  )
  t.throws(() => deriveBytes(fill(1), fill(1, 65), fill(1)), { code: 'BAD_SHAPE' })
})
