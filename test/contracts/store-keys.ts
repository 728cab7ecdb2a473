/** The store contract, sealing keys. */

import { WarrenError } from '../../protocol/errors.ts'
import { tables } from '../../daemon/store/store.ts'
import { bytes, codeOf, key, put, textAt, under, type Contract } from './store-harness.ts'

export const sealing: Record<string, Contract> = {
  'a conversation key is made before the first put and kept': async (t, { open }) => {
    const store = await open()
    t.equal(await codeOf(() => put(store, under(5, 1), 'x')), 'NO_KEY')
    await Promise.all([store.createConversationKey(5), store.createConversationKey(5), store.createConversationKey(6)])
    await put(store, under(5, 1), 'x')
    await store.createConversationKey(5)
    await store.close()
    const again = await open()
    t.equal(textAt(again, under(5, 1)), 'x')
    t.equal((await again.range(tables.entry, { under: 5 })).length, 1)
  },

  'a value opens under the key it was put under, and no other': async (t, { open }) => {
    const store = await open()
    await store.createConversationKey(5)
    await store.createConversationKey(6)
    await put(store, under(5, 1), 'x')
    t.equal(await codeOf(() => store.get(key(1))), 'STORE_DAMAGED')
    t.equal(await codeOf(() => store.get(under(6, 1))), 'STORE_DAMAGED')
    t.equal(await codeOf(() => store.range(tables.entry)), 'STORE_DAMAGED')
    const error = await store.range(tables.entry).catch((error: unknown) => error)
    t.match(error, { details: { table: tables.entry, at: [1] } }, 'says which value')
  },

  'dropConversationKey() shuts the values for ever': async (t, { open }) => {
    const store = await open()
    await store.createConversationKey(5)
    await store.createConversationKey(6)
    await put(store, under(5, 1), 'x')
    await put(store, under(6, 2), 'y')
    await store.dropConversationKey(5)
    t.equal(await codeOf(() => store.get(under(5, 1))), 'NO_KEY')
    t.equal(await codeOf(() => store.range(tables.entry, { under: 5, prefix: [1] })), 'NO_KEY')
    t.equal(await codeOf(() => put(store, under(5, 3), 'z')), 'NO_KEY')
    t.equal(store.get(under(5, 7)), undefined, 'what is not there needs no key')
    await store.dropConversationKey(5)
    await store.close()
    const again = await open()
    t.equal(await codeOf(() => again.get(under(5, 1))), 'NO_KEY')
    t.equal(textAt(again, under(6, 2)), 'y')
    await again.createConversationKey(5)
    t.equal(await codeOf(() => again.get(under(5, 1))), 'STORE_DAMAGED', 'a new key is another key')
    await again.commit((batch) => {
      batch.delete(under(5, 1))
    })
    t.equal(again.get(under(5, 1)), undefined)
  },

  'clear() deletes what begins with a prefix, shut or not, and nothing else': async (t, { open }) => {
    const store = await open()
    await store.createConversationKey(5)
    await store.commit((batch) => {
      for (let at = 0; at < 5000; at += 1) batch.put(under(5, 5, at), bytes('x'))
      batch.put(key(4, 1), bytes('below'))
      batch.put(key(6), bytes('above'))
      batch.put({ table: tables.feed, at: [5, 1] }, bytes('of another table'))
    })
    await store.dropConversationKey(5)
    const ended = new AbortController()
    ended.abort(new WarrenError('CLOSING', 'the test says so'))
    t.equal(await codeOf(() => store.clear(tables.entry, [5], ended.signal)), 'CLOSING')
    const { batches } = store.counts
    await store.clear(tables.entry, [5], new AbortController().signal)
    t.equal(store.counts.batches - batches, 3, 'a bounded number of rows at a time')
    await store.close()
    const again = await open()
    await again.createConversationKey(5)
    t.strictSame(await again.range(tables.entry, { prefix: [5], under: 5 }), [])
    t.equal(textAt(again, key(4, 1)), 'below')
    t.equal(textAt(again, key(6)), 'above')
    t.equal(textAt(again, { table: tables.feed, at: [5, 1] }), 'of another table')
  },

  'once close() was called no key is made or dropped': async (t, { open }) => {
    const store = await open()
    await store.createConversationKey(5)
    await put(store, under(5, 1), 'x')
    const closing = store.close()
    t.equal(await codeOf(() => store.dropConversationKey(5)), 'CLOSING')
    t.equal(await codeOf(() => store.createConversationKey(6)), 'CLOSING')
    await closing
    t.equal(await codeOf(() => store.dropConversationKey(5)), 'CLOSING')
    t.equal(await codeOf(() => store.createConversationKey(6)), 'CLOSING')
    const again = await open()
    t.equal(textAt(again, under(5, 1)), 'x')
    t.equal(await codeOf(() => put(again, under(6, 1), 'y')), 'NO_KEY')
  },

  'create, drop and create at once leave one usable key': async (t, { open }) => {
    const store = await open()
    await Promise.all([
      store.createConversationKey(5),
      store.dropConversationKey(5),
      store.createConversationKey(5),
      store.createConversationKey(6),
    ])
    await put(store, under(5, 1), 'x')
    await store.close()
    const again = await open()
    t.equal(textAt(again, under(5, 1)), 'x')
  },
}
