/** A backup as the API gets it from the real owner, of three chunks that hold nothing. */

import type { BegunBackup, OwnBackups } from '../../daemon/api/owner.ts'
import { WarrenError } from '../../protocol/errors.ts'

async function begin({ passphrase }: { readonly passphrase?: string }): Promise<BegunBackup> {
  if (passphrase !== undefined && passphrase.length < 12) throw new WarrenError('WEAK_PASSPHRASE', 'too short')
  return {
    name: 'warren-backup-2026-11-20.warren',
    about: 300,
    ...(passphrase === undefined ? { recoveryKey: 'ABCD-EFGH' } : {}),
    async *open() {
      for (const byte of [1, 2, 255]) yield new Uint8Array(100).fill(byte)
    },
  }
}

const size = (): ReturnType<OwnBackups['size']> => Promise.resolve({ about: 300, files: { count: 0, about: 0 } })

export const fakeBackups: OwnBackups = { archivedAt: undefined, size, begin }
