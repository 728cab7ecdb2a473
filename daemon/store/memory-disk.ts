/** What a home is to the store in memory: it outlives the store, crashes, is copied, put back, and fails on demand. */

import { WarrenError } from '../../protocol/errors.ts'
import type { Keepsake, Keepsakes } from './keepsakes.ts'
import { keyText } from './keys.ts'
import { MemoryFiles } from './memory-files.ts'

/** Stands for the bytes of a sealing key: values open under the very token they were put under. */
export type KeyToken = { readonly conversation: number | undefined }

export interface MemoryRow {
  readonly bytes: Buffer
  readonly value: Uint8Array
  readonly token: KeyToken
}

/** A row to put or, if undefined, to delete. */
export interface MemoryWrite {
  readonly bytes: Buffer
  readonly row: MemoryRow | undefined
}

export interface Fault {
  readonly code: 'STORE_FULL' | 'STORE_FAILED'
  /** The group that fails turns out to be there once the store was mended, as it may on a real disk. */
  readonly kept?: boolean
}

export class MemoryDisk {
  readonly storeId: string
  /** While set, nothing can be written. */
  fault: Fault | undefined
  /** True while a store that has not crashed has it open. */
  inUse = false
  /** Undefined before the first open. */
  closedCleanly: boolean | undefined
  /** Changes with every crash: a store of an earlier session is dead. */
  session = 0
  /** What is being written; a crash leaves all of it or nothing. */
  underWay: readonly MemoryWrite[] = []
  /** keyText() of places in a block that cannot be read, whether there are rows or not: a range ends there. */
  readonly unreadable = new Set<string>()
  homeToken: KeyToken = { conversation: undefined }
  tokens = new Map<number, KeyToken>()
  /** Of the keyring: how many tokens were ever made. */
  tokensMade = 0
  readonly #kept = new Map<Keepsake, Uint8Array>()
  /** Files beside the database. */
  readonly keepsakes: Keepsakes = {
    read: (name) => Promise.resolve(this.#kept.get(name)),
    write: async (name, bytes) => {
      await Promise.resolve()
      if (this.fault !== undefined) throw new WarrenError(this.fault.code, 'the disk fails on demand')
      this.#kept.set(name, bytes)
    },
  }
  readonly files = new MemoryFiles({ fault: () => this.fault, session: () => this.session })
  #rows = new Map<string, MemoryRow>()
  /** The keys of #rows in order. */
  #sorted: string[] = []

  /** `storeId` as in Store.storeId. */
  constructor(storeId: string) {
    this.storeId = storeId
  }

  /** Ends the open store as kill -9 would: what it was asked for never comes. `keepUnderWay`: the group under way made it. */
  crash(keepUnderWay = false): void {
    if (keepUnderWay) this.apply(this.underWay)
    this.underWay = []
    this.session += 1
    this.files.crash()
    this.inUse = false
  }

  /** A copy as it lies there now, which can be opened or copied again: an image of the disk, taken while a store may run. */
  snapshot(): MemoryDisk {
    const copy = new MemoryDisk(this.storeId)
    copy.closedCleanly = this.closedCleanly
    copy.homeToken = this.homeToken
    copy.tokens = new Map(this.tokens)
    copy.tokensMade = this.tokensMade
    copy.#rows = new Map(this.#rows)
    copy.#sorted = [...this.#sorted]
    for (const text of this.unreadable) copy.unreadable.add(text)
    for (const [name, bytes] of this.#kept) copy.#kept.set(name, bytes)
    this.files.copyTo(copy.files)
    return copy
  }

  row(text: string): MemoryRow | undefined {
    return this.#rows.get(text)
  }

  apply(writes: readonly MemoryWrite[]): void {
    for (const { bytes, row } of writes) {
      if (row === undefined) this.#delete(keyText(bytes))
      else this.#set(keyText(bytes), row)
    }
  }

  /** Rows from the first text that is not below `lower` to the last that is below `upper`. */
  between(lower: string, upper: string): MemoryRow[] {
    return this.#sorted.slice(this.#indexOf(lower), this.#indexOf(upper)).flatMap((text) => this.#rows.get(text) ?? [])
  }

  #set(text: string, row: MemoryRow): void {
    if (!this.#rows.has(text)) this.#sorted.splice(this.#indexOf(text), 0, text)
    this.#rows.set(text, row)
  }

  #delete(text: string): void {
    if (this.#rows.delete(text)) this.#sorted.splice(this.#indexOf(text), 1)
  }

  /** Where `text` stands or would stand. */
  #indexOf(text: string): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#sorted[middle] ?? '') < text) low = middle + 1
      else high = middle
    }
    return low
  }
}
