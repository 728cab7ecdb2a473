/** Reads a range of LevelDB in chunks, and as far as it goes where a block cannot be read. */

import type { Bounds } from './keys.ts'

type Pair = readonly [bytes: Uint8Array, sealed: Uint8Array]

interface Iterator {
  nextv(size: number): Promise<[Uint8Array, Uint8Array][]>
  close(): Promise<void>
}

interface IteratorOptions {
  gte?: Uint8Array
  gt?: Uint8Array
  lt?: Uint8Array
  reverse: boolean
  limit: number
  highWaterMarkBytes: number
}

/** What is used of the database. */
export interface Rows {
  iterator(options: IteratorOptions): Iterator
}

export interface ReadOptions {
  readonly bounds: Bounds
  readonly reverse: boolean
  /** Below 0: none. */
  readonly limit: number
  readonly chunkRows: number
  readonly chunkBytes: number
  /** Told once if LevelDB cannot read all of it, which then ends where it can read no further. Without it that is thrown. */
  readonly unreadable?: (cause: unknown) => void
}

/** In key order, or the other way round. */
export async function* readRows(rows: Rows, options: ReadOptions): AsyncGenerator<readonly Pair[]> {
  const { chunkRows, limit, unreadable } = options
  let last: Uint8Array | undefined
  let count = 0
  const iterator = rows.iterator(iteratorOptions(options, undefined, 0))
  try {
    for (;;) {
      const found = await iterator.nextv(chunkRows)
      if (found.length === 0) return
      yield found
      last = found.at(-1)?.[0]
      count += found.length
    }
  } catch (cause) {
    if (unreadable === undefined) throw cause
    unreadable(cause)
  } finally {
    await iterator.close()
  }
  if (limit < 0 || count < limit) yield* oneByOne(rows, iteratorOptions(options, last, count))
}

/** A chunk that meets a broken block brings nothing at all: single rows come up to it, and from behind it. */
async function* oneByOne(rows: Rows, options: IteratorOptions): AsyncGenerator<readonly Pair[]> {
  const iterator = rows.iterator(options)
  try {
    for (;;) {
      const found = await iterator.nextv(1)
      if (found.length === 0) return
      yield found
    }
  } catch {
    // The end of what can be read; the caller knows already.
  } finally {
    await iterator.close()
  }
}

/** Behind `last`, if there is one; `count` rows of the limit are used up. */
function iteratorOptions(options: ReadOptions, last: Uint8Array | undefined, count: number): IteratorOptions {
  const { bounds, reverse, limit, chunkBytes } = options
  const { lower, lowerIn, upper } = bounds
  const bottom = last !== undefined && !reverse ? { gt: last } : lowerIn ? { gte: lower } : { gt: lower }
  return {
    ...bottom,
    lt: last !== undefined && reverse ? last : upper,
    reverse,
    limit: limit < 0 ? -1 : limit - count,
    highWaterMarkBytes: chunkBytes,
  }
}
