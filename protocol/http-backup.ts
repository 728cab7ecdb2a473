/** Shapes of the local API: backups. */

import type { UnlockRequest } from './http-access.ts'

/** GET /backups: what one that is made now would hold. */
export interface BackupSize {
  /** About how many bytes it would have without files. */
  about: number
  /** Files that are whole here, and about how many bytes they would add. */
  files: { count: number; about: number }
}

/** POST /backups. Without a passphrase a recovery key is made for this one backup. */
export interface NewBackup {
  /** Of the backup alone: it need not be the one of the home. */
  passphrase?: string
  /** The files of conversations that are whole here go along. */
  files?: boolean
  /** As in NewKeySlot: whoever sits at an unlocked page must not carry everything away. */
  current?: UnlockRequest
}

/** A link that works once, within a minute, as long as the session lives that asked for it. */
export interface BackupLink {
  /** Of this backup, to ask how far it is or to end it. */
  id: string
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

/** GET /backups/:id, in the session that asked for it. */
export interface BackupCourse {
  /** `waiting`: the link was not followed yet. `done`: all of it was given away. `ended`: it was broken off, and what was given is nothing whole. */
  state: 'waiting' | 'going' | 'done' | 'ended'
  /** Bytes that were given away. */
  given: number
}
