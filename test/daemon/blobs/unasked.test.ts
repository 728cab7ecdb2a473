import t from 'tap'
import type { BlobReference } from '../../../protocol/blob.ts'
import { blobIdOf, type ConversationId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { twoContacts, type Device } from '../../support/device.ts'
import { label, posted, readAll, someBytes } from '../../support/files.ts'
import { three } from '../../support/three.ts'

const mib = 1024 * 1024
const day = 24 * 3_600_000

const described = (size: number): BlobReference => ({
  id: blobIdOf(someBytes(32)),
  key: someBytes(32),
  hash: someBytes(32),
  size,
  ...label,
})

/** Messages tell of so many files, which nobody has. Answers how many of them are to be fetched. */
async function told({ rooms }: Device, chat: ConversationId, count: number, size: number): Promise<number> {
  let coming = 0
  for (let each = 0; each < count; each += 1) {
    const file = described(size)
    await rooms.blobs.noted(chat, [file])
    if (rooms.blobs.state(chat, file).state === 'coming') coming += 1
  }
  return coming
}

const most = Math.floor(limits.autoFetchDayBytes / (16 * mib + 256 * 16))

t.test(
  'a conversation brings so much a day by itself, over restarts; what is beyond waits for the owner',
  async (t) => {
    const { alice, bob, chat, place, settle } = await twoContacts(t)
    place.part(alice, bob)
    t.equal(await told(bob, chat, most + 3, 16 * mib), most)
    await bob.stop()
    await bob.start()
    t.equal(await told(bob, chat, 3, 16 * mib), 0)
    const kept = described(16 * mib)
    await bob.rooms.blobs.noted(chat, [kept])
    t.match(bob.rooms.blobs.state(chat, kept), { state: 'missing', size: 16 * mib }, 'shown with its size')
    await bob.rooms.blobs.want(chat, kept)
    t.match(bob.rooms.blobs.state(chat, kept), { state: 'coming' })
    await settle(day)
    t.equal(await told(bob, chat, most + 1, 16 * mib), most, 'and as much the next day')
  },
)

t.test('what cannot be noted on a full disk, however often that is tried, does not count', async (t) => {
  const { alice, bob, chat, place } = await twoContacts(t)
  place.part(alice, bob)
  bob.disk.fault = { code: 'STORE_FULL' }
  for (let count = 0; count <= most; count += 1)
    await t.rejects(bob.rooms.blobs.noted(chat, [described(16 * mib)]), { code: 'STORE_FULL' })
  bob.disk.fault = undefined
  t.equal(await told(bob, chat, most + 1, 16 * mib), most)
})

t.test('small files count with all of a chunk, and those of all conversations together', async (t) => {
  const { alice, bob, chat, place } = await twoContacts(t)
  place.part(alice, bob)
  const all = [chat]
  for (let count = 0; count < 4; count += 1)
    all.push(await bob.rooms.conversations.groups.create([['name', `${count}`]], []))
  let coming = 0
  for (const each of all) coming += await told(bob, each, most + 1, 16 * mib)
  t.equal(coming, Math.floor(limits.autoFetchDayBytesInAll / (16 * mib + 256 * 16)))
})

t.test('who says of a file that it is small, and then that it is larger, gets no more in', async (t) => {
  const { alice, bob, chat, place } = await twoContacts(t)
  place.part(alice, bob)
  let coming = 0
  for (let count = 0; count < most + 3; count += 1) {
    const file = described(1)
    await bob.rooms.blobs.noted(chat, [file, { ...file, size: 16 * mib }])
    if (bob.rooms.blobs.state(chat, file).state === 'coming') coming += 1
  }
  t.equal(coming, most)
})

t.test('a clock that was ahead for a while holds nothing up', async (t) => {
  const { alice, bob, chat, place, time } = await twoContacts(t)
  place.part(alice, bob)
  await bob.stop()
  const { timers } = bob.options
  Object.assign(bob.options, {
    timers: { ...timers, now: () => time.now() + 400 * day, after: timers.after.bind(timers) },
  })
  await bob.start()
  t.equal(await told(bob, chat, most + 1, 16 * mib), most)
  await bob.stop()
  Object.assign(bob.options, { timers })
  await bob.start()
  t.equal(await told(bob, chat, most + 1, 16 * mib), most)
})

t.test('where the disk has little room nothing comes that nobody asked for', async (t) => {
  const { alice, bob, carol, group, settle } = await three(t)
  bob.disk.files.roomBytes = limits.autoFetchRoomBytes
  const file = await posted(alice, group, 1000)
  await settle(60_000)
  t.equal(carol.rooms.blobs.state(group, file).state, 'whole')
  t.match(bob.rooms.blobs.state(group, file), { state: 'missing', size: 1000 })
  t.strictSame(await bob.disk.files.names(), [], 'nothing was even begun')
  t.ok(bob.events.some((event) => event.type === 'blob' && event.blob === file.id))
  await bob.rooms.blobs.want(group, file)
  await settle(3000)
  t.equal((await readAll(bob.rooms.blobs, group, file)).length, 1000)
  t.strictSame(bob.complaints, [])
})
