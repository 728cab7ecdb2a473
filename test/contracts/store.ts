/** What every Store keeps to: run by each implementation, with a new home for each test. */

import type { Test } from 'tap'
import { grouping, naming } from './store-commits.ts'
import { failing } from './store-failures.ts'
import type { StoreHarness } from './store-harness.ts'
import { indexing } from './store-indexes.ts'
import { sealing } from './store-keys.ts'
import { mixing } from './store-mixes.ts'
import { living, reading } from './store-reads.ts'

export interface StoreContractOptions {
  /** A harness over a new home; whatever it left open is closed with `t`. */
  readonly harness: (t: Test) => Promise<StoreHarness>
  /** Why fill() cannot be had here. */
  readonly skipFull?: string | false
}

/** Runs the whole contract. */
export function storeContract(t: Test, { harness, skipFull = false }: StoreContractOptions): void {
  const suites = { reading, indexing, grouping, mixing, naming, sealing, living, failing }
  for (const [suite, contracts] of Object.entries(suites)) {
    const skip = suite === 'failing' ? skipFull : false
    t.test(suite, { skip }, async (t) => {
      for (const [name, contract] of Object.entries(contracts)) {
        await t.test(name, async (t) => {
          await contract(t, await harness(t))
        })
      }
    })
  }
}
