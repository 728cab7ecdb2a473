/** A database whose files are damaged: every flipped bit is noticed, what lies elsewhere is kept, and a repair can be cut off anywhere. */

import { randomBytes } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { newDatabase, openDatabase } from '../../../daemon/store/database.ts'
import { canBeRead, keepCopy, mendDatabase } from '../../../daemon/store/mend.ts'
import { salvage } from '../../../daemon/store/salvage.ts'
import { tables } from '../../../daemon/store/store.ts'
import { isWholeTable, rowsOfTable } from '../../../daemon/store/table-file.ts'
import { createRandom } from '../../../scripts/soak/random.ts'
import { codeOf, key } from '../../contracts/store-harness.ts'
import { newHome, openHome } from './temporary-home.ts'

const seed = Number(process.env['WARREN_SEED'] ?? 20261120)
const rounds = process.env['WARREN_LONG'] === '1' ? 2000 : 24

t.setTimeout(60_000 + rounds * 1000)

const setting = (at: number) => ({ table: tables.setting, at: [at] })

/** A home with tables and a log, in which rows were written over and deleted; killed, as far as its files tell. */
async function home(t: Test): Promise<{ path: string; database: string }> {
  const path = newHome(t)
  for (let round = 0; round < 3; round += 1) {
    const store = await openHome(t, path)()
    for (let at = 0; at < 150; at += 1)
      await store.commit((batch) => {
        batch.put(key(round, at), randomBytes(20 + at))
        batch.put(setting(at), randomBytes(40))
        if (at % 10 === 9) batch.delete(setting(at - 5))
      })
    if (round < 2) await store.close()
    else {
      const copy = `${path}.copy`
      cpSync(path, copy, { recursive: true })
      await store.close()
      rmSync(path, { recursive: true })
      cpSync(copy, path, { recursive: true })
      rmSync(copy, { recursive: true })
    }
  }
  return { path, database: join(path, 'store') }
}

async function contents(database: string): Promise<Map<string, string>> {
  const open = await openDatabase(database)
  const rows = await open.iterator().all()
  await open.close()
  return new Map(rows.map(([row, value]) => [Buffer.from(row).toString('hex'), Buffer.from(value).toString('hex')]))
}

const tablesOf = (database: string): string[] =>
  readdirSync(database)
    .filter((name) => name.endsWith('.ldb'))
    .toSorted()
    .map((name) => join(database, name))

/** What is held in a copy, for opening changes the files. */
async function contentsOfCopy(database: string): Promise<Map<string, string>> {
  const copy = `${database}.look`
  cpSync(database, copy, { recursive: true })
  const found = await contents(copy)
  rmSync(copy, { recursive: true })
  return found
}

t.test('from whole files comes what LevelDB itself reads in them', async (t) => {
  const { database } = await home(t)
  const expected = await contentsOfCopy(database)
  t.ok(tablesOf(database).length > 0 && readdirSync(database).some((name) => name.endsWith('.log')))
  const made = `${database}.made`
  await salvage(database, made)
  t.strictSame(await contents(made), expected)
  t.equal(statSync(made).mode & 0o077, 0)
  t.ok(tablesOf(database).every((path) => isWholeTable(readFileSync(path))))
})

t.test(`${rounds} flipped bits from seed ${seed}: each is noticed, and costs no more than its block`, async (t) => {
  const random = createRandom(seed)
  const { path, database } = await home(t)
  const expected = await contentsOfCopy(database)
  const whole = `${path}.whole`
  cpSync(path, whole, { recursive: true })
  let complete = 0
  for (let round = 0; round < rounds; round += 1) {
    rmSync(path, { recursive: true })
    cpSync(whole, path, { recursive: true })
    const file = random.pick(tablesOf(database))
    const bytes = readFileSync(file)
    // Every second one where the lists of blocks lie; of the last 48 bytes some say nothing.
    const end = bytes.length - 48
    const at = round % 2 === 0 ? random.below(end) : end - 1 - random.below(400)
    const what = `bit ${at} of ${bytes.length}`
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
    writeFileSync(file, bytes)
    t.notOk(await canBeRead(path), what)
    const copy = await keepCopy(path)
    t.strictSame(await mendDatabase(path, copy), { rebuilt: true, strays: 0 }, what)
    t.ok(await canBeRead(path), `${what}: mended`)
    const found = await contentsOfCopy(database)
    const lost = [...expected].filter(([row, value]) => found.get(row) !== value).length
    // 4 KiB of rows of 60 bytes.
    t.ok(lost <= 70, `${what}: ${lost} of ${expected.size} rows`)
    t.ok(found.size <= expected.size + 70, `${what}: nothing is made up`)
    if (lost === 0) complete += 1
    const store = await openHome(t, path, { mend: true })()
    await store.commit((batch) => batch.put(key(9, 9), randomBytes(10)))
    await store.close()
  }
  t.ok(complete >= rounds / 2, 'where a list of blocks is damaged no row is lost')
})

const rowsIn = (bytes: Uint8Array): string[] =>
  [...rowsOfTable(bytes)].map((row) => `${Buffer.from(row.key).toString('hex')} ${row.sequence}`)

t.test('of a table that is cut off everything up to there is kept', async (t) => {
  const { database } = await home(t)
  const [file = ''] = tablesOf(database)
  const all = rowsIn(readFileSync(file))
  truncateSync(file, Math.floor(statSync(file).size * 0.6))
  const left = rowsIn(readFileSync(file))
  t.notOk(isWholeTable(readFileSync(file)))
  t.strictSame(left, all.slice(0, left.length))
  t.ok(left.length > all.length / 3 && left.length < all.length, `${left.length} of ${all.length}`)
})

t.test('a repair that is cut off is ended by the next one, and no start comes between', async (t) => {
  const { path, database } = await home(t)
  const expected = await contentsOfCopy(database)
  rmSync(join(database, 'CURRENT'))
  t.notOk(await canBeRead(path))
  const copy = await keepCopy(path)
  const mark = join(path, 'mending')
  const cuts: Record<string, () => void> = {
    'before anything': () => {},
    'with half a new database': () => mkdirSync(`${database}.new`),
    'without a database': () => rmSync(database, { recursive: true }),
  }
  for (const [cut, harm] of Object.entries(cuts)) {
    writeFileSync(mark, copy)
    harm()
    t.equal(await codeOf(openHome(t, path)), 'STORE_DAMAGED', cut)
    t.notOk(await canBeRead(path), cut)
    t.equal(await keepCopy(path), copy, `${cut}: no other copy is made`)
    t.strictSame(await mendDatabase(path, copy), { rebuilt: true, strays: 0 }, cut)
    t.notOk(existsSync(mark))
    t.strictSame(await contentsOfCopy(database), expected, cut)
  }
})

t.test('a repair that fails leaves the database as it was; one that was begun before stays begun', async (t) => {
  const { path, database } = await home(t)
  const [file = ''] = tablesOf(database)
  const bytes = readFileSync(file)
  bytes[30] = (bytes[30] ?? 0) ^ 1
  writeFileSync(file, bytes)
  const names = readdirSync(database).toSorted()
  const mark = join(path, 'mending')
  t.not(await codeOf(() => mendDatabase(path, 'no-such-copy')), 'nothing was thrown')
  t.strictSame(readdirSync(database).toSorted(), names)
  t.strictSame(readFileSync(file), bytes)
  t.notOk(existsSync(mark) || existsSync(`${database}.new`))
  writeFileSync(mark, 'no-such-copy')
  t.not(await codeOf(() => mendDatabase(path, 'no-such-copy')), 'nothing was thrown')
  t.ok(existsSync(mark))
})

t.test('nothing is mended under a daemon', async (t) => {
  const { path } = await home(t)
  const store = await openHome(t, path)()
  t.equal(await codeOf(() => canBeRead(path)), 'HOME_IN_USE')
  t.equal(await codeOf(() => mendDatabase(path, 'damaged-1')), 'HOME_IN_USE')
  t.notOk(existsSync(join(path, 'mending')))
  await store.close()
})

t.test('a new database is made where there is none', async (t) => {
  const folder = newHome(t)
  await (await newDatabase(folder)).close()
  t.equal(await codeOf(() => newDatabase(folder)), 'STORE_FAILED')
})
