import t from 'tap'
import { encode } from '../../../protocol/codec.ts'
import type { BlobReference } from '../../../protocol/blob.ts'
import { blobIdOf, directId, type ConversationId, type DeviceId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import type { SaidBlobFrame } from '../../../daemon/blobs/blob-talk.ts'
import { twoContacts, type Device } from '../../support/device.ts'
import { inPieces, label, readAll, someBytes } from '../../support/files.ts'
import { three } from '../../support/three.ts'

const chunk = limits.chunkBytes

async function send(device: Device, chat: ConversationId, bytes: Uint8Array): Promise<BlobReference> {
  const { blobs, conversations } = device.rooms
  const { id } = await blobs.add(chat, inPieces(bytes), label)
  const files = await blobs.posting(chat, [id])
  await conversations.owner.post(chat, 'look', `c ${id}`, files)
  return files[0] as BlobReference
}

const stateAt = (device: Device, chat: ConversationId, file: BlobReference): string =>
  device.rooms.blobs.state(chat, file).state

async function holds(device: Device, chat: ConversationId, file: BlobReference, bytes: Uint8Array): Promise<boolean> {
  return stateAt(device, chat, file) === 'whole' && (await readAll(device.rooms.blobs, chat, file)).equals(bytes)
}

t.test('files of all sizes arrive as they were', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  for (const size of [0, 1, chunk, chunk + 1, 130 * chunk + 7]) {
    const bytes = someBytes(size)
    const file = await send(alice, chat, bytes)
    await settle(3000)
    t.ok(await holds(bob, chat, file, bytes), `${size} bytes`)
  }
  t.strictSame([...alice.complaints, ...bob.complaints], [])
  const [first] = bob.events.filter((event) => event.type === 'blob')
  t.match(first, { type: 'blob', conversation: chat })
})

t.test('a large file comes once it is asked for', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t, 7, { files: { autoFetchBytes: 10 * chunk } })
  const bytes = someBytes(11 * chunk)
  const file = await send(alice, chat, bytes)
  await settle(30_000)
  t.equal(stateAt(bob, chat, file), 'missing')
  t.strictSame(await bob.disk.files.names(), [])
  await bob.rooms.blobs.want(chat, file)
  await settle(1000)
  t.ok(await holds(bob, chat, file, bytes))
})

t.test('what was cut off goes on where it stopped, after a lost link and after a crash', async (t) => {
  for (const crash of [false, true]) {
    const { alice, bob, chat, place, settle } = await twoContacts(t)
    const bytes = someBytes(60 * chunk)
    let given = 0
    place.tamper = (frame) => {
      if (frame.is === 'chunk') given += 1
      if (frame.is === 'chunk' && given === 31) queueMicrotask(() => (crash ? bob.crash() : place.part(alice, bob)))
      return [frame]
    }
    const file = await send(alice, chat, bytes)
    await settle(3000)
    if (crash) await bob.start()
    else t.equal(stateAt(bob, chat, file), 'coming')
    place.heal(alice, bob)
    place.greetAll()
    await settle(10_000)
    t.ok(await holds(bob, chat, file, bytes))
    t.ok(given <= 60 + (crash ? 60 : 31), `${given} chunks were given`)
    t.equal((await bob.disk.files.names()).length, 1)
  }
})

t.test('whoever has it gives it while its author is away, and two give a part each', async (t) => {
  const { alice, bob, carol, group, place, settle } = await three(t)
  place.part(alice, carol)
  place.part(bob, carol)
  const bytes = someBytes(50 * chunk)
  const file = await send(alice, group, bytes)
  await settle(3000)
  t.ok(await holds(bob, group, file, bytes))
  const givers = new Map<DeviceId, number>()
  place.tamper = (frame, from) => {
    if (frame.is === 'chunk') givers.set(from, (givers.get(from) ?? 0) + 1)
    return [frame]
  }
  place.heal(alice, carol)
  place.heal(bob, carol)
  await settle(3000)
  t.ok(await holds(carol, group, file, bytes))
  t.equal(givers.size, 2, 'both gave')
  place.part(alice, carol)
  place.part(alice, bob)
  const own = someBytes(3 * chunk)
  const second = await send(carol, group, own)
  await settle(3000)
  await carol.stop()
  place.heal(alice, bob)
  await settle(10_000)
  t.ok(await holds(alice, group, second, own), 'its author is away')
})

t.test('one giver that stalls is made good by another one', async (t) => {
  const { alice, bob, carol, group, place, settle } = await three(t)
  place.part(alice, carol)
  place.part(bob, carol)
  const bytes = someBytes(50 * chunk)
  const file = await send(alice, group, bytes)
  await settle(3000)
  place.tamper = (frame, from) => (from === bob.id && frame.is === 'chunk' && frame.number % 16 === 3 ? [] : [frame])
  place.heal(bob, carol)
  place.heal(alice, carol)
  await settle(60_000)
  t.ok(await holds(carol, group, file, bytes))
})

t.test('wrong bytes are held against who gave them, and come from another one', async (t) => {
  const wrong: readonly (readonly [name: string, tamper: (frame: SaidBlobFrame) => SaidBlobFrame])[] = [
    ['a chunk', (frame) => (frame.is === 'chunk' ? { ...frame, bytes: someBytes(frame.bytes.length) } : frame)],
    ['its number', (frame) => (frame.is === 'chunk' ? { ...frame, number: frame.number + 1 } : frame)],
    ['a list', (frame) => (frame.is === 'list' ? { ...frame, hashes: someBytes(frame.hashes.length) } : frame)],
    ['a list without an end', (frame) => (frame.is === 'list' ? { ...frame, hashes: new Uint8Array(0) } : frame)],
    ['a list of another length', (frame) => (frame.is === 'list' ? { ...frame, count: frame.count - 1 } : frame)],
  ]
  const { alice, bob, carol, group, place, settle } = await three(t)
  const isBlamed = (device: Device): boolean => place.talks.some((talk) => talk.isOffended && talk.device === device.id)
  for (const [name, tamper] of wrong) {
    place.part(alice, carol)
    place.part(bob, carol)
    place.tamper = (frame) => [frame]
    const bytes = someBytes(5 * chunk)
    const file = await send(alice, group, bytes)
    await settle(3000)
    place.tamper = (frame, from) => [from === bob.id ? tamper(frame) : frame]
    place.talks.length = 0
    place.heal(bob, carol)
    await settle(1000)
    t.ok(isBlamed(bob), name)
    t.equal(stateAt(carol, group, file), 'coming')
    place.heal(alice, carol)
    await settle(10_000)
    t.ok(await holds(carol, group, file, bytes), name)
    t.notOk(isBlamed(alice))
  }
})

t.test('a list longer than the file may be is not followed', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  const file = await send(alice, chat, someBytes(5 * chunk))
  const asked: SaidBlobFrame[] = []
  place.tamper = (frame) => {
    if (frame.is === 'ask-list' || frame.is === 'ask') asked.push(frame)
    return [frame.is === 'list' ? { ...frame, count: 2 ** 31 } : frame]
  }
  await settle(3000)
  t.equal(asked.length, 1)
  t.equal(stateAt(bob, chat, file), 'coming')
  place.tamper = (frame) => [frame]
  await settle(30_000)
  t.equal(stateAt(bob, chat, file), 'whole')
})

t.test('who gives nothing of many files holds up those of no other conversation', async (t) => {
  const { alice, bob, carol, place, settle } = await three(t)
  const chatOf = ({ rooms }: Device): ConversationId => directId(alice.rooms.identity.person, rooms.identity.person)
  place.tamper = (frame, by) => (frame.is === 'chunk' && by === bob.id ? [] : [frame])
  for (let count = 0; count < 8; count += 1) await send(bob, chatOf(bob), someBytes(10 + count))
  await settle(3000)
  const bytes = someBytes(3 * chunk)
  const file = await send(carol, chatOf(carol), bytes)
  await settle(3000)
  t.ok(await holds(alice, chatOf(carol), file, bytes))
})

t.test('however many large files are wanted of one device, it is asked on as many streams as it takes', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  const chats = [chat]
  for (const name of ['one', 'two', 'three']) {
    const settings = [
      ['name', name],
      ['history', 'everything'],
    ] as const
    const group = await bob.rooms.conversations.groups.create(settings, [alice.rooms.identity.person])
    await settle()
    await alice.rooms.conversations.groups.accept(group)
    chats.push(group)
  }
  await settle()
  // It answers nothing.
  place.tamper = (frame, by) => (by === alice.id ? [] : [frame])
  const said = { ...label, size: limits.autoFetchBytes, key: someBytes(32), hash: someBytes(32) }
  for (let count = 0; count < 12; count += 1)
    await bob.rooms.blobs.want(chats[count % 4] ?? chat, { ...said, id: blobIdOf(someBytes(32)) })
  await settle(1000)
  const { length } = place.talks
  t.ok(length >= 7 && length <= limits.blobStreams, `${length} streams`)
})

const never = new AbortController().signal

function flipByte(bytes: Uint8Array | undefined): void {
  if (bytes !== undefined) bytes[5 * chunk] = (bytes[5 * chunk] ?? 0) ^ 1
}

t.test('a damaged and a lost file are fetched again, and a damaged one is given to nobody', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  const bytes = someBytes(30 * chunk)
  const file = await send(alice, chat, bytes)
  await settle(3000)
  const names = async (): Promise<string> => (await alice.disk.files.names())[0] ?? ''
  flipByte(alice.disk.files.bytes(await names()))
  await t.rejects(readAll(alice.rooms.blobs, chat, file), { code: 'STORE_DAMAGED' })
  await settle(3000)
  t.ok(await holds(alice, chat, file, bytes))
  t.strictSame([...(await alice.rooms.blobs.examine(never))], [])
  flipByte(alice.disk.files.bytes(await names()))
  t.strictSame([...(await alice.rooms.blobs.examine(never))], [[chat, 1]], 'a look through all finds it')
  await settle(3000)
  t.ok(await holds(alice, chat, file, bytes))
  await alice.disk.files.remove(await names())
  await alice.stop()
  await alice.start()
  alice.place.greetAll()
  await settle(3000)
  t.ok(await holds(alice, chat, file, bytes), 'noticed at the start')
  t.notOk(bob.place.talks.some(({ isOffended }) => isOffended))
})

t.test('a disk that fills while a file comes: it goes on when there is room', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  const bytes = someBytes(40 * chunk)
  place.tamper = (frame) => {
    if (frame.is === 'chunk' && frame.number === 20) bob.disk.fault = { code: 'STORE_FULL' }
    return [frame]
  }
  const file = await send(alice, chat, bytes)
  await settle(3000)
  t.equal(stateAt(bob, chat, file), 'coming')
  place.tamper = (frame) => [frame]
  bob.disk.fault = undefined
  await settle(60_000)
  t.ok(await holds(bob, chat, file, bytes))
})

t.test('a conversation that is deleted while its file comes leaves nothing', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  place.tamper = (frame) => {
    if (frame.is === 'chunk' && frame.number === 5) void bob.rooms.conversations.owner.delete(chat)
    return [frame]
  }
  await send(alice, chat, someBytes(40 * chunk))
  await settle(10_000)
  t.strictSame(await bob.disk.files.names(), [])
  t.strictSame(bob.complaints, [])
})

t.test('frames of newer versions are passed over, and bytes that are no frames end it', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  const file = await send(alice, chat, someBytes(3 * chunk))
  await settle(3000)
  const talk = place.openBlob(bob, alice.id)
  const signal = AbortSignal.timeout(30_000)
  talk.sendBytes(encode([99, 'new']))
  talk.send({ is: 'ask-list', scope: chat, blob: file.id, from: 0 })
  t.match(await talk.next(signal), { is: 'list', count: 3, from: 0 })
  talk.sendBytes(encode('no frame'))
  t.equal(await talk.next(signal), undefined)
})
