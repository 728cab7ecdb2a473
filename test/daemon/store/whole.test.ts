/** Files of LevelDB that are missing or cut off: said, and nothing that is left is touched. */

import { randomBytes } from 'node:crypto'
import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import t, { type Test } from 'tap'
import { encodeKey } from '../../../daemon/store/keys.ts'
import { openDatabase } from '../../../daemon/store/database.ts'
import type { Store } from '../../../daemon/store/store.ts'
import { tables } from '../../../daemon/store/store.ts'
import { errorCode } from '../../../protocol/errors.ts'
import { codeOf, key } from '../../contracts/store-harness.ts'
import { newHome, openHome } from './temporary-home.ts'

const rows = 200

async function fill(store: Store, round: number): Promise<void> {
  for (let at = 0; at < rows; at += 1) {
    await store.commit((batch) => batch.put(key(round, at), randomBytes(2000)))
  }
}

/** A closed home with several tables and a log, and its folder of LevelDB. */
async function home(t: Test): Promise<{ path: string; database: string }> {
  const path = newHome(t)
  for (let round = 0; round < 3; round += 1) {
    const store = await openHome(t, path)()
    await fill(store, round)
    await store.close()
  }
  return { path, database: join(path, 'store') }
}

/** Names and bytes of the tables and lists; LevelDB's own diary and lock say nothing. */
const kept = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => /^(?:\d+\.ldb|MANIFEST.*)$/.test(name))
    .map((name) => `${name} ${readFileSync(join(folder, name)).toString('base64').slice(0, 64)}`)

const named = (folder: string, pattern: RegExp): string => {
  const name = readdirSync(folder)
    .toSorted()
    .find((each) => pattern.test(each))
  if (name === undefined) throw new Error('no such file')
  return join(folder, name)
}

t.test('a database without its list of files is damaged, not new, and keeps every table', async (t) => {
  const { path, database } = await home(t)
  const copy = `${database}.copy`
  cpSync(database, copy, { recursive: true })
  const ways: Record<string, () => void> = {
    'no CURRENT': () => rmSync(join(database, 'CURRENT')),
    'an empty CURRENT': () => writeFileSync(join(database, 'CURRENT'), ''),
    'a CURRENT that names nothing': () => writeFileSync(join(database, 'CURRENT'), 'MANIFEST-999999\n'),
    'no MANIFEST': () => rmSync(named(database, /^MANIFEST/)),
    'an empty MANIFEST': () => truncateSync(named(database, /^MANIFEST/), 0),
    'half a MANIFEST': () => truncateSync(named(database, /^MANIFEST/), 20),
    'no table': () => rmSync(named(database, /\.ldb$/)),
  }
  for (const [way, harm] of Object.entries(ways)) {
    rmSync(database, { recursive: true })
    cpSync(copy, database, { recursive: true })
    harm()
    const before = kept(database)
    t.equal(await codeOf(openHome(t, path)), 'STORE_DAMAGED', way)
    t.strictSame(kept(database), before, `${way}: nothing is touched`)
  }
  rmSync(database, { recursive: true })
  cpSync(copy, database, { recursive: true })
  t.equal((await (await openHome(t, path)()).range(tables.entry)).length, 3 * rows)
})

t.test('a first start that was cut off before its files were listed begins anew', async (t) => {
  const path = newHome(t)
  const database = join(path, 'store')
  mkdirSync(database, { recursive: true })
  writeFileSync(join(database, 'MANIFEST-000001'), randomBytes(50))
  writeFileSync(join(database, '000001.dbtmp'), 'MANIFEST-000001\n')
  const store = await openHome(t, path)()
  t.ok(store.closedCleanly)
  await store.createConversationKey(1)
  await store.commit((batch) => batch.put(key(1), randomBytes(10)))
  await store.close()
  const again = await openHome(t, path)()
  t.equal((await again.range(tables.entry)).length, 1)
  await again.close()
  const { path: full, database: tablesThere } = await home(t)
  for (const name of readdirSync(tablesThere))
    if (/^(?:CURRENT|MANIFEST.*)$/.test(name)) rmSync(join(tablesThere, name))
  writeFileSync(join(tablesThere, 'MANIFEST-000001'), randomBytes(50))
  const before = kept(tablesThere)
  t.equal(await codeOf(openHome(t, full)), 'STORE_DAMAGED', 'with a table beside it')
  t.strictSame(kept(tablesThere), before)
  for (const name of readdirSync(database)) rmSync(join(database, name))
  writeFileSync(join(database, 'MANIFEST-000001'), randomBytes(50))
  t.equal(await codeOf(openHome(t, path)), 'STORE_DAMAGED', 'where the keyring has keys of conversations')
})

t.test('a home in use is in use, whatever its daemon writes, renames and removes meanwhile', async (t) => {
  const { path, database } = await home(t)
  const store = await openHome(t, path)()
  // As if the name was there when the folder was listed, and the file no more when it was read.
  const log = join(database, '999999.log')
  symlinkSync(join(database, 'gone'), log)
  t.equal(await codeOf(openHome(t, path)), 'HOME_IN_USE', 'a log is gone')
  rmSync(log)
  for (const pattern of [/^CURRENT$/, /^MANIFEST/]) {
    const file = named(database, pattern)
    renameSync(file, `${file}.beside`)
    t.equal(await codeOf(openHome(t, path)), 'HOME_IN_USE', `${pattern} is being replaced`)
    renameSync(`${file}.beside`, file)
  }
  await store.commit((batch) => batch.put(key(9, 9), randomBytes(10)))
  await store.close()
  t.equal((await (await openHome(t, path)()).range(tables.entry)).length, 3 * rows + 1, 'looking did no harm')
})

t.test('of two starts at once one gets the home, and the other hears that it is in use', async (t) => {
  const told = new Set<string>()
  for (let turns = 0; turns < 24; turns += 1) {
    const folder = newHome(t)
    mkdirSync(folder, { recursive: true })
    const first = openDatabase(folder)
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    const ended = await Promise.allSettled([first, openDatabase(folder)])
    for (const each of ended) {
      told.add(each.status === 'fulfilled' ? 'open' : errorCode(each.reason))
      if (each.status === 'fulfilled') await each.value.close()
    }
  }
  t.strictSame([...told].toSorted(), ['HOME_IN_USE', 'open'])
})

t.test('a range that bears damage tells of it and brings the rest', async (t) => {
  const { path, database } = await home(t)
  const raw = new Level<Uint8Array, Uint8Array>(database, { keyEncoding: 'view', valueEncoding: 'view' })
  const broken = key(1, 7)
  await raw.put(encodeKey(broken.table, broken.at), randomBytes(50))
  await raw.close()
  const store = await openHome(t, path)()
  t.equal(await codeOf(() => store.range(tables.entry)), 'STORE_DAMAGED')
  for (const reverse of [false, true]) {
    const told: (readonly number[])[] = []
    const found = await store.range(tables.entry, { reverse, damaged: (at) => told.push(at) })
    t.strictSame(told, [broken.at])
    t.equal(found.length, 3 * rows - 1)
  }
})

t.test('a table that is cut off is damage, for every range needs it', async (t) => {
  const { path, database } = await home(t)
  truncateSync(named(database, /\.ldb$/), 5000)
  t.equal(await codeOf(openHome(t, path)), 'STORE_DAMAGED')
})

t.test('a range that meets blocks which cannot be read brings what lies around them', async (t) => {
  const { path, database } = await home(t)
  const newest = readdirSync(database)
    .filter((name) => name.endsWith('.ldb'))
    .toSorted()
    .at(-1)
  const file = openSync(join(database, newest ?? ''), 'r+')
  writeSync(file, Buffer.alloc(10_000, 0xff), 0, 10_000, 40_000)
  closeSync(file)
  const told: (readonly number[])[] = []
  const store = await openHome(t, path)()
  t.equal(await codeOf(() => store.range(tables.entry)), 'STORE_DAMAGED')
  const damaged = (at: readonly number[]): void => void told.push(at)
  const found = await store.range(tables.entry, { damaged })
  t.ok(told.length > 0)
  t.ok(found.length >= 3 * rows - 12 && found.length < 3 * rows, `${found.length} rows`)
  const back = await store.range(tables.entry, { reverse: true, damaged })
  t.strictSame(
    back.map(({ at }) => at),
    found.map(({ at }) => at).toReversed(),
  )
})
