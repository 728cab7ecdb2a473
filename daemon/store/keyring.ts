/** The keys that seal values: the home's and one for each conversation, in a file of their own so that dropping one counts. */

import { concat, label } from '../../protocol/bytes.ts'
import { aeadKey, deriveBytes, hmac, type AeadKey } from '../../protocol/crypto.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { readIfThere, writeDurably } from './durable-file.ts'
import { tighten, type HomePaths } from './home.ts'
import { makeFileSlot, masterBytes, openFileSlot, type KeySlot } from './key-slot.ts'
import { keyringBytes, openContents, readKeyringFile, sealContents } from './keyring-file.ts'
import { numbersOf } from './keys.ts'
import type { RandomBytes, Seal } from './seal.ts'
import { storageError } from './storage-error.ts'

export interface KeyringDeps {
  readonly seal: Seal
  readonly randomBytes: RandomBytes
}

const keyBytes = 32
const noSalt = new Uint8Array(0)

export class Keyring {
  readonly homeKey: AeadKey
  readonly #path: string
  readonly #deps: KeyringDeps
  readonly #master: Uint8Array
  readonly #slots: readonly KeySlot[]
  readonly #homeBytes: Uint8Array
  readonly #nameKey: Uint8Array
  /** What the next save writes. A key that is only in here is not durable yet, and nothing may be sealed under it. */
  readonly #bytes: Map<number, Uint8Array>
  readonly #keys = new Map<number, AeadKey>()
  #saving: Promise<void> = Promise.resolve()
  /** The save that has not begun: whoever changes something meanwhile joins it. */
  #next: Promise<void> | undefined

  constructor(path: string, deps: KeyringDeps, opened: OpenedKeyring) {
    this.#path = path
    this.#deps = deps
    this.#master = opened.master
    this.#slots = opened.slots
    this.#homeBytes = opened.homeKey
    // HKDF's first step, which is the same for every name.
    this.#nameKey = hmac(noSalt, deriveBytes(opened.homeKey, noSalt, label('store names')))
    this.#bytes = new Map(opened.conversationKeys)
    this.homeKey = aeadKey(opened.homeKey)
    for (const [conversation, bytes] of this.#bytes) this.#keys.set(conversation, aeadKey(bytes))
  }

  /** See Store.nameNumbers(). */
  nameNumbers(name: Uint8Array): readonly [number, number] {
    return numbersOf(hmac(this.#nameKey, concat(name, Uint8Array.of(1))))
  }

  /** The key of a conversation. Throws NO_KEY. */
  key(conversation: number): AeadKey {
    const key = this.#keys.get(conversation)
    if (key === undefined) throw new WarrenError('NO_KEY', 'the conversation has no sealing key')
    return key
  }

  has(conversation: number): boolean {
    return this.#keys.has(conversation)
  }

  /** Resolves when the key is durable. A key that is there stays. */
  async create(conversation: number): Promise<void> {
    if (this.#keys.has(conversation)) return
    const bytes = this.#bytes.get(conversation) ?? this.#deps.randomBytes(keyBytes)
    this.#bytes.set(conversation, bytes)
    await this.#save()
    // Another one means that it was dropped meanwhile, and perhaps made anew.
    if (this.#bytes.get(conversation) === bytes) this.#keys.set(conversation, aeadKey(bytes))
  }

  /** Resolves when no key is left on disk. If it rejects, the values stay shut until a later drop or restart. */
  async drop(conversation: number): Promise<void> {
    this.#keys.delete(conversation)
    this.#bytes.delete(conversation)
    await this.#save()
  }

  /** Resolves when saves under way have ended, well or not. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#saving, this.#next])
  }

  #save(): Promise<void> {
    this.#next ??= this.#saveAfter(this.#saving)
    return this.#next
  }

  async #saveAfter(before: Promise<void>): Promise<void> {
    await Promise.allSettled([before])
    const saving = this.#next
    if (saving !== undefined) this.#saving = saving
    this.#next = undefined
    await saveKeyring(this.#path, this.#deps.seal, {
      master: this.#master,
      slots: this.#slots,
      homeKey: this.#homeBytes,
      conversationKeys: this.#bytes,
    })
  }
}

interface OpenedKeyring {
  readonly master: Uint8Array
  readonly slots: readonly KeySlot[]
  readonly homeKey: Uint8Array
  readonly conversationKeys: ReadonlyMap<number, Uint8Array>
}

async function saveKeyring(path: string, seal: Seal, opened: OpenedKeyring): Promise<void> {
  const { master, slots } = opened
  try {
    await writeDurably(path, keyringBytes({ slots, sealed: sealContents(opened, master, seal) }))
  } catch (cause) {
    throw storageError(cause)
  }
}

/**
 * Opens the keyring of a home, or makes one if the database is still `empty`. The caller holds the lock of the home. Throws
 * STORE_DAMAGED if something is damaged or missing, STORE_NEWER.
 */
export async function openKeyring(paths: HomePaths, empty: boolean, deps: KeyringDeps): Promise<Keyring> {
  const bytes = await readIfThere(paths.keyring)
  if (bytes === undefined) {
    if (!empty) throw new WarrenError('STORE_DAMAGED', 'the keyring file is missing')
    return await makeKeyring(paths, deps)
  }
  const { slots, sealed } = readKeyringFile(bytes)
  const secret = await readIfThere(paths.keyFile)
  if (secret === undefined) throw new WarrenError('STORE_DAMAGED', 'the key file is missing')
  await tighten(paths.keyFile, 0o600)
  await tighten(paths.keyring, 0o600)
  const master = openFileSlot(slots, secret)
  const contents = openContents(sealed, master)
  if (empty && contents.conversationKeys.size > 0) throw new WarrenError('STORE_DAMAGED', 'the database is missing')
  return new Keyring(paths.keyring, deps, { master, slots, ...contents })
}

async function makeKeyring(paths: HomePaths, deps: KeyringDeps): Promise<Keyring> {
  const { seal, randomBytes } = deps
  const secret = randomBytes(keyBytes)
  await writeDurably(paths.keyFile, secret)
  const master = randomBytes(masterBytes)
  const opened: OpenedKeyring = {
    master,
    slots: [makeFileSlot(secret, master, seal, randomBytes)],
    homeKey: randomBytes(keyBytes),
    conversationKeys: new Map(),
  }
  await saveKeyring(paths.keyring, seal, opened)
  return new Keyring(paths.keyring, deps, opened)
}
