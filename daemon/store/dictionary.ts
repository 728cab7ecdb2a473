/** Ids and the small numbers that stand for them in keys, all in memory. */

import { readUtf8, utf8 } from '../../protocol/bytes.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Engine } from './engine.ts'
import { tables, type Batch, type DictionaryId } from './store.ts'

/** As many as LevelDB can lose at a time. They may still stand in rows, and must not come to mean somebody else. */
export const numbersThatMayBeLost = 65_536

function readNumber(at: readonly number[]): number {
  const [number] = at
  if (number === undefined || at.length !== 1) throw new WarrenError('STORE_DAMAGED', 'not a row of the dictionary')
  return number
}

export class Dictionary {
  readonly #numbers = new Map<DictionaryId, number>()
  readonly #ids = new Map<number, DictionaryId>()
  /** Ids of the groups under way, numbered from #next on. */
  readonly #pending: DictionaryId[] = []
  readonly #pendingNumbers = new Map<DictionaryId, number>()
  #next = 1

  /** Reads all rows anew; with `mend` those that can be read. `leap` numbers above the highest are left out, as they may have been given to ids that got lost. */
  async load(engine: Engine, leap: number, mend = false): Promise<void> {
    let isDamaged = false
    const damaged = (): void => {
      isDamaged = true
    }
    const rows = await engine.range(tables.dictionary, mend ? { damaged } : {})
    const known = rows.map(({ at, value }) => [readNumber(at), readUtf8(value) as DictionaryId] as const)
    // Only now: if anything above fails, what is known stays known.
    this.rollBack(0)
    this.#numbers.clear()
    this.#ids.clear()
    for (const [number, id] of known) this.#set(id, number)
    this.#next = Math.max(this.#next, (known.at(-1)?.[0] ?? 0) + 1 + (isDamaged ? numbersThatMayBeLost : leap))
  }

  #set(id: DictionaryId, number: number): void {
    this.#numbers.set(id, number)
    this.#ids.set(number, id)
  }

  /** `withPending`: also those of the groups under way. */
  numberOf(id: DictionaryId, withPending: boolean): number | undefined {
    return this.#numbers.get(id) ?? (withPending ? this.#pendingNumbers.get(id) : undefined)
  }

  idOf(number: number, withPending: boolean): DictionaryId | undefined {
    return this.#ids.get(number) ?? (withPending ? this.#pending[number - this.#next] : undefined)
  }

  /** The number of `id`, made within `batch` if it has none. */
  numberFor(batch: Batch, id: DictionaryId): number {
    const known = this.numberOf(id, true)
    if (known !== undefined) return known
    const number = this.#next + this.#pending.length
    batch.put({ table: tables.dictionary, at: [number] }, utf8(id))
    this.#pending.push(id)
    this.#pendingNumbers.set(id, number)
    return number
  }

  /** How many ids are pending: what rollBack() returns to. */
  get mark(): number {
    return this.#pending.length
  }

  rollBack(mark: number): void {
    for (const id of this.#pending.splice(mark)) this.#pendingNumbers.delete(id)
  }

  /** A group is durable: its ids, the oldest `count` that are pending, are known from now on. */
  settle(count: number): void {
    for (const id of this.#pending.splice(0, count)) {
      this.#set(id, this.#next)
      this.#pendingNumbers.delete(id)
      this.#next += 1
    }
  }
}
