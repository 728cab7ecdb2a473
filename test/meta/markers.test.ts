/** The search for secrets on the disk finds them wherever, and however, they could have been written. */

import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import t from 'tap'
import { openDatabase } from '../../daemon/store/database.ts'
import { toBase32 } from '../../protocol/bytes.ts'
import { blockCompressions } from '../support/level-files.ts'
import { byteForms, compact, compressedTables, findForms, placesIn, textForms } from '../support/marker-search.ts'

const marker = 'a-planted-marker'
const id = new Uint8Array(randomBytes(32))
const forms = [...textForms('text', marker), ...byteForms('id', id)]
const raw = Buffer.from(id)

t.test('every form is found, at any place in a file', async (t) => {
  const spelled: [what: string, bytes: Buffer][] = [
    ['text', Buffer.from(marker)],
    ['text', Buffer.from(marker, 'utf16le')],
    ['text', Buffer.from(marker, 'utf16le').swap16()],
    ['text', Buffer.from(Buffer.from(marker).toString('hex'))],
    ['text', Buffer.from(JSON.stringify({ deep: [marker] }))],
    ['id', raw],
    ['id', Buffer.from(raw.toString('hex'))],
    ['id', Buffer.from(raw.toString('hex').toUpperCase())],
    ['id', Buffer.from(toBase32(id))],
    ['id', Buffer.from(raw.toString('base64url'))],
    ...[0, 1, 2, 3].flatMap((before): [string, Buffer][] => [
      ['text', Buffer.from(Buffer.from(`${'x'.repeat(before)}${marker}yz`).toString('base64'))],
      ['id', Buffer.from(Buffer.concat([Buffer.alloc(before, 7), raw, Buffer.alloc(2, 9)]).toString('base64url'))],
    ]),
  ]
  for (const [at, [what, bytes]] of spelled.entries()) {
    const folder = t.testdir({ deep: {} })
    writeFileSync(join(folder, 'deep', 'file'), Buffer.concat([randomBytes(100), bytes, randomBytes(100)]))
    t.strictSame(findForms(placesIn(folder), forms), [`${join('deep', 'file')}: ${what}`], `form ${at}`)
  }
})

t.test('names of files and folders count, and other bytes do not', async (t) => {
  const folder = t.testdir({ fine: 'a planted marker' })
  t.strictSame(findForms(placesIn(folder), forms), [])
  mkdirSync(join(folder, `of ${marker}`))
  t.strictSame(findForms(placesIn(folder), forms), ['file names: text'])
})

t.test('what LevelDB was given is found in its log, across its blocks, and in its tables', async (t) => {
  const folder = t.testdir({ store: {} })
  const open = async (): ReturnType<typeof openDatabase> => await openDatabase(join(folder, 'store'))
  const first = await open()
  // Markers all the way over the end of a block of 32 KiB: some lie across the cut.
  await first.put(Buffer.of(1), Buffer.from(marker.repeat(5000)))
  await first.put(Buffer.of(2), Buffer.concat([randomBytes(65_500), raw, randomBytes(100)]))
  await first.close()
  const inLog = findForms(placesIn(folder), forms)
  t.ok(
    inLog.some((each) => /^records of .*\.log: text$/.test(each)),
    inLog.join(),
  )
  t.ok(
    inLog.some((each) => /^records of .*\.log: id$/.test(each)),
    inLog.join(),
  )

  const second = await open() // which makes a table of the log
  await second.close()
  const inTable = findForms(placesIn(folder), forms)
  t.ok(
    inTable.some((each) => each.endsWith('.ldb: text')),
    inTable.join(),
  )
  t.ok(
    inTable.some((each) => each.endsWith('.ldb: id')),
    inTable.join(),
  )
  t.strictSame(compressedTables(placesIn(folder)), [], 'the store does not compress')

  const third = await open()
  await third.batch([
    { type: 'del', key: Buffer.of(1) },
    { type: 'del', key: Buffer.of(2) },
  ])
  await compact(third)
  await third.close()
  await (await open()).close()
  t.strictSame(findForms(placesIn(folder), forms), [], 'compaction takes deleted rows away')
})

t.test('a record across the cut between two blocks is put together', async (t) => {
  const folder = t.testdir({ store: {} })
  const database = await openDatabase(join(folder, 'store'))
  // Before the value: 7 bytes of head, 12 of batch, then tag, lengths and key.
  const upTo = 32 * 1024 - 7 - 12 - 6 - Math.floor(raw.length / 2)
  await database.put(Buffer.of(1), Buffer.concat([randomBytes(upTo), raw, randomBytes(50)]))
  await database.close()
  const found = findForms(placesIn(folder), forms)
  t.equal(found.length, 1, found.join())
  t.match(found[0], /^records of /, 'in the file itself it is cut in two')
})

t.test('a compressed table is noticed', async (t) => {
  const folder = t.testdir()
  const options = { keyEncoding: 'view', valueEncoding: 'view', compression: true } as const
  const database = new Level<Uint8Array, Uint8Array>(folder, options)
  await database.put(Buffer.of(1), Buffer.alloc(100_000, 'compress me'))
  await compact(database)
  await database.close()
  t.equal(compressedTables(placesIn(folder)).length, 1)
  t.throws(() => blockCompressions(randomBytes(100)), 'no table')
})
