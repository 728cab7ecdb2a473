import t from 'tap'
import { ChunkWriter } from '../../../daemon/blobs/chunk-writer.ts'
import { sealedBytes } from '../../../daemon/blobs/blob-record.ts'
import type { BlobFile } from '../../../daemon/store/blob-files.ts'
import { WarrenError } from '../../../protocol/errors.ts'

/** Where each write began and what it wrote, as it was when the disk was done with it. */
function slowFile(failAt = Infinity) {
  const writes: { readonly at: number; readonly bytes: Buffer }[] = []
  const write = async (at: number, pieces: readonly Uint8Array[]): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve))
    if (writes.length === failAt) throw new WarrenError('STORE_FULL', 'no room')
    writes.push({ at, bytes: Buffer.concat(pieces) })
  }
  return { writes, file: { write } as unknown as BlobFile }
}

const chunk = (number: number, length = sealedBytes): Uint8Array => new Uint8Array(length).fill(number)

t.test('each chunk has its place, also behind a gap, a short one and a full memory', async (t) => {
  const { writes, file } = slowFile()
  const written: [number, number][] = []
  const writer = new ChunkWriter(file, (from, count) => void written.push([from, count]))
  const numbers = [...Array.from({ length: 37 }, (_, number) => number), 50, 51, 52, 53]
  const passing = new Uint8Array(sealedBytes)
  for (const number of numbers) {
    // As a stream hands chunks out: the memory of one is that of the next.
    passing.fill(number)
    await writer.put(number, number === 51 ? passing.subarray(0, 9) : passing)
  }
  await writer.flush()
  t.strictSame(written, [
    [0, 16],
    [16, 16],
    [32, 5],
    [50, 2],
    [52, 2],
  ])
  const disk = Buffer.alloc(54 * sealedBytes)
  for (const { at, bytes } of writes) bytes.copy(disk, at)
  const right = numbers.every((number) => {
    const place = disk.subarray(number * sealedBytes, (number + 1) * sealedBytes)
    return number === 51 ? place.equals(Buffer.concat([chunk(51, 9)], sealedBytes)) : place.equals(chunk(number))
  })
  t.ok(right)
})

t.test('a write that fails is told of, and nothing of it is called written', async (t) => {
  const { file } = slowFile(1)
  const written: number[] = []
  const writer = new ChunkWriter(file, (from) => void written.push(from))
  for (let number = 0; number < 40; number += 1) await writer.put(number, chunk(number))
  await t.rejects(writer.flush(), { code: 'STORE_FULL' })
  t.strictSame(written, [0])
})
