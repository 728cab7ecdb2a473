/** How long a browser session lives: a month without use, a year in all. */

import { limits } from '../../../protocol/limits.ts'
import type { SessionRow } from './session-store.ts'

/** Epoch milliseconds; use moves it on. */
export const expiresAt = ({ createdAt, usedAt }: SessionRow): number =>
  Math.min(usedAt + limits.sessionIdleMs, createdAt + limits.sessionMostMs)

export const hasExpired = (row: SessionRow, now: number): boolean => expiresAt(row) <= now
