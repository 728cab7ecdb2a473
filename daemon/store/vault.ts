/** A home whose lock is held, shut or open: opened by any of its key slots and shut again, any number of times in one process. */

import { WarrenError } from '../../protocol/errors.ts'
import { checkAfterCrash } from './after-crash.ts'
import { isEmpty, openDatabase, type Database } from './database.ts'
import { Dictionary, numbersThatMayBeLost } from './dictionary.ts'
import { overwriteAndRemove, readIfThere, writeDurably } from './durable-file.ts'
import { FolderFiles } from './folder-files.ts'
import { makeKeyring, readKeyring } from './home-keyring.ts'
import { GroupedStore } from './grouped-store.ts'
import { homePaths, markClosed, prepareHome, takeClosedMark, tighten, type HomePaths } from './home.ts'
import { slotKinds, type KeySlot } from './key-slot.ts'
import { fileKeepsakes } from './keepsakes.ts'
import { checkKeyringAge } from './keyring-age.ts'
import { Keyring } from './keyring.ts'
import { encodeKey } from './keys.ts'
import { openContents, type KeyringContents, type KeyringFile } from './keyring-file.ts'
import { LevelEngine } from './level-engine.ts'
import { migrations } from './migrations.ts'
import { rawRows, replaced, type RawRow, type RawRows } from './raw-home.ts'
import { prepareSchema, type Migration } from './schema.ts'
import { createSeal, type RandomBytes, type Seal } from './seal.ts'
import { masterByFile, masterBySecret, opensByFile, type Secret } from './slot-opener.ts'
import { openError } from './storage-error.ts'
import type { Key, Store } from './store.ts'
import { checkWhole } from './whole.ts'

export interface VaultDeps {
  /** A CSPRNG. */
  readonly randomBytes: RandomBytes
}

export interface VaultOptions {
  /** A group takes no further commit once it holds so many bytes. Default: 1 MiB. */
  readonly groupBytes?: number
  /** Default: those of this version. */
  readonly migrations?: readonly Migration[]
  /** What the store itself needs and a damaged disk took is written anew. */
  readonly mend?: boolean
  /** False: closing the store gives up the lock of the home, too. Default: true. */
  readonly keepLock?: boolean
  /** For a look, by whoever does not go on where the last run ended: what that one left undone stays to be done. */
  readonly looks?: boolean
}

const defaultGroupBytes = 1024 * 1024

export interface RawHomeCopy extends RawRows {
  readonly keys: KeyringContents
}

interface Opened {
  readonly store: Store
  readonly keyring: Keyring
}

/** One call at a time; the caller sees to it. */
export class Vault {
  readonly #paths: HomePaths
  readonly #database: Database
  readonly #options: VaultOptions
  readonly #randomBytes: RandomBytes
  readonly #seal: Seal
  #slots: readonly KeySlot[]
  #opened: Opened | undefined
  /** Of a store that is closed for a while: kept for who opens it again. */
  #kept: Keyring | undefined

  /** Use Vault.hold(). */
  constructor(
    paths: HomePaths,
    database: Database,
    slots: readonly KeySlot[],
    options: VaultOptions,
    { randomBytes }: VaultDeps,
  ) {
    this.#paths = paths
    this.#database = database
    this.#slots = slots
    this.#options = options
    this.#randomBytes = randomBytes
    this.#seal = createSeal(randomBytes)
  }

  /**
   * Takes the lock of the folder `home`, which is made if it is missing, with a key file that opens it. Rejects with HOME_IN_USE,
   * HOME_UNWRITABLE, STORE_NEWER, STORE_DAMAGED, STORE_FULL or STORE_FAILED.
   */
  static async hold(home: string, options: VaultOptions, deps: VaultDeps): Promise<Vault> {
    const paths = homePaths(home)
    await prepareHome(paths)
    if (options.looks !== true && options.mend !== true) {
      await checkAfterCrash(paths).catch((cause: unknown) => {
        throw openError(cause)
      })
    }
    // The lock comes first: two first starts at once must not both make keys.
    const database = await openDatabase(paths.database)
    try {
      if ((await readIfThere(paths.mending)) !== undefined)
        throw new WarrenError('STORE_DAMAGED', 'a repair was cut off: warren doctor --repair ends it')
      if ((await readIfThere(paths.keyring)) === undefined) {
        if (!(await isEmpty(database))) throw new WarrenError('STORE_DAMAGED', 'the keyring file is missing')
        await makeKeyring(paths, deps.randomBytes)
      }
      await tighten(paths.keyring, 0o600)
      const { slots } = await readKeyring(paths)
      return new Vault(paths, database, slots, options, deps)
    } catch (cause) {
      await database.close()
      throw openError(cause)
    }
  }

  /** As the keyring had them when it was last read or written. */
  get slots(): readonly KeySlot[] {
    return this.#opened?.keyring.slots ?? this.#slots
  }

  /** Undefined while it is shut. */
  get keyring(): Keyring | undefined {
    return this.#opened?.keyring
  }

  /**
   * Opens by the key file. Undefined if there is no such slot, or if its file is gone or another while a passphrase or a recovery
   * key may open the home; without those STORE_DAMAGED.
   */
  async openByFile(): Promise<Store | undefined> {
    return await this.#open(async ({ slots }) => {
      const secret = await readIfThere(this.#paths.keyFile)
      if (secret !== undefined) await tighten(this.#paths.keyFile, 0o600)
      return await masterByFile(slots, secret)
    })
  }

  /** Opens by what the owner knows. Rejects with WRONG_PASSPHRASE, and as openByFile(). */
  async openBySecret(secret: Secret): Promise<Store> {
    const store = await this.#open(async ({ slots }) => await masterBySecret(slots, secret))
    if (store === undefined) throw new WarrenError('WRONG_PASSPHRASE', 'no slot of this kind')
    // A change of slots was cut off between the keyring and the file, which opens nothing any more. Where a slot cannot be read
    // it may be the one that the file is for.
    const kinds = new Set<string>(this.slots.map(({ kind }) => kind))
    const isKnown = slotKinds.length >= new Set([...slotKinds, ...kinds]).size
    if (!kinds.has('file') && isKnown) await this.removeKeyFile()
    return store
  }

  /** Resolves if `secret` opens the home. Rejects with WRONG_PASSPHRASE. */
  async check(secret: Secret): Promise<void> {
    const { slots } = await readKeyring(this.#paths)
    const master = await masterBySecret(slots, secret)
    master.fill(0)
  }

  /** Whether the key file is there and opens the home. */
  async keyFileOpens(): Promise<boolean> {
    const secret = await readIfThere(this.#paths.keyFile)
    return secret !== undefined && (await opensByFile(this.slots, secret))
  }

  /** Puts `secret` into the key file, durably. */
  async writeKeyFile(secret: Uint8Array): Promise<void> {
    await writeDurably(this.#paths.keyFile, secret)
  }

  /** Of a file that opens nothing any more: where the disk refuses, the next one to open the home by a secret tries again. */
  async removeKeyFile(): Promise<void> {
    await overwriteAndRemove(this.#paths.keyFile, this.#randomBytes).catch(() => undefined)
  }

  /**
   * Everything of this moment, rows unopened, with `instead` in place of its own rows. Sealed here, read as it is asked for. Throws
   * LOCKED while it is shut.
   */
  copy(instead: readonly (readonly [key: Key, value: Uint8Array])[]): RawHomeCopy {
    const keyring = this.#opened?.keyring
    if (keyring === undefined) throw new WarrenError('LOCKED', 'the home is locked')
    // Rows first: a key that is made behind them is one too many, one that is missing would shut rows that are there.
    const { rows, close } = rawRows(this.#database)
    const sealed = instead.map(([key, value]): RawRow => {
      const bytes = encodeKey(key.table, key.at)
      return [bytes, this.#seal(keyring.homeKey, value, bytes)]
    })
    return { keys: keyring.contents(), rows: replaced(rows, sealed), close }
  }

  /** About how many bytes all rows have. */
  async bytes(): Promise<number> {
    const database = this.#database as Database & {
      approximateSize(start: Uint8Array, end: Uint8Array): Promise<number>
    }
    return await database.approximateSize(Uint8Array.of(0), Uint8Array.of(0xff)).catch(() => 0)
  }

  /** Closes the store and forgets its keys; the lock of the home stays. Nothing happens if it is shut. */
  async shut(): Promise<void> {
    try {
      await this.rest()
    } finally {
      this.#kept?.forget()
      this.#kept = undefined
    }
  }

  /** Closes the store as shut() does and keeps its keys in memory, for rouse(). Nothing happens if it is shut. */
  async rest(): Promise<void> {
    const opened = this.#opened
    if (opened === undefined) return
    try {
      await opened.store.close()
    } finally {
      this.#slots = opened.keyring.slots
      this.#opened = undefined
      this.#kept = opened.keyring
    }
  }

  /** Opens the store after rest(), and asks for no secret; undefined if it was shut. Rejects as openByFile(), and rests on then. */
  async rouse(): Promise<Store | undefined> {
    const keyring = this.#kept
    if (keyring === undefined) return undefined
    try {
      await this.#reopenTorn()
      const store = await this.#openStore(keyring, false)
      this.#opened = { store, keyring }
      this.#kept = undefined
      return store
    } catch (cause) {
      throw openError(cause)
    }
  }

  /** Shuts, and gives up the lock. */
  async close(): Promise<void> {
    try {
      await this.shut()
    } finally {
      await this.#database.close()
    }
  }

  async #open(findMaster: (file: KeyringFile) => Promise<Uint8Array | undefined>): Promise<Store | undefined> {
    if (this.#opened !== undefined || this.#kept !== undefined)
      throw new WarrenError('CONFLICT', 'the home is open already')
    let keyring: Keyring | undefined
    try {
      const file = await readKeyring(this.#paths)
      const master = await findMaster(file)
      if (master === undefined) return undefined
      const contents = openContents(file.sealed, master)
      await this.#reopenTorn()
      const empty = await isEmpty(this.#database)
      if (empty && contents.conversationKeys.size > 0) throw new WarrenError('STORE_DAMAGED', 'the database is missing')
      const deps = { seal: this.#seal, randomBytes: this.#randomBytes }
      keyring = new Keyring(this.#paths.keyring, deps, { master, slots: file.slots, ...contents })
      const store = await this.#openStore(keyring, empty)
      this.#opened = { store, keyring }
      return store
    } catch (cause) {
      keyring?.forget()
      throw openError(cause)
    }
  }

  /** A torn log closed it. */
  async #reopenTorn(): Promise<void> {
    if (this.#database.status === 'open') return
    await checkWhole(this.#paths.database)
    await this.#database.open()
  }

  async #openStore(keyring: Keyring, empty: boolean): Promise<Store> {
    const { mend = false, looks = false, migrations: steps = migrations } = this.#options
    const counts = { batches: 0, writes: 0, reads: 0 }
    let closedCleanly = false
    const engine = new LevelEngine({
      database: this.#database,
      keyring,
      seal: this.#seal,
      counts,
      markClosed: async () => {
        if (closedCleanly || !looks) await markClosed(this.#paths)
      },
      keepDatabase: this.#options.keepLock ?? true,
    })
    const storeId = await prepareSchema({ engine, randomBytes: this.#randomBytes, mend }, empty, steps)
    await checkKeyringAge(engine, mend)
    closedCleanly = (await takeClosedMark(this.#paths)) || empty
    const dictionary = new Dictionary()
    await dictionary.load(engine, closedCleanly ? 0 : numbersThatMayBeLost, mend)
    counts.reads = 0
    const groupBytes = this.#options.groupBytes ?? defaultGroupBytes
    const keepsakes = fileKeepsakes(this.#paths, keyring, this.#seal)
    const files = new FolderFiles(this.#paths.blobs)
    return new GroupedStore({ engine, dictionary, counts, keepsakes, files }, { storeId, closedCleanly, groupBytes })
  }
}
