/** Limits of what travels, that no test beside the readers proves. */

import t from 'tap'
import { readBlobReference } from '../../protocol/blob.ts'
import { encode, type Value } from '../../protocol/codec.ts'
import { attachmentsContent } from '../../protocol/content-bodies.ts'
import { kinds, lanes, readHeader } from '../../protocol/entry.ts'
import { mergeHlc } from '../../protocol/hlc.ts'
import { limits } from '../../protocol/limits.ts'
import { readCutOffs, readHeads, readSettings, readWrappedKeys } from '../../protocol/operation-parts.ts'
import { readCard } from '../../protocol/register.ts'
import { Partners } from '../../daemon/sync/partners.ts'
import { deviceIdOf } from '../../protocol/ids.ts'
import { encodeFrame, readFrame } from '../../protocol/frames.ts'
import { conversation, entryOf, fill } from '../protocol/cast.ts'
import { boundary } from './boundary.ts'

const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item)
const blob = (type: string, name: string): Value => [fill(1), fill(2), 5, type, name, fill(3)]
const reference = readBlobReference(blob('a/b', 'name'))

const card = (color: string): unknown => readCard(encode(['name', 'status', color]))
const message = (count: number): unknown => attachmentsContent('', 'id', times(count, reference))
const named = (bytes: number): unknown => readBlobReference(blob('a/b', 'ä'.repeat(bytes / 2) + 'x'.repeat(bytes % 2)))
const typed = (bytes: number): unknown => readBlobReference(blob('x'.repeat(bytes), 'name'))
const offer = (count: number): unknown =>
  readFrame(encodeFrame({ is: 'offer', scopes: times(count, { scope: conversation, digest: fill(1, 16) }) }))
const live = (length: number) => ({ is: 'live', scope: conversation, what: 1, value: fill(0, length) }) as const
const candidates = (count: number) => Array.from({ length: count }, (_, at) => deviceIdOf(fill(at + 1)))

const everyone = (count: number): boolean =>
  new Partners(() => 0.5).of(conversation, 1, 0, () => candidates(count)).length === count

t.test('a card has a colour of seven bytes', async (t) => {
  await boundary(
    t,
    'colorBytes',
    () => card('#12ab34'),
    () => card('#12ab345'),
  )
})

t.test('files: how many in a message, their names and types', async (t) => {
  await boundary(
    t,
    'attachments',
    () => message(limits.attachments),
    () => message(limits.attachments + 1),
  )
  await boundary(
    t,
    'fileNameBytes',
    () => named(limits.fileNameBytes),
    () => named(limits.fileNameBytes + 1),
  )
  await boundary(
    t,
    'mediaTypeBytes',
    () => typed(limits.mediaTypeBytes),
    () => typed(limits.mediaTypeBytes + 1),
  )
})

t.test('operations: their size, heads, cut-offs, settings and parents', async (t) => {
  const place = { lane: lanes.roster, epoch: undefined, kind: kinds.accept } as const
  const header = (payloadLength: number): unknown => readHeader(entryOf({ ...place, payloadLength }).sealed.bytes)
  await boundary(
    t,
    'operationBytes',
    () => header(limits.operationBytes),
    () => header(limits.operationBytes + 1),
    'BAD_SHAPE',
  )
  const lists = {
    operationHeads: [readHeads, [fill(1), fill(2)]],
    operationCutOffs: [readCutOffs, [fill(1), fill(1, 8), fill(2)]],
    operationSettings: [readSettings, ['name', 'value']],
    epochParents: [readWrappedKeys, [fill(1), fill(2, 80)]],
  } as const
  const read = (name: keyof typeof lists, count: number): unknown => lists[name][0](times(count, lists[name][1]))
  await boundary(t, 'operationHeads', ...around('operationHeads', read))
  await boundary(t, 'operationCutOffs', ...around('operationCutOffs', read))
  await boundary(t, 'operationSettings', ...around('operationSettings', read))
  await boundary(t, 'epochParents', ...around('epochParents', read))
})

t.test('lists of a frame', async (t) => {
  const feed = { device: deviceIdOf(fill(1)), lane: 1 as const, generation: entryOf().sealed.header.generation }
  const have = (count: number): unknown =>
    readFrame(
      encodeFrame({ is: 'have', scope: conversation, feeds: times(count, { ...feed, ranges: [[1, 1]] as const }) }),
    )
  await boundary(t, 'vectorRows', ...around('vectorRows', (_, count) => have(count)))
  await boundary(t, 'offerScopes', ...around('offerScopes', (_, count) => offer(count)))
  const overhead = encodeFrame(live(100_000)).length - 100_000
  await boundary(
    t,
    'controlFrameBytes',
    () => readFrame(encodeFrame(live(limits.controlFrameBytes - overhead))),
    () => encodeFrame(live(limits.controlFrameBytes - overhead + 1)),
  )
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
  await boundary(t, 'pushPartners', ...around('pushPartners', (_, count) => everyone(count)), 'no')
})

function around<Name extends keyof typeof limits>(
  name: Name,
  read: (name: Name, count: number) => unknown,
): [last: () => unknown, next: () => unknown] {
  return [() => read(name, limits[name]), () => read(name, limits[name] + 1)]
}
