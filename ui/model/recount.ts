/**
 * How many have each message of a group is not told with every tick: after some it is asked for once, for all that is on screen.
 */

import { signal } from '@preact/signals-core'
import type { Ticks } from './message-state.ts'

/** The newest word on ticks, whatever conversation it is of. */
export const lastTicks = signal<Ticks | undefined>(undefined)

const recountEveryMs = 1000
const waiting = new Set<string>()

/** Runs `recount` once, a moment after the first of many. */
export function recountLater(conversation: string, recount: () => Promise<void>): void {
  if (waiting.has(conversation)) return
  waiting.add(conversation)
  setTimeout(() => {
    waiting.delete(conversation)
    void recount()
  }, recountEveryMs)
}
