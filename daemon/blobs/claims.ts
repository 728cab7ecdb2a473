/** Who fetches which chunks of one file: each is asked of one device, and at the end of a second one, too. */

import type { DeviceId } from '../../protocol/ids.ts'
import type { Chunks } from './blob-record.ts'

/** Chunks from a number on; `count` is at least 1. */
export interface Claim {
  readonly from: number
  readonly count: number
}

export class Claims {
  readonly #chunks: Chunks
  readonly #most: number
  readonly #askers: DeviceId[][]
  /** No chunk below is free. */
  #low = 0

  /** `most`: chunks that one claim names. */
  constructor(chunks: Chunks, most: number) {
    this.#chunks = chunks
    this.#most = most
    this.#askers = Array.from({ length: chunks.all }, () => [])
  }

  /** Chunks that are not here and that nobody was asked for; then those that one other device is slow with. Undefined if there are none. */
  take(device: DeviceId): Claim | undefined {
    return this.#find(device, (asked) => asked.length === 0, this.#low) ?? this.#second(device)
  }

  #second(device: DeviceId): Claim | undefined {
    return this.#find(device, (asked) => asked.length === 1 && asked[0] !== device, 0)
  }

  #find(device: DeviceId, fits: (asked: readonly DeviceId[]) => boolean, low: number): Claim | undefined {
    const isFree = (number: number): boolean => !this.#chunks.has(number) && fits(this.#askers[number] ?? [])
    let from = low
    while (from < this.#chunks.all && !isFree(from)) from += 1
    if (from === this.#chunks.all) return undefined
    let count = 0
    while (count < this.#most && from + count < this.#chunks.all && isFree(from + count)) {
      this.#askers[from + count]?.push(device)
      count += 1
    }
    if (low === this.#low) this.#low = from
    return { from, count }
  }

  /** What of a claim did not come may be asked of others. */
  giveBack(device: DeviceId, { from, count }: Claim): void {
    for (let number = from; number < from + count; number += 1) {
      const asked = this.#askers[number] ?? []
      const at = asked.indexOf(device)
      if (at >= 0) asked.splice(at, 1)
    }
    this.#low = Math.min(this.#low, from)
  }
}
