import t from 'tap'
import { tables, type DictionaryId, type Store, type Table } from '../../../daemon/store/store.ts'
import { encodeKey } from '../../../daemon/store/keys.ts'
import { MemoryDisk, type MemoryRow } from '../../../daemon/store/memory-disk.ts'
import { MemoryEngine } from '../../../daemon/store/memory-engine.ts'
import { openMemoryStore } from '../../../daemon/store/memory-store.ts'
import { migrations } from '../../../daemon/store/migrations.ts'
import { encode } from '../../../protocol/codec.ts'
import { codeOf, key, put, textAt, under } from '../../contracts/store-harness.ts'
import { storeContract } from '../../contracts/store.ts'

const newDisk = (): MemoryDisk => new MemoryDisk('abcdefghijklmnopqrstuvwxyz')

storeContract(t, {
  harness: async () => {
    const disk = newDisk()
    return {
      open: () => openMemoryStore(disk),
      fill: async () => {
        disk.fault = { code: 'STORE_FULL' }
        return async () => {
          disk.fault = undefined
        }
      },
    }
  },
})

const microtasks = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve()
}

t.test('crash() loses what is not durable, or keeps the group under way as a whole', async (t) => {
  for (const keep of [false, true]) {
    const disk = newDisk()
    const store = await openMemoryStore(disk)
    await put(store, key(1), 'durable')
    let settled = false
    const under = [put(store, key(2), 'a'), put(store, key(3), 'b')]
    void Promise.allSettled(under).then(() => (settled = true))
    await Promise.resolve()
    disk.crash(keep)
    await microtasks(50)
    t.equal(settled, false, 'a dead process is told nothing')
    t.equal(await codeOf(() => store.get(key(1))), 'STORE_FAILED')
    const again = await openMemoryStore(disk)
    t.equal(again.closedCleanly, false)
    t.same(
      [1, 2, 3].map((at) => textAt(again, key(at))),
      keep ? ['durable', 'a', 'b'] : ['durable', undefined, undefined],
    )
  }
})

t.test('snapshot() is an image of the disk, taken from a running store', async (t) => {
  const disk = newDisk()
  const store = await openMemoryStore(disk)
  await store.createConversationKey(1)
  await put(store, under(1, 1), 'old')
  const image = disk.snapshot()
  await put(store, under(1, 1), 'new')
  await store.dropConversationKey(1)
  const restored = await openMemoryStore(image.snapshot())
  t.equal(restored.closedCleanly, false)
  t.equal(restored.storeId, store.storeId)
  t.equal(textAt(restored, under(1, 1)), 'old')
  t.equal(textAt(await openMemoryStore(image), under(1, 1)), 'old')
})

t.test('a failed group that turns out to be there is whole, and its numbers are taken', async (t) => {
  const disk = newDisk()
  const store = await openMemoryStore(disk)
  const alice = 'alice' as DictionaryId
  let told = 0
  store.onFailed(() => (told += 1))
  disk.fault = { code: 'STORE_FAILED', kept: true }
  const lost = store.commit((batch) => {
    batch.put(key(store.numberFor(batch, alice)), new Uint8Array(1))
  })
  t.equal(await codeOf(() => lost), 'STORE_FAILED')
  t.equal(store.numberOf(alice), undefined)
  t.equal(told, 1)
  disk.fault = undefined
  t.equal(await store.commit((batch) => store.numberFor(batch, 'bob' as DictionaryId)), 2)
  t.equal(told, 2)
  t.equal(store.numberOf(alice), 1)
  t.same(store.get(key(1)), new Uint8Array(1))
})

t.test('of two groups under way the first may turn out to be there, and the second never', async (t) => {
  const disk = newDisk()
  const store = await openMemoryStore(disk)
  const told: (number | undefined)[] = []
  store.onFailed((found) => told.push(found))
  disk.fault = { code: 'STORE_FAILED', kept: true }
  let second: Promise<unknown> = Promise.resolve()
  let group = 0
  const first = store.commit((batch) => {
    group = batch.group
    batch.put(key(1), Buffer.from('first'))
    batch.delete(key(7))
    queueMicrotask(() => {
      second = store.commit((behind) => {
        behind.put(key(1), Buffer.from('second'))
        return store.numberFor(behind, 'bob' as DictionaryId)
      })
      second.catch(() => undefined)
    })
    return store.numberFor(batch, 'alice' as DictionaryId)
  })
  t.equal(await codeOf(() => first), 'STORE_FAILED')
  t.equal(await codeOf(() => second), 'STORE_FAILED')
  disk.fault = undefined
  t.equal(await store.commit((batch) => store.numberFor(batch, 'carol' as DictionaryId)), 2)
  t.same(told, [undefined, group])
  t.equal(textAt(store, key(1)), 'first')
  t.same([store.idOf(1), store.numberOf('bob' as DictionaryId)], ['alice', undefined])
})

t.test('a listener that throws is heard and stops nobody', async (t) => {
  const disk = newDisk()
  const store: Store = await openMemoryStore(disk)
  const heard = new Promise<unknown>((resolve) => {
    process.once('uncaughtException', resolve)
  })
  let told = false
  store.onFailed(() => {
    throw new Error('a bug')
  })
  store.onFailed(() => (told = true))
  disk.fault = { code: 'STORE_FULL' }
  t.equal(await codeOf(() => put(store, key(1), 'x')), 'STORE_FULL')
  t.match(await heard, { message: 'a bug' })
  t.ok(told)
})

t.test('nothing but microtasks passes', async (t) => {
  const store = await openMemoryStore(newDisk())
  let done = false
  void put(store, key(1), 'x').then(() => (done = true))
  await microtasks(20)
  t.ok(done)
})

t.test('indexes that were sealed come into plain sight, also if the step is run again', async (t) => {
  const disk = newDisk()
  const store = await openMemoryStore(disk)
  await store.createConversationKey(5)
  await store.commit((batch) => batch.put({ table: tables.conversation, at: [5] }, new Uint8Array(1)))
  await store.close()
  const old = (table: Table, at: readonly number[], value: Uint8Array): MemoryRow => ({
    bytes: encodeKey(table, at),
    value,
    token: disk.tokens.get(5) ?? disk.homeToken,
  })
  const rows = [
    old(tables.order, [5, 2 ** 40, 0, 3, 7], new Uint8Array(0)),
    old(tables.client, [5, 2 ** 47, 1], encode([3, 7])),
  ]
  disk.apply(rows.map((row) => ({ bytes: row.bytes, row })))
  const engine = new MemoryEngine(disk, { batches: 0, writes: 0, reads: 0 })
  for (let round = 0; round < 2; round += 1)
    await engine.prepare((await migrations.find(({ to }) => to === 3)?.run(engine)) ?? [])()
  const again = await openMemoryStore(disk)
  t.same(await again.rangeIndex(tables.order), [[5, 2 ** 40, 0, 3, 7]])
  t.same(again.indexed({ table: tables.client, at: [5, 2 ** 47, 1] }), [3, 7])
})
