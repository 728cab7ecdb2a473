/** Where the feeds of a person end who loses the right to post: at the newest entries that are held here, and so were checked. */

import { lanes } from '../../protocol/entry.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import type { CutOff } from '../../protocol/operation.ts'
import type { Batch } from '../store/store.ts'
import type { Core } from './core.ts'
import type { ScopeState } from './scope-state.ts'

type Ends = Pick<Core, 'people' | 'ends'>

/** The newest entries held here of a person's feeds, of those that count. */
export const endsOf = (core: Ends, batch: Pick<Batch, 'get'>, scope: ScopeState, person: PersonId): CutOff[] =>
  endsWhere(core, batch, scope, (device) => core.people.onceOf(device) === person)

/** The same of one device. */
export const endsOfDevice = (core: Ends, batch: Pick<Batch, 'get'>, scope: ScopeState, device: DeviceId): CutOff[] =>
  endsWhere(core, batch, scope, (each) => each === device)

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
