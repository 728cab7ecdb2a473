import t from 'tap'
import type { DictionaryId, Store } from '../../../daemon/store/store.ts'
import { MemoryDisk } from '../../../daemon/store/memory-disk.ts'
import { openMemoryStore } from '../../../daemon/store/memory-store.ts'
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
