/** One file of one conversation, in memory. */

import type { BlobId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { BlobRow } from './blob-row.ts'

const tagBytes = 16
/** A whole chunk as it is stored. */
export const sealedBytes = limits.chunkBytes + tagBytes

/** `coming`: it is fetched as soon as somebody who has it is linked. `missing`: it is not here, and nobody asked for it. */
export type BlobState = 'whole' | 'coming' | 'missing'

export interface BlobStanding {
  readonly state: BlobState
  /** Bytes that are here, of `size`. */
  readonly held: number
  readonly size: number
}

/** Which chunks of a file are here. */
export class Chunks {
  readonly #held: Uint8Array
  count = 0

  constructor(chunks: number) {
    this.#held = new Uint8Array(chunks)
  }

  get all(): number {
    return this.#held.length
  }

  has(number: number): boolean {
    return this.#held[number] === 1
  }

  add(number: number): void {
    if (number >= this.#held.length || this.has(number)) return
    this.#held[number] = 1
    this.count += 1
  }

  drop(number: number): void {
    if (!this.has(number)) return
    this.#held[number] = 0
    this.count -= 1
  }
}

export class BlobRecord {
  readonly conversation: Scope
  /** The conversation's, in keys. */
  readonly number: number
  /** As it is on the disk. */
  row: BlobRow
  /** Of one that is not whole, once it was looked what is here. */
  chunks: Chunks | undefined
  /** The conversation was deleted, or nothing refers to the file any more: nothing of it is written or given. */
  isGone = false
  /** It was read to its end, and is what `row.reference` says. */
  isRight = false
  /** The last run ended while a message with it was about to be written; whether it was is not known yet. */
  isLeft = false
  /** Messages with it that this run was about to write, but for those that are known not to have been. */
  posts = 0
  /** How often it was read because another message said something else. */
  looks = 0
  /** Changes of its row go one after the other. */
  turn: Promise<void> = Promise.resolve()

  constructor(conversation: Scope, number: number, row: BlobRow) {
    this.conversation = conversation
    this.number = number
    this.row = row
  }

  get id(): BlobId {
    return this.row.reference.id
  }

  /** Bytes of the plaintext that are here. */
  get held(): number {
    const { size } = this.row.reference
    if (this.row.isWhole) return size
    return Math.min(size, (this.chunks?.count ?? 0) * limits.chunkBytes)
  }
}
