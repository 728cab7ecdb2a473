/** Limits of files. */

import t from 'tap'
import { blobIdOf } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { twoContacts } from '../support/device.ts'
import { inPieces, label, someBytes } from '../support/files.ts'
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
