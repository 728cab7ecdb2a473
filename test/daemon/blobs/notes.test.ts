import t, { type Test } from 'tap'
import type { BlobReference } from '../../../protocol/blob.ts'
import { WarrenError } from '../../../protocol/errors.ts'
import { blobIdOf, scopeOf, type ConversationId } from '../../../protocol/ids.ts'
import { Notes } from '../../../daemon/blobs/notes.ts'
import { Bus } from '../../../daemon/bus.ts'
import { label, someBytes } from '../../support/files.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const chat = scopeOf(someBytes(32)) as ConversationId
const file: BlobReference = { ...label, id: blobIdOf(someBytes(32)), key: someBytes(32), size: 1, hash: someBytes(32) }
const orderOf = (number: number): string => `${number}`.padStart(8, '0')

/** A conversation of so many messages, each with one file. */
function noting(t: Test, messages: number) {
  const time = new VirtualTime(1)
  const seen = { isFull: false, complaints: [] as string[], noted: 0, opened: 0, pages: [] as (string | undefined)[] }
  const notes = new Notes({
    bus: new Bus(),
    log: (_, text) => seen.complaints.push(text),
    timers: time,
    filesOf: () => {
      seen.opened += 1
      return [file]
    },
    page: async (_, before, limit) => {
      await Promise.resolve()
      seen.pages.push(before)
      const end = before === undefined ? messages : Number(before)
      const from = Math.max(0, end - limit)
      return { files: Array.from({ length: end - from }, () => file), next: from === 0 ? undefined : orderOf(from) }
    },
    noted: async (_, files) => {
      await Promise.resolve()
      if (seen.isFull) throw new WarrenError('STORE_FULL', 'the disk is full')
      seen.noted += files.length
    },
  })
  t.teardown(async () => await notes.close())
  return { time, notes, seen }
}

t.test('what could not be noted while the disk was full is noted once there is room', async (t) => {
  const { time, notes, seen } = noting(t, 1000)
  seen.isFull = true
  notes.came({ conversation: chat, order: orderOf(400), files: [file] })
  await time.pass(70_000)
  const { length } = seen.complaints
  t.ok(length >= 2 && length <= 4, `tried ${length} times`)
  t.equal(seen.noted, 0)
  seen.isFull = false
  await time.pass(60_000)
  t.match(seen, { noted: 1, pages: [] })
})

t.test('files that a message names need no look at it', async (t) => {
  const { time, notes, seen } = noting(t, 10)
  notes.came({ conversation: chat, order: orderOf(1), files: [file, file] })
  notes.came({ conversation: chat, order: orderOf(2), files: undefined })
  await time.pass(10_000)
  t.match(seen, { noted: 3, opened: 1, pages: [] })
})

t.test('of more than can wait no more is looked through than lies between them', async (t) => {
  const history = 100_000
  const { time, notes, seen } = noting(t, history)
  for (let at = 50_000; at < 62_000; at += 1) notes.came({ conversation: chat, order: orderOf(at), files: [file] })
  await time.pass(10_000)
  t.equal(seen.noted >= 12_000, true, 'none is left out')
  t.equal(seen.pages[0], orderOf(61_999))
  t.equal(seen.pages.length, 10, '2,000 did not fit')
})

t.test('a look ends when the daemon stops, and what comes then is noted', async (t) => {
  const { notes, seen } = noting(t, 1000)
  notes.stop()
  t.equal(await notes.look(chat, Number.MAX_SAFE_INTEGER), false)
  notes.came({ conversation: chat, order: orderOf(1), files: [file] })
  await notes.close()
  t.match(seen, { noted: 1, pages: [] })
})
