/** A real home with rows in it, its backup as a file, and what a restored home holds. */

import { createHash, randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import { Backups, type BackupsDeps, type BackupWish } from '../../../daemon/backup/backups.ts'
import { archiveKey } from '../../../daemon/backup/archive-mark.ts'
import { restoreBackup, type RestoreOptions } from '../../../daemon/backup/restore.ts'
import type { CheckedBackup } from '../../../daemon/backup/read-backup.ts'
import { checkPassphrase } from '../../../daemon/lock/passphrase.ts'
import { openDatabase } from '../../../daemon/store/database.ts'
import { homePaths } from '../../../daemon/store/home.ts'
import { recordFront, recordTypes } from '../../../daemon/backup/records.ts'
import type { Secret } from '../../../daemon/store/slot-opener.ts'
import { tables, type Key, type Store } from '../../../daemon/store/store.ts'
import { Vault } from '../../../daemon/store/vault.ts'
import { newHome } from '../store/temporary-home.ts'

export const passphrase = 'purple-rhino-47-dances'
export const secret: Secret = { passphrase }
export const identityKey: Key = { table: tables.setting, at: [1] }
export const rowKey = (at: number): Key => ({ table: tables.contact, at: [at] })
/** Stands for the seed of the device. */
export const seed = randomBytes(32)

export interface MadeHome {
  readonly home: string
  readonly vault: Vault
  readonly store: Store
  readonly backups: Backups
  /** Copies that stand in the database. */
  readonly copiesOpen: () => number
  readonly put: (from: number, count: number, bytes: number) => Promise<void>
  /** The file of a backup. */
  readonly save: (wish?: BackupWish) => Promise<{ file: string; recoveryKey: string }>
}

export async function madeHome(t: Test, files: ReturnType<BackupsDeps['files']> = []): Promise<MadeHome> {
  const home = newHome(t)
  const vault = await Vault.hold(home, {}, { randomBytes })
  t.teardown(async () => await vault.close())
  const store = await vault.openByFile()
  if (store === undefined) throw new Error('the home does not open')
  await store.commit((batch) => batch.put(identityKey, Uint8Array.from(seed)))
  let open = 0
  const backups = new Backups({
    copy: (instead) => {
      const copy = vault.copy(instead)
      open += 1
      const close = async (): Promise<void> => {
        await copy.close()
        open -= 1
      }
      return { ...copy, close }
    },
    files: () => files,
    bytes: () => Promise.resolve(0),
    prepare: () => Promise.resolve(),
    withoutKeys: () => [identityKey, Uint8Array.of(1, 2, 3)],
    checkPassphrase,
    randomBytes,
    now: () => 1_800_000_000_000,
    version: '9.9.9',
  })
  return {
    home,
    vault,
    store,
    backups,
    copiesOpen: () => open,
    put: async (from, count, bytes) => {
      await store.commit((batch) => {
        for (let at = from; at < from + count; at += 1) batch.put(rowKey(at), new Uint8Array(randomBytes(bytes)))
      })
    },
    save: async (wish = { passphrase }) => {
      const { open, recoveryKey = '' } = await backups.begin(wish)
      const parts: Uint8Array[] = []
      for await (const part of open()) parts.push(part)
      const file = join(dirname(newHome(t)), 'file')
      writeFileSync(file, Buffer.concat(parts))
      return { file, recoveryKey }
    },
  }
}

const { signal } = new AbortController()

/** Restores `file` into `home`, and nothing if that is undefined. */
export const restore = async (
  file: string,
  home: string | undefined,
  options: Partial<RestoreOptions> = {},
): Promise<CheckedBackup> =>
  await restoreBackup({
    file,
    secret,
    home,
    signal,
    progress: () => undefined,
    randomBytes,
    now: () => 1_800_000_000_001,
    ...options,
  })

/** Of all rows as they lie in the database of a home that nobody has open, in the order of a backup: two first, then the rest. */
export async function hashOf(home: string): Promise<string> {
  const database = await openDatabase(homePaths(home).database)
  try {
    const first = [identityKey, archiveKey].map(({ table, at }) => Buffer.from([table, ...at]))
    const rows = await database.iterator().all()
    const isFirst = (key: Uint8Array): boolean => first.some((each) => Buffer.compare(each, key) === 0)
    const inOrder = [
      ...first.flatMap((each) => rows.filter(([key]) => Buffer.compare(each, key) === 0)),
      ...rows.filter(([key]) => !isFirst(key)),
    ]
    const hash = createHash('sha256')
    for (const [key, value] of inOrder)
      hash
        .update(recordFront({ type: recordTypes.row, key, value }))
        .update(key)
        .update(value)
    return hash.digest('hex')
  } finally {
    await database.close()
  }
}

/** Neither the home nor what it was made of is there. */
export const isUntouched = (home: string): boolean => !existsSync(home) && !existsSync(`${home}.restoring`)
