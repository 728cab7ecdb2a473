/** What a history of a group rests on: everybody whom its operations name, its roster, and where its feeds end. */

import { feedKey, lanes } from '../../protocol/entry.ts'
import { exportedRoster } from '../../protocol/export-group.ts'
import { GroupEnds } from '../../protocol/group-ends.ts'
import type { GroupRoster } from '../../protocol/group-roster.ts'
import type { ConversationId, DeviceId, EpochId, PersonId } from '../../protocol/ids.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import { readBranch } from './branches.ts'
import type { Core } from './core.ts'
import { highestEnd } from './feed-ends.ts'
import type { GroupNotice } from './notices.ts'
import type { StoredEntry } from './rows.ts'
import type { ScopeState } from './scope-state.ts'
import { personsIn } from './sharing.ts'

/** The persons of a group of whom something is in it: the owner first, the others by their ids. */
export function personsOf({ people, scopes, self }: Core, scope: ScopeState): PersonId[] {
  const authors = [...scope.feeds.values()].flatMap(({ feed }) => people.onceOf(feed.device) ?? [])
  const named = scope.durableOperations.flatMap((each) => personsIn(each))
  const belonging = [...people.groupOf(scope).roster.members.keys()]
  const others = new Set([...authors, ...named, ...belonging])
  others.delete(self.person)
  return [self.person, ...[...others].filter((person) => scopes.get(person) !== undefined).toSorted()]
}

export class HistoryGroup {
  readonly roster: GroupRoster
  /** What happened to it, in the order of the screen. */
  readonly notices: readonly GroupNotice[]
  readonly #core: Core
  readonly #scope: ScopeState
  /** By feedKey(): the last number that counts; 0 for none. Feeds without an end that is here are not among them. */
  readonly #ends = new Map<string, number>()
  readonly #branches: readonly (StoredEntry | undefined)[]

  /** As it is now; `logs` by person. */
  constructor(core: Core, scope: ScopeState, logs: ReadonlyMap<PersonId, readonly LoggedOperation[]>) {
    this.#core = core
    this.#scope = scope
    const { notices } = core.people.groupOf(scope)
    this.notices = notices.orders().flatMap((order) => notices.get(order) ?? [])
    this.roster = exportedRoster(scope.record.scope as ConversationId, scope.durableOperations, logs)
    const ends = new GroupEnds(this.roster)
    for (const state of scope.feeds.values()) {
      if (state.feed.lane !== lanes.messages) continue
      const end = ends.of(state.feed)
      if (end === 'all') continue
      const number = end === 'none' ? 0 : highestEnd(core.store, scope, state, end)
      if (number !== undefined) this.#ends.set(feedKey(state.feed), number)
    }
    const ids = [...scope.branches.keys()].filter((id) => !scope.stagedBranches.has(id))
    this.#branches = ids.map((id) => readBranch(core.store, scope, id))
  }

  /** Operations that lie beside their feeds. */
  branches(): StoredEntry[] {
    return this.#branches.filter((each) => each !== undefined)
  }

  /** Whether an entry lies beyond the end of its feed: its author had lost the right to it. */
  isOutside({ sealed }: StoredEntry): boolean {
    const { header } = sealed
    const end = this.#ends.get(feedKey({ ...header, scope: this.#scope.record.scope }))
    return end !== undefined && header.seq > end
  }

  get hasOutside(): boolean {
    return [...this.#scope.feeds.values()].some(({ feed, durable }) => {
      const end = this.#ends.get(feedKey(feed))
      return end !== undefined && durable.seq > end
    })
  }

  /** Said before the owner joined, and not for newcomers: it is not shown. */
  isKeptFromOwner(epoch: EpochId | undefined): boolean {
    const device: DeviceId = this.#core.self.device
    return epoch !== undefined && this.#core.people.groupOf(this.#scope).isKeptFrom(device, epoch)
  }
}
