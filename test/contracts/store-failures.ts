/** The store contract, groups that cannot be written. */

import { tables } from '../../daemon/store/store.ts'
import { bytes, codeOf, id, key, put, textAt, type Contract } from './store-harness.ts'

const big = new Uint8Array(128 * 1024)

export const failing: Record<string, Contract> = {
  'a group that cannot be written rejects as one, tells listeners and leaves nothing': async (t, { open, fill }) => {
    const store = await open()
    await put(store, key(1), 'old')
    const told: string[] = []
    const end = store.onFailed(() => {
      told.push('kept')
    })
    store.onFailed(() => {
      told.push('ended')
    })()
    const mend = await fill()
    const group = [
      store.commit((batch) => {
        batch.put(key(1), bytes('new'))
        return store.numberFor(batch, id('alice'))
      }),
      store.commit((batch) => {
        batch.put(key(2), big)
      }),
    ]
    t.same(await Promise.all(group.map((commit) => codeOf(() => commit))), ['STORE_FULL', 'STORE_FULL'])
    t.same(told, ['kept'])
    t.equal(textAt(store, key(1)), 'old', 'reading goes on')
    t.equal((await store.range(tables.entry)).length, 1)
    t.equal(store.numberOf(id('alice')), undefined)
    t.equal(await codeOf(() => put(store, key(3), 'x')), 'STORE_FULL', 'as long as it is full')
    await mend()
    await put(store, key(4), 'room again')
    t.same(told, ['kept', 'kept'], 'told again when mended')
    end()
    t.equal(await store.commit((batch) => store.numberFor(batch, id('bob'))), 1)
    await store.close()
    const again = await open()
    t.same(
      [1, 2, 3, 4].map((at) => textAt(again, key(at))),
      ['old', undefined, undefined, 'room again'],
    )
    t.equal(again.idOf(1), 'bob')
  },

  'a group behind one that cannot be written is rejected with it, and its numbers are given back': async (
    t,
    { open, fill },
  ) => {
    const store = await open()
    await put(store, key(1), 'old')
    const told: (number | undefined)[] = []
    store.onFailed((found) => told.push(found))
    const mend = await fill()
    let second: Promise<unknown> = Promise.resolve()
    let read: string | undefined
    const first = store.commit((batch) => {
      batch.put(key(1), bytes('new'))
      batch.put(key(2), big)
      store.numberFor(batch, id('alice'))
      queueMicrotask(() => {
        second = store.commit((behind) => {
          read = textAt(behind, key(1))
          behind.put(key(3), bytes('behind'))
          return store.numberFor(behind, id('bob'))
        })
        second.catch(() => undefined)
      })
    })
    t.equal(await codeOf(() => first), 'STORE_FULL')
    t.equal(await codeOf(() => second), 'STORE_FULL')
    t.equal(read, 'new', 'it was built already')
    t.same(told, [undefined], 'told once')
    t.same([store.numberOf(id('alice')), store.numberOf(id('bob'))], [undefined, undefined])
    await mend()
    t.equal(await store.commit((batch) => store.numberFor(batch, id('carol'))), 1)
    t.same(told, [undefined, undefined], 'nothing of it was found')
    await store.close()
    const again = await open()
    t.same(
      [1, 3].map((at) => textAt(again, key(at))),
      ['old', undefined],
    )
    t.equal(again.get(key(2)), undefined)
  },

  'everything acknowledged after a failed write is there after a restart': async (t, { open, fill }) => {
    const store = await open()
    for (let round = 0; round < 3; round += 1) {
      const mend = await fill()
      t.equal(
        await codeOf(() =>
          store.commit((batch) => {
            batch.put(key(0), big)
          }),
        ),
        'STORE_FULL',
      )
      await mend()
      const before = store.range(tables.entry)
      const first = put(store, key(round, 1), 'acknowledged')
      await Promise.resolve()
      const [early, late] = await Promise.all([before, store.range(tables.entry), first])
      t.ok(early.length === round * 20 && late.length >= round * 20, 'ranges go on while the store is mended')
      for (let at = 2; at <= 20; at += 1) await put(store, key(round, at), 'acknowledged')
    }
    await store.close()
    const again = await open()
    t.equal((await again.range(tables.entry)).length, 60)
  },

  'a store that failed can be closed': async (t, { open, fill }) => {
    const store = await open()
    const mend = await fill()
    await codeOf(() =>
      store.commit((batch) => {
        batch.put(key(0), big)
      }),
    )
    await store.close()
    await mend()
    const again = await open()
    t.equal(again.closedCleanly, false)
  },
}
