import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { archivedAt } from '../../../daemon/backup/archive-mark.ts'
import { writeRecoveryKey } from '../../../daemon/store/recovery-key.ts'
import { openStore } from '../../../daemon/store/level-store.ts'
import { errorCode } from '../../../protocol/errors.ts'
import { fillDisk, newHome, skipMounts, smallDisk } from '../store/temporary-home.ts'
import { hashOf, identityKey, isUntouched, madeHome, passphrase, restore, rowKey, secret, seed } from './made-home.ts'

t.setTimeout(240_000)

t.test('a restored home holds every row of the moment of the backup, but not the key of the device', async (t) => {
  const { put, save, store, home } = await madeHome(t)
  await put(0, 500, 300)
  await store.createConversationKey(7)
  const key = { table: rowKey(0).table, at: [900], under: 7 }
  await store.commit((batch) => batch.put(key, Uint8Array.of(9)))
  const { file } = await save()
  await put(500, 1, 10)
  const target = newHome(t)
  const checked = await restore(file, target)
  t.match(checked, { rows: 502 + 4, conversations: 1, madeAt: 1_800_000_000_000, warren: '9.9.9' })
  t.equal(await hashOf(target), checked.hash, 'row for row')
  await t.rejects(openStore(target, {}, { randomBytes }), { code: 'LOCKED' })
  const restored = await openStore(target, { secret }, { randomBytes })
  for (const at of [0, 77, 499]) t.strictSame(restored.get(rowKey(at)), store.get(rowKey(at)))
  t.strictSame(restored.get(key), Uint8Array.of(9), 'under the key of its conversation')
  t.equal(restored.get(rowKey(500)), undefined, 'what came later is not in it')
  t.equal(archivedAt(restored), 1_800_000_000_000)
  t.equal(archivedAt(store), undefined)
  t.notOk(Buffer.from(restored.get(identityKey) ?? []).equals(seed))
  await restored.close()
  t.ok(existsSync(home))
})

t.test('a reader who goes away leaves no copy standing in the database, however early', async (t) => {
  for (const pieces of [1, 2]) {
    const { put, backups, copiesOpen } = await madeHome(t)
    await put(0, 1000, 200)
    const { open } = await backups.begin({ passphrase })
    const bytes = open()
    for (let piece = 0; piece < pieces; piece += 1) await bytes.next()
    t.equal(copiesOpen(), 1)
    await bytes.return(undefined)
    t.equal(copiesOpen(), 0, `after ${pieces}`)
  }
})

t.test('rows that are written while it is made are in it whole, or not at all', async (t) => {
  const { put, backups, store } = await madeHome(t)
  await put(0, 5000, 200)
  const { open } = await backups.begin({ passphrase })
  const bytes = open()
  const parts: Uint8Array[] = []
  for (let round = 0; ; round += 1) {
    const next = await bytes.next()
    if (next.done === true) break
    parts.push(next.value)
    // One batch of two: a backup that has one without the other is of no moment.
    await store.commit((batch) => {
      batch.put(rowKey(10), Uint8Array.of(round))
      batch.put(rowKey(4990), Uint8Array.of(round))
      batch.put(rowKey(6000 + round), Uint8Array.of(1))
    })
  }
  const file = `${newHome(t)}.backup`
  writeFileSync(file, Buffer.concat(parts))
  const target = newHome(t)
  await restore(file, target)
  const restored = await openStore(target, { secret }, { randomBytes })
  t.strictSame([restored.get(rowKey(10))?.length, restored.get(rowKey(4990))?.length], [200, 200])
  t.equal(restored.get(rowKey(6000)), undefined)
  await restored.close()
  t.throws(() => open(), { code: 'CONFLICT' }, 'one key seals one stream')
})

t.test('every kind of damage is found before anything is touched', async (t) => {
  const { put, save } = await madeHome(t)
  await put(0, 800, 300)
  // Not stretched: a hundred attempts in a moment.
  const { file, recoveryKey } = await save({})
  const whole = readFileSync(file)
  const header = 16 + whole.readUInt16BE(14)
  const chunk = 64 * 1024 + 16
  const home = newHome(t)
  const tried = async (bytes: Uint8Array): Promise<string> => {
    writeFileSync(file, bytes)
    const code = await restore(file, home, { secret: { recoveryKey } }).then(() => 'restored', errorCode)
    t.ok(isUntouched(home))
    return code
  }
  const flipped = (at: number): Buffer => {
    const changed = Buffer.from(whole)
    changed[at] = (changed[at] ?? 0) ^ 0x10
    return changed
  }
  const found = new Map<string, number>()
  const places = [...Array(header).keys()].filter((at) => at < 20 || at % 9 === 0)
  for (const at of places) {
    const code = await tried(flipped(at))
    found.set(code, (found.get(code) ?? 0) + 1)
  }
  t.notOk(found.has('restored'))
  t.ok(['BAD_SHAPE', 'STORE_NEWER', 'TRUNCATED', 'WRONG_PASSPHRASE', 'CANNOT_DECRYPT'].some((code) => found.has(code)))
  for (let at = header; at < whole.length; at += 9973) t.equal(await tried(flipped(at)), 'CANNOT_DECRYPT', `byte ${at}`)
  t.equal(await tried(flipped(whole.length - 1)), 'CANNOT_DECRYPT', 'the last byte')
  for (let at = header; at < whole.length; at += chunk)
    t.equal(await tried(whole.subarray(0, at)), 'TRUNCATED', `cut at ${at}`)
  for (const at of [0, 5, 14, 15, 40, header - 1]) {
    const code = await tried(whole.subarray(0, at))
    t.ok(code === 'TRUNCATED' || code === 'BAD_SHAPE', `cut at ${at}: ${code}`)
  }
  t.equal(await tried(whole.subarray(0, whole.length - 1)), 'CANNOT_DECRYPT')
  t.equal(await tried(Buffer.concat([whole, Buffer.alloc(1)])), 'CANNOT_DECRYPT', 'something behind it')
  t.equal(await tried(Buffer.from('no backup at all')), 'BAD_SHAPE')
  writeFileSync(file, whole)
  const another = writeRecoveryKey(randomBytes(32))
  for (const wrong of [{ recoveryKey: another }, { recoveryKey: 'ABCD' }, secret])
    await t.rejects(restore(file, home, { secret: wrong }), { code: 'WRONG_PASSPHRASE' })
  await t.rejects(restore(`${file}.not`, home), { code: 'NOT_FOUND' })
  t.ok(isUntouched(home))
  t.ok(await restore(file, undefined, { secret: { recoveryKey } }), 'it is whole still')
  t.ok(isUntouched(home), 'a check writes nothing')
})

t.test('a recovery key opens it in place of a passphrase; weak passphrases are not taken', async (t) => {
  const { backups, save } = await madeHome(t)
  const { file, recoveryKey } = await save({})
  const mine = await save()
  await t.rejects(restore(mine.file, undefined, { secret: { passphrase: `${passphrase}s` } }), {
    code: 'WRONG_PASSPHRASE',
  })
  await t.rejects(restore(file, undefined), { code: 'WRONG_PASSPHRASE' })
  const home = newHome(t)
  await restore(file, home, { secret: { recoveryKey: recoveryKey.toLowerCase().replaceAll('-', ' ') } })
  await (await openStore(home, { secret: { recoveryKey } }, { randomBytes })).close()
  await t.rejects(backups.begin({ passphrase: 'password1234' }), { code: 'WEAK_PASSPHRASE' })
})

t.test('a home that is used is left alone, an empty folder is taken', async (t) => {
  const { save, home } = await madeHome(t)
  const { file } = await save()
  await t.rejects(restore(file, home), { code: 'CONFLICT', message: /not empty/ })
  const empty = newHome(t)
  mkdirSync(empty)
  await restore(file, empty)
  await t.rejects(restore(file, empty), { code: 'CONFLICT' })
  const foreign = newHome(t)
  mkdirSync(foreign)
  writeFileSync(join(foreign, 'notes.txt'), 'mine')
  await t.rejects(restore(file, foreign), { code: 'CONFLICT' })
  const beside = `${newHome(t)}.restoring`
  mkdirSync(beside)
  writeFileSync(join(beside, 'diary'), 'mine')
  t.teardown(() => rmSync(beside, { recursive: true, force: true }))
  const inTheWay = { code: 'CONFLICT', message: /restoring is in the way/ }
  await t.rejects(restore(file, beside.replace('.restoring', '')), inTheWay)
  t.equal(readFileSync(join(beside, 'diary'), 'utf8'), 'mine', 'what somebody else put there stays')
  t.equal(readFileSync(join(foreign, 'notes.txt'), 'utf8'), 'mine')
})

t.test('a full disk leaves nothing, and there is room again', { skip: skipMounts }, async (t) => {
  const { put, save } = await madeHome(t)
  await put(0, 3000, 2000)
  const { file } = await save()
  const disk = smallDisk(t, 24)
  const home = join(disk, 'home')
  const giveBack = fillDisk(disk)
  await t.rejects(restore(file, home), { code: 'STORE_FULL' })
  t.ok(isUntouched(home))
  giveBack()
  await restore(file, home)
  const small = join(smallDisk(t, 5), 'home')
  await t.rejects(restore(file, small), { code: 'STORE_FULL' }, 'full in the middle')
  t.ok(isUntouched(small))
})

t.test('kill -9 in the middle leaves no home, or a whole one', async (t) => {
  const { put, save } = await madeHome(t)
  for (let round = 0; round < 8; round += 1) await put(round * 1000, 1000, 1500)
  const { file, recoveryKey } = await save({})
  const how = { secret: { recoveryKey } }
  const { rows, hash } = await restore(file, undefined, how)
  t.equal(rows, 8000 + 4)
  const home = newHome(t)
  for (const killAt of [0.05, 0.5, 0.95]) {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'restorer.ts'), file, home, recoveryKey, `${killAt}`],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    )
    const [, by] = (await once(child, 'exit')) as [number | null, string | null]
    t.equal(by, 'SIGKILL', `at ${killAt} of the writing`)
    t.notOk(existsSync(home))
    t.ok(existsSync(`${home}.restoring`))
  }
  await restore(file, home, how)
  t.notOk(existsSync(`${home}.restoring`), 'what was left is gone')
  t.equal(await hashOf(home), hash)
})

t.test('a big backup is written and restored in little memory', async (t) => {
  const { put, save } = await madeHome(t)
  for (let round = 0; round < 12; round += 1) await put(round * 1000, 1000, 4000)
  const { file, recoveryKey } = await save({})
  const { size } = statSync(file)
  t.ok(size > 48_000_000)
  const home = newHome(t)
  const words = ['--expose-gc', join(import.meta.dirname, 'restorer.ts'), file, home, recoveryKey, 'measure']
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number]
  t.equal(code, 0)
  const { most, looks } = JSON.parse(said) as { most: number; looks: number }
  t.ok(looks > 90)
  t.ok(most < 12_000_000, `${most} bytes at most of ${size}`)
})
