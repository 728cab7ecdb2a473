/** The engine in memory: microtasks instead of a disk, tokens instead of keys. */

import { utf8 } from '../../protocol/bytes.ts'
import { sha256 } from '../../protocol/crypto.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Engine, Operation, SealedRangeOptions } from './engine.ts'
import { boundsOf, decodeKey, keyText, numbersOf } from './keys.ts'
import type { KeyToken, MemoryDisk, MemoryRow } from './memory-disk.ts'
import type { Key, RangeOptions, Row, Store, Table } from './store.ts'

export class MemoryEngine implements Engine {
  readonly #disk: MemoryDisk
  readonly #session: number
  readonly #counts: Store['counts']
  /** A failed group that recover() brings to light. */
  #kept: readonly Operation[] = []
  #closed = false

  constructor(disk: MemoryDisk, counts: Store['counts']) {
    this.#disk = disk
    this.#session = disk.session
    this.#counts = counts
  }

  get(key: Key, bytes: Buffer): Uint8Array | undefined {
    this.#checkOpen()
    const row = this.#disk.row(keyText(bytes))
    return row === undefined ? undefined : this.#open(row, this.#tokenOf(key.under), key)
  }

  async range(table: Table, options: SealedRangeOptions): Promise<Row[]> {
    this.#checkOpen()
    const { lower, lowerIn, upper } = boundsOf(table, options)
    let found = this.#disk.between(keyText(lower), keyText(upper))
    if (!lowerIn) found = found.filter(({ bytes }) => !bytes.equals(lower))
    if (options.reverse === true) found.reverse()
    if (options.limit !== undefined) found = found.slice(0, options.limit)
    await this.#turn()
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

  async numbers(table: Table, { limit, ...options }: RangeOptions): Promise<(readonly number[])[]> {
    this.#checkOpen()
    const { lower, lowerIn, upper } = boundsOf(table, options)
    const found = this.#disk
      .between(keyText(lower), keyText(upper))
      .filter(({ bytes }) => lowerIn || !bytes.equals(lower))
    await this.#turn()
    return found.slice(0, limit ?? found.length).map(({ bytes }) => decodeKey(bytes))
  }

  async compact(): Promise<void> {
    await this.#turn()
  }

  async write(operations: readonly Operation[]): Promise<void> {
    this.#checkOpen()
    this.#disk.underWay = operations
    await this.#turn()
    this.#disk.underWay = []
    if (this.#disk.fault?.kept === true) this.#kept = operations
    this.#checkFault()
    this.#disk.apply(operations)
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

  hasKey(conversation: number): boolean {
    return this.#disk.tokens.has(conversation)
  }

  async createKey(conversation: number): Promise<void> {
    await this.#turn()
    if (this.hasKey(conversation)) return
    this.#checkFault()
    this.#disk.tokens.set(conversation, { conversation })
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
    this.#disk.closedCleanly = this.#disk.fault === undefined
    this.#disk.inUse = false
  }

  get #crashed(): boolean {
    return this.#disk.session !== this.#session
  }

  /** The next microtask; never after a crash, as a dead process is told nothing. */
  async #turn(): Promise<void> {
    await Promise.resolve()
    if (this.#crashed) await new Promise(() => undefined)
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
