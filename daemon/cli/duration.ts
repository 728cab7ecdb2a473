/** Reads how long something is to last, as people type it: 90m, 8h, 7d, 2w. */

import { CommandError } from './command-error.ts'

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }
const mostMs = 10 * 365 * 86_400_000

/** Milliseconds. Throws USAGE. */
export function readDuration(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,6})([mhdw])$/.exec(text.trim().toLowerCase()) ?? []
  const ms = Number(digits) * (unitMs[unit] ?? 0)
  if (ms === 0 || ms > mostMs)
    throw new CommandError(
      'USAGE',
      `"${text}" is no time span: write minutes, hours, days or weeks, such as 30m, 8h, 7d, 1w`,
    )
  return ms
}
