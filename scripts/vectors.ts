/** Writes docs/protocol-vectors.json, or with --check fails if it is not what the protocol makes today. */

import { readFileSync, writeFileSync } from 'node:fs'
import { encodeBlobFrame } from '../protocol/blob-frames.ts'
import { encode } from '../protocol/codec.ts'
import { encodeContactLink, encodeDeviceLink } from '../protocol/contact-link.ts'
import { encodeContent } from '../protocol/content.ts'
import { kinds } from '../protocol/entry.ts'
import { encodeFrame } from '../protocol/frames.ts'
import { encodeGroupLink } from '../protocol/group-link.ts'
import { encodeHello } from '../protocol/hello.ts'
import * as ids from '../protocol/ids.ts'
import { encodeOperation, type Operation } from '../protocol/operation.ts'
import { orderKey } from '../protocol/order.ts'
import * as registers from '../protocol/register.ts'
import { codeSubject, encodeSafetyCode } from '../protocol/safety-code.ts'
import { safetyHalf, safetyKeys, safetyNumber, spacedSafetyNumber } from '../protocol/safety.ts'
import { vectorDigest } from '../protocol/vector.ts'
import {
  type Entry,
  alice,
  aliceCreate,
  alicePerson,
  alicePhone,
  bob,
  bobCreate,
  bobPerson,
  direct,
  fill,
  invite,
  laneZero,
  operationAt,
  recovery,
} from './vectors/people.ts'
import { joining, toRemoved } from './vectors/devices.ts'
import { groups } from './vectors/groups.ts'
import { comingBack } from './vectors/recovery.ts'
import { waking } from './vectors/wake.ts'
import {
  epoch,
  epochKey,
  epochOperation,
  groupCreate,
  groupOperations,
  parent,
  parentKey,
  personOperations,
  wrapped,
} from './vectors/operations.ts'
import { blob, chunk, content, feedName, hlc, lane1, registerValues, row, signedRegisters } from './vectors/messages.ts'
import {
  blobFrames,
  cborBad,
  cborGood,
  devices,
  frames,
  groupLink,
  hello,
  joinHello,
  lettingIn,
  refusal,
} from './vectors/wire.ts'

const file = new URL('../docs/protocol-vectors.json', import.meta.url)

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`
const entries = (list: readonly (Entry & { plain?: Uint8Array })[]) =>
  list.map(({ sealed, payload, signature, plain }) => ({
    id: sealed.id,
    header: sealed.header,
    bytes: sealed.bytes,
    payload,
    signature,
    plain,
  }))
/** Ids of operations, not in their order. */
const recovered = [0x2b, 0x1a].map((byte) => ids.entryIdOf(fill(byte)))
const operationVector = (operation: Operation) => ({
  number: kinds[operation.kind],
  operation,
  payload: encodeOperation(operation),
})

/** Bob has come back by his recovery key, twice. */
const safetyOf = { alice: { person: alicePerson, recoveries: [] }, bob: { person: bobPerson, recoveries: recovered } }

const vectors = {
  about: 'Made by scripts/vectors.ts, checked by test/protocol. Byte strings are 0x and hex; absent means undefined.',
  cbor: { good: cborGood.map((value) => ({ value, bytes: encode(value) })), bad: cborBad.map((each) => `0x${each}`) },
  devices: Object.entries({ alice, alicePhone, bob, recovery, invite }).map(([name, { seed, publicKey, id }]) => ({
    name,
    seed,
    publicKey,
    id,
    fingerprint: ids.fingerprint(id),
  })),
  ids: {
    alicePerson,
    bobPerson,
    direct,
    self: ids.selfId(alicePerson),
    orderKey: orderKey({ ...feedName, hlc, seq: 9 }),
    orderOf: { ...feedName, hlc, seq: 9 },
  },
  operations: [...personOperations, groupCreate, ...groupOperations, epochOperation].map(operationVector),
  groups,
  entries: entries([
    aliceCreate,
    bobCreate,
    operationAt(
      { key: alice.key, feed: laneZero(alice.id, alicePerson), below: aliceCreate },
      personOperations[1] ?? epochOperation,
    ),
    operationAt({ key: alice.key, feed: laneZero(alice.id, undefined, 7) }, groupCreate),
    operationAt({ key: alice.key, feed: laneZero(alice.id, direct, 8) }, epochOperation),
    ...lane1,
  ]),
  content: content.map((each) => ({ content: each, bytes: encodeContent(each) })),
  epochs: { scope: direct, parentKey, parent, epochKey, epoch, wrapped },
  registers: {
    values: Object.fromEntries(Object.entries(registerValues).map(([name, [, , value]]) => [name, value])),
    signed: signedRegisters,
    bytes: signedRegisters.map((each) => encode(registers.registerValue(each))),
    digest: registers.registerDigest(signedRegisters),
  },
  vector: { row, digest: vectorDigest([row]) },
  frames: frames.map((frame) => ({ frame, bytes: encodeFrame(frame) })),
  blob: {
    reference: blob,
    chunk,
    plain: new TextEncoder().encode('a small file'),
    frames: blobFrames.map((frame) => ({ frame, bytes: encodeBlobFrame(frame) })),
  },
  hello: [hello, refusal, joinHello, lettingIn, toRemoved].map((each) => ({ hello: each, bytes: encodeHello(each) })),
  links: {
    contact: { link: { person: alicePerson, devices }, text: encodeContactLink({ person: alicePerson, devices }) },
    group: { link: groupLink, text: encodeGroupLink(groupLink) },
    device: {
      link: { person: alicePerson, secret: fill(9), devices: devices.slice(0, 1) },
      text: encodeDeviceLink({ person: alicePerson, secret: fill(9), devices: devices.slice(0, 1) }),
    },
  },
  joining,
  recovery: comingBack,
  waking,
  safety: {
    subjects: Object.values(safetyOf).map((subject) => ({
      ...subject,
      keys: safetyKeys(subject),
      half: safetyHalf(safetyKeys(subject)),
    })),
    number: spacedSafetyNumber(
      safetyNumber(safetyHalf(safetyKeys(safetyOf.alice)), safetyHalf(safetyKeys(safetyOf.bob))),
    ),
    shownByAlice: encodeSafetyCode({ shownBy: codeSubject(safetyOf.alice), shownTo: codeSubject(safetyOf.bob) }),
  },
}

const text = `${JSON.stringify(vectors, (_, value: unknown) => (value instanceof Uint8Array ? hex(value) : value), 1)}\n`
if (!process.argv.includes('--check')) writeFileSync(file, text)
else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write('docs/protocol-vectors.json is not what the protocol makes\n')
  process.exitCode = 1
}
