/** The store contract, any mix of commits against a model. */

import fc from 'fast-check'
import { tables, type Store } from '../../daemon/store/store.ts'
import { bytes, key, textAt, type Contract } from './store-harness.ts'

const places = [0, 1, 2, 3, 4, 5]
const anyWrite = fc.record({
  at: fc.constantFrom(...places),
  value: fc.option(fc.string({ maxLength: 3 }), { nil: undefined }),
})
const anyCommit = fc.record({
  /** Microtasks that pass before it is called. */
  ticks: fc.nat(6),
  writes: fc.array(anyWrite, { maxLength: 5 }),
  throws: fc.boolean(),
})
type Commit = typeof anyCommit extends fc.Arbitrary<infer T> ? T : never

const mine = new Error('on purpose')

/** Runs one commit and the same on `model`. Resolves with what is wrong. */
async function runBoth(store: Store, model: Map<number, string>, run: number, commit: Commit): Promise<string> {
  for (let tick = 0; tick < commit.ticks; tick += 1) await Promise.resolve()
  let wrong = ''
  const done = store.commit((batch) => {
    for (const at of places) if (textAt(batch, key(run, at)) !== model.get(at)) wrong += ` reads ${at}`
    const after = new Map(model)
    for (const { at, value } of commit.writes) {
      if (value === undefined) {
        batch.delete(key(run, at))
        after.delete(at)
      } else {
        batch.put(key(run, at), bytes(value))
        after.set(at, value)
      }
    }
    if (commit.throws) throw mine
    model.clear()
    for (const [at, value] of after) model.set(at, value)
  })
  const thrown = await done.catch((error: unknown) => error)
  return thrown === (commit.throws ? mine : undefined) ? wrong : `${wrong} ends otherwise`
}

export const mixing: Record<string, Contract> = {
  'any mix of commits ends as if they had run one after the other': async (t, { open }) => {
    const store = await open()
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(anyCommit, { maxLength: 12 }), async (commits) => {
        run += 1
        const model = new Map<number, string>()
        const wrong = await Promise.all(commits.map((commit) => runBoth(store, model, run, commit)))
        const rows = await store.range(tables.entry, { prefix: [run] })
        const kept = rows.map(({ at, value }) => [at[1], Buffer.from(value).toString()])
        const wanted = [...model].toSorted(([a], [b]) => a - b)
        return wrong.join('') === '' && JSON.stringify(kept) === JSON.stringify(wanted)
      }),
      { numRuns: 100 },
    )
    t.ok(run >= 100)
  },
}
