/** The builds of one group: what they write, what they read of each other, and how a failed one is left out. */

import { WarrenError } from '../../protocol/errors.ts'
import type { Dictionary } from './dictionary.ts'
import type { Engine, Operation } from './engine.ts'
import { decodeNumbers, encodeKey, encodeNumbers, keyText } from './keys.ts'
import type { Batch, IndexKey, Key } from './store.ts'

export class Group {
  readonly number: number
  readonly #engine: Engine
  readonly #dictionary: Dictionary
  /** The group before this one, while it is written. */
  #before: Group | undefined
  /** By keyText(); the last write to a key counts. */
  readonly #writes = new Map<string, Operation>()
  /** What the running build overwrote, in order: the texts of keys, and what was written to each before. */
  readonly #undoTexts: string[] = []
  readonly #undoWrites: (Operation | undefined)[] = []
  readonly #firstId: number
  /** Bytes of all keys and values put so far: what bounds a group. */
  bytes = 0

  constructor(number: number, engine: Engine, dictionary: Dictionary, before: Group | undefined) {
    this.number = number
    this.#engine = engine
    this.#dictionary = dictionary
    this.#before = before
    this.#firstId = dictionary.mark
  }

  /** Runs one build. If it throws, everything is as if it had not run. */
  run<T>(build: (batch: Batch) => T): T {
    const { bytes } = this
    const { mark } = this.#dictionary
    const turn = { over: false }
    this.#forgetUndo()
    try {
      const result = build(this.#batch(turn))
      if (result instanceof Promise) throw new TypeError('a build must not wait')
      return result
    } catch (error) {
      for (let at = this.#undoTexts.length - 1; at >= 0; at -= 1) {
        const text = this.#undoTexts[at] ?? ''
        const before = this.#undoWrites[at]
        if (before === undefined) this.#writes.delete(text)
        else this.#writes.set(text, before)
      }
      this.bytes = bytes
      this.#dictionary.rollBack(mark)
      throw error
    } finally {
      turn.over = true
    }
  }

  /** No build follows: returns what they wrote, and how many ids they named. */
  end(): { readonly operations: readonly Operation[]; readonly ids: number } {
    this.#before = undefined
    this.#forgetUndo()
    return { operations: [...this.#writes.values()], ids: this.#dictionary.mark - this.#firstId }
  }

  #batch(turn: { readonly over: boolean }): Batch {
    const check = (): void => {
      if (turn.over) throw new TypeError('a batch ends with its build')
    }
    return {
      group: this.number,
      get: (key) => {
        check()
        return this.#get(key, encodeKey(key.table, key.at))
      },
      put: (key, value) => {
        check()
        if (key.under !== undefined && !this.#engine.hasKey(key.under)) {
          throw new WarrenError('NO_KEY', 'the conversation has no sealing key')
        }
        this.#write(key, encodeKey(key.table, key.at), value)
      },
      indexed: (key) => {
        check()
        const numbers = this.#get(key, encodeKey(key.table, key.at))
        return numbers === undefined ? undefined : decodeNumbers(numbers)
      },
      index: (key, numbers) => {
        check()
        this.#write(key, encodeKey(key.table, key.at), encodeNumbers(numbers))
      },
      indexOnce: (key, numbers) => {
        check()
        const bytes = encodeKey(key.table, key.at)
        const known = this.#get(key, bytes)
        if (known !== undefined) return decodeNumbers(known)
        this.#write(key, bytes, encodeNumbers(numbers))
        return undefined
      },
      delete: (key) => {
        check()
        this.#write(key, encodeKey(key.table, key.at), undefined)
      },
    }
  }

  #forgetUndo(): void {
    this.#undoTexts.length = 0
    this.#undoWrites.length = 0
  }

  /** What this group wrote to a key last. */
  written(text: string): Operation | undefined {
    return this.#writes.get(text)
  }

  #get(key: Key | IndexKey, bytes: Buffer): Uint8Array | undefined {
    const text = keyText(bytes)
    const written = this.#writes.get(text) ?? this.#before?.written(text)
    return written === undefined ? this.#engine.get(key, bytes) : written.value
  }

  #write(key: Key | IndexKey, bytes: Buffer, value: Uint8Array | undefined): void {
    const text = keyText(bytes)
    this.#undoTexts.push(text)
    this.#undoWrites.push(this.#writes.get(text))
    this.#writes.set(text, { key, bytes, value })
    this.bytes += bytes.length + (value?.length ?? 0)
  }
}
