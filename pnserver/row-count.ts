/** How many rows there are, as far as this server knows, and whether there is room for more. */

import type { Metrics } from './metrics.ts'

export class RowCount {
  readonly #most: number
  #rows = 0
  /** Since the last count of all was begun. */
  #since = 0

  constructor(metrics: Metrics, most: number) {
    this.#most = most
    metrics.gauge('rows', () => this.#rows)
    metrics.gauge('rows_most', () => most)
  }

  /** Makes room for so many new rows, or for as many as there is. */
  reserve(wanted: number): number {
    const granted = Math.max(0, Math.min(wanted, this.#most - this.#rows))
    this.#rows += granted
    this.#since += granted
    return granted
  }

  /** So many were not put after all. */
  giveBack(count: number): void {
    this.#rows -= count
    this.#since -= count
  }

  /** All are counted: what is put meanwhile may be among them, or not, and counts twice rather than not at all. */
  async recount(count: () => Promise<number>): Promise<void> {
    this.#since = 0
    const found = await count()
    this.#rows = found + this.#since
  }
}
