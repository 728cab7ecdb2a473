/** The store contract, indexes: rows of numbers in plain sight. */

import { tables, type IndexKey } from '../../daemon/store/store.ts'
import { bytes, codeOf, key, type Contract } from './store-harness.ts'

const place = (...at: readonly number[]): IndexKey => ({ table: tables.client, at })

export const indexing: Record<string, Contract> = {
  'index() puts numbers, which are there after close() and open()': async (t, { open }) => {
    const store = await open()
    await store.commit((batch) => {
      batch.index(place(1, 2 ** 48), [3, 2 ** 53 - 1])
      batch.index(place(1, 2), [])
      t.same(batch.indexed(place(1, 2)), [])
      t.equal(batch.indexed(place(9)), undefined)
    })
    await store.close()
    const again = await open()
    t.same(again.indexed(place(1, 2 ** 48)), [3, 2 ** 53 - 1])
    t.same(again.indexed(place(1, 2)), [])
    t.equal(again.indexed(place(1)), undefined)
  },

  'indexOnce() puts a row unless there is one, of the same group or before': async (t, { open }) => {
    const store = await open()
    const claim = (number: number): Promise<readonly number[] | undefined> =>
      store.commit((batch) => batch.indexOnce(place(1), [number]))
    t.same(await Promise.all([claim(1), claim(2)]), [undefined, [1]])
    t.same(await claim(3), [1])
    await store.commit((batch) => {
      batch.delete(place(1))
    })
    t.equal(await claim(4), undefined)
    t.same(store.indexed(place(1)), [4])
  },

  'a build that throws leaves the index as it was': async (t, { open }) => {
    const store = await open()
    const kept = store.commit((batch) => batch.index(place(1), [1]))
    const thrown = store.commit((batch) => {
      batch.index(place(1), [2])
      batch.indexOnce(place(2), [2])
      throw new Error('mine')
    })
    await t.rejects(thrown)
    await kept
    t.same(store.indexed(place(1)), [1])
    t.equal(store.indexed(place(2)), undefined)
  },

  'rangeIndex() is in numeric order, within its prefix, bounds, direction and limit': async (t, { open }) => {
    const store = await open()
    await store.commit((batch) => {
      for (const each of [
        [1, 300],
        [1, 2],
        [2, 1],
        [1, 65_536],
      ])
        batch.index(place(...each), [])
      batch.put(key(1, 5), bytes('another table'))
    })
    t.same(await store.rangeIndex(tables.client), [
      [1, 2],
      [1, 300],
      [1, 65_536],
      [2, 1],
    ])
    t.same(await store.rangeIndex(tables.client, { prefix: [1], reverse: true, limit: 2 }), [
      [1, 65_536],
      [1, 300],
    ])
    t.same(await store.rangeIndex(tables.client, { prefix: [1], after: [2], before: [65_536] }), [[1, 300]])
    t.same(await store.rangeIndex(tables.order), [])
  },

  'an index takes nothing but unsigned safe integers': async (t, { open }) => {
    const store = await open()
    for (const wrong of [-1, 1.5, Number.NaN, 2 ** 53])
      await t.rejects(
        store.commit((batch) => batch.index(place(1), [wrong])),
        RangeError,
      )
    t.equal(await codeOf(() => store.indexed(place(1))), 'nothing was thrown')
  },
}
