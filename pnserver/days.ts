/** Days since 1970: the finest time that this server keeps. */

import { dayMs } from './limits.ts'

export const dayOf = (ms: number): number => Math.floor(ms / dayMs)
