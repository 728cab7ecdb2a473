/** Proves a backup, and restores it into a home that is not there yet. Needs no daemon. */

import { restoreBackup, type RestoreOptions } from './backup/restore.ts'
import type { CheckedBackup } from './backup/read-backup.ts'
import { random } from './random.ts'

export type RestoreHomeOptions = Omit<RestoreOptions, 'randomBytes' | 'now'>
export type RestoredHome = CheckedBackup
export type RestoreHome = (options: RestoreHomeOptions) => Promise<RestoredHome>

/** Rejects as restoreBackup(). */
export const restoreHome: RestoreHome = async (options) =>
  await restoreBackup({ ...options, randomBytes: random, now: () => Date.now() })
