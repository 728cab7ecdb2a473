import t, { type Test } from 'tap'
import type { BlobReference } from '../../../protocol/blob.ts'
import { limits } from '../../../protocol/limits.ts'
import { blobIdOf } from '../../../protocol/ids.ts'
import { twoContacts, type Device } from '../../support/device.ts'
import { inPieces, label, readAll, someBytes } from '../../support/files.ts'
import { three, type Three } from '../../support/three.ts'

const size = 3 * limits.chunkBytes

/** Bob, who is a member, says something else of Alice's file; Carol hears of both from him. */
async function lied(
  t: Test,
  lie: (file: BlobReference) => Partial<BlobReference>,
): Promise<Three & { file: BlobReference }> {
  const world = await three(t)
  const { alice, bob, carol, group, place, settle } = world
  place.part(alice, carol)
  place.part(bob, carol)
  const { id } = await alice.rooms.blobs.add(group, inPieces(someBytes(size)), label)
  const [file] = await alice.rooms.blobs.posting(group, [id])
  if (file === undefined) throw new Error('it was added')
  await alice.rooms.conversations.owner.post(group, '', 'c', [file])
  await settle(3000)
  await bob.rooms.conversations.owner.post(group, 'lie', 'c', [{ ...file, ...lie(file) }])
  await settle(3000)
  place.heal(bob, carol)
  await settle(60_000)
  return { ...world, file }
}

const isThere = async ({ rooms: { blobs } }: Device, { group, file }: { group: Three['group']; file: BlobReference }) =>
  blobs.find(group, file.id)?.name === file.name && (await readAll(blobs, group, file)).length === size

for (const [what, lie] of [
  ['another size', () => ({ size: 1 })],
  ['a larger size', () => ({ size: size * 9 })],
  ['another key', () => ({ key: someBytes(32), name: 'lie' })],
  ['another hash', () => ({ hash: someBytes(32), name: 'lie' })],
] as const) {
  t.test(`a member who says ${what} of the file of another one keeps it from nobody`, async (t) => {
    const world = await lied(t, lie)
    const { alice, bob, carol, group, file } = world
    for (const each of [alice, bob, carol]) {
      t.equal(each.rooms.blobs.state(group, file).state, 'whole', each.name)
      t.strictSame(each.rooms.blobs.find(group, file.id), file)
      t.ok(await isThere(each, world))
      t.strictSame(each.complaints, [])
    }
  })
}

t.test('a file that may be large is not fetched because somebody says that it is small', async (t) => {
  const { alice, chat, time } = await twoContacts(t, 7, { files: { autoFetchBytes: 1000 } })
  const { blobs } = alice.rooms
  const file = { ...label, id: blobIdOf(someBytes(32)), key: someBytes(32), size: 1, hash: someBytes(32) }
  await blobs.noted(chat, [file])
  t.match(blobs.state(chat, file), { state: 'coming' })
  await blobs.noted(chat, [{ ...file, size: 5000 }])
  await time.pass(1000)
  t.match(blobs.state(chat, file), { state: 'missing' })
  t.equal(blobs.find(chat, file.id)?.size, 5000)
  await blobs.want(chat, file)
  t.match(blobs.state(chat, file), { state: 'coming' })
})

t.test('what others say of a file is kept over a restart, and is looked at so many times', async (t) => {
  const { alice, carol, group, place, settle } = await three(t)
  place.part(alice, carol)
  const file = {
    ...label,
    id: (await alice.rooms.blobs.add(group, inPieces(someBytes(10)), label)).id,
    key: someBytes(32),
    size: 10,
    hash: someBytes(32),
  }
  const [own] = await alice.rooms.blobs.posting(group, [file.id])
  if (own === undefined) throw new Error('it was added')
  await carol.rooms.blobs.noted(group, [file, own])
  await carol.stop()
  await carol.start()
  for (let count = 0; count < 40; count += 1) await carol.rooms.blobs.noted(group, [{ ...file, hash: someBytes(32) }])
  await alice.rooms.blobs.noted(group, [own])
  place.heal(alice, carol)
  place.greetAll()
  await settle(10_000)
  t.strictSame(carol.rooms.blobs.find(group, file.id), own)
  t.equal((await readAll(carol.rooms.blobs, group, own)).length, 10)
})
