/** Rows over any table of keys and bytes: the rules, once for memory and LevelDB. */

import { emptied, encodeRow, isProven, readRow, sameBytes } from './row-bytes.ts'
import type { Row, RowStore } from './store.ts'

/** Keys and values in the order of their keys; a write is done once it would outlive the process, where anything does. */
export interface Table {
  get(key: Buffer): Promise<Buffer | undefined>
  put(key: Buffer, value: Buffer): Promise<void>
  delete(keys: readonly Buffer[]): Promise<void>
  entries(): AsyncIterable<readonly [key: Buffer, value: Buffer]>
  close(): Promise<void>
}

const rowMark = Buffer.of(1)
const countMark = Buffer.of(2)
const rowKey = (id: Uint8Array): Buffer => Buffer.concat([rowMark, id])
const dayBytes = 4
const sweepBatch = 1000

export class TableRows implements RowStore {
  readonly #table: Table
  /** Writes come one after the other: each looks before it writes. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(table: Table) {
    this.#table = table
  }

  async get(id: Uint8Array, today: number): Promise<Row | undefined> {
    const bytes = await this.#table.get(rowKey(id))
    const row = bytes === undefined ? undefined : readRow(bytes)
    return row === undefined || row.expiresDay < today ? undefined : row
  }

  async put(id: Uint8Array, row: Row, proof: Uint8Array | undefined, today: number): Promise<boolean> {
    return await this.#inTurn(async () => {
      const old = await this.get(id, today)
      if (old !== undefined && !isProven(old, proof)) return false
      await this.#table.put(rowKey(id), encodeRow(row))
      return true
    })
  }

  async revoke(id: Uint8Array, proof: Uint8Array): Promise<void> {
    await this.#empty(id, (row) => isProven(row, proof))
  }

  async clear(id: Uint8Array, sealed: Uint8Array): Promise<void> {
    await this.#empty(id, (row) => sameBytes(row.sealed, sealed))
  }

  async take(key: Uint8Array, count: number, most: number, expiresDay: number): Promise<number> {
    return await this.#inTurn(async () => {
      const at = Buffer.concat([countMark, key])
      const taken = (await this.#table.get(at))?.readUInt32BE(dayBytes) ?? 0
      const granted = Math.max(0, Math.min(count, most - taken))
      const value = Buffer.alloc(dayBytes * 2)
      value.writeUInt32BE(expiresDay)
      value.writeUInt32BE(taken + granted, dayBytes)
      if (granted > 0) await this.#table.put(at, value)
      return granted
    })
  }

  async sweep(today: number): Promise<number> {
    let left = 0
    let old: Buffer[] = []
    for await (const [key, value] of this.#table.entries()) {
      if (value.readUInt32BE(0) < today) old.push(key)
      else if (key[0] === rowMark[0]) left += 1
      if (old.length === sweepBatch) {
        await this.#remove(old, today)
        old = []
      }
    }
    await this.#remove(old, today)
    return left
  }

  async close(): Promise<void> {
    await this.#inTurn(() => this.#table.close())
  }

  /** Somebody may have put one anew since it was looked at. */
  async #remove(keys: readonly Buffer[], today: number): Promise<void> {
    await this.#inTurn(async () => {
      const old: Buffer[] = []
      for (const key of keys) {
        const value = await this.#table.get(key)
        if (value !== undefined && value.readUInt32BE(0) < today) old.push(key)
      }
      await this.#table.delete(old)
    })
  }

  async #empty(id: Uint8Array, isMeant: (row: Row) => boolean): Promise<void> {
    await this.#inTurn(async () => {
      const bytes = await this.#table.get(rowKey(id))
      const row = bytes === undefined ? undefined : readRow(bytes)
      if (row !== undefined && isMeant(row)) await this.#table.put(rowKey(id), encodeRow(emptied(row)))
    })
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return await done
  }
}
