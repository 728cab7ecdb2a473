import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { z } from 'zod'
import { readBlobFrame, encodeBlobFrame } from '../../protocol/blob-frames.ts'
import { blobIdFor, openChunk, readBlobReference } from '../../protocol/blob.ts'
import { sameBytes } from '../../protocol/bytes.ts'
import * as codec from '../../protocol/codec.ts'
import * as links from '../../protocol/contact-link.ts'
import { encodeContent, readContent, readErase, readGenerationEnd } from '../../protocol/content.ts'
import { aeadKey, publicBytes, sha256, signingKeyFromSeed } from '../../protocol/crypto.ts'
import * as entry from '../../protocol/entry.ts'
import { checkEpochKey, epochCommitment, epochIdFor, openPayload, unwrapParentKey } from '../../protocol/epoch.ts'
import { encodeFrame, readFrame, type KnownFrame } from '../../protocol/frames.ts'
import { encodeGroupLink, readGroupLink } from '../../protocol/group-link.ts'
import { encodeDeviceFrame, readDeviceFrame } from '../../protocol/device-frames.ts'
import { drawScalar } from '../../protocol/cpace.ts'
import { codeProofs, codeSecret, codeShare } from '../../protocol/device-code.ts'
import { nonceCommitment, wordsToCompare } from '../../protocol/device-words.ts'
import { encodeHello, readHello } from '../../protocol/hello.ts'
import * as ids from '../../protocol/ids.ts'
import { encodeOperation, readOperation, type Operation } from '../../protocol/operation.ts'
import { orderKey, readOrderKey } from '../../protocol/order.ts'
import * as values from '../../protocol/register-values.ts'
import * as registers from '../../protocol/register.ts'
import { codeSubject, matchSafetyCode, readSafetyCode } from '../../protocol/safety-code.ts'
import { readSafetyNumber, safetyHalf, safetyKeys, safetyNumber } from '../../protocol/safety.ts'
import { readRow, rowValue, vectorDigest, type VectorRow } from '../../protocol/vector.ts'

const file = new URL('../../docs/protocol-vectors.json', import.meta.url)

const hex = z
  .string()
  .regex(/^0x([0-9a-f]{2})*$/)
  .transform((text) => Uint8Array.from(Buffer.from(text.slice(2), 'hex')))
const pair = z.object({ bytes: hex })
const Vectors = z.object({
  cbor: z.object({ good: z.array(z.object({ value: z.unknown(), bytes: hex })), bad: z.array(hex) }),
  devices: z.array(z.object({ seed: hex, publicKey: hex, id: z.string(), fingerprint: z.string() })),
  ids: z.object({
    alicePerson: z.string(),
    bobPerson: z.string(),
    direct: z.string(),
    self: z.string(),
    orderKey: z.string(),
  }),
  operations: z.array(z.object({ number: z.number(), operation: z.unknown(), payload: hex })),
  entries: z.array(
    z.object({ id: z.string(), header: z.unknown(), bytes: hex, payload: hex, signature: hex, plain: hex.optional() }),
  ),
  content: z.array(pair.extend({ content: z.unknown() })),
  epochs: z.object({
    scope: z.string(),
    parentKey: hex,
    parent: z.string(),
    epochKey: hex,
    epoch: z.string(),
    wrapped: hex,
  }),
  registers: z.object({
    values: z.record(z.string(), hex),
    signed: z.array(z.unknown()),
    bytes: z.array(hex),
    digest: hex,
  }),
  vector: z.object({ row: z.unknown(), digest: hex }),
  frames: z.array(pair.extend({ frame: z.unknown() })),
  blob: z.object({
    reference: z.unknown(),
    chunk: hex,
    plain: hex,
    frames: z.array(pair.extend({ frame: z.unknown() })),
  }),
  hello: z.array(pair.extend({ hello: z.unknown() })),
  links: z.record(z.string(), z.object({ link: z.unknown(), text: z.string() })),
  joining: z.object({
    person: z.string(),
    pair: z.object({ old: z.string(), asking: z.string(), joining: z.string() }),
    code: z.string(),
    secret: hex,
    nonces: z.object({ joining: hex, old: hex }),
    commitment: hex,
    session: hex,
    drawn: z.object({ joining: hex, old: hex }),
    proofs: z.object({ asking: hex, asked: hex }),
    words: z.array(z.string()),
    frames: z.array(pair.extend({ frame: z.unknown() })),
  }),
  safety: z.object({
    subjects: z.array(z.object({ person: z.string(), recoveries: z.array(z.string()), keys: hex, half: z.string() })),
    number: z.string(),
    shownByAlice: z.string(),
  }),
})
const vectors = Vectors.parse(JSON.parse(readFileSync(file, 'utf8')))

/** What a value looks like in the file. */
const written = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, each: unknown) =>
      each instanceof Uint8Array ? `0x${Buffer.from(each).toString('hex')}` : each,
    ),
  )
/** What a value of the file stands for. */
const revived = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, each: unknown) => {
    const bytes = hex.safeParse(each)
    return bytes.success ? bytes.data : each
  })

t.test('the vectors are what the script makes today', async (t) => {
  t.doesNotThrow(() =>
    execFileSync(process.execPath, ['scripts/vectors.ts', '--check'], { cwd: new URL('../..', import.meta.url) }),
  )
})

t.test('CBOR: each value has one encoding, and nothing else is read', async (t) => {
  for (const { value, bytes } of vectors.cbor.good) {
    t.strictSame(written(codec.decode(bytes)), value)
    t.ok(sameBytes(codec.encode(revived(value) as codec.Value), bytes))
  }
  for (const bytes of vectors.cbor.bad)
    t.throws(() => codec.decode(bytes), { code: 'BAD_SHAPE' }, Buffer.from(bytes).toString('hex'))
})

t.test('devices and derived ids', async (t) => {
  for (const { seed, publicKey, id, fingerprint } of vectors.devices) {
    t.ok(sameBytes(publicBytes(signingKeyFromSeed(seed)), publicKey))
    t.equal(ids.deviceIdOf(publicKey), id)
    t.equal(ids.fingerprint(ids.readDeviceId(id)), fingerprint)
  }
  const [alice, bob] = [ids.readPersonId(vectors.ids.alicePerson), ids.readPersonId(vectors.ids.bobPerson)]
  t.equal(ids.directId(bob, alice), vectors.ids.direct)
  t.equal(ids.selfId(alice), vectors.ids.self)
  t.equal(orderKey(readOrderKey(vectors.ids.orderKey)), vectors.ids.orderKey)
})

t.test('operations: one of every kind, both ways', async (t) => {
  const seen = new Set<number>()
  for (const { number, operation, payload } of vectors.operations) {
    t.strictSame(written(readOperation(number, payload)), operation)
    t.ok(sameBytes(encodeOperation(revived(operation) as Operation), payload))
    seen.add(number)
  }
  const { content, closeGeneration, erase, createPerson, ...others } = entry.kinds
  t.strictSame(
    seen,
    new Set(Object.values(others)),
    `all but ${[content, closeGeneration, erase, createPerson].join()}`,
  )
})

t.test('entries: headers both ways, ids, payload hashes, signatures and seals', async (t) => {
  for (const { id, header, bytes, payload, signature, plain } of vectors.entries) {
    const sealed = entry.readHeader(bytes)
    t.equal(sealed.id, id)
    t.strictSame(written(sealed.header), header)
    t.ok(sameBytes(entry.sealHeader(sealed.header).bytes, bytes))
    t.doesNotThrow(() => entry.checkPayload(sealed, payload))
    t.doesNotThrow(() => entry.checkSignature(sealed, signature))
    if (plain !== undefined) t.ok(sameBytes(openPayload(vectors.epochs.epochKey, sealed, payload), plain))
    if (sealed.header.lane === 1 && sealed.header.kind === entry.kinds.erase) t.equal(readErase(payload).length, 1)
    if (sealed.header.lane === 1 && sealed.header.kind === entry.kinds.closeGeneration) {
      t.equal(readGenerationEnd(payload).seq, 6)
    }
  }
})

t.test('content of every type, both ways', async (t) => {
  for (const { content, bytes } of vectors.content) {
    t.strictSame(written(readContent(bytes)), content)
    t.ok(sameBytes(encodeContent(readContent(bytes)), bytes))
  }
})

t.test('epochs: ids, commitments and a wrapped parent key', async (t) => {
  const { scope, parentKey, parent, epochKey, epoch, wrapped } = vectors.epochs
  const at = { scope: ids.readConversationId(scope), parent: parent as ids.EpochId, epoch: epoch as ids.EpochId }
  t.equal(epochIdFor(at.scope, [], epochCommitment(parentKey)), parent)
  t.equal(epochIdFor(at.scope, [at.parent], epochCommitment(epochKey)), epoch)
  t.doesNotThrow(() => checkEpochKey(epochKey, epochCommitment(epochKey)))
  t.ok(sameBytes(unwrapParentKey(at, epochKey, wrapped), parentKey))
})

t.test('registers: values of every key, signatures and the digest', async (t) => {
  const read = vectors.registers.bytes.map((bytes) => registers.readRegister(codec.decode(bytes)))
  t.strictSame(written(read), vectors.registers.signed)
  t.ok(sameBytes(registers.registerDigest(read), vectors.registers.digest))
  const readers: Record<string, (bytes: Uint8Array) => Uint8Array> = {
    card: (bytes) => registers.encodeCard(registers.readCard(bytes)),
    addresses: (bytes) => registers.encodeAddresses(registers.readAddresses(bytes)),
    presence: (bytes) => values.encodePresence(values.readPresence(bytes)),
    held: (bytes) => values.encodeHeld(values.readHeld(bytes)),
    watermark: (bytes) => values.encodeHeld(values.readHeld(bytes)),
    read: (bytes) => registers.encodeReadPosition(registers.readReadPosition(bytes)),
    wake: (bytes) => values.encodeWake(values.readWake(bytes)),
    wakers: (bytes) => values.encodeWakers(values.readWakers(bytes)),
  }
  for (const [name, again] of Object.entries(readers)) {
    const bytes = vectors.registers.values[name] ?? new Uint8Array(0)
    t.ok(sameBytes(again(bytes), bytes), name)
  }
  const sealed = read.at(-1)
  const opened = sealed && values.openValue(sealed, () => vectors.epochs.epochKey)
  t.strictSame(opened && codec.decode(opened), ['dark'])
})

t.test('vector rows and their digest', async (t) => {
  const row = revived(vectors.vector.row) as VectorRow
  t.strictSame(written(readRow(rowValue(row))), vectors.vector.row)
  t.ok(sameBytes(vectorDigest([row]), vectors.vector.digest))
})

t.test('frames of every type, both ways', async (t) => {
  for (const { frame, bytes } of vectors.frames) {
    const read = readFrame(bytes) as KnownFrame
    t.strictSame(written(read), frame)
    t.ok(sameBytes(encodeFrame(read), bytes), read.is)
  }
  t.equal(new Set(vectors.frames.map(({ bytes }) => readFrame(bytes).is)).size, 11)
})

t.test('hello, both ways', async (t) => {
  t.equal(vectors.hello.length, 5)
  for (const { hello, bytes } of vectors.hello) {
    t.strictSame(written(readHello(bytes)), hello)
    t.ok(sameBytes(encodeHello(readHello(bytes)), bytes))
  }
})

t.test('a device joins: code, commitment, shares, proofs, words, and frames both ways', async (t) => {
  const {
    person,
    pair: names,
    code,
    secret,
    nonces,
    commitment,
    session,
    drawn,
    proofs,
    words,
    frames,
  } = vectors.joining
  const [old, asking, joining] = [names.old, names.asking, names.joining].map((each) => ids.readDeviceId(each))
  if (old === undefined || asking === undefined || joining === undefined) throw new Error('three devices')
  const pair = { old, asking, joining }
  t.ok(sameBytes(codeSecret(code), secret))
  t.ok(sameBytes(nonceCommitment(joining, nonces.joining), commitment))
  const [ask, share] = frames.map(({ bytes }) => readDeviceFrame(bytes))
  if (ask?.is !== 'ask' || share?.is !== 'share') throw new Error('ask and share come first')
  const scalars = { joining: drawScalar(drawn.joining), old: drawScalar(drawn.old) }
  t.ok(sameBytes(codeShare(secret, pair, session, scalars.joining), ask.share))
  t.ok(sameBytes(codeShare(secret, pair, session, scalars.old), share.share))
  t.strictSame(codeProofs(scalars.joining, share.share, ask, share), proofs, 'as the new device finds them')
  t.strictSame(codeProofs(scalars.old, ask.share, ask, share), proofs, 'as the old one does')
  t.strictSame(wordsToCompare(ids.readPersonId(person), pair, nonces), words)
  t.equal(frames.length, 10)
  for (const { frame, bytes } of frames) {
    t.strictSame(written(readDeviceFrame(bytes)), frame)
    t.ok(sameBytes(encodeDeviceFrame(readDeviceFrame(bytes)), bytes))
  }
})

t.test('blobs: reference, chunk, id and frames', async (t) => {
  const reference = readBlobReference(
    Object.values(revived(vectors.blob.reference) as object).map((each: unknown) =>
      typeof each === 'string' && /^[a-z2-7]{52}$/.test(each)
        ? ids.idBytes(ids.readBlobId(each))
        : (each as codec.Value),
    ),
  )
  const { chunk, plain } = vectors.blob
  t.ok(sameBytes(openChunk(aeadKey(reference.key), 0, true, chunk), plain))
  t.ok(sameBytes(sha256(plain), reference.hash))
  t.equal(blobIdFor(sha256(chunk)), reference.id)
  for (const { frame, bytes } of vectors.blob.frames) {
    const read = readBlobFrame(bytes)
    t.strictSame(written(read), frame)
    if (read.is !== 'unknown') t.ok(sameBytes(encodeBlobFrame(read), bytes))
  }
})

t.test('links of every kind, both ways', async (t) => {
  const { contact, group, device } = vectors.links
  t.strictSame(written(links.readContactLink(contact?.text)), contact?.link)
  t.strictSame(written(readGroupLink(group?.text)), group?.link)
  t.strictSame(written(links.readDeviceLink(device?.text)), device?.link)
  t.equal(links.encodeContactLink(links.readContactLink(contact?.text)), contact?.text)
  t.equal(encodeGroupLink(readGroupLink(group?.text)), group?.text)
  t.equal(links.encodeDeviceLink(links.readDeviceLink(device?.text)), device?.text)
})

t.test('safety numbers: keys, halves, the number from both sides, and the code', async (t) => {
  const { subjects, number, shownByAlice } = vectors.safety
  const [alice, bob] = subjects.map((each) => ({
    person: ids.readPersonId(each.person),
    recoveries: each.recoveries.map((id) => ids.readEntryId(id)),
  }))
  for (const [at, subject] of [alice, bob].entries()) {
    const keys = safetyKeys(subject as NonNullable<typeof subject>)
    t.ok(sameBytes(keys, subjects[at]?.keys ?? keys.subarray(1)))
    t.equal(safetyHalf(keys), subjects[at]?.half)
  }
  const [half, other] = subjects.map((each) => each.half) as [string, string]
  t.equal(safetyNumber(half, other), readSafetyNumber(number))
  t.equal(safetyNumber(other, half), readSafetyNumber(number))
  if (alice === undefined || bob === undefined) throw new Error('two people')
  t.equal(matchSafetyCode(readSafetyCode(shownByAlice), codeSubject(bob), codeSubject(alice)), 'match')
})
