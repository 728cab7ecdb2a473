/** When a device may be woken next: what the protocol allows, and what is worth trying. */

import { wakePace } from '../../protocol/wake.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const windows = [
  { ms: 10 * minute, most: wakePace.atOnce },
  { ms: hour, most: wakePace.anHour },
  { ms: day, most: wakePace.aDay },
] as const

/** Beyond what the server's clock and ours may differ by within one window. */
const slackMs = second

/** The first moment from `now` on at which one more wake keeps to the pace. `times`: of earlier ones, oldest first. */
export function nextAllowed(times: readonly number[], now: number): number {
  let at = now
  for (const { ms, most } of windows) {
    const [first] = times.slice(-most)
    if (times.length >= most && first !== undefined) at = Math.max(at, first + ms + slackMs)
  }
  return at
}

/** Wakes that nobody answered, after which their person is waited for. */
export const mostUnanswered = 3
const againMs = [minute, 4 * minute] as const

/** How long one is given to be answered before the next. `count`: so many went unanswered with it. */
export const patienceMs = (count: number): number => againMs[count - 1] ?? minute

/** After so many failures in a row to reach the server. */
export const afterFailureMs = (failures: number): number => Math.min(day, 30 * second * 2 ** Math.min(failures - 1, 12))

/** As many count where it may be this device that has no network: it goes on about once an hour. */
export const mostFailuresAlone = 8

/** What is written meanwhile has the server asked again sooner: it may be back. */
export const afterWordMs = 10 * minute
