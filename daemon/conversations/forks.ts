/** Proven forks of a conversation: where a device wrote two different histories, and whether it said so itself. */

import { readGenerationEnd } from '../../protocol/content.ts'
import { kinds, lanes, type Feed } from '../../protocol/entry.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { PersonId } from '../../protocol/ids.ts'
import type { Core } from './core.ts'
import { orderIn, type FeedState, type ScopeState } from './scope-state.ts'

export interface Fork {
  readonly from: PersonId
  readonly mine: boolean
  /** Order key of the last entry that counts: the generation ends there. */
  readonly after: string
  /** Its device closed that generation itself and said again in another what was lost. */
  readonly closed: boolean
}

/** Looks at entries only where there is a fork, which is hardly ever. */
export function forksOf({ people, self, scopes }: Core, scope: ScopeState): Fork[] {
  return [...scope.feeds.values()].flatMap((forked): Fork[] => {
    const { feed, durable } = forked
    if (!durable.frozen || feed.lane !== lanes.messages) return []
    const from = people.saidBy(feed.device) ?? scope.record.person
    const closed = scope
      .feedsOf(feed.device, lanes.messages)
      .some((other) => other !== forked && closes(scopes.entry(scope, other, 1), feed))
    return [{ from, mine: from === self.person, after: endOf(forked), closed }]
  })
}

const endOf = (feed: FeedState): string => orderIn(feed, feed.durable)

/** Whether an entry, the first of its generation, says where this feed ended. */
function closes(first: ReturnType<Core['scopes']['entry']>, { generation }: Feed): boolean {
  if (first?.payload === undefined || first.sealed.header.kind !== kinds.closeGeneration) return false
  try {
    return readGenerationEnd(first.payload).generation === generation
  } catch (error) {
    if (error instanceof WarrenError) return false
    throw error
  }
}
