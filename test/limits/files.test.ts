/** Limits of files. */

import t from 'tap'
import { blobIdOf } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { BlobTalkEnd } from '../support/blob-talk-pair.ts'
import { twoContacts } from '../support/device.ts'
import { inPieces, label, posted, someBytes } from '../support/files.ts'
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
})

t.test('streams on which files are given', async (t) => {
  const { alice, bob, chat, place } = await twoContacts(t)
  const file = await posted(alice, chat, 1)
  const isAnswered = async (): Promise<boolean> => {
    const talk = place.openBlob(bob, alice.id)
    talk.send({ is: 'ask-list', scope: chat, blob: file.id, from: 0 })
    return (await talk.next(soon()))?.is === 'list'
  }
  for (let count = 1; count < limits.blobGivings; count += 1) await isAnswered()
  await boundary(t, 'blobGivings', isAnswered, async () => limits.blobGivings > 0 && (await isAnswered()), 'no')
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
