/** A home as it lies on the disk, rows unopened: copied out while it is open, and made anew from such a copy. */

import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { WarrenError } from '../../protocol/errors.ts'
import { newDatabase, type Database } from './database.ts'
import type { BlobFile } from './blob-files.ts'
import { syncFolder } from './durable-file.ts'
import { FolderFiles } from './folder-files.ts'
import { homePaths } from './home.ts'
import { keyBytes, saveKeyring } from './keyring.ts'
import type { KeyringContents } from './keyring-file.ts'
import { makePassphraseSlot } from './passphrase-slot.ts'
import { readRecoveryKey } from './recovery-key.ts'
import { makeRecoverySlot } from './recovery-slot.ts'
import { createSeal, type RandomBytes } from './seal.ts'
import type { Secret } from './slot-opener.ts'
import { openError, storageError } from './storage-error.ts'

/** As they lie in the database. */
export type RawRow = readonly [key: Uint8Array, value: Uint8Array]

const rowsAtOnce = 1000
const bytesAtOnce = 512 * 1024

export interface RawRows {
  readonly rows: AsyncGenerator<readonly RawRow[]>
  /** To be called by whoever may not read to the end: until then what is deleted keeps its room. */
  readonly close: () => Promise<void>
}

/** All rows of the moment of the call, in key order. Reading rejects with STORE_…. */
export function rawRows(database: Database): RawRows {
  // Made at the call, not at the first read: from here on nothing that is written shows.
  const iterator = database.iterator({ highWaterMarkBytes: bytesAtOnce } as object)
  async function* read(): AsyncGenerator<readonly RawRow[]> {
    try {
      for (;;) {
        const found = await iterator.nextv(rowsAtOnce)
        if (found.length === 0) return
        yield found
      }
    } catch (cause) {
      throw storageError(cause)
    }
  }
  return { rows: read(), close: async () => await iterator.close() }
}

/** With these rows in place of those of the same keys, or beside them; what was where is not kept in order. */
export async function* replaced(
  rows: AsyncGenerator<readonly RawRow[]>,
  instead: readonly RawRow[],
): AsyncGenerator<readonly RawRow[]> {
  const left = new Set(instead.map(([key]) => Buffer.from(key).toString('latin1')))
  yield instead
  for await (const found of rows) yield found.filter(([key]) => !left.has(Buffer.from(key).toString('latin1')))
}

export interface NewHome {
  readonly keys: KeyringContents
  /** What opens it from now on, and nothing else. */
  readonly secret: Secret
  /** Epoch milliseconds. */
  readonly madeAt: number
  readonly randomBytes: RandomBytes
}

/** Of a folder; empty if there is none. */
async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []
    throw openError(cause)
  })
}

/** A home that comes to be beside its place, and takes it whole or not at all. */
export class RawHome {
  readonly #home: string
  readonly #beside: string
  readonly #files: FolderFiles
  #database: Database | undefined
  /** Of conversations, being written, and how many bytes it has. */
  #file: BlobFile | undefined
  #fileBytes = 0
  #waiting: { type: 'put'; key: Uint8Array; value: Uint8Array }[] = []
  #bytes = 0

  constructor(home: string) {
    this.#home = home
    this.#beside = `${home}.restoring`
    this.#files = new FolderFiles(homePaths(this.#beside).blobs)
  }

  /** Throws CONFLICT unless there is nothing at its place, and beside it nothing but what an attempt left that was cut off. */
  async checkFree(): Promise<void> {
    if ((await namesIn(this.#home)).length > 0)
      throw new WarrenError(
        'CONFLICT',
        `${this.#home} is not empty: a backup is restored into a new folder only (--home)`,
      )
    const { database, keyring, blobs } = homePaths(this.#beside)
    const own = [database, keyring, `${keyring}.new`, blobs].map((each) => basename(each))
    if ((await namesIn(this.#beside)).some((each) => !own.includes(each)))
      throw new WarrenError(
        'CONFLICT',
        `${this.#beside} is in the way, and no restoring left it: move it away, or restore into another folder (--home)`,
      )
  }

  /** What an attempt that was cut off left is thrown away. Rejects with CONFLICT as checkFree(), HOME_UNWRITABLE, STORE_…. */
  async begin(): Promise<void> {
    await this.checkFree()
    try {
      await mkdir(dirname(this.#beside), { recursive: true, mode: 0o700 })
      await rm(this.#beside, { recursive: true, force: true })
      await mkdir(this.#beside, { mode: 0o700 })
      this.#database = await newDatabase(homePaths(this.#beside).database)
    } catch (cause) {
      throw openError(cause)
    }
  }

  async put([key, value]: RawRow): Promise<void> {
    this.#waiting.push({ type: 'put', key: Uint8Array.from(key), value: Uint8Array.from(value) })
    this.#bytes += key.length + value.length
    if (this.#waiting.length >= rowsAtOnce || this.#bytes >= bytesAtOnce) await this.#write(false)
  }

  /** What comes next of a file of conversations, which begins with its first piece. Throws STORE_…. */
  async putPiece(name: string, bytes: Uint8Array): Promise<void> {
    this.#file ??= await this.#files.create(name)
    await this.#file.write(this.#fileBytes, [bytes])
    this.#fileBytes += bytes.length
  }

  /** It is durable, or nothing of it stays. Throws STORE_…. */
  async endFile(name: string, isWhole: boolean): Promise<void> {
    const file = this.#file
    this.#file = undefined
    this.#fileBytes = 0
    if (file === undefined) return
    try {
      if (isWhole) await file.sync()
    } finally {
      await file.close()
    }
    if (!isWhole) await this.#files.remove(name)
  }

  /** Durable, and in its place. */
  async end(made: NewHome): Promise<void> {
    try {
      await this.#write(true)
      await this.#database?.close()
      const paths = homePaths(this.#beside)
      const seal = createSeal(made.randomBytes)
      const master = made.randomBytes(keyBytes)
      const slots = [await slotOf(made, master)]
      await saveKeyring(paths.keyring, seal, { master, slots, ...made.keys })
      master.fill(0)
      await syncFolder(paths.database)
      await syncFolder(this.#beside)
      await rmdir(this.#home).catch(() => undefined)
      await rename(this.#beside, this.#home)
      await syncFolder(dirname(this.#home))
    } catch (cause) {
      throw openError(cause)
    }
  }

  /** Nothing of it stays. */
  async giveUp(): Promise<void> {
    await this.#file?.close().catch(() => undefined)
    await this.#database?.close().catch(() => undefined)
    await rm(this.#beside, { recursive: true, force: true }).catch(() => undefined)
  }

  async #write(sync: boolean): Promise<void> {
    const batch = this.#waiting
    this.#waiting = []
    this.#bytes = 0
    try {
      await this.#database?.batch(batch, { sync })
    } catch (cause) {
      throw storageError(cause)
    }
  }
}

async function slotOf({ secret, madeAt, randomBytes }: NewHome, master: Uint8Array) {
  const deps = { seal: createSeal(randomBytes), randomBytes }
  if ('passphrase' in secret) return await makePassphraseSlot(secret.passphrase, master, madeAt, deps)
  const key = readRecoveryKey(secret.recoveryKey)
  if (key === undefined) throw new WarrenError('WRONG_PASSPHRASE', 'this is no recovery key')
  return makeRecoverySlot(key, master, madeAt, deps)
}
