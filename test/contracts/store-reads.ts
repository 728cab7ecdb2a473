/** The store contract, reads and what stays after close. */

import { tables, type Store } from '../../daemon/store/store.ts'
import { bytes, codeOf, key, put, textAt, type Contract } from './store-harness.ts'

export const reading: Record<string, Contract> = {
  'get() and range() tell what was committed, and nothing of what was deleted': async (t, { open }) => {
    const store = await open()
    await put(store, key(1, 1), 'one')
    await put(store, key(1, 2), 'two')
    await store.commit((batch) => {
      batch.delete(key(1, 1))
      batch.delete(key(9))
    })
    t.equal(store.get(key(1, 1)), undefined)
    t.equal(textAt(store, key(1, 2)), 'two')
    t.same(
      (await store.range(tables.entry)).map(({ at }) => at),
      [[1, 2]],
    )
    t.same(await store.range(tables.feed), [])
  },

  'an empty value is not a missing one': async (t, { open }) => {
    const store = await open()
    await put(store, key(1), '')
    t.same(store.get(key(1)), new Uint8Array(0))
  },

  'range() is in numeric order, within its prefix, bounds, direction and limit': async (t, { open }) => {
    const store = await open()
    const all = [[1], [1, 2], [1, 2, 0], [1, 247], [1, 248], [1, 256], [1, 65_536], [1, 2 ** 48], [2], [300, 1]]
    await store.commit((batch) => {
      for (const at of all.toReversed()) batch.put(key(...at), bytes(at.join()))
      batch.put({ table: tables.feed, at: [1] }, bytes('another table'))
      batch.index({ table: tables.order, at: [1] }, [7])
    })
    const at = async (options: Parameters<Store['range']>[1]): Promise<(readonly number[])[]> =>
      (await store.range(tables.entry, options)).map((row) => row.at)
    t.same(await at({}), all)
    t.same(await at({ reverse: true }), all.toReversed())
    t.same(await at({ prefix: [1] }), all.slice(0, 8))
    t.same(await at({ prefix: [1], after: [247], before: [65_536] }), [
      [1, 248],
      [1, 256],
    ])
    t.same(await at({ prefix: [1], after: [2] }), all.slice(2, 8), '[2, 0] is after [2]')
    t.same(await at({ prefix: [1], before: [2, 0] }), [[1], [1, 2]])
    t.same(await at({ prefix: [1], reverse: true, limit: 2 }), [
      [1, 2 ** 48],
      [1, 65_536],
    ])
    t.same(await at({ prefix: [1], before: [256], reverse: true, limit: 1 }), [[1, 248]])
    t.same(await at({ prefix: [3] }), [])
    t.same(await at({ limit: 0 }), [])
    t.equal(Buffer.from((await store.range(tables.entry, { prefix: [300] }))[0]?.value ?? []).toString(), '300,1')
  },

  'range() brings many rows': async (t, { open }) => {
    const store = await open()
    await store.commit((batch) => {
      for (let at = 0; at < 2500; at += 1) batch.put(key(at), bytes(String(at)))
    })
    const rows = await store.range(tables.entry)
    t.equal(rows.length, 2500)
    t.ok(rows.every((row, index) => row.at[0] === index && Buffer.from(row.value).toString() === String(index)))
  },

  'a key of anything but unsigned safe integers is a bug': async (t, { open }) => {
    const store = await open()
    for (const wrong of [-1, 1.5, Number.NaN, 2 ** 53]) t.throws(() => store.get(key(wrong)), RangeError)
  },

  'counts tell batches, writes and opened values': async (t, { open }) => {
    const store = await open()
    await Promise.all([put(store, key(1), 'a'), put(store, key(2), 'b')])
    store.get(key(1))
    store.get(key(3))
    await store.range(tables.entry)
    t.same(store.counts, { batches: 1, writes: 2, reads: 3 })
  },
}

export const living: Record<string, Contract> = {
  'what was committed is there after close() and open()': async (t, { open }) => {
    const store = await open()
    t.match(store.storeId, /^[a-z2-7]{26}$/)
    t.equal(store.closedCleanly, true)
    await put(store, key(1), 'x')
    await store.close()
    await store.close()
    const again = await open()
    t.equal(again.storeId, store.storeId)
    t.equal(again.closedCleanly, true)
    t.equal(textAt(again, key(1)), 'x')
  },

  'a home has one user': async (t, { open }) => {
    const store = await open()
    t.equal(await codeOf(open), 'HOME_IN_USE')
    await put(store, key(1), 'still works')
    await store.close()
    t.equal(textAt(await open(), key(1)), 'still works')
  },

  'close() waits for commits under way and refuses later ones': async (t, { open }) => {
    const store = await open()
    const early = put(store, key(1), 'x')
    const closed = store.close()
    t.equal(await codeOf(() => put(store, key(2), 'y')), 'CLOSING')
    await Promise.all([early, closed])
    t.equal(await codeOf(() => store.get(key(1))), 'STORE_FAILED')
    t.equal(await codeOf(() => store.range(tables.entry)), 'STORE_FAILED')
    t.equal(textAt(await open(), key(1)), 'x')
  },
}
