/** Puts a backup into a new home, once all of it is proven. */

import { RawHome } from '../store/raw-home.ts'
import type { RandomBytes } from '../store/seal.ts'
import type { Secret } from '../store/slot-opener.ts'
import type { KeyringContents } from '../store/keyring-file.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { checkBackup, openBackup, readBackup, type CheckedBackup } from './read-backup.ts'

export interface RestoreOptions {
  readonly file: string
  readonly secret: Secret
  /** Undefined: the backup is proven, and nothing is written. */
  readonly home: string | undefined
  readonly signal: AbortSignal
  /** `step`: 1 of 2 proves the file, 2 of 2 writes. Bytes of the file. */
  readonly progress: (step: 1 | 2, done: number, total: number) => void
  readonly randomBytes: RandomBytes
  /** Epoch milliseconds. */
  readonly now: () => number
}

/**
 * Nothing is touched before the last byte of the file is proven; then the home comes to be beside its place, and takes it in one
 * step. Rejects with CONFLICT if something is there, WRONG_PASSPHRASE, TRUNCATED, CANNOT_DECRYPT, BAD_SHAPE, STORE_….
 */
export async function restoreBackup(options: RestoreOptions): Promise<CheckedBackup> {
  const { file, secret, home, signal, progress } = options
  const target = home === undefined ? undefined : new RawHome(home)
  await target?.checkFree()
  const backup = await openBackup(file, secret)
  const step = (number: 1 | 2) => ({ signal, progress: (done: number) => progress(number, done, backup.bytes) })
  const checked = await checkBackup(backup, step(1))
  if (target === undefined) return checked
  let keys: KeyringContents | undefined
  try {
    await target.begin()
    const { hash, files } = await readBackup(
      backup,
      {
        facts: () => undefined,
        keys: (found) => {
          keys = found
        },
        row: async (row) => await target.put(row),
        piece: async (name, bytes) => await target.putPiece(name, bytes),
        fileEnd: async (name, isWhole) => await target.endFile(name, isWhole),
      },
      step(2),
    )
    if (keys === undefined || hash !== checked.hash || files?.hash !== checked.files?.hash)
      throw new WarrenError('BAD_SHAPE', 'the backup was changed while it was read')
    signal.throwIfAborted()
    await target.end({ keys, secret, madeAt: options.now(), randomBytes: options.randomBytes })
    return checked
  } catch (error) {
    await target.giveUp()
    throw error
  }
}
