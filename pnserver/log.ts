/** Lines about the server itself, with the day and no finer time; never about a request, a token, an address or a capability. */

import type { Rejection } from './push/rejections.ts'

export type Level = 'info' | 'warn' | 'error'

/** Fields are numbers, and words of a closed set: what comes from outside is neither. */
export type Log = <Text extends string>(
  level: Level,
  text: string extends Text ? never : Text,
  fields?: Readonly<Record<string, number | Rejection>>,
) => void

/** One JSON line a call. The same text is written at most once an hour: what somebody can cause must not fill a disk. */
export function createLog(write: (line: string) => void, now: () => number): Log {
  const last = new Map<string, number>()
  return (level, text, fields) => {
    const at = now()
    if (level !== 'info' && at - (last.get(text) ?? -Infinity) < 3_600_000) return
    last.set(text, at)
    write(`${JSON.stringify({ day: new Date(at).toISOString().slice(0, 10), level, text, ...fields })}\n`)
  }
}
