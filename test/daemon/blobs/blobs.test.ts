import t, { type Test } from 'tap'
import { blobIdFor } from '../../../protocol/blob.ts'
import type { ConversationId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { Blobs } from '../../../daemon/blobs/blobs.ts'
import { Bus } from '../../../daemon/bus.ts'
import { scopeKey } from '../../../daemon/conversations/scope-keys.ts'
import { encodeKey } from '../../../daemon/store/keys.ts'
import type { Table } from '../../../daemon/store/store.ts'
import { noBlobs } from '../../support/blob-talk-pair.ts'
import { twoContacts, type Device } from '../../support/device.ts'
import { inPieces, label, readAll, someBytes } from '../../support/files.ts'

const { chunkBytes } = limits
const fileNames = async (device: Device): Promise<string[]> => await device.disk.files.names()

async function post(device: Device, chat: ConversationId, bytes: Uint8Array, clientId = 'c1') {
  const { blobs, conversations } = device.rooms
  const { id } = await blobs.add(chat, inPieces(bytes), label)
  const files = await blobs.posting(chat, [id])
  const { message } = await conversations.owner.post(chat, 'look', clientId, files)
  return { reference: files[0] as (typeof files)[0], message }
}

t.test('what was added is read as it was, whole and in ranges', async (t) => {
  const { alice, chat } = await twoContacts(t)
  const { blobs } = alice.rooms
  const sizes = [0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 16 * chunkBytes, 17 * chunkBytes + 5]
  for (const size of sizes) {
    const bytes = Buffer.from(someBytes(size))
    const reference = await blobs.add(chat, inPieces(bytes), label)
    t.equal(reference.size, size)
    t.ok(bytes.equals(await readAll(blobs, chat, reference)), `${size} bytes`)
    for (const [from, to] of [
      [0, 1],
      [chunkBytes - 1, chunkBytes + 1],
      [size - 1, size],
      [5, 5],
      [size, size + 9],
    ] as const) {
      const expected = bytes.subarray(Math.max(0, from), to)
      t.ok(expected.equals(await readAll(blobs, chat, reference, { from: Math.max(0, from), to })), `${from} to ${to}`)
    }
    t.strictSame(blobs.state(chat, reference), { state: 'whole', held: size, size })
  }
  const [name = ''] = await fileNames(alice)
  t.match(name, /^[a-z2-7]{26}$/, 'its name says nothing')
  t.strictSame(alice.complaints, [])
})

async function* broken(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(someBytes(70_000))
  throw new Error('the browser went away')
}

t.test('a file too large, or in no conversation, leaves nothing', async (t) => {
  const { alice, chat } = await twoContacts(t, 7, { files: { fileBytes: 100_000 } })
  const { blobs } = alice.rooms
  await blobs.add(chat, inPieces(someBytes(100_000)), label)
  await t.rejects(blobs.add(chat, inPieces(someBytes(100_001)), label), { code: 'TOO_LARGE' })
  const nowhere = blobIdFor(someBytes(32)) as unknown as ConversationId
  await t.rejects(blobs.add(nowhere, inPieces(someBytes(1)), label), { code: 'NOT_FOUND' })
  await t.rejects(blobs.add(chat, broken(), label), { message: 'the browser went away' })
  t.equal((await fileNames(alice)).length, 1)
})

t.test('a full disk refuses a file, and takes the next one', async (t) => {
  const { alice, chat } = await twoContacts(t)
  const { blobs } = alice.rooms
  for (const after of [0, 70_000, 200_000]) {
    const source = async function* (): AsyncGenerator<Uint8Array> {
      const all = someBytes(200_000)
      yield await Promise.resolve(all.subarray(0, after))
      alice.disk.fault = { code: 'STORE_FULL' }
      yield all.subarray(after)
    }
    await t.rejects(blobs.add(chat, source(), label), { code: 'STORE_FULL' })
    alice.disk.fault = undefined
  }
  const reference = await blobs.add(chat, inPieces(someBytes(100)), label)
  t.equal((await readAll(blobs, chat, reference)).length, 100)
})

t.test('what was added and not posted is taken back, forgotten after a day, and at the next start', async (t) => {
  const { alice, chat, settle } = await twoContacts(t)
  const add = async (): Promise<Parameters<typeof alice.rooms.blobs.cancel>[1]> =>
    (await alice.rooms.blobs.add(chat, inPieces(someBytes(10)), label)).id
  await alice.rooms.blobs.cancel(chat, await add())
  t.strictSame(await fileNames(alice), [])
  await add()
  const { reference } = await post(alice, chat, someBytes(20))
  await settle(1000)
  await t.rejects(alice.rooms.blobs.cancel(chat, reference.id), { code: 'NOT_FOUND' }, 'it is posted')
  t.equal((await fileNames(alice)).length, 2)
  await settle(limits.unpostedFileMs + 3_600_000)
  t.equal((await fileNames(alice)).length, 1)
  const third = await add()
  await alice.stop()
  await alice.start()
  t.equal((await fileNames(alice)).length, 1)
  t.equal(alice.rooms.blobs.find(chat, third), undefined)
  t.equal((await readAll(alice.rooms.blobs, chat, reference)).length, 20)
})

for (const [until, isKept] of [
  ['added', false],
  ['posting', false],
  ['posted', true],
] as const) {
  t.test(`after a crash behind ${until} a file is ${isKept ? 'kept' : 'gone'}`, async (t) => {
    const { alice, chat, settle } = await twoContacts(t)
    const { blobs, conversations } = alice.rooms
    const reference = await blobs.add(chat, inPieces(someBytes(100_000)), label)
    if (until !== 'added') await blobs.posting(chat, [reference.id])
    if (until === 'posted') await conversations.owner.post(chat, '', 'c1', [reference])
    // Nobody has looked at the message yet.
    alice.crash()
    await settle(10_000)
    await alice.start()
    await settle(10_000)
    t.equal((await fileNames(alice)).length, isKept ? 1 : 0)
    t.equal(alice.rooms.blobs.find(chat, reference.id) !== undefined, isKept)
    if (isKept) t.equal((await readAll(alice.rooms.blobs, chat, reference)).length, 100_000)
  })
}

t.test(
  'a message that is sent again after a crash keeps its file, though others are settled at that moment',
  async (t) => {
    const { alice, chat, settle } = await twoContacts(t)
    const reference = await alice.rooms.blobs.add(chat, inPieces(someBytes(10)), label)
    const left = await alice.rooms.blobs.add(chat, inPieces(someBytes(10)), label)
    await alice.rooms.blobs.posting(chat, [reference.id, left.id])
    await settle()
    const alone = {
      bus: new Bus(),
      log: () => {},
      maySee: () => false,
      personOf: () => undefined,
      linked: () => [],
      open: noBlobs,
    }
    const timers = { now: () => alice.options.timers.now() + 1000, after: () => () => {} }
    const blobs = await Blobs.open({ store: alice.store, timers, random: someBytes, ...alone }, [chat])
    t.ok(blobs.isPosting(chat))
    t.strictSame(await blobs.posting(chat, [reference.id]), [reference])
    await blobs.settlePosting(chat)
    t.equal((await readAll(blobs, chat, reference)).length, 10)
    t.equal(blobs.find(chat, left.id), undefined)
    await blobs.close()
  },
)

t.test('a crash while a file is added leaves nothing of it', async (t) => {
  const { alice, chat, settle } = await twoContacts(t)
  const stuck = Promise.withResolvers<void>()
  const source = async function* (): AsyncGenerator<Uint8Array> {
    yield someBytes(2_000_000)
    stuck.resolve()
    await new Promise(() => {})
  }
  void alice.rooms.blobs.add(chat, source(), label)
  await stuck.promise
  t.equal((await fileNames(alice)).length, 1)
  alice.crash()
  await alice.start()
  await settle()
  t.strictSame(await fileNames(alice), [])
})

t.test('a conversation that is deleted takes its files along', async (t) => {
  const { alice, chat, settle } = await twoContacts(t)
  const { reference } = await post(alice, chat, someBytes(100_000))
  const unposted = await alice.rooms.blobs.add(chat, inPieces(someBytes(10)), label)
  await settle()
  await alice.rooms.conversations.owner.delete(chat)
  await settle()
  t.strictSame(await fileNames(alice), [])
  t.equal(alice.rooms.blobs.find(chat, reference.id), undefined)
  await t.rejects(alice.rooms.blobs.posting(chat, [unposted.id]), { code: 'NOT_FOUND' })
  await t.rejects(readAll(alice.rooms.blobs, chat, reference), { code: 'NOT_FOUND' })
})

t.test('the other side knows what a message brings, and wants small files by itself', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t, 7, { files: { autoFetchBytes: 1000, fileBytes: 10_000 } })
  const small = await post(alice, chat, someBytes(1000), 'c1')
  const large = await post(alice, chat, someBytes(1001), 'c2')
  await settle(10_000)
  const [, got] = await bob.messages(chat)
  t.match(got, { text: 'look', newer: false, files: [{ id: large.reference.id, name: 'picture.png', size: 1001 }] })
  t.not(bob.rooms.blobs.state(chat, small.reference).state, 'missing')
  t.equal(bob.rooms.blobs.state(chat, large.reference).state, 'missing')
  await bob.rooms.blobs.want(chat, large.reference)
  t.not(bob.rooms.blobs.state(chat, large.reference).state, 'missing')
  await t.rejects(bob.rooms.blobs.want(chat, { ...large.reference, size: 10_001 }), { code: 'TOO_LARGE' })
})

async function damaged(t: Test, damage: (device: Device, name: string) => Promise<void>): Promise<void> {
  const { alice, chat, settle } = await twoContacts(t)
  const { reference } = await post(alice, chat, someBytes(200_000))
  await settle()
  const [name = ''] = await fileNames(alice)
  await damage(alice, name)
  await t.rejects(readAll(alice.rooms.blobs, chat, reference), { code: 'STORE_DAMAGED' })
  t.match(alice.rooms.blobs.state(chat, reference), { state: 'coming' })
  t.match(alice.complaints, ['a file is damaged or gone, and is fetched again'])
  t.ok(alice.events.some((event) => event.type === 'blob' && event.blob === reference.id))
}

t.test('a flipped byte, a file cut short and a lost file are noticed when it is read', async (t) => {
  await damaged(t, async ({ disk }, name) => {
    const bytes = (await Promise.resolve(disk.files.bytes(name))) ?? new Uint8Array(0)
    bytes[100_000] = (bytes[100_000] ?? 0) ^ 1
  })
  await damaged(t, async ({ disk }, name) => {
    const file = disk.files.bytes(name) ?? new Uint8Array(0)
    const cut = file.slice(0, 150_000)
    await disk.files.remove(name)
    await (await disk.files.create(name)).write(0, [cut])
  })
  await damaged(t, async ({ disk }, name) => await disk.files.remove(name))
})

const text = (table: Table, at: readonly number[]): string => encodeKey(table, at).toString('latin1')

t.test('files of a conversation whose own row is lost wait until it is put back', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  await post(alice, chat, someBytes(1000))
  await settle()
  const { at, table } = scopeKey({ number: alice.store.numberOf(chat) ?? 0 })
  await alice.stop()
  const whole = alice.disk.snapshot()
  const [row] = whole.between(text(table, at), text(table, [...at, 0]))
  t.ok(row)
  alice.disk.apply([{ bytes: encodeKey(table, at), row: undefined }])
  await alice.start()
  await settle()
  t.equal((await fileNames(alice)).length, 1)
  t.strictSame(bob.complaints, [])
})

t.test('who describes a file wrongly is not believed', async (t) => {
  const { alice, chat } = await twoContacts(t)
  const { blobs } = alice.rooms
  const reference = await blobs.add(chat, inPieces(someBytes(100_000)), label)
  const other = someBytes(32)
  await t.rejects(readAll(blobs, chat, { ...reference, key: other }), { code: 'CANNOT_DECRYPT' })
  await t.rejects(readAll(blobs, chat, { ...reference, hash: other }), { code: 'BAD_HASH' })
  await t.rejects(readAll(blobs, chat, { ...reference, size: 200_000 }), { code: 'BAD_HASH' })
  await t.rejects(readAll(blobs, chat, { ...reference, size: 100_001 }), { code: 'BAD_HASH' })
  t.equal(blobs.state(chat, reference).state, 'whole', 'which is no damage')
})

t.test('that a file is damaged is known after the next start, too', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  const { reference } = await post(alice, chat, someBytes(200_000))
  await settle()
  place.part(alice, bob)
  const [name = ''] = await fileNames(alice)
  const bytes = alice.disk.files.bytes(name) ?? new Uint8Array(0)
  bytes[100_000] = (bytes[100_000] ?? 0) ^ 1
  await t.rejects(readAll(alice.rooms.blobs, chat, reference), { code: 'STORE_DAMAGED' })
  await settle()
  await alice.stop()
  await alice.start()
  t.match(alice.rooms.blobs.state(chat, reference), { state: 'coming' })
  t.equal((await fileNames(alice)).length, 1, 'nothing is deleted')
})

t.test('what a crash left of a message is settled though the clock was set back', async (t) => {
  const { alice, chat, settle } = await twoContacts(t)
  const reference = await alice.rooms.blobs.add(chat, inPieces(someBytes(10)), label)
  await alice.rooms.blobs.posting(chat, [reference.id])
  alice.crash()
  Object.assign(alice.options, { clockOffMs: -400 * 24 * 3_600_000 })
  await alice.start()
  await settle(10_000)
  t.strictSame(await fileNames(alice), [])
})
