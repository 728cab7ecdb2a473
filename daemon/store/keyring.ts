/** The keys that seal values: the home's and one for each conversation, in a file of their own so that dropping one counts. */

import { concat, label } from '../../protocol/bytes.ts'
import { aeadKey, deriveBytes, hmac, type AeadKey } from '../../protocol/crypto.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { writeDurably } from './durable-file.ts'
import type { KeySlot } from './key-slot.ts'
import { keyringBytes, sealContents, type KeyringContents } from './keyring-file.ts'
import { numbersOf } from './keys.ts'
import type { RandomBytes, Seal } from './seal.ts'
import { storageError } from './storage-error.ts'

export interface KeyringDeps {
  readonly seal: Seal
  readonly randomBytes: RandomBytes
}

/** What a secret of the owner opened. The keyring keeps the very bytes, and overwrites them in forget(). */
export interface OpenedKeyring extends KeyringContents {
  readonly master: Uint8Array
  readonly slots: readonly KeySlot[]
}

export const keyBytes = 32
const noSalt = new Uint8Array(0)

export class Keyring {
  readonly #path: string
  readonly #deps: KeyringDeps
  readonly #master: Uint8Array
  readonly #homeBytes: Uint8Array
  readonly #nameKey: Uint8Array
  /** What the next save writes. A key that is only in here is not durable yet, and nothing may be sealed under it. */
  readonly #bytes: Map<number, Uint8Array>
  readonly #keys = new Map<number, AeadKey>()
  #homeKey: AeadKey | undefined
  #keysMade: number
  #keysSaved: number
  #slots: readonly KeySlot[]
  /** Ends when all saves asked for so far have, well or not. */
  #saving: Promise<void> = Promise.resolve()
  /** The save that has not begun: whoever changes a key meanwhile joins it. */
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
    this.#keysMade = opened.keysMade
    this.#keysSaved = opened.keysMade
    this.#homeKey = aeadKey(opened.homeKey)
    for (const [conversation, bytes] of this.#bytes) this.#keys.set(conversation, aeadKey(bytes))
  }

  /** Throws NO_KEY after forget(). */
  get homeKey(): AeadKey {
    if (this.#homeKey === undefined) throw new WarrenError('NO_KEY', 'the keyring is shut')
    return this.#homeKey
  }

  /** How many keys of conversations were ever made, as the file on disk says: never more, or the next start would take it for an older one. */
  get keysMade(): number {
    return this.#keysSaved
  }

  /** Copies of the keys, as they are on the disk by the next save. Throws NO_KEY after forget(). */
  contents(): KeyringContents {
    if (this.#homeKey === undefined) throw new WarrenError('NO_KEY', 'the keyring is shut')
    const conversationKeys = new Map([...this.#bytes].map(([number, bytes]) => [number, Uint8Array.from(bytes)]))
    return { homeKey: Uint8Array.from(this.#homeBytes), conversationKeys, keysMade: this.#keysMade }
  }

  get slots(): readonly KeySlot[] {
    return this.#slots
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
    let bytes = this.#bytes.get(conversation)
    if (bytes === undefined) {
      bytes = this.#deps.randomBytes(keyBytes)
      this.#bytes.set(conversation, bytes)
      this.#keysMade += 1
    }
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

  /** Gives the keyring other slots in one step; if it rejects, the old ones stand. `make` is handed the master key. */
  async changeSlots(
    make: (slots: readonly KeySlot[], master: Uint8Array) => readonly KeySlot[] | Promise<readonly KeySlot[]>,
  ): Promise<void> {
    await this.#behindOthers(async () => {
      const slots = await make(this.#slots, this.#master)
      await this.#write(slots)
      this.#slots = slots
    })
  }

  /** Resolves when saves under way have ended, well or not. */
  async settled(): Promise<void> {
    await this.#saving
  }

  /** Overwrites the bytes that this object holds. Afterwards it has no key, and whatever would write the file rejects with NO_KEY. */
  forget(): void {
    for (const bytes of [this.#master, this.#homeBytes, this.#nameKey, ...this.#bytes.values()]) bytes.fill(0)
    this.#bytes.clear()
    this.#keys.clear()
    this.#homeKey = undefined
  }

  #save(): Promise<void> {
    this.#next ??= this.#behindOthers(async () => {
      this.#next = undefined
      await this.#write(this.#slots)
    })
    return this.#next
  }

  /** Saves must not overtake each other. */
  #behindOthers(save: () => Promise<void>): Promise<void> {
    const saved = this.#saving.then(save)
    this.#saving = saved.catch(() => undefined)
    return saved
  }

  async #write(slots: readonly KeySlot[]): Promise<void> {
    // What is left are zeros: a file sealed under them would open by nothing the owner has.
    if (this.#homeKey === undefined) throw new WarrenError('NO_KEY', 'the keyring is shut')
    const keysMade = this.#keysMade
    const contents = { homeKey: this.#homeBytes, conversationKeys: this.#bytes, keysMade }
    await saveKeyring(this.#path, this.#deps.seal, { master: this.#master, slots, ...contents })
    this.#keysSaved = keysMade
  }
}

/** Replaces the file in one step. Rejects with STORE_FULL or STORE_FAILED; the old file stands then. */
export async function saveKeyring(path: string, seal: Seal, opened: OpenedKeyring): Promise<void> {
  const { master, slots } = opened
  try {
    await writeDurably(path, keyringBytes({ slots, sealed: sealContents(opened, master, seal) }))
  } catch (cause) {
    throw storageError(cause)
  }
}
