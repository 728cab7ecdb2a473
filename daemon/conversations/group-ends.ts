/** Where the feeds of a person end who loses the right to post: at the newest entries that are held here, and so were checked. */

import { lanes } from '../../protocol/entry.ts'
import type { DeviceId, EntryId, PersonId } from '../../protocol/ids.ts'
import type { CutOff } from '../../protocol/operation.ts'
import type { Batch } from '../store/store.ts'
import type { Core } from './core.ts'
import { readEntryRow } from './rows.ts'
import { entryKey } from './scope-keys.ts'
import { holds, type FeedState, type ScopeState } from './scope-state.ts'
import { wholeRow } from './whole-row.ts'

type Ends = Pick<Core, 'people' | 'ends'>

/** The newest entries held here of a person's feeds, of those that count. */
export const endsOf = (core: Ends, batch: Pick<Batch, 'get'>, scope: ScopeState, person: PersonId): CutOff[] =>
  endsWhere(core, batch, scope, (device) => core.people.onceOf(device) === person)

/** The same of one device. */
export const endsOfDevice = (core: Ends, batch: Pick<Batch, 'get'>, scope: ScopeState, device: DeviceId): CutOff[] =>
  endsWhere(core, batch, scope, (each) => each === device)

/**
 * Where the own feeds end of who leaves: at the newest entries, and at those up to which others are known to hold them. Should nobody
 * ever be given the newest, all others still come to one and the same end, whatever each of them was given.
 */
export function endsOfLeaver(core: Ends, batch: Pick<Batch, 'get'>, scope: ScopeState, person: PersonId): CutOff[] {
  const newest = endsOf(core, batch, scope, person)
  const theirs = [...scope.feeds.values()].filter(({ feed }) => core.people.onceOf(feed.device) === person)
  const known = newest.flatMap(({ device, generation, last }) => {
    const feed = theirs.find((each) => isOf(each, { device, generation }))
    const ids = feed === undefined ? [] : knownTops(core, batch, scope, feed)
    return ids.filter((id) => id !== last).map((id): CutOff => ({ device, generation, last: id }))
  })
  return [...newest, ...known]
}

const isOf = ({ feed }: FeedState, { device, generation }: Pick<CutOff, 'device' | 'generation'>): boolean =>
  feed.lane === lanes.messages && feed.device === device && feed.generation === generation

/** What others each hold last of a feed, the newest first. A word for it is enough: it is the owner's own entry, and ends nobody else. */
function knownTops({ people }: Ends, batch: Pick<Batch, 'get'>, scope: ScopeState, feed: FeedState): EntryId[] {
  const { devices } = people.rosterOf(scope)
  const others = [...feed.holders].filter(([device]) => devices.has(device))
  const tops = new Set(others.flatMap(([, ranges]) => ranges.at(-1)?.[1] ?? []))
  const newest = [...tops].toSorted((a, b) => b - a).slice(0, mostTops)
  return newest.flatMap((seq) => {
    const row = holds(feed.staged.ranges, seq) ? wholeRow(batch, entryKey(scope, feed.number, seq)) : undefined
    return row === undefined ? [] : [readEntryRow(row).sealed.id]
  })
}

function endsWhere(
  { ends }: Ends,
  batch: Pick<Batch, 'get'>,
  scope: ScopeState,
  isTheirs: (device: DeviceId) => boolean,
): CutOff[] {
  return [...scope.feeds.values()].flatMap((state): CutOff[] => {
    const { feed, staged } = state
    const { device, lane, generation } = feed
    if (lane !== lanes.messages || staged.head === undefined || !isTheirs(device)) return []
    const end = ends.cutAt(batch, scope, state, staged)
    if (end === 'none') return []
    return [{ device, generation, last: end?.id ?? staged.head }]
  })
}

/** Of one feed: beyond so many, whoever lacks most is given what is below by others. */
const mostTops = 16
