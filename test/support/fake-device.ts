/** A device of a test: a key from a number, and entries signed with it. */

import { encode } from '../../protocol/codec.ts'
import { publicBytes, sha256, signingKeyFromSeed, type SigningKey } from '../../protocol/crypto.ts'
import { feedOf, kinds, sealHeader, signEntry, type Feed, type Lane, type SealedHeader } from '../../protocol/entry.ts'
import { deviceIdOf, epochIdOf, generationOf, scopeOf, type DeviceId, type Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Run } from '../../protocol/run.ts'

export interface FakeDevice {
  readonly id: DeviceId
  readonly key: SigningKey
}

const seeded = (what: string, number: number): Uint8Array => sha256(encode([what, number]))

const epoch = epochIdOf(seeded('epoch', 1))

export function fakeDevice(number: number): FakeDevice {
  const key = signingKeyFromSeed(seeded('device', number))
  return { id: deviceIdOf(publicBytes(key)), key }
}

export const fakeScope = (number: number): Scope => scopeOf(seeded('scope', number))

export interface FeedInit {
  readonly scope: Scope
  readonly lane?: Lane
  readonly generation?: number
}

export const fakeFeed = (device: FakeDevice, { scope, lane = 1, generation = 1 }: FeedInit): Feed => ({
  scope,
  device: device.id,
  lane,
  generation: generationOf(seeded('generation', generation).subarray(0, 8)),
})

export interface ChainInit {
  readonly count: number
  /** The entry that the first one continues. */
  readonly below?: SealedHeader | undefined
  readonly atMs?: number
  readonly payloadBytes?: number
  /** Tells apart payloads of different forks. */
  readonly mark?: number
}

/** The next entries of a feed as runs, oldest run first; each operation stands alone, messages share a signature per run. */
export function chainRuns(device: FakeDevice, feed: Feed, init: ChainInit): Run[] {
  const { count, atMs = 1_800_000_000_000, payloadBytes = 112, mark = 0 } = init
  const most = feed.lane === 0 ? 1 : limits.runEntries
  const runs: Run[] = []
  let below = init.below
  let entries: Run['entries'][number][] = []
  for (let made = 0; made < count; made += 1) {
    const payload = new Uint8Array(payloadBytes).fill(((below?.header.seq ?? 0) + mark) % 251)
    below = sealHeader({
      ...feed,
      version: 1,
      seq: (below?.header.seq ?? 0) + 1,
      prev: below?.id,
      hlc: { wallMs: atMs + made, count: 0 },
      kind: feed.lane === 0 ? kinds.settings : kinds.content,
      epoch: feed.lane === 0 ? undefined : epoch,
      lifetime: 0,
      payloadHash: sha256(payload),
      payloadLength: payload.length,
      extension: [],
    })
    entries.unshift({ sealed: below, slot: { is: 'held', payload, seconds: 0 } })
    if (entries.length < most && made < count - 1) continue
    runs.push({ signature: signEntry(device.key, below.id), entries })
    entries = []
  }
  return runs
}

export const topOf = (run: Run): SealedHeader => (run.entries[0] as Run['entries'][number]).sealed

export const feedOfRun = (run: Run): Feed => feedOf(topOf(run))
