import { randomBytes } from 'node:crypto'
import t from 'tap'
import { openIdentity } from '../../../daemon/identity/identity.ts'
import { MemoryDisk } from '../../../daemon/store/memory-disk.ts'
import { openMemoryStore } from '../../../daemon/store/memory-store.ts'
import { encodeKey } from '../../../daemon/store/keys.ts'
import { tables, type Store } from '../../../daemon/store/store.ts'
import { checkSignature } from '../../../protocol/entry.ts'
import { loggedOperation } from '../../../protocol/logged-operation.ts'
import { reducePerson } from '../../../protocol/roster.ts'

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

t.test('a home has one identity for ever, and proves it', async (t) => {
  const disk = new MemoryDisk('home')
  const store = await openMemoryStore(disk)
  const deps = { store, random, now: () => 1_800_000_000_000 }
  const first = await openIdentity(deps)
  await store.close()
  const again = await openMemoryStore(disk)
  t.strictSame({ ...(await openIdentity({ ...deps, store: again })), signingKey: 0 }, { ...first, signingKey: 0 })
  await again.close()
  const [create] = first.log
  const { sealed, slot } = create?.entries[0] ?? {}
  if (sealed === undefined || slot?.is !== 'held' || create?.signature === undefined) throw new Error('no beginning')
  checkSignature(sealed, create.signature)
  const state = reducePerson(first.person, [loggedOperation(sealed, slot.payload)])
  t.strictSame([...state.devices.keys()], [first.device])
  const elsewhere = await openMemoryStore(new MemoryDisk('other'))
  t.not((await openIdentity({ ...deps, store: elsewhere })).person, first.person)
  await elsewhere.close()
})

t.test('an identity that could not be stored is none', async (t) => {
  const disk = new MemoryDisk('home')
  const store = await openMemoryStore(disk)
  disk.fault = { code: 'STORE_FULL' }
  await t.rejects(openIdentity({ store, random, now: () => 0 }), { code: 'STORE_FULL' })
})

t.test('an identity that the database lost comes back from the copy beside it', async (t) => {
  const disk = new MemoryDisk('home')
  const store = await openMemoryStore(disk)
  const deps = { store, random, now: () => 0 }
  const { device } = await openIdentity(deps)
  const key = { table: tables.setting, at: [1] }
  await store.commit((batch) => batch.delete(key))
  t.equal((await openIdentity(deps)).device, device)
  t.ok(store.get(key), 'and is in both places again')
  // A row of another key stands for one that cannot be read.
  const bytes = encodeKey(key.table, key.at)
  disk.apply([{ bytes, row: { bytes, value: new Uint8Array(9), token: { conversation: 9 } } }])
  t.equal((await openIdentity(deps)).device, device)
})

t.test('a home that lost its identity gets no other one', async (t) => {
  const disk = new MemoryDisk('home')
  const store = await openMemoryStore(disk)
  const deps = { store, random, now: () => 0 }
  const { device } = await openIdentity(deps)
  await store.commit((batch) => store.numberFor(batch, device))
  await store.commit((batch) => batch.delete({ table: tables.setting, at: [1] }))
  // The copy beside it is gone, too.
  const { keepsakes } = new MemoryDisk('other')
  const bare: Pick<Store, 'get' | 'range' | 'rangeIndex' | 'commit' | 'keepsakes'> = {
    get: (key) => store.get(key),
    range: async (table, options) => await store.range(table, options),
    rangeIndex: async (table, options) => await store.rangeIndex(table, options),
    commit: async (build) => await store.commit(build),
    keepsakes,
  }
  const lost = { ...deps, store: bare as Store }
  await t.rejects(openIdentity(lost), { code: 'STORE_DAMAGED', message: /backup/ })
  await store.commit((batch) => batch.put({ table: tables.dictionary, at: [1] }, new Uint8Array(0)))
  await t.rejects(openIdentity(lost), { code: 'STORE_DAMAGED' })
  await store.commit((batch) => {
    batch.delete({ table: tables.dictionary, at: [1] })
    batch.put({ table: tables.entry, at: [7, 8, 9] }, new Uint8Array(1))
  })
  await t.rejects(openIdentity(lost), { code: 'STORE_DAMAGED' }, 'an entry alone says that somebody was here')
})
