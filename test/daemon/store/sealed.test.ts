import { randomBytes } from 'node:crypto'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import t, { type Test } from 'tap'
import { tables, type DictionaryId, type Store } from '../../../daemon/store/store.ts'
import { codeOf, key, put, textAt, under } from '../../contracts/store-harness.ts'
import { allBytes, filesBelow, newHome, openHome } from './temporary-home.ts'

const home5 = async (t: Test): Promise<{ home: string; open: () => Promise<Store> }> => {
  const home = newHome(t)
  const open = openHome(t, home)
  const store = await open()
  await store.createConversationKey(5)
  await put(store, key(1), 'of the home')
  await put(store, under(5, 2), 'of a conversation')
  await store.close()
  return { home, open }
}

t.test('nothing that was put in can be found in the bytes of the home', async (t) => {
  const home = newHome(t)
  const store = await openHome(t, home)()
  const marker = 'MARKER-hunter2'
  await store.createConversationKey(5)
  await store.commit((batch) => {
    for (let at = 0; at < 200; at += 1) {
      batch.put(key(at), Buffer.from(marker.repeat(20)))
      batch.put(under(5, 1000 + at), Buffer.from(marker.repeat(20)))
    }
    store.numberFor(batch, `${marker}-as-an-id` as DictionaryId)
  })
  await store.commit((batch) => {
    batch.delete(key(1))
  })
  const search = (): void => {
    const bytes = allBytes(home)
    t.ok(bytes.length > 100_000)
    t.notOk(bytes.includes(marker))
    t.notOk(bytes.includes(Buffer.from(marker, 'utf16le')))
    for (const encoding of ['hex', 'base64'] as const) {
      t.notOk(bytes.includes(Buffer.from(marker).toString(encoding).slice(0, 16)), encoding)
    }
    t.notOk(bytes.includes(store.storeId))
  }
  search()
  await store.close()
  search()
  writeFileSync(join(home, 'proof'), marker)
  t.ok(allBytes(home).includes(marker), 'the search finds what is there')
})

t.test('the numbers of a name tell nobody else that name', async (t) => {
  const [one, other] = [await openHome(t, newHome(t))(), await openHome(t, newHome(t))()]
  const name = Buffer.from('card')
  t.not(one.nameNumbers(name)[0], other.nameNumbers(name)[0])
})

t.test('the same value twice looks different, under the same key too', async (t) => {
  const { home, open } = await home5(t)
  const store = await open()
  await put(store, key(1), 'of the home')
  await put(store, key(7), 'of the home')
  await store.close()
  const raw = new Level<Uint8Array, Uint8Array>(join(home, 'store'), { keyEncoding: 'view', valueEncoding: 'view' })
  const values = await raw.values().all()
  await raw.close()
  const nonces = new Set(values.map((value) => Buffer.from(value.subarray(0, 12)).toString('hex')))
  t.equal(nonces.size, values.length)
})

const at = (number: number): Uint8Array => Uint8Array.of(tables.entry, number)

t.test('a value that was changed, moved or cut is damaged, and never missing', async (t) => {
  const { home, open } = await home5(t)
  const raw = new Level<Uint8Array, Uint8Array>(join(home, 'store'), { keyEncoding: 'view', valueEncoding: 'view' })
  const value = (await raw.get(at(1))) ?? new Uint8Array()
  t.ok(value.length > 28)
  for (let index = 0; index < value.length; index += 1) {
    await raw.put(Uint8Array.of(tables.entry, 10 + index), value.with(index, (value[index] ?? 0) ^ 1))
  }
  await raw.put(at(200), value)
  await raw.put(at(201), value.subarray(0, 20))
  await raw.put(at(202), new Uint8Array())
  await raw.close()
  const store = await open()
  for (let index = 0; index < value.length; index += 1) {
    if ((await codeOf(() => store.get(key(10 + index)))) !== 'STORE_DAMAGED') t.fail(`byte ${index}`)
  }
  for (const moved of [200, 201, 202]) t.equal(await codeOf(() => store.get(key(moved))), 'STORE_DAMAGED')
  t.equal(await codeOf(() => store.range(tables.entry)), 'STORE_DAMAGED')
  t.equal(await codeOf(() => store.commit((batch) => batch.get(key(200)))), 'STORE_DAMAGED')
  t.equal(textAt(store, key(1)), 'of the home')
})

t.test('a damaged, missing or foreign key file or keyring is told, and changes nothing', async (t) => {
  const { home, open } = await home5(t)
  const files = ['key', 'keyring'].map((name) => join(home, name))
  for (const path of files) {
    const good = readFileSync(path)
    const bad = new Map<string, Uint8Array | undefined>([
      ['cut', good.subarray(0, good.length - 1)],
      ['longer', Buffer.concat([good, Buffer.of(0)])],
      ['empty', Buffer.alloc(0)],
      ['random', randomBytes(good.length)],
      ['missing', undefined],
    ])
    for (const [index, byte] of good.entries()) bad.set(`byte ${index}`, good.with(index, byte ^ 1))
    for (const [name, bytes] of bad) {
      if (bytes === undefined) rmSync(path)
      else writeFileSync(path, bytes)
      const code = await codeOf(open)
      // One bit of the version or of the slot's kind makes it a newer one.
      const newer = path.endsWith('keyring') && code === 'STORE_NEWER'
      if (code !== 'STORE_DAMAGED' && !newer) t.fail(`${path.slice(home.length)}: ${name}: ${code}`)
      if (filesBelow(home).includes(path) !== (bytes !== undefined)) t.fail('made anew')
    }
    writeFileSync(path, good)
  }
  const store = await open()
  t.equal(textAt(store, under(5, 2)), 'of a conversation')
})

t.test('a lost database is told', async (t) => {
  const { home, open } = await home5(t)
  rmSync(join(home, 'store'), { recursive: true })
  t.equal(await codeOf(open), 'STORE_DAMAGED')
})

t.test('LevelDB files that are damaged beyond opening are told', async (t) => {
  const { home, open } = await home5(t)
  for (const path of filesBelow(join(home, 'store'))) {
    if (path.includes('MANIFEST')) writeFileSync(path, randomBytes(100))
  }
  t.equal(await codeOf(open), 'STORE_DAMAGED')
})

t.test('an older copy of the database stays shut without the key that was dropped', async (t) => {
  const { home, open } = await home5(t)
  const copy = join(home, '..', 'copy')
  cpSync(join(home, 'store'), copy, { recursive: true })
  const store = await open()
  await store.dropConversationKey(5)
  await store.close()
  rmSync(join(home, 'store'), { recursive: true })
  cpSync(copy, join(home, 'store'), { recursive: true })
  const restored = await open()
  t.equal(textAt(restored, key(1)), 'of the home')
  t.equal(await codeOf(() => restored.get(under(5, 2))), 'NO_KEY')
  await restored.createConversationKey(5)
  t.equal(await codeOf(() => restored.get(under(5, 2))), 'STORE_DAMAGED')
})

t.test('clear() leaves no sealed value in the files either', async (t) => {
  const home = newHome(t)
  const store = await openHome(t, home)()
  await store.createConversationKey(5)
  for (let round = 0; round < 8; round += 1) {
    await store.commit((batch) => {
      for (let at = 0; at < 1000; at += 1) batch.put(under(5, 5, round * 1000 + at), randomBytes(900))
    })
  }
  await store.close()
  const database = new Level<Uint8Array, Uint8Array>(join(home, 'store'), {
    keyEncoding: 'view',
    valueEncoding: 'view',
  })
  const rows = await database.iterator({ gte: Uint8Array.of(tables.entry) }).all()
  await database.close()
  t.equal(rows.length, 8000)
  const found = (): number => {
    const all = allBytes(join(home, 'store'))
    return rows.filter(([, value], at) => at % 100 === 0 && all.includes(Buffer.from(value))).length
  }
  t.equal(found(), 80)
  const again = await openHome(t, home)()
  await again.dropConversationKey(5)
  await again.clear(tables.entry, [5], new AbortController().signal)
  t.equal(found(), 0, 'at once')
  await again.close()
  t.equal(found(), 0, 'and for good')
})
