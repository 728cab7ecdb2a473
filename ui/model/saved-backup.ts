/** The backup that the browser is saving: how far it is, wherever its owner looks meanwhile, and ending it. */

import { signal } from '@preact/signals-core'
import type { BackupCourse, BackupLink } from '../../protocol/http-backup.ts'
import { api } from '../client/api.ts'

export interface SavedBackup extends BackupCourse {
  readonly id: string
  /** About how many bytes it will have. */
  readonly about: number
}

/** The last one that was begun on this page. */
export const savedBackup = signal<SavedBackup | undefined>(undefined)

const lookEveryMs = 500

export const isUnderWay = ({ state }: BackupCourse): boolean => state === 'waiting' || state === 'going'

/** The browser was told to follow the link: looks how far it is until it is over. */
export function followBackup({ id, about }: BackupLink): void {
  savedBackup.value = { id, about, state: 'waiting', given: 0 }
  void look(id)
}

async function look(id: string): Promise<void> {
  for (;;) {
    const now = savedBackup.value
    if (now?.id !== id || !isUnderWay(now)) return
    try {
      tell(id, await api.backupCourse(id))
    } catch {
      // The daemon was locked or stopped, and broke it off.
      tell(id, { state: 'ended', given: now.given })
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
}

function tell(id: string, course: BackupCourse): void {
  const now = savedBackup.value
  if (now?.id === id && isUnderWay(now)) savedBackup.value = { ...now, ...course }
}

/** Nothing more of it is given to the browser. */
export async function endBackup(id: string): Promise<void> {
  await api.endBackup(id)
  const now = savedBackup.value
  if (now?.id === id) tell(id, { state: 'ended', given: now.given })
}
