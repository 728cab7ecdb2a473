import t from 'tap'
import type { BlobReference } from '../../../protocol/blob.ts'
import { WarrenError } from '../../../protocol/errors.ts'
import { blobIdOf, scopeOf, type ConversationId } from '../../../protocol/ids.ts'
import { Notes } from '../../../daemon/blobs/notes.ts'
import { Bus } from '../../../daemon/bus.ts'
import { label, someBytes } from '../../support/files.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

t.test('what could not be noted while the disk was full is noted once there is room', async (t) => {
  const time = new VirtualTime(1)
  const chat = scopeOf(someBytes(32)) as ConversationId
  const file: BlobReference = {
    ...label,
    id: blobIdOf(someBytes(32)),
    key: someBytes(32),
    size: 1,
    hash: someBytes(32),
  }
  const complaints: string[] = []
  let isFull = true
  let noted = 0
  const notes = new Notes({
    bus: new Bus(),
    log: (_, text) => complaints.push(text),
    timers: time,
    filesOf: () => [file],
    page: async () => await Promise.resolve({ files: [file], next: undefined }),
    noted: async () => {
      await Promise.resolve()
      if (isFull) throw new WarrenError('STORE_FULL', 'the disk is full')
      noted += 1
    },
  })
  notes.came(chat, 'order')
  await time.pass(70_000)
  t.ok(complaints.length >= 2 && complaints.length <= 4, `tried ${complaints.length} times`)
  t.equal(noted, 0)
  isFull = false
  await time.pass(60_000)
  t.equal(noted, 1)
  await notes.close()
})
