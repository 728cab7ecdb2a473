/** What travels between devices: frames, a hello, devices of a link, and CBOR good and bad. */

import { signBoot } from '../../protocol/boot.ts'
import type { BlobFrame } from '../../protocol/blob-frames.ts'
import type { Value } from '../../protocol/codec.ts'
import { devicePrefix } from '../../protocol/contact-link.ts'
import { sha256, signBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import { signConsent } from '../../protocol/group-consent.ts'
import { inviteMessage } from '../../protocol/operation-proofs.ts'
import type { KnownFrame } from '../../protocol/frames.ts'
import type { Hello } from '../../protocol/hello.ts'
import * as registers from '../../protocol/register.ts'
import { vectorDigest } from '../../protocol/vector.ts'
import { alice, aliceCreate, alicePerson, alicePhone, bob, bobPerson, direct, fill, wallMs } from './people.ts'
import { epoch, epochKey, group, inviteId, parent } from './operations.ts'
import { blob, chain, chunk, emptyRow, feedName, floorRow, lane1, row, runOf, signedRegisters } from './messages.ts'

export const frames: KnownFrame[] = [
  {
    is: 'offer',
    scopes: [
      { scope: direct, digest: vectorDigest([row]), registers: registers.registerDigest(signedRegisters) },
      { scope: group, digest: fill(1, 16) },
    ],
  },
  { is: 'vector', scope: direct, rows: [row], more: true },
  { is: 'vector', scope: direct, rows: [floorRow, emptyRow], more: false },
  { is: 'want', scope: direct, feeds: [{ ...feedName, ranges: [[2, 5]] }], budget: 65_536 },
  { is: 'entries', scope: alicePerson, runs: [runOf(aliceCreate)], done: true },
  {
    is: 'entries',
    scope: direct,
    runs: [chain, { ...runOf(lane1[4] ?? aliceCreate), signature: undefined }],
    done: false,
  },
  { is: 'have', scope: direct, feeds: [{ ...feedName, ranges: [[1, 5]] }] },
  { is: 'registers', registers: signedRegisters },
  { is: 'keys', scope: direct, asked: [parent], given: [{ epoch, key: epochKey }] },
  { is: 'live', scope: direct, what: 1, value: null },
  { is: 'bye', code: 1, text: 'a newer link took its place' },
  { is: 'heartbeat', number: 2 ** 40, answer: false },
  { is: 'fetch', scope: direct, ids: [inviteId] },
]
export const blobFrames: Exclude<BlobFrame, { is: 'unknown' }>[] = [
  { is: 'ask-list', scope: direct, blob: blob.id, from: 0 },
  { is: 'list', count: 1, from: 0, hashes: sha256(chunk) },
  { is: 'ask', scope: direct, blob: blob.id, from: 0, to: 0 },
  { is: 'chunk', number: 0, bytes: chunk },
  { is: 'refuse', code: 0 },
]
export const hello: Hello = {
  versions: [1, 1],
  features: [],
  bootId: fill(6, 8),
  linkNumber: 3,
  wallMs,
  person: alicePerson,
  wish: { is: 'contact', note: 'Hi, it is Alice', number: 1_700_000_000_000 },
  name: 'Alice',
  proof: [runOf(aliceCreate)],
  bootSignature: signBoot(alice.key, { bootId: fill(6, 8), wallMs }).signature,
}
/** What Bob's device answers when he has said no to that, and has met another running copy of her device. */
export const refusal: Hello = {
  ...hello,
  bootId: fill(7, 8),
  person: bobPerson,
  wish: { is: 'declined', upTo: 1_700_000_000_000 },
  name: '',
  proof: [],
  bootSignature: signBoot(bob.key, { bootId: fill(7, 8), wallMs }).signature,
  twin: signBoot(alice.key, { bootId: fill(5, 8), wallMs: wallMs + 1000 }),
}
export const devices = [
  {
    prefix: devicePrefix(alice.id),
    addresses: [
      { kind: 'ip4', host: '192.168.1.7', port: 7718 },
      { kind: 'ip6', host: 'fd7a:115c:a1e0::1', port: 7718 },
    ],
  },
  { prefix: devicePrefix(alicePhone.id), addresses: [{ kind: 'dns', host: 'phone.tail1234.ts.net', port: 7718 }] },
] as const

export const cborGood: Value[] = [
  0,
  23,
  24,
  255,
  256,
  65_535,
  65_536,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
  '',
  'ü',
  '\uFEFF',
  fill(1, 24),
  null,
  [],
  [[1, 'a'], [null]],
]
export const cborBad = [
  '',
  '1800',
  '190017',
  '1a0000ffff',
  '1b00000000ffffffff',
  '1b0020000000000000',
  '20',
  '61ff',
  '63eda080',
  '62c080',
  '5f4100ff',
  '9fff',
  '8201',
  'a0',
  'c100',
  'f5',
  'f7',
  'f90000',
  'fb0000000000000000',
  '0000',
  '5a00ffffff',
  '9affffffff',
  '818181818181818180',
]

/** Made with the key whose seed is 32 bytes 9. */
export const groupLink = {
  conversation: group,
  invite: inviteId,
  secret: fill(9),
  expiresAt: wallMs + 604_800_000,
  name: 'Gärtner',
  devices: devices.slice(0, 1),
}
/** A device that shares a group with the receiver, and asks to be let into another. */
export const joinHello: Hello = {
  ...hello,
  wish: { is: 'nothing' },
  shares: true,
  joins: [
    {
      group,
      invite: inviteId,
      proof: signBytes(signingKeyFromSeed(fill(9)), inviteMessage(inviteId, alicePerson)),
      askedAt: wallMs,
      signature: signConsent({ group, invite: inviteId, person: alicePerson }, alice.id, wallMs, alice.key).signature,
    },
  ],
}
export const lettingIn: Hello = {
  ...refusal,
  wish: { is: 'nothing' },
  twin: undefined,
  answers: [{ group, answer: 'coming' }],
}
