import t from 'tap'
import { blobIdFor } from '../../../protocol/blob.ts'
import { sha256 } from '../../../protocol/crypto.ts'
import { WarrenError } from '../../../protocol/errors.ts'
import { deviceIdOf, scopeOf } from '../../../protocol/ids.ts'
import { BlobRecord, Chunks, sealedBytes } from '../../../daemon/blobs/blob-record.ts'
import { Fetch } from '../../../daemon/blobs/fetch.ts'
import type { BlobFile } from '../../../daemon/store/blob-files.ts'
import { systemTimers } from '../../../daemon/timers.ts'
import { blobTalkPair } from '../../support/blob-talk-pair.ts'
import { label, someBytes } from '../../support/files.ts'

const count = 64
const sealed = someBytes(sealedBytes)
const hashes = Buffer.concat(Array.from({ length: count }, () => sha256(sealed)))

function record(): BlobRecord {
  const reference = { ...label, id: blobIdFor(hashes), key: someBytes(32), size: count, hash: someBytes(32) }
  const row = {
    reference,
    count,
    file: 'f',
    isWhole: false,
    isWanted: true,
    standing: 'posted',
    at: 0,
    others: [],
    unasked: 0,
  } as const
  const made = new BlobRecord(scopeOf(someBytes(32)), 1, row)
  made.chunks = new Chunks(count)
  return made
}

const soon = (): AbortSignal => AbortSignal.timeout(30_000)

t.test('what one stream leaves while another one writes its last chunks is fetched by that one', async (t) => {
  const writing = Promise.withResolvers<void>()
  const file = { write: async () => await writing.promise } as unknown as BlobFile
  const [own, giver] = [deviceIdOf(someBytes(32)), deviceIdOf(someBytes(32))]
  const pairs = [blobTalkPair(own, giver), blobTalkPair(own, giver)] as const
  const ends = pairs.map(([here]) => here)
  const fetch = new Fetch(
    {
      timers: systemTimers,
      open: async () => await Promise.resolve(ends.shift() ?? pairs[1][0]),
      listed: async () => await Promise.resolve(),
      progress: () => {},
      mostChunks: () => count,
    },
    record(),
    file,
    new Uint8Array(hashes),
  )
  const [[, first], [, second]] = pairs
  const works = [fetch.from(giver), fetch.from(giver)]
  const asked = await second.next(soon())
  t.match(asked, { is: 'ask', from: 48, to: 63 }, 'the other stream asked for all before')
  const give = (from: number, to: number): void => {
    for (let number = from; number <= to; number += 1) second.send({ is: 'chunk', number, bytes: sealed })
  }
  give(48, 63)
  while (second.other?.unread !== 0) await new Promise((resolve) => setImmediate(resolve))
  first.send({ is: 'refuse', code: 1 })
  await works[0]
  writing.resolve()
  for (const from of [0, 16, 32]) {
    t.match(await second.next(soon()), { is: 'ask', from, to: from + 15 })
    give(from, from + 15)
  }
  await works[1]
  t.ok(fetch.isWhole)
})

t.test('a stream that opens just when all is over is ended, and is no failure', async (t) => {
  const [here, there] = blobTalkPair(deviceIdOf(someBytes(32)), deviceIdOf(someBytes(32)))
  const fetch: Fetch = new Fetch(
    {
      timers: systemTimers,
      open: async () => {
        fetch.stop(new WarrenError('CLOSING', 'it is over'))
        return await Promise.resolve(here)
      },
      listed: async () => await Promise.resolve(),
      progress: () => {},
      mostChunks: () => count,
    },
    record(),
    { write: async () => await Promise.resolve() } as unknown as BlobFile,
    new Uint8Array(hashes),
  )
  await fetch.from(here.device)
  t.ok(there.isOver)
})
