/** The engine in memory: microtasks instead of a disk, tokens instead of keys. */

import { utf8 } from '../../protocol/bytes.ts'
import { sha256 } from '../../protocol/crypto.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Engine, Operation, SealedRangeOptions } from './engine.ts'
import { boundsOf, decodeKey, keyText, numbersOf } from './keys.ts'
import type { KeyToken, MemoryDisk, MemoryRow, MemoryWrite } from './memory-disk.ts'
import {
  isIndexKey,
  type IndexKey,
  type Key,
  type RangeOptions,
  type Row,
  type SealedTable,
  type Store,
  type Table,
} from './store.ts'

/** Rows of an index are under no key. */
const noToken: KeyToken = { conversation: undefined }

/** What a dead process is told. */
const never = new Promise<never>(() => undefined)

export class MemoryEngine implements Engine {
  readonly #disk: MemoryDisk
  readonly #session: number
  readonly #counts: Store['counts']
  /** A failed group that recover() brings to light. */
  #kept: readonly MemoryWrite[] = []
  readonly #marksEnd: boolean
  #closed = false

  /** `marksEnd`: close() notes that it was reached. */
  constructor(disk: MemoryDisk, counts: Store['counts'], marksEnd = true) {
    this.#disk = disk
    this.#marksEnd = marksEnd
    this.#session = disk.session
    this.#counts = counts
  }

  get(key: Key | IndexKey, bytes: Buffer): Uint8Array | undefined {
    this.#checkOpen()
    const row = this.#disk.row(keyText(bytes))
    if (this.#disk.unreadable.has(keyText(bytes))) throw new WarrenError('STORE_DAMAGED', 'a block cannot be read')
    if (row === undefined) return undefined
    return isIndexKey(key) ? new Uint8Array(row.value) : this.#open(row, this.#tokenOf(key.under), key)
  }

  async range(table: SealedTable, options: SealedRangeOptions): Promise<Row[]> {
    const found = this.#upToUnreadable(await this.#read(table, options), table, options)
    if (found.length === 0) return []
    const token = this.#tokenOf(options.under)
    return found.flatMap((row) => {
      const at = decodeKey(row.bytes)
      // A row of another key stands for one that is damaged.
      if (options.damaged !== undefined && row.token !== token) {
        options.damaged(at)
        return []
      }
      return [{ at, value: this.#open(row, token, { table, at }) }]
    })
  }

  /** What lies before a place that cannot be read, if the range comes to it. */
  #upToUnreadable(found: MemoryRow[], table: Table, options: SealedRangeOptions): MemoryRow[] {
    const { lower, upper } = boundsOf(table, options)
    const { damaged, limit = Infinity, reverse = false } = options
    const places = [...this.#disk.unreadable]
      .filter((text) => text > keyText(lower) && text < keyText(upper))
      .toSorted()
    const place = reverse ? places.at(-1) : places[0]
    if (place === undefined) return found
    const before = found.filter(({ bytes }) => (reverse ? keyText(bytes) > place : keyText(bytes) < place))
    if (before.length === limit) return found
    if (damaged === undefined) throw new WarrenError('STORE_DAMAGED', 'a block cannot be read')
    damaged([])
    return before
  }

  async numbers(table: Table, options: RangeOptions): Promise<(readonly number[])[]> {
    return (await this.#read(table, options)).map(({ bytes }) => decodeKey(bytes))
  }

  async compact(): Promise<void> {
    await this.#turn()
  }

  async #read(table: Table, options: RangeOptions): Promise<MemoryRow[]> {
    this.#checkOpen()
    const { lower, lowerIn, upper } = boundsOf(table, options)
    let found = this.#disk.between(keyText(lower), keyText(upper))
    if (!lowerIn) found = found.filter(({ bytes }) => !bytes.equals(lower))
    if (options.reverse === true) found.reverse()
    if (options.limit !== undefined) found = found.slice(0, options.limit)
    await this.#turn()
    return found
  }

  prepare(operations: readonly Operation[]): () => Promise<void> {
    const writes = operations.map(({ key, bytes, value }): MemoryWrite => {
      if (value === undefined) return { bytes, row: undefined }
      return { bytes, row: { bytes, value, token: isIndexKey(key) ? noToken : this.#tokenOf(key.under) } }
    })
    return async () => {
      if (this.#crashed) await never
      this.#checkOpen()
      this.#disk.underWay = writes
      // So long that the next group is built meanwhile, as it is with a disk.
      for (let turn = 0; turn < 4; turn += 1) await this.#turn()
      this.#disk.underWay = []
      if (this.#disk.fault?.kept === true) this.#kept = writes
      this.#checkFault()
      this.#disk.apply(writes)
    }
  }

  async recover(): Promise<void> {
    await this.#turn()
    this.#checkFault()
    this.#disk.apply(this.#kept)
    this.#kept = []
  }

  nameNumbers(name: Uint8Array): readonly [number, number] {
    return numbersOf(sha256(utf8(this.#disk.storeId), name))
  }

  keysMade(): number {
    return this.#disk.tokensMade
  }

  hasKey(conversation: number): boolean {
    return this.#disk.tokens.has(conversation)
  }

  async createKey(conversation: number): Promise<void> {
    await this.#turn()
    if (this.hasKey(conversation)) return
    this.#checkFault()
    this.#disk.tokens.set(conversation, { conversation })
    this.#disk.tokensMade += 1
  }

  async dropKey(conversation: number): Promise<void> {
    this.#checkOpen()
    this.#disk.tokens.delete(conversation)
    await this.#turn()
    this.#checkFault()
  }

  async close(): Promise<void> {
    await this.#turn()
    this.#closed = true
    this.#disk.closedCleanly = this.#marksEnd && this.#disk.fault === undefined
    this.#disk.inUse = false
  }

  get #crashed(): boolean {
    return this.#disk.session !== this.#session
  }

  /** The next microtask; never after a crash, as a dead process is told nothing. */
  async #turn(): Promise<void> {
    await Promise.resolve()
    if (this.#crashed) await never
  }

  #checkOpen(): void {
    if (this.#closed || this.#crashed) throw new WarrenError('STORE_FAILED', 'the store is not open')
  }

  #checkFault(): void {
    if (this.#disk.fault !== undefined) throw new WarrenError(this.#disk.fault.code, 'the disk fails on demand')
  }

  #tokenOf(under: number | undefined): KeyToken {
    const token = under === undefined ? this.#disk.homeToken : this.#disk.tokens.get(under)
    if (token === undefined) throw new WarrenError('NO_KEY', 'the conversation has no sealing key')
    return token
  }

  #open(row: MemoryRow, token: KeyToken, { table, at }: Key): Uint8Array {
    this.#counts.reads += 1
    if (row.token !== token) {
      throw new WarrenError(
        'STORE_DAMAGED',
        'a value of the database is damaged: warren doctor says what can be done',
        { details: { table, at } },
      )
    }
    return new Uint8Array(row.value)
  }
}
