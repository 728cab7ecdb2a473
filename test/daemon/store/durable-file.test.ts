/** A small file is replaced in one step: whoever looks at it, at whatever moment, finds the old or the new one whole. */

import { once } from 'node:events'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { writeDurably } from '../../../daemon/store/durable-file.ts'

const rounds = 100
const bytes = 4096

interface Seen {
  /** What was neither the old file nor the new one. */
  readonly wrong: readonly string[]
  /** How many of the files were seen. */
  readonly files: number
}

/** Reads the file without a pause until it is told to stop. */
const reader = `
const { readFileSync } = require('node:fs')
const { parentPort, workerData: { path, flag, bytes } } = require('node:worker_threads')
const stop = new Int32Array(flag)
const [wrong, files] = [new Set(), new Set()]
parentPort.postMessage('reads')
while (Atomics.load(stop, 0) === 0) {
  try {
    const file = readFileSync(path)
    if (file.length !== bytes || file.some((each) => each !== file[0])) wrong.add('a part')
    else files.add(file[0])
  } catch (error) {
    wrong.add(error.code)
  }
}
parentPort.postMessage({ wrong: [...wrong], files: files.size })`

t.test('replaced while somebody reads', async (t) => {
  const path = join(t.testdir({ keys: Buffer.alloc(bytes) }), 'keys')
  const flag = new SharedArrayBuffer(4)
  const worker = new Worker(reader, { eval: true, workerData: { path, flag, bytes } })
  t.teardown(async () => await worker.terminate())
  await once(worker, 'message')
  for (let round = 1; round <= rounds; round += 1) await writeDurably(path, Buffer.alloc(bytes, round))
  const told = once(worker, 'message')
  Atomics.store(new Int32Array(flag), 0, 1)
  const [seen] = (await told) as [Seen]
  t.strictSame(seen.wrong, [])
  t.ok(seen.files > 1, `${seen.files} of them were seen`)
})
