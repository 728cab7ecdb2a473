import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { newFileName } from '../../../daemon/store/blob-files.ts'
import { FolderFiles } from '../../../daemon/store/folder-files.ts'
import { MemoryDisk } from '../../../daemon/store/memory-disk.ts'
import { blobFilesContract } from '../../contracts/blob-files.ts'
import { skipMounts, smallDisk } from './temporary-home.ts'

t.test('files in memory', async (t) => await blobFilesContract(t, new MemoryDisk('a').files))
t.test('files in a folder', async (t) => await blobFilesContract(t, new FolderFiles(join(t.testdir(), 'blobs'))))

t.test('the folder and its files are their owner’s alone, and nothing else in it is touched', async (t) => {
  const folder = join(t.testdir(), 'blobs')
  const files = new FolderFiles(folder)
  t.strictSame(await files.names(), [], 'there is none before the first file')
  await files.remove('a'.repeat(26))
  await (await files.create('a'.repeat(26))).close()
  t.equal(statSync(folder).mode & 0o777, 0o700)
  t.equal(statSync(join(folder, 'a'.repeat(26))).mode & 0o777, 0o600)
  writeFileSync(join(folder, 'somebody else’s'), '')
  t.strictSame(await files.names(), ['a'.repeat(26)])
  for (const name of ['../key', 'A'.repeat(26), '', 'somebody else’s'])
    await t.rejects(files.remove(name), { code: 'STORE_DAMAGED' }, name)
  t.equal(readdirSync(folder).length, 2)
  chmodSync(folder, 0o700)
})

t.test('what was not synced is gone after a crash of a disk in memory', async (t) => {
  const disk = new MemoryDisk('a')
  const file = await disk.files.create('one')
  await file.write(0, [Uint8Array.of(1, 2)])
  await file.sync()
  await file.write(0, [Uint8Array.of(3)])
  disk.crash()
  await t.rejects(file.write(0, [Uint8Array.of(4)]), { code: 'CLOSING' })
  t.strictSame(await (await disk.files.open('one'))?.read(0, 9), Uint8Array.of(1, 2))
})

t.test('the room in a folder is that of its disk, also before there is a file', { skip: skipMounts }, async (t) => {
  const disk = smallDisk(t, 8)
  const files = new FolderFiles(join(disk, 'blobs'))
  const before = await files.room()
  t.ok(before > 4 * 1024 * 1024 && before <= 8 * 1024 * 1024, `${before} bytes`)
  const file = await files.create(newFileName((length) => new Uint8Array(length).fill(7)))
  await file.write(0, [new Uint8Array(1024 * 1024)])
  await file.close()
  t.ok((await files.room()) <= before - 1024 * 1024)
})
