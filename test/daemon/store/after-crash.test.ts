/** A run that ended soon after its start, not in order: tables are read through before LevelDB comes upon what is wrong with them. */

import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import t, { type Test } from 'tap'
import { soonMs } from '../../../daemon/store/after-crash.ts'
import { tablesInUse } from '../../../daemon/store/file-list.ts'
import { errorCode } from '../../../protocol/errors.ts'
import { key } from '../../contracts/store-harness.ts'
import { newHome, openHome } from './temporary-home.ts'

interface Cut {
  readonly path: string
  readonly database: string
  /** The first of its tables. */
  readonly table: string
}

/** A home with tables whose last run did not end in order. */
async function cut(t: Test): Promise<Cut> {
  const path = newHome(t)
  for (let round = 0; round < 3; round += 1) {
    const store = await openHome(t, path)()
    for (let at = 0; at < 50; at += 1) await store.commit((batch) => batch.put(key(round, at), randomBytes(2000)))
    await store.close()
  }
  rmSync(join(path, 'closed'))
  const database = join(path, 'store')
  const [table] = readdirSync(database).filter((name) => name.endsWith('.ldb'))
  return { path, database, table: join(database, table ?? 'none') }
}

const isTable = (name: string): boolean => name.endsWith('.ldb')

/** In the middle of it, where there is nothing but values that nobody asks for. */
function flip(file: string): void {
  const bytes = readFileSync(file)
  const at = bytes.length >> 1
  bytes[at] = (bytes[at] ?? 0) ^ 4
  writeFileSync(file, bytes)
}

t.test('the list of files names just the tables that are there', async (t) => {
  const { database } = await cut(t)
  const manifest = readdirSync(database).find((name) => name.startsWith('MANIFEST-')) ?? 'none'
  const there = readdirSync(database).flatMap((name) => (name.endsWith('.ldb') ? [Number.parseInt(name, 10)] : []))
  t.ok(there.length > 1)
  t.strictSame(tablesInUse(readFileSync(join(database, manifest))), new Set(there))
})

t.test('a flipped bit is told in words, and the home is left as it was', async (t) => {
  const { path, database, table } = await cut(t)
  flip(table)
  const before = readdirSync(database).toSorted()
  for (let start = 0; start < 2; start += 1) {
    const error = await openHome(t, path)().then(
      () => undefined,
      (cause: unknown) => cause,
    )
    t.equal(errorCode(error), 'STORE_DAMAGED')
    t.match(String(error), /warren doctor --repair/)
  }
  t.strictSame(readdirSync(database).toSorted().filter(isTable), before.filter(isTable))
})

t.test('what was half written beside the tables is no damage', async (t) => {
  const { path, database } = await cut(t)
  writeFileSync(join(database, '999999.ldb'), randomBytes(5000))
  const store = await openHome(t, path)()
  t.ok(store.get(key(0, 1)))
})

t.test('a table that another program wrote is no damage', async (t) => {
  const { path, database } = await cut(t)
  // It lets LevelDB compress, as it does unless told otherwise.
  const level = new Level<Uint8Array, Uint8Array>(database, { keyEncoding: 'view', valueEncoding: 'view' }) as Level<
    Uint8Array,
    Uint8Array
  > & { compactRange(from: Uint8Array, to: Uint8Array): Promise<void> }
  await level.open()
  await level.compactRange(Uint8Array.of(0), Uint8Array.of(255))
  await level.close()
  const store = await openHome(t, path)()
  t.ok(store.get(key(0, 1)))
})

t.test('nothing is read through if the last start is long ago', async (t) => {
  const { path, database, table } = await cut(t)
  flip(table)
  const old = (Date.now() - soonMs - 60_000) / 1000
  utimesSync(join(database, 'CURRENT'), old, old)
  await t.resolves(openHome(t, path)())
})
