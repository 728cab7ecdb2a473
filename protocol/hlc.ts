/** Hybrid logical clock (Kulkarni et al., 2014): wall milliseconds and a counter for events of one millisecond. */

import { limits } from './limits.ts'

export interface Hlc {
  /** Epoch milliseconds, below 2^48. */
  readonly wallMs: number
  /** 0 to 65,535. */
  readonly count: number
}

export const maxWallMs = 2 ** 48 - 1
export const maxCount = 65_535
export const zeroHlc: Hlc = { wallMs: 0, count: 0 }

export const compareHlc = (a: Hlc, b: Hlc): number => a.wallMs - b.wallMs || a.count - b.count

/** The next reading of a device's own clock: never before `last`, never twice the same. */
export function tickHlc(last: Hlc, nowMs: number): Hlc {
  if (nowMs > last.wallMs) return { wallMs: nowMs, count: 0 }
  if (last.count < maxCount) return { wallMs: last.wallMs, count: last.count + 1 }
  return { wallMs: last.wallMs + 1, count: 0 }
}

/** The own clock after a foreign reading was seen. One over five minutes ahead of the wall moves nothing. */
export function mergeHlc(own: Hlc, seen: Hlc, nowMs: number): Hlc {
  if (seen.wallMs > nowMs + limits.clockAheadMs) return own
  return compareHlc(seen, own) > 0 ? seen : own
}

/** The last reading that was spelt: those of one millisecond come one after the other. */
let spelt = { wallMs: 0, text: '000000000000' }

/** 16 hex digits that sort as the clock does. */
export function hlcText({ wallMs, count }: Hlc): string {
  if (spelt.wallMs !== wallMs) spelt = { wallMs, text: wallMs.toString(16).padStart(12, '0') }
  return spelt.text + count.toString(16).padStart(4, '0')
}
