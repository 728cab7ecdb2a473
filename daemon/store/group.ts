/** The builds of one group: what they write, what they read of each other, and how a failed one is left out. */

import { WarrenError } from '../../protocol/errors.ts'
import type { Dictionary } from './dictionary.ts'
import type { Engine, Operation } from './engine.ts'
import { encodeKey, keyText } from './keys.ts'
import type { Batch, Key } from './store.ts'

/** In memory that small values share, which is four times as fast as memory of their own. */
function copy(value: Uint8Array): Uint8Array {
  const bytes = Buffer.from(value)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

export class Group {
  readonly #engine: Engine
  readonly #dictionary: Dictionary
  /** By keyText(); the last write to a key counts. */
  readonly #writes = new Map<string, Operation>()
  /** What the running build overwrote, in order. */
  #undo: [string, Operation | undefined][] = []
  /** Bytes of all keys and values put so far: what bounds a group. */
  bytes = 0

  constructor(engine: Engine, dictionary: Dictionary) {
    this.#engine = engine
    this.#dictionary = dictionary
  }

  /** Runs one build. If it throws, everything is as if it had not run. */
  run<T>(build: (batch: Batch) => T): T {
    const { bytes } = this
    const { mark } = this.#dictionary
    const turn = { over: false }
    this.#undo = []
    try {
      const result = build(this.#batch(turn))
      if (result instanceof Promise) throw new TypeError('a build must not wait')
      return result
    } catch (error) {
      for (const [text, before] of this.#undo.toReversed()) {
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

  get operations(): readonly Operation[] {
    return [...this.#writes.values()]
  }

  #batch(turn: { readonly over: boolean }): Batch {
    const check = (): void => {
      if (turn.over) throw new TypeError('a batch ends with its build')
    }
    return {
      get: (key) => {
        check()
        return this.#get(key)
      },
      put: (key, value) => {
        check()
        if (key.under !== undefined && !this.#engine.hasKey(key.under)) {
          throw new WarrenError('NO_KEY', 'the conversation has no sealing key')
        }
        this.#write(key, copy(value))
      },
      delete: (key) => {
        check()
        this.#write(key, undefined)
      },
    }
  }

  #get(key: Key): Uint8Array | undefined {
    const bytes = encodeKey(key.table, key.at)
    const written = this.#writes.get(keyText(bytes))
    return written === undefined ? this.#engine.get(key, bytes) : written.value
  }

  #write(key: Key, value: Uint8Array | undefined): void {
    const bytes = encodeKey(key.table, key.at)
    const text = keyText(bytes)
    this.#undo.push([text, this.#writes.get(text)])
    this.#writes.set(text, { key, bytes, value })
    this.bytes += bytes.length + (value?.length ?? 0)
  }
}
