/** Whose turn it is to make a group's next epoch: whoever made the last one, then the lower device; others wait a moment for theirs. */

import { compareHlc } from '../../protocol/hlc.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import type { Timers } from '../timers.ts'
import type { Self } from './author.ts'
import type { People } from './people.ts'
import type { ScopeState } from './scope-state.ts'

/** For each device that is linked and comes before. */
export const turnMs = 150
const mostMs = 1500

export interface MintTurnDeps {
  readonly people: People
  readonly self: Self
  readonly timers: Timers
}

export class MintTurn {
  readonly #deps: MintTurnDeps
  readonly #waiting = new Map<ScopeState, Set<() => void>>()
  /** Devices with a link; set by whoever has the links. */
  linked: () => Iterable<DeviceId> = () => []

  constructor(deps: MintTurnDeps) {
    this.#deps = deps
  }

  /** Resolves once `isUsable`, or when it is this device's turn: at once if nobody is linked who could make one. */
  async wait(scope: ScopeState, isUsable: () => boolean): Promise<void> {
    const { timers } = this.#deps
    const rank = isUsable() ? 0 : this.#rank(scope)
    if (rank === 0) return
    const wakers = this.#waiting.get(scope) ?? new Set()
    this.#waiting.set(scope, wakers)
    await new Promise<void>((resolve) => {
      const end = (): void => {
        callOff()
        wakers.delete(look)
        if (wakers.size === 0) this.#waiting.delete(scope)
        resolve()
      }
      const look = (): void => {
        if (isUsable() || scope.isGone) end()
      }
      const callOff = timers.after(Math.min(mostMs, rank * turnMs), end)
      wakers.add(look)
    })
  }

  /** An operation or a key came. */
  changed(scope: ScopeState): void {
    for (const look of this.#waiting.get(scope) ?? []) look()
  }

  #rank(scope: ScopeState): number {
    const { people, self } = this.#deps
    const { roster } = people.groupOf(scope)
    const others = [...this.linked()].filter((each) => roster.posters.has(each) && each !== self.device)
    const [newest] = [...roster.epochs.values()].toSorted((a, b) => compareHlc(b.header.hlc, a.header.hlc))
    const order = [self.device, ...others].toSorted((a, b) => {
      const isLast = Number(b === newest?.mintedBy) - Number(a === newest?.mintedBy)
      return isLast || (a < b ? -1 : 1)
    })
    return order.indexOf(self.device)
  }
}
