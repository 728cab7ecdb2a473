/** Limits of files. */

import t from 'tap'
import { Allowance } from '../../daemon/blobs/allowance.ts'
import { BlobRecord } from '../../daemon/blobs/blob-record.ts'
import { Giving } from '../../daemon/blobs/giving.ts'
import { Places } from '../../daemon/blobs/places.ts'
import { blobRefusals } from '../../protocol/blob-frames.ts'
import { encode } from '../../protocol/codec.ts'
import {
  blobIdOf,
  deviceIdOf,
  personIdOf,
  scopeOf,
  type DeviceId,
  type PersonId,
  type Scope,
} from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { blobTalkPair, type BlobTalkEnd } from '../support/blob-talk-pair.ts'
import { twoContacts } from '../support/device.ts'
import { inPieces, label, posted, someBytes } from '../support/files.ts'
import { giveSlowly, onStreams } from '../support/slow-giver.ts'
import { VirtualTime } from '../support/virtual-time.ts'
import { boundary, upTo } from './boundary.ts'

const described = (size: number) => ({
  id: blobIdOf(someBytes(32)),
  key: someBytes(32),
  hash: someBytes(32),
  size,
  ...label,
})

t.test('the size of a file that is taken, and of one that is fetched by itself', async (t) => {
  const { alice, chat } = await twoContacts(t)
  const { blobs } = alice.rooms
  await upTo(t, 'fileBytes', async (size) => await blobs.want(chat, described(size)))
  const isFetched = async (size: number): Promise<boolean> => {
    const file = described(size)
    await blobs.noted(chat, [file])
    return blobs.state(chat, file).state === 'coming'
  }
  await upTo(t, 'autoFetchBytes', isFetched, 'no')
})

t.test('files that were added and not posted: so many', async (t) => {
  const { alice, chat } = await twoContacts(t)
  const add = async (): Promise<unknown> => await alice.rooms.blobs.add(chat, inPieces(someBytes(1)), label)
  for (let count = 1; count < limits.unpostedFiles; count += 1) await add()
  await boundary(t, 'unpostedFiles', add, add, 'RATE_LIMITED')
})

t.test('files that were added and not posted: so long', async (t) => {
  const { alice, chat, time, settle } = await twoContacts(t)
  const { blobs } = alice.rooms
  const hour = 3_600_000
  // They are looked at every hour.
  const { id } = await blobs.add(chat, inPieces(someBytes(1)), label)
  const addedAt = time.now()
  const isThereAfter = async (ms: number): Promise<boolean> => {
    await settle(addedAt + ms - time.now())
    return blobs.find(chat, id) !== undefined
  }
  await boundary(
    t,
    'unpostedFileMs',
    async () => await isThereAfter(limits.unpostedFileMs),
    async () => await isThereAfter(limits.unpostedFileMs + hour + 1),
    'no',
  )
})

const soon = (): AbortSignal => AbortSignal.timeout(30_000)

t.test('what one ask may name, and refusals on one stream', async (t) => {
  const { alice, bob, chat, place } = await twoContacts(t)
  const file = await posted(alice, chat, (limits.askChunks + 1) * limits.chunkBytes)
  const open = (): BlobTalkEnd => place.openBlob(bob, alice.id)
  await upTo(
    t,
    'askChunks',
    async (count) => {
      const talk = open()
      talk.send({ is: 'ask', scope: chat, blob: file.id, from: 0, to: count - 1 })
      const answer = await talk.next(soon())
      talk.end()
      return answer?.is === 'chunk'
    },
    'no',
  )
  const unknown = blobIdOf(someBytes(32))
  const isThereAfter = async (refusals: number): Promise<boolean> => {
    const talk = open()
    for (let count = 0; count < refusals; count += 1) {
      talk.send({ is: 'ask-list', scope: chat, blob: unknown, from: 0 })
      if ((await talk.next(soon())) === undefined) return false
    }
    talk.end()
    return true
  }
  await upTo(t, 'blobRefusals', isThereAfter, 'no')
  const othersUntil = async (others: number): Promise<boolean> => {
    const talk = open()
    // Not one more than that in a row.
    for (let count = 1; count < others; count += 1) talk.sendBytes(encode([99, 'new']))
    talk.send({ is: 'ask-list', scope: chat, blob: file.id, from: 0 })
    return (await talk.next(soon()))?.is === 'list'
  }
  await upTo(t, 'blobRefusals', othersUntil, 'no')
})

const someScope = (): Scope => scopeOf(someBytes(32))

t.test('what is fetched unasked in a day, and what it leaves on the disk', async (t) => {
  const timers = new VirtualTime(1)
  await upTo(t, 'autoFetchDayBytes', (bytes) => new Allowance(timers).take(someScope(), bytes), 'no')
  const inAll = (bytes: number): boolean => {
    const allowance = new Allowance(timers)
    let left = bytes
    for (; left > limits.autoFetchDayBytes; left -= limits.autoFetchDayBytes)
      if (!allowance.take(someScope(), limits.autoFetchDayBytes)) return false
    return allowance.take(someScope(), left)
  }
  await upTo(t, 'autoFetchDayBytesInAll', inAll, 'no')

  const { alice, bob, chat: conversation, settle } = await twoContacts(t)
  const comes = async (room: number): Promise<boolean> => {
    bob.disk.files.roomBytes = room
    const file = await posted(alice, conversation, 1)
    await settle(3000)
    return bob.rooms.blobs.state(conversation, file).state === 'whole'
  }
  const chunk = limits.chunkBytes + 16
  await boundary(
    t,
    'autoFetchRoomBytes',
    async () => await comes(limits.autoFetchRoomBytes + chunk),
    async () => await comes(limits.autoFetchRoomBytes + chunk - 1),
    'no',
  )
})

/** Whether one more device is answered, however many are; `personOf`: whose it is. */
function givingTo(personOf: () => PersonId): () => Promise<boolean> {
  const nothing = { catalogue: {} as never, files: {} as never, damaged: () => {}, log: () => {}, maySee: () => false }
  const ending = new AbortController().signal
  const persons = new Map<DeviceId, PersonId>()
  const whose = (device: DeviceId): PersonId | undefined => persons.get(device)
  const giving = new Giving({ ...nothing, timers: new VirtualTime(1), personOf: whose, ending })
  const own = deviceIdOf(someBytes(32))
  return async () => {
    const device = deviceIdOf(someBytes(32))
    persons.set(device, personOf())
    const [here, there] = blobTalkPair(device, own)
    void giving.serve(there)
    here.send({ is: 'ask-list', scope: scopeOf(someBytes(32)), blob: blobIdOf(someBytes(32)), from: 0 })
    const answer = await here.next(soon())
    return answer?.is === 'refuse' && answer.code === blobRefusals.unknown
  }
}

t.test('streams on which files are given: to the devices of one person, and to all', async (t) => {
  const person = personIdOf(someBytes(32))
  const theirs = givingTo(() => person)
  for (let count = 1; count < limits.blobPersonGivings; count += 1) t.ok(await theirs())
  await boundary(t, 'blobPersonGivings', theirs, async () => limits.blobPersonGivings > 0 && (await theirs()), 'no')
  const anybodys = givingTo(() => personIdOf(someBytes(32)))
  for (let count = 1; count < limits.blobGivings; count += 1) t.ok(await anybodys())
  await boundary(t, 'blobGivings', anybodys, async () => limits.blobGivings > 0 && (await anybodys()), 'no')
})

t.test('a stream on which nothing is asked', async (t) => {
  const { alice, bob, place, settle } = await twoContacts(t)
  const isOpenAfter = async (ms: number): Promise<boolean> => {
    const talk = place.openBlob(bob, alice.id)
    await settle(ms)
    return !talk.isOver
  }
  await boundary(
    t,
    'blobIdleMs',
    async () => await isOpenAfter(limits.blobIdleMs - 1),
    async () => await isOpenAfter(limits.blobIdleMs + 1),
    'no',
  )
  const talk = place.openBlob(bob, alice.id)
  for (let passed = 0; passed <= limits.blobIdleMs; passed += limits.blobIdleMs / 8) {
    talk.sendBytes(encode([99, 'new']))
    await settle(limits.blobIdleMs / 8)
  }
  t.ok(talk.isOver, 'what is no question does not keep it open')
})

t.test('a device that was asked and sends nothing', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  place.tamper = (frame) => (frame.is === 'ask-list' ? [] : [frame])
  await posted(alice, chat, 1)
  for (let ms = 0; place.talks.length === 0 && ms < 5000; ms += 1) await settle(1)
  t.equal(place.talks[0]?.device, alice.id, 'bob asks')
  t.ok(bob.running)
  const isAwaitedAfter = async (ms: number): Promise<boolean> => {
    await settle(ms)
    return place.talks[0]?.isOver === false
  }
  await boundary(
    t,
    'blobStallMs',
    async () => await isAwaitedAfter(limits.blobStallMs - 2),
    async () => await isAwaitedAfter(3),
    'no',
  )
})

t.test('frames in a row that are no answers', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  const comesAfter = async (others: number): Promise<boolean> => {
    place.talks.length = 0
    let listed = 0
    place.tamper = (frame, by) => {
      if (by !== alice.id || frame.is !== 'list') return [frame]
      listed += 1
      // Not one more than that in a row.
      const there = place.talks.at(-1)?.other
      for (let count = 1; count < others; count += 1) there?.sendBytes(encode([99, 'new']))
      return [frame]
    }
    const file = await posted(alice, chat, 1)
    await settle(3000)
    t.ok(listed > 0)
    return bob.rooms.blobs.state(chat, file).state === 'whole'
  }
  await upTo(t, 'blobRefusals', comesAfter, 'no')
})

const record = (): BlobRecord => new BlobRecord(someScope(), 1, {} as never)

/** Whether one more is fetched, of another device, while so many less one are. */
function isFree(count: number, personOf: () => PersonId | undefined): boolean {
  const places = new Places(personOf)
  for (let taken = 1; taken < count; taken += 1) places.take(record(), [deviceIdOf(someBytes(32))], 0)
  return places.free([deviceIdOf(someBytes(32))]).length === 1
}

t.test('files that are fetched at once: of all, and of one person', async (t) => {
  const person = personIdOf(someBytes(32))
  await upTo(t, 'blobFetches', (count) => isFree(count, () => undefined), 'no')
  await upTo(t, 'blobPersonFetches', (count) => isFree(count, () => person), 'no')
})

t.test('how long a file that comes slowly keeps its place while another one waits', async (t) => {
  const { time, alice, bob, chat, place, settle } = await twoContacts(t)
  onStreams(place, (there) => giveSlowly(time, there))
  for (let count = 0; count <= limits.blobPersonFetches; count += 1) await posted(alice, chat, 40 * limits.chunkBytes)
  for (let ms = 0; place.talks.length === 0 && ms < 5000; ms += 1) await settle(1)
  const since = time.now()
  await settle(1000)
  t.ok(bob.running && place.talks.length === limits.blobPersonFetches)
  const isHeldAfter = async (ms: number): Promise<boolean> => {
    await settle(since + ms - time.now())
    return place.talks.length === limits.blobPersonFetches
  }
  await boundary(
    t,
    'blobTurnMs',
    async () => await isHeldAfter(limits.blobTurnMs - 2),
    async () => await isHeldAfter(limits.blobTurnMs + 1),
    'no',
  )
})
