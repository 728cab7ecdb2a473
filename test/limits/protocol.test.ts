/** Limits of operations, of clocks that run ahead and of whom news go to. */

import t from 'tap'
import { Partners } from '../../daemon/sync/partners.ts'
import { encode } from '../../protocol/codec.ts'
import { kinds, lanes, readHeader } from '../../protocol/entry.ts'
import { mergeHlc } from '../../protocol/hlc.ts'
import { deviceIdOf } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { readCutOffs, readHeads, readSettings, readWrappedKeys } from '../../protocol/operation-parts.ts'
import { readOperation } from '../../protocol/operation.ts'
import { conversation, entryOf, fill } from '../protocol/cast.ts'
import { boundary, upTo } from './boundary.ts'

const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item)
const candidates = (count: number) => Array.from({ length: count }, (_, at) => deviceIdOf(fill(at + 1)))

const everyone = (count: number): boolean =>
  new Partners(() => 0.5).of(conversation, 1, 0, () => candidates(count)).length === count

const epoch = (count: number): boolean =>
  readOperation(kinds.epoch, encode([[], fill(1), times(count, fill(1)), fill(1), []])) !== undefined

t.test('operations: their size, heads, cut-offs, settings and parents', async (t) => {
  const place = { lane: lanes.roster, epoch: undefined, kind: kinds.accept } as const
  const header = (payloadLength: number): unknown => readHeader(entryOf({ ...place, payloadLength }).sealed.bytes)
  await upTo(t, 'operationBytes', header, 'BAD_SHAPE')
  const lists = {
    operationHeads: [readHeads, [fill(1), fill(2)]],
    operationCutOffs: [readCutOffs, [fill(1), fill(1, 8), fill(2)]],
    operationSettings: [readSettings, ['name', 'value']],
    epochParents: [readWrappedKeys, [fill(1), fill(2, 80)]],
  } as const
  const reads = (name: keyof typeof lists) => (count: number) => lists[name][0](times(count, lists[name][1]))
  await upTo(t, 'operationHeads', reads('operationHeads'))
  await upTo(t, 'operationCutOffs', reads('operationCutOffs'))
  await upTo(t, 'operationSettings', reads('operationSettings'))
  await upTo(t, 'epochParents', reads('epochParents'))
  await upTo(t, 'epochParents', epoch, 'no')
})

t.test('a clock five minutes ahead is followed, one a millisecond further is not', async (t) => {
  const now = 1_800_000_000_000
  const follows = (aheadMs: number): boolean => {
    const seen = { wallMs: now + aheadMs, count: 3 }
    return mergeHlc({ wallMs: now, count: 0 }, seen, now) === seen
  }
  await boundary(
    t,
    'clockAheadMs',
    () => follows(limits.clockAheadMs),
    () => follows(limits.clockAheadMs + 1),
    'no',
  )
})

t.test('what is new goes to eight at once', async (t) => {
  await upTo(t, 'pushPartners', everyone, 'no')
})
