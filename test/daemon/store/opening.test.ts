import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { decode, encode } from '../../../protocol/codec.ts'
import { operation, type Migration } from '../../../daemon/store/schema.ts'
import { tables, type DictionaryId, type SealedTable } from '../../../daemon/store/store.ts'
import { codeOf, key, put, textAt } from '../../contracts/store-harness.ts'
import { fillDisk, mount, newHome, openHome, skipMounts, smallDisk } from './temporary-home.ts'

t.test('a home that cannot be made or written is told', async (t) => {
  const home = newHome(t)
  writeFileSync(home, 'a file')
  t.equal(await codeOf(openHome(t, home)), 'HOME_UNWRITABLE')
  t.equal(await codeOf(openHome(t, join(home, 'below'))), 'HOME_UNWRITABLE')
})

t.test('a read-only home is told', { skip: skipMounts }, async (t) => {
  const disk = smallDisk(t, 16)
  const home = join(disk, 'home')
  const store = await openHome(t, home)()
  await put(store, key(1), 'x')
  await store.close()
  mount(['-o', 'remount,ro', disk])
  t.equal(await codeOf(openHome(t, home)), 'HOME_UNWRITABLE')
  t.equal(await codeOf(openHome(t, join(disk, 'new'))), 'HOME_UNWRITABLE')
  mount(['-o', 'remount,rw', disk])
  t.equal(textAt(await openHome(t, home)(), key(1)), 'x')
})

t.test('a full disk is told at the first start, which can be tried again', { skip: skipMounts }, async (t) => {
  const disk = smallDisk(t, 16)
  const open = openHome(t, join(disk, 'home'))
  const empty = fillDisk(disk)
  t.equal(await codeOf(open), 'STORE_FULL')
  empty()
  await put(await open(), key(1), 'x')
})

t.test('a keyring that cannot be written is told, and the old one stands', { skip: skipMounts }, async (t) => {
  const disk = smallDisk(t, 16)
  const open = openHome(t, join(disk, 'home'))
  const store = await open()
  await store.createConversationKey(1)
  const empty = fillDisk(disk)
  t.equal(await codeOf(() => store.createConversationKey(2)), 'STORE_FULL')
  t.equal(await codeOf(() => put(store, { ...key(2), under: 2 }, 'x')), 'NO_KEY')
  empty()
  await store.createConversationKey(2)
  await put(store, { ...key(2), under: 2 }, 'x')
  await store.close()
  t.equal(textAt(await open(), { ...key(2), under: 2 }), 'x')
})

t.test('a home is closed to others, a folder with other things in it is left as it was', async (t) => {
  const mode = async (prepare: (home: string) => void): Promise<number> => {
    const home = newHome(t)
    mkdirSync(home)
    prepare(home)
    await openHome(t, home)()
    return statSync(home).mode & 0o777
  }
  t.equal(
    await mode((home) => {
      chmodSync(home, 0o755)
    }),
    0o700,
  )
  t.equal(
    await mode((home) => {
      chmodSync(home, 0o755)
      writeFileSync(join(home, 'other'), '')
    }),
    0o755,
  )
})

t.test('after an unclean end numbers leap, for rows may speak of ids that got lost', async (t) => {
  const home = newHome(t)
  const store = await openHome(t, home)()
  await store.commit((batch) => store.numberFor(batch, 'alice' as DictionaryId))
  await store.close()
  const clean = await openHome(t, home)()
  t.equal(await clean.commit((batch) => clean.numberFor(batch, 'bob' as DictionaryId)), 2)
  await clean.close()
  rmSync(join(home, 'closed'))
  const unclean = await openHome(t, home)()
  t.equal(unclean.closedCleanly, false)
  t.equal(await unclean.commit((batch) => unclean.numberFor(batch, 'carol' as DictionaryId)), 65_539)
  t.equal(unclean.numberOf('bob' as DictionaryId), 2)
})

t.test('whoever only looks leaves to the next start what the last run left undone', async (t) => {
  const home = newHome(t)
  const mark = join(home, 'closed')
  await (await openHome(t, home)()).close()
  const look = async (): Promise<boolean> => {
    const store = await openHome(t, home, { looks: true })()
    t.notOk(existsSync(mark))
    await store.close()
    return store.closedCleanly
  }
  t.equal(await look(), true)
  t.ok(existsSync(mark), 'the last run ended in order')
  rmSync(mark)
  t.equal(await look(), false)
  t.notOk(existsSync(mark), 'it did not')
  await (await openHome(t, home)()).close()
  t.ok(existsSync(mark))
})

/** Puts `to` under [to], and fails the first `failures` times after half of its work. */
const step = (to: number, ran: number[], failures = 0): Migration => {
  let left = failures
  return {
    to,
    run: async (engine) => {
      ran.push(to)
      await engine.prepare([operation(key(to, 0), Buffer.from('half'))])()
      left -= 1
      if (left >= 0) throw new Error('cut off')
      return [operation(key(to), Buffer.from(String(to)))]
    },
  }
}

const openWith = (t: Test, home: string, ...migrations: readonly Migration[]): ReturnType<typeof openHome> =>
  openHome(t, home, { migrations })

t.test('migrations run once, in order, and again if they were cut off', async (t) => {
  const home = newHome(t)
  const ran: number[] = []
  const first = await openWith(t, home)()
  const { storeId } = first
  await put(first, key(1), 'from version 1')
  await first.close()
  const third = [step(2, ran), step(3, ran, 1)]
  await t.rejects(openWith(t, home, ...third)())
  t.same(ran, [2, 3])
  const store = await openWith(t, home, ...third)()
  t.same(ran, [2, 3, 3], 'the first was done for good')
  t.same(
    [1, 2, 3].map((at) => textAt(store, key(at))),
    ['from version 1', '2', '3'],
  )
  t.equal(store.storeId, storeId)
  await store.close()
  await (await openWith(t, home, ...third)()).close()
  t.same(ran, [2, 3, 3], 'nothing to do')
  t.equal(await codeOf(openWith(t, home, step(2, ran))), 'STORE_NEWER')
  t.equal(await codeOf(openWith(t, home)), 'STORE_NEWER')
})

t.test('a new home has the newest version', async (t) => {
  const home = newHome(t)
  const ran: number[] = []
  await (await openWith(t, home, step(2, ran))()).close()
  await openWith(t, home, step(2, ran))()
  t.same(ran, [])
})

t.test('a database that lost its version is damaged, not new', async (t) => {
  const home = newHome(t)
  const store = await openHome(t, home)()
  await store.commit((batch) => {
    batch.put(key(1), randomBytes(10))
    batch.delete({ table: tables.meta, at: [0, 0] })
  })
  await store.close()
  t.equal(await codeOf(openHome(t, home)), 'STORE_DAMAGED')
})

const plain = (value: Uint8Array): Uint8Array => new Uint8Array(value)

t.test('what is kept of a conversation moves under its own key', async (t) => {
  const home = newHome(t)
  const old = await openHome(t, home, { migrations: [] })()
  await old.createConversationKey(5)
  const id = randomBytes(32)
  const generations = [randomBytes(8), randomBytes(8)]
  await old.commit((batch) => {
    batch.put(
      { table: tables.conversation, at: [5] },
      encode([id, 2, id, generations, 3, 'read', 'last', 1, 'a draft']),
    )
    batch.put({ table: tables.register, at: [5, 6, 7, 8] }, encode(['a register']))
  })
  await old.close()
  const store = await openHome(t, home)()
  const read = (table: SealedTable, at: readonly number[], under?: number): unknown => {
    const value = store.get(under === undefined ? { table, at } : { table, at, under })
    return value === undefined ? undefined : decode(value)
  }
  t.strictSame(read(tables.conversation, [5]), [plain(id), 2, plain(id), 0, 1])
  t.strictSame(read(tables.state, [5], 5), [generations.map((each) => plain(each)), 3, 'read', 'last', 1, 'a draft', 1])
  t.strictSame(read(tables.register, [5, 6, 7, 8], 5), ['a register'])
})

t.test('a home with groups from before people had to ask is refused, one without goes on', async (t) => {
  const id = randomBytes(32)
  const openOld = async (home: string, kind: number): Promise<void> => {
    const old = await openHome(t, home, { migrations: [step(4, [])] })()
    await old.commit((batch) => batch.put({ table: tables.conversation, at: [5] }, encode([id, kind, id, 0, 0])))
    await old.close()
  }
  const [direct, group] = [newHome(t), newHome(t)]
  await openOld(direct, 2)
  await (await openHome(t, direct)()).close()
  await openOld(group, 3)
  t.equal(await codeOf(openHome(t, group)), 'STORE_OLDER')
})

t.test('a home of a person from before recovery keys were proven is refused', async (t) => {
  const home = newHome(t)
  const old = await openHome(t, home, { migrations: [step(5, [])] })()
  await old.commit((batch) => batch.put({ table: tables.setting, at: [1] }, encode(['who this is'])))
  await old.close()
  t.equal(await codeOf(openHome(t, home)), 'STORE_OLDER')
})
