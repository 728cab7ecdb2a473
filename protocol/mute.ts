/** Until when somebody is muted, in epoch milliseconds; it ends by itself. */

import { readUint, type Value } from './codec.ts'
import { WarrenError } from './errors.ts'

export const notMuted = 0
export const mutedForEver = Number.MAX_SAFE_INTEGER

export const isMuted = (until: number, now: number): boolean => until > now

/** Rows of before there was an end say 1 for what has none. */
const endless = 1

export const muteValue = (until: number): Value => (until === mutedForEver ? endless : until)

export function readMute(value: Value | undefined): number {
  const until = readUint(value)
  return until === endless ? mutedForEver : until
}

/** What a change says of it; undefined if nothing. Throws BAD_SHAPE for an end of what is taken back. */
export function askedMute({ muted, mutedUntil }: { muted?: boolean; mutedUntil?: number }): number | undefined {
  if (muted === false && mutedUntil !== undefined)
    throw new WarrenError('BAD_SHAPE', 'what is not muted has no mutedUntil')
  // The row's word for what has no end is no moment that could be asked for.
  if (mutedUntil !== undefined) return mutedUntil === endless ? notMuted : mutedUntil
  return muted === undefined ? undefined : muted ? mutedForEver : notMuted
}

/** As the local API says it: without an end `mutedUntil` is absent. */
export const mutedFields = (until: number, now: number): { muted: boolean; mutedUntil?: number } => ({
  muted: isMuted(until, now),
  ...(isMuted(until, now) && until !== mutedForEver ? { mutedUntil: until } : {}),
})
