/** Makes backups of an open home: one sealed file of everything, as it stood at one moment. docs/backup.md. */

import { WarrenError } from '../../protocol/errors.ts'
import type { RandomBytes } from '../store/seal.ts'
import type { Secret } from '../store/slot-opener.ts'
import { recoveryKeyBytes, writeRecoveryKey } from '../store/recovery-key.ts'
import type { Key } from '../store/store.ts'
import type { RawHomeCopy } from '../store/vault.ts'
import { archiveKey, archiveRow } from './archive-mark.ts'
import { writeContents, type FileSource } from './contents.ts'
import { makeHeader } from './header.ts'
import { sealStream } from './stream-seal.ts'

export interface BackupsDeps {
  /** Everything of the moment of the call, with these rows in place of its own; sealed in it. Throws LOCKED. */
  readonly copy: (instead: readonly (readonly [key: Key, value: Uint8Array])[]) => RawHomeCopy
  /** The files of conversations that are whole at the moment of the call, by name. */
  readonly files: () => readonly (FileSource & { readonly about: number })[]
  /** About how many bytes all rows have. */
  readonly bytes: () => Promise<number>
  /** What has to be on the disk before anything is copied. */
  readonly prepare: () => Promise<void>
  /** The row that says who this device is, without what would let anybody be it. */
  readonly withoutKeys: () => readonly [key: Key, value: Uint8Array]
  /** Throws WEAK_PASSPHRASE, TOO_LARGE. */
  readonly checkPassphrase: (passphrase: string) => void
  readonly randomBytes: RandomBytes
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Of the program. */
  readonly version: string
}

/** With a passphrase of its own, or a recovery key that is made for it. */
export interface BackupWish {
  readonly passphrase?: string
  /** The files of conversations go along. */
  readonly files?: boolean
}

/** What a backup of this moment would hold. */
export interface BackupSize {
  /** About how many bytes without files. */
  readonly about: number
  /** Files that are whole here, and about how many bytes they add. */
  readonly files: { readonly count: number; readonly about: number }
}

export interface BegunBackup {
  readonly name: string
  /** Made for this backup, and told this once. */
  readonly recoveryKey?: string
  /** About how many bytes it will have. */
  readonly about: number
  /** Begins at the first read: what is there then is in it. Throws LOCKED, STORE_…. */
  readonly open: () => AsyncGenerator<Uint8Array>
}

/** What the owner may ask. */
export interface OwnBackups {
  /** When the backup was made that this home came from; undefined for any other home. */
  readonly archivedAt: number | undefined
  size(): Promise<BackupSize>
  begin(wish: BackupWish): Promise<BegunBackup>
}

const two = (number: number): string => String(number).padStart(2, '0')

export class Backups {
  readonly #deps: BackupsDeps

  constructor(deps: BackupsDeps) {
    this.#deps = deps
  }

  async size(): Promise<BackupSize> {
    const files = this.#deps.files()
    const about = files.reduce((sum, each) => sum + each.about, 0)
    return { about: await this.#deps.bytes(), files: { count: files.length, about } }
  }

  /** Rejects with WEAK_PASSPHRASE, TOO_LARGE. */
  async begin({ passphrase, files: hasFiles = false }: BackupWish): Promise<BegunBackup> {
    const { now, randomBytes, checkPassphrase } = this.#deps
    if (passphrase !== undefined) checkPassphrase(passphrase)
    const recoveryKey = passphrase === undefined ? writeRecoveryKey(randomBytes(recoveryKeyBytes)) : undefined
    const madeAt = now()
    const secret: Secret = passphrase === undefined ? { recoveryKey: recoveryKey ?? '' } : { passphrase }
    const facts = { madeAt, hasFiles }
    const header = await makeHeader(secret, facts, randomBytes)
    const { about, files } = await this.size()
    let isOpen = false
    const at = new Date(madeAt)
    return {
      name: `warren-backup-${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}.warren`,
      ...(recoveryKey === undefined ? {} : { recoveryKey }),
      about: about + (hasFiles ? files.about : 0),
      open: () => {
        // One key seals one stream.
        if (isOpen) throw new WarrenError('CONFLICT', 'this backup was begun already')
        isOpen = true
        return this.#bytes(header, facts)
      },
    }
  }

  async *#bytes(
    { bytes, key }: Awaited<ReturnType<typeof makeHeader>>,
    { madeAt, hasFiles }: { readonly madeAt: number; readonly hasFiles: boolean },
  ): AsyncGenerator<Uint8Array> {
    const { prepare, copy, withoutKeys, version } = this.#deps
    await prepare()
    // Of one moment with the rows; one of which they do not know yet goes away at the first start.
    const files = hasFiles ? this.#deps.files() : undefined
    const made = copy([withoutKeys(), [archiveKey, archiveRow(madeAt)]])
    const facts = { madeAt, warren: version.slice(0, 64) }
    let close: (() => Promise<void>) | undefined = made.close
    const ended = async (): Promise<void> => {
      await close?.()
      close = undefined
    }
    try {
      yield bytes
      // What is deleted gets its room back before the files, which may take long.
      const rows = endedBy(made.rows, ended)
      yield* sealStream(key, writeContents({ facts, keys: made.keys, rows, files }))
    } finally {
      await ended()
    }
  }
}

async function* endedBy<T>(source: AsyncIterable<T>, ended: () => Promise<void>): AsyncGenerator<T> {
  yield* source
  await ended()
}
