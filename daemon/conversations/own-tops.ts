/**
 * Own messages are signed when they are given away. Before a copy of this home leaves without the key of the device, the newest of
 * each part of its feeds is signed, which proves all below it.
 */

import { lanes, signEntry } from '../../protocol/entry.ts'
import type { Core } from './core.ts'
import { entryRow } from './rows.ts'
import type { FeedState, ScopeState } from './scope-state.ts'
import { entryKey } from './scope-keys.ts'

/** Durable when it resolves. Throws STORE_…. */
export async function signOwnTops(core: Core): Promise<void> {
  for (const scope of core.scopes.all()) {
    if (scope.record.kind === 'person' || scope.isGone) continue
    for (const feed of scope.feeds.values()) {
      if (feed.feed.device === core.self.device && feed.feed.lane === lanes.messages) await signTops(core, scope, feed)
    }
  }
}

async function signTops(core: Core, scope: ScopeState, feed: FeedState): Promise<void> {
  for (const [, end] of feed.durable.ranges) {
    const stored = core.scopes.entry(scope, feed, end)
    if (stored === undefined || stored.signature !== undefined) continue
    const signature = signEntry(core.self.signingKey, stored.sealed.id)
    await core.store.commit((batch) => {
      if (!scope.isGone) batch.put(entryKey(scope, feed.number, end), entryRow({ ...stored, signature }))
    })
  }
}
