/** Messages of every kind, a file, and registers of every key. */

import { blobIdFor, sealChunk } from '../../protocol/blob.ts'
import { encode } from '../../protocol/codec.ts'
import { attachmentsContent, editContent, reactionContent } from '../../protocol/content-bodies.ts'
import { encodeContent, encodeErase, encodeGenerationEnd, textContent, type Content } from '../../protocol/content.ts'
import { aeadKey, sha256 } from '../../protocol/crypto.ts'
import { associatedData, kinds, lanes } from '../../protocol/entry.ts'
import { sealPayload } from '../../protocol/epoch.ts'
import * as ids from '../../protocol/ids.ts'
import * as values from '../../protocol/register-values.ts'
import * as registers from '../../protocol/register.ts'
import type { Run } from '../../protocol/run.ts'
import type { VectorRow } from '../../protocol/vector.ts'
import {
  alice,
  aliceCreate,
  alicePerson,
  bob,
  bobPerson,
  direct,
  entryOf,
  fill,
  frontOf,
  laneZero,
  type Entry,
  wallMs,
} from './people.ts'
import { epoch, epochKey, inviteId } from './operations.ts'

export const chunk = sealChunk(aeadKey(fill(0x12)), 0, true, new TextEncoder().encode('a small file'))
export const blob = {
  id: blobIdFor(sha256(chunk)),
  key: fill(0x12),
  size: 12,
  type: 'text/plain',
  name: 'größe.txt',
  hash: sha256(new TextEncoder().encode('a small file')),
}

export const messageFeed = { ...laneZero(alice.id, direct, 3), lane: lanes.messages, scope: direct }
export const content: Content[] = [
  textContent('Hello, Bob', 'client-1'),
  { ...textContent('👩‍👩‍👧‍👦 مرحبا \uFEFF', 'client-2'), references: [aliceCreate.sealed.id] },
  editContent(aliceCreate.sealed.id, 'Hello, dear Bob', 'client-3'),
  reactionContent({ target: aliceCreate.sealed.id, emoji: '🇩🇪', on: true }, 'client-4'),
  attachmentsContent('look', 'client-5', [blob]),
]

export function messages(): (Entry & { readonly plain?: Uint8Array })[] {
  const out: (Entry & { readonly plain?: Uint8Array })[] = []
  for (const [at, each] of content.entries()) {
    const lifetime = at === 1 ? 3600 : 0
    const place = { key: alice.key, feed: messageFeed, kind: kinds.content, below: out.at(-1), epoch, lifetime }
    const plain = encodeContent(each)
    out.push({
      ...entryOf(place, sealPayload(epochKey, messageFeed, associatedData(frontOf(place)), plain, fill(0x20 + at))),
      plain,
    })
  }
  const erase = { key: alice.key, feed: messageFeed, kind: kinds.erase, below: out.at(-1) }
  out.push(entryOf(erase, encodeErase([aliceCreate.sealed.id])))
  const renewed = { ...messageFeed, generation: ids.generationOf(fill(5, 8)) }
  const end = { generation: messageFeed.generation, seq: 6, id: out.at(-1)?.sealed.id ?? inviteId }
  out.push(entryOf({ key: alice.key, feed: renewed, kind: kinds.closeGeneration }, encodeGenerationEnd(end)))
  return out
}
export const lane1 = messages()

export const runOf = ({ sealed, payload, signature }: Entry): Run => ({
  signature,
  entries: [{ sealed, slot: { is: 'held', payload, seconds: sealed.header.lifetime } }],
})
export const chain: Run = {
  signature: lane1[3]?.signature,
  entries: lane1
    .slice(0, 4)
    .toReversed()
    .map(({ sealed, payload }, at) => ({
      sealed,
      slot: [
        { is: 'held', payload, seconds: 0 } as const,
        { is: 'erased', by: inviteId } as const,
        { is: 'lapsed' } as const,
        { is: 'missing' } as const,
      ][at] ?? { is: 'missing' },
    })),
}

export const hlc = { wallMs, count: 7 }
export const feedName = { device: alice.id, lane: lanes.messages, generation: messageFeed.generation }
export const row: VectorRow = {
  ...feedName,
  ranges: [
    [1, 4],
    [6, 300],
  ],
  head: inviteId,
  hlc,
}
/** After the conversation was deleted: with something new above the floor, and with nothing. */
export const floorRow: VectorRow = { ...row, ranges: [[301, 302]], floor: { seq: 300, id: inviteId } }
export const emptyRow: VectorRow = {
  ...feedName,
  ranges: [],
  head: undefined,
  hlc: { wallMs: 0, count: 0 },
  floor: { seq: 300, id: inviteId },
}
export const place = { scope: ids.selfId(alicePerson), device: alice.id, key: `${values.privatePrefix}settings` }
export const registerValues = {
  card: [alicePerson, 'card', registers.encodeCard({ name: 'Alice', status: 'in the garden', color: '#a1b2c3' })],
  addresses: [alicePerson, 'addresses', registers.encodeAddresses(['/ip4/192.168.1.7/tcp/7718'])],
  presence: [alicePerson, 'presence', values.encodePresence({ state: 'away', activeAt: wallMs })],
  held: [
    direct,
    'held',
    values.encodeHeld({ tops: [{ device: bob.id, generation: messageFeed.generation, seq: 9 }], watermark: undefined }),
  ],
  watermark: [direct, 'held', values.encodeHeld({ tops: [], watermark: hlc })],
  read: [direct, 'read', registers.encodeReadPosition({ ...feedName, hlc, seq: 9 })],
  wake: [
    alicePerson,
    'wake',
    values.encodeWake([{ server: 'https://push.example.org', grant: fill(8), expiresAt: 0 }]),
  ],
  // Of a group; whose is all the same to its bytes.
  wakers: [ids.scopeOf(fill(0x67)), 'wakers', values.encodeWakers([bobPerson, alicePerson])],
  sealed: [place.scope, place.key, values.sealValue(place, { epoch, key: epochKey }, encode(['dark']), fill(0x71))],
} satisfies Record<string, [ids.Scope, string, Uint8Array]>
export const signedRegisters = Object.values(registerValues).map(([scope, key, value]) =>
  registers.signRegister(alice.key, { scope, device: alice.id, key, hlc, value }),
)
