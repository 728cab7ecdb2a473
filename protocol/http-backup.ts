/** Shapes of the local API: backups. */

import type { UnlockRequest } from './http-access.ts'

/** POST /backups. Without a passphrase a recovery key is made for this one backup. */
export interface NewBackup {
  /** Of the backup alone: it need not be the one of the home. */
  passphrase?: string
  /** As in NewKeySlot: whoever sits at an unlocked page must not carry everything away. */
  current?: UnlockRequest
}

/** A link that works once, within a minute, as long as the session lives that asked for it. */
export interface BackupLink {
  /** Begins with a slash. */
  link: string
  expiresAt: number
  /** What the file is called unless somebody wants otherwise. */
  name: string
  /** About how many bytes it will have. */
  about: number
  /** 14 groups of four, shown this once: without it the backup cannot be opened. */
  recoveryKey?: string
}
