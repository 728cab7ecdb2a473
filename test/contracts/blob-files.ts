/** What files beside a database must do, on a disk and in memory. */

import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { newFileName, type BlobFiles } from '../../daemon/store/blob-files.ts'

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
const bytes = (...all: readonly number[]): Uint8Array => Uint8Array.from(all)

export async function blobFilesContract(t: Test, files: BlobFiles): Promise<void> {
  await t.test('a file keeps what is put anywhere into it', async (t) => {
    const name = newFileName(random)
    const file = await files.create(name)
    await file.write(4, [bytes(5, 6), bytes(), bytes(7)])
    await file.write(0, [bytes(1, 2)])
    t.strictSame(await file.read(0, 100), bytes(1, 2, 0, 0, 5, 6, 7))
    await file.write(3, [bytes(9, 9)])
    t.strictSame(await file.read(2, 3), bytes(0, 9, 9))
    t.strictSame(await file.read(7, 3), bytes(), 'nothing is behind its end')
    await file.sync()
    await file.close()
    const again = await files.open(name)
    t.strictSame(await again?.read(0, 100), bytes(1, 2, 0, 9, 9, 6, 7))
    await again?.close()
    await t.rejects(files.create(name), { code: 'STORE_FAILED' }, 'a name is used once')
  })

  await t.test('what was removed is gone, and may be removed again', async (t) => {
    const name = newFileName(random)
    await (await files.create(name)).close()
    t.ok((await files.names()).includes(name))
    await files.remove(name)
    await files.remove(name)
    t.notOk((await files.names()).includes(name))
    t.equal(await files.open(name), undefined)
  })

  await t.test('large pieces are put in whole, in their order', async (t) => {
    const pieces = [random(300_000), random(1), random(700_000)]
    const name = newFileName(random)
    const file = await files.create(name)
    await file.write(0, pieces)
    t.ok(Buffer.concat(pieces).equals(await file.read(0, 2_000_000)))
    const places = [300_000, 1, 600_000].map((length) => new Uint8Array(length))
    t.equal(await file.fill(99_999, places), true)
    t.ok(Buffer.concat(places).equals(Buffer.concat(pieces).subarray(99_999, 1_000_000)), 'and read into places')
    t.equal(await file.fill(99_999, [...places, new Uint8Array(2)]), false, 'of which the last is not filled')
    t.equal(await file.fill(1_000_001, [new Uint8Array(1)]), false)
    await file.close()
    await files.remove(name)
  })

  await t.test('it says how much room there is', async (t) => {
    const room = await files.room()
    t.ok(room > 0, `${room} bytes`)
  })
}
