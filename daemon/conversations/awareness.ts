/**
 * Which devices of a group know that somebody was removed: until they say that they hold the operation, they may show new messages
 * to whoever was removed. Kept in the group's own row, so that a restart forgets none of it.
 */

import type { FeedRanges } from '../../protocol/frames.ts'
import { lanes } from '../../protocol/entry.ts'
import type { ConversationId, DeviceId, EntryId, PersonId } from '../../protocol/ids.ts'
import type { Bus } from '../bus.ts'
import type { Log } from '../log.ts'
import type { Self } from './author.ts'
import type { LiveGroup } from './live-group.ts'
import type { GroupNotice } from './notices.ts'
import { holds, type ScopeState } from './scope-state.ts'

/** A removal, and the devices that have not said that they hold it. */
export interface Unheard {
  readonly id: EntryId
  readonly devices: readonly DeviceId[]
}

export interface Unaware {
  readonly removed: PersonId
  readonly devices: number
}

/** Removals that are watched at a time: the newest ones. */
const mostWatched = 16

export interface AwarenessDeps {
  readonly self: Self
  readonly bus: Bus
  readonly log: Log
  readonly groupOf: (scope: ScopeState) => LiveGroup
  /** Makes it durable; what is said of it is told by the bus. */
  readonly keep: (scope: ScopeState, unheard: readonly Unheard[]) => Promise<void>
}

export class Awareness {
  readonly #deps: AwarenessDeps

  constructor(deps: AwarenessDeps) {
    this.#deps = deps
  }

  /** Somebody was removed, as `from` has told; undefined if it was said here. */
  removed(scope: ScopeState, { logged }: GroupNotice, from: DeviceId | undefined): void {
    const { self, groupOf } = this.#deps
    const knowing = new Set([self.device, logged.header.device, from])
    const devices = [...groupOf(scope).roster.devices].filter((each) => !knowing.has(each))
    if (devices.length === 0) return
    this.#keep(scope, [...scope.record.unheard, { id: logged.id, devices }].slice(-mostWatched))
  }

  /** A device says that it holds these. Looks at what is watched alone. */
  heard(scope: ScopeState, device: DeviceId, feeds: readonly FeedRanges[]): void {
    const { unheard } = scope.record
    if (unheard.length === 0) return
    const live = this.#deps.groupOf(scope)
    const isHeld = ({ id, devices }: Unheard): boolean => {
      const header = devices.includes(device) ? live.operation(id)?.header : undefined
      return (
        header !== undefined &&
        feeds.some(
          ({ lane, generation, device: author, ranges }) =>
            lane === lanes.roster &&
            author === header.device &&
            generation === header.generation &&
            holds(ranges, header.seq),
        )
      )
    }
    const left = unheard.map((each) =>
      isHeld(each) ? { ...each, devices: each.devices.filter((one) => one !== device) } : each,
    )
    const isChanged = left.some((each, at) => each !== unheard[at])
    if (isChanged)
      this.#keep(
        scope,
        left.filter(({ devices }) => devices.length > 0),
      )
  }

  /** Of removals that count, and devices that belong still. */
  of(scope: ScopeState): Unaware[] {
    if (scope.record.unheard.length === 0) return []
    const live = this.#deps.groupOf(scope)
    const { roster } = live
    return scope.record.unheard.flatMap(({ id, devices }): Unaware[] => {
      const removal = live.operation(id)?.operation
      if (removal?.kind !== 'remove' || !roster.counts(id) || roster.members.has(removal.person)) return []
      const left = devices.filter((each) => roster.devices.has(each)).length
      return left === 0 ? [] : [{ removed: removal.person, devices: left }]
    })
  }

  #keep(scope: ScopeState, unheard: readonly Unheard[]): void {
    const { keep, bus, log } = this.#deps
    keep(scope, unheard).then(
      () => bus.publish({ type: 'conversation', conversation: scope.record.scope as ConversationId }),
      () => log('warn', 'who has heard of a removal could not be stored'),
    )
  }
}
