/** Files of conversations in a backup: saved whole as they lie on the disk, and proven like everything else. */

import { createHash, randomBytes } from 'node:crypto'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { BackupsDeps } from '../../../daemon/backup/backups.ts'
import { encodeRecord, recordTypes, type BackupRecord } from '../../../daemon/backup/records.ts'
import { makeHeader } from '../../../daemon/backup/header.ts'
import { sealStream } from '../../../daemon/backup/stream-seal.ts'
import { encode } from '../../../protocol/codec.ts'
import { utf8 } from '../../../protocol/bytes.ts'
import { errorCode } from '../../../protocol/errors.ts'
import { writeRecoveryKey } from '../../../daemon/store/recovery-key.ts'
import { homePaths } from '../../../daemon/store/home.ts'
import { newHome } from '../store/temporary-home.ts'
import { isUntouched, madeHome, restore } from './made-home.ts'

t.setTimeout(240_000)

type Source = ReturnType<BackupsDeps['files']>[number]

const nameOf = (letter: string): string => letter.repeat(26)

/** Of pieces that are told one by one. */
const source = (letter: string, pieces: readonly Uint8Array[], isWhole = true): Source => ({
  name: nameOf(letter),
  about: pieces.reduce((sum, { length }) => sum + length, 0),
  async *read() {
    yield* pieces
    return isWhole
  },
})

t.test(
  'files come back as they were; one that was damaged or went away meanwhile is as good as not saved',
  async (t) => {
    const one = [randomBytes(1_000_000), randomBytes(70_000)]
    const two = [randomBytes(17)]
    const files = [source('a', one), source('b', [randomBytes(900)], false), source('c', [], false), source('d', two)]
    const { put, save, backups, copiesOpen } = await madeHome(t, files)
    await put(0, 100, 100)
    t.match(await backups.size(), { files: { count: 4, about: 1_070_917 } })
    const { file, recoveryKey } = await save({ files: true })
    t.equal(copiesOpen(), 0)
    const home = newHome(t)
    const checked = await restore(file, home, { secret: { recoveryKey } })
    t.match(checked, { rows: 104, files: { count: 2, bytes: 1_070_017 } })
    const { blobs } = homePaths(home)
    t.strictSame(readdirSync(blobs).toSorted(), [nameOf('a'), nameOf('d')])
    t.ok(readFileSync(join(blobs, nameOf('a'))).equals(Buffer.concat(one)))
    t.equal(statSync(join(blobs, nameOf('a'))).mode & 0o777, 0o600)
    t.equal(statSync(blobs).mode & 0o777, 0o700)
    const without = await save({})
    const secret = { recoveryKey: without.recoveryKey }
    t.equal((await restore(without.file, undefined, { secret })).files, undefined, 'left out unless they are asked for')
    t.ok(statSync(without.file).size < 100_000)
  },
)

t.test('the copy of the database is given up before the files are read', async (t) => {
  let open = -1
  const made: { copiesOpen: () => number }[] = []
  const file: Source = {
    name: nameOf('a'),
    about: 1,
    async *read() {
      open = made[0]?.copiesOpen() ?? -1
      yield randomBytes(1)
      return true
    },
  }
  const home = await madeHome(t, [file])
  made.push(home)
  await home.put(0, 10, 10)
  await home.save({ files: true })
  t.equal(open, 0)
})

t.test('damage within a file, and a backup that breaks off there, are found before anything is touched', async (t) => {
  const { put, save } = await madeHome(t, [source('a', [randomBytes(400_000)]), source('b', [randomBytes(300_000)])])
  await put(0, 10, 10)
  const { file, recoveryKey } = await save({ files: true })
  const whole = readFileSync(file)
  const home = newHome(t)
  const tried = async (bytes: Uint8Array): Promise<string> => {
    writeFileSync(file, bytes)
    return await restore(file, home, { secret: { recoveryKey } }).then(() => 'restored', errorCode)
  }
  for (let at = 70_000; at < whole.length; at += 64_000) {
    const changed = Buffer.from(whole)
    changed[at] = (changed[at] ?? 0) ^ 1
    t.equal(await tried(changed), 'CANNOT_DECRYPT', `byte ${at}`)
    t.match(await tried(whole.subarray(0, at)), /TRUNCATED|CANNOT_DECRYPT/, `cut at ${at}`)
  }
  t.ok(isUntouched(home))
})

const digest = (records: readonly BackupRecord[]): Uint8Array => {
  const hash = createHash('sha256')
  for (const each of records) hash.update(encodeRecord(each))
  return new Uint8Array(hash.digest())
}

const forgersKey = writeRecoveryKey(randomBytes(32))
const how = { secret: { recoveryKey: forgersKey } }

/** Sealed as it should be, whatever it says. */
async function forged(records: readonly BackupRecord[], hasFiles = true): Promise<string> {
  const header = await makeHeader(
    { recoveryKey: forgersKey },
    { madeAt: 1, hasFiles },
    (length) => new Uint8Array(randomBytes(length)),
  )
  const parts: Uint8Array[] = [header.bytes]
  async function* plain(): AsyncGenerator<Uint8Array> {
    for (const each of records) yield encodeRecord(each)
  }
  for await (const part of sealStream(header.key, plain())) parts.push(part)
  const file = join(`${newHome(t)}.forged`)
  writeFileSync(file, Buffer.concat(parts))
  return file
}

const none = new Uint8Array(0)
const record = (type: BackupRecord['type'], key: string, value: Uint8Array): BackupRecord => ({
  type,
  key: utf8(key),
  value,
})
const head = [
  record(recordTypes.facts, '', encode([1, '9.9.9'])),
  record(recordTypes.keys, '', encode([new Uint8Array(32), [], 0])),
]
const piece = (name: string, bytes: Uint8Array): BackupRecord => record(recordTypes.piece, name, bytes)
const fileEnd = (name: string, ...bytes: number[]): BackupRecord => record(recordTypes.fileEnd, name, encode(bytes))
const end = (files: readonly BackupRecord[], count: number): BackupRecord =>
  record(recordTypes.end, '', encode([0, digest([]), count, digest(files)]))

t.test('a backup that was sealed with its passphrase, and lies, is refused and touches nothing', async (t) => {
  const [a, b] = [nameOf('a'), nameOf('b')]
  const bytes = randomBytes(100)
  const good = [piece(a, bytes), fileEnd(a, 100)]
  t.match(await restore(await forged([...head, ...good, end(good, 1)]), undefined, how), {
    files: { count: 1, bytes: 100 },
  })
  const lies: Record<string, BackupRecord[]> = {
    'a name that is a path': [piece('../../../../tmp/evil', bytes), fileEnd('../../../../tmp/evil', 100)],
    'a name with a slash in it': [piece(`${'a'.repeat(20)}/../bb`, bytes), fileEnd(`${'a'.repeat(20)}/../bb`, 100)],
    'a name of nothing': [piece('', bytes), fileEnd('', 100)],
    'the same file twice': [...good, ...good],
    'names out of their order': [piece(b, bytes), fileEnd(b, 100), ...good],
    'pieces of two files mixed': [piece(a, bytes), piece(b, bytes), fileEnd(b, 100)],
    'another length': [piece(a, bytes), fileEnd(a, 99)],
    'a file of nothing': [fileEnd(a, 0)],
    'no end of a file': [piece(a, bytes)],
    'a row behind a file': [...good, record(recordTypes.row, 'x', none)],
  }
  const home = newHome(t)
  for (const [what, files] of Object.entries(lies))
    await t.rejects(restore(await forged([...head, ...files, end(files, 1)]), home, how), { code: 'BAD_SHAPE' }, what)
  const others = {
    'a hash of something else': [...head, ...good, end([], 1)],
    'another count': [...head, ...good, end(good, 2)],
    'no word of the files': [...head, ...good, record(recordTypes.end, '', encode([0, digest([])]))],
    'something behind the end': [...head, ...good, end(good, 1), end(good, 1)],
  }
  for (const [what, records] of Object.entries(others))
    await t.rejects(restore(await forged(records), home, how), { code: 'BAD_SHAPE' }, what)
  await t.rejects(
    restore(await forged([...head, ...good, end(good, 1)], false), home, how),
    { code: 'BAD_SHAPE' },
    'front',
  )
  t.ok(isUntouched(home))
  t.notOk(existsSync('/tmp/evil'))
})

t.test('a large file is saved and restored in little memory', async (t) => {
  const bytes = randomBytes(1024 * 1024)
  const many = 32
  const { save } = await madeHome(t, [
    source(
      'a',
      Array.from({ length: many }, () => bytes),
    ),
  ])
  const { file, recoveryKey } = await save({ files: true })
  const home = newHome(t)
  const words = ['--expose-gc', join(import.meta.dirname, 'restorer.ts'), file, home, recoveryKey, 'measure']
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number]
  t.equal(code, 0)
  const { most, looks } = JSON.parse(said) as { most: number; looks: number }
  t.ok(looks >= 2 * many)
  t.ok(most < 16_000_000, `${most} bytes at most of ${statSync(file).size}`)
  t.equal(statSync(join(homePaths(home).blobs, nameOf('a'))).size, many * bytes.length)
})
