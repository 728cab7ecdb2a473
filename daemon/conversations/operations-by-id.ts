/** Operations as peers ask for them: by their ids, whether they stand in their feed or beside it. */

import type { EntryId } from '../../protocol/ids.ts'
import type { FeedRanges } from '../../protocol/frames.ts'
import { limits } from '../../protocol/limits.ts'
import type { Run } from '../../protocol/run.ts'
import type { Store } from '../store/store.ts'
import { readBranch } from './branches.ts'
import { topOf } from './checks.ts'
import type { ScopeState } from './scope-state.ts'
import { alone, type Server } from './serve.ts'

/** One to a run; those that are not here are left out. */
export async function operationsById(
  store: Store,
  server: Server,
  state: ScopeState,
  ids: readonly EntryId[],
): Promise<Run[]> {
  const asked = new Set(ids)
  if (asked.size === 0) return []
  const feeds = state.durableOperations.flatMap(({ id, header }): FeedRanges[] => {
    const { device, lane, generation, seq } = header
    return asked.has(id) ? [{ device, lane, generation, ranges: [[seq, seq]] }] : []
  })
  const { runs } = await server.read(state, feeds, limits.wantBytes)
  const branches = [...asked].flatMap((id) => readBranch(store, state, id) ?? [])
  // At the place of a branch stands something else, which was not asked for.
  const found = runs.filter((run) => asked.has(topOf(run).id))
  return [...found, ...branches.map((each) => alone(each))]
}
