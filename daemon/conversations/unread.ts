/** What the owner has not seen of a conversation: what others wrote, but nobody's words that they do not want to see. */

import { readOrderKey } from '../../protocol/order.ts'
import type { PersonId } from '../../protocol/ids.ts'
import { tables } from '../store/store.ts'
import type { Core } from './core.ts'
import type { ScopeState } from './scope-state.ts'

export type IsBlocked = (person: PersonId) => boolean

/** Whether what a person writes there is news to the owner. In a group what a blocked person says is kept, and not shown. */
export function isNews(
  { people, self }: Pick<Core, 'people' | 'self'>,
  scope: ScopeState,
  author: PersonId | undefined,
  isBlocked: IsBlocked,
): boolean {
  if (author === self.person) return false
  return scope.record.kind !== 'group' || author === undefined || !isBlocked(author) || people.isFormer(scope)
}

/** The order keys of news behind an order key: as many steps as there are messages behind it. */
export async function newsAfter(core: Core, scope: ScopeState, order: string, isBlocked: IsBlocked): Promise<string[]> {
  const { store, scopes, people } = core
  const { wallMs, count } = readOrderKey(order).hlc
  const rows = await store.rangeIndex(tables.order, { prefix: [scope.number], after: [wallMs, count] })
  return rows
    .flatMap((at) => scopes.orderAt(scope, at) ?? [])
    .filter((each) => each > order && isNews(core, scope, people.saidBy(readOrderKey(each).device), isBlocked))
}

/** Somebody was blocked: what they wrote in groups, and was not seen yet, counts no more. Throws STORE_…. */
export async function countAgain(core: Core, isBlocked: IsBlocked): Promise<void> {
  for (const scope of core.scopes.groups()) {
    const { readUpTo, unread } = scope.record
    if (unread === 0) continue
    const from = readUpTo === '' ? '0'.repeat(110) : readUpTo
    const left = (await newsAfter(core, scope, from, isBlocked)).length
    // What comes meanwhile is counted by itself; what is late stands above the mark, and was counted with it.
    await core.commit(scope, undefined, (_, staging) => {
      const gone = Math.max(0, unread - left)
      if (gone > 0 && !scope.isGone)
        staging.setRecord({ ...scope.staged, unread: Math.max(0, scope.staged.unread - gone) })
    })
  }
}
