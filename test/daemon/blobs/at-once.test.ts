/** What the owner does with a file while something else is under way with it. */

import t from 'tap'
import { WarrenError } from '../../../protocol/errors.ts'
import type { BlobId, ConversationId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { twoContacts, type Device } from '../../support/device.ts'
import { inPieces, label, posted, someBytes } from '../../support/files.ts'

const add = async ({ rooms }: Device, chat: ConversationId): Promise<BlobId> =>
  (await rooms.blobs.add(chat, inPieces(someBytes(10)), label)).id

t.test('a file that its owner asks for while room for it is looked for is fetched', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  const looked = Promise.withResolvers<number>()
  const looking = Promise.withResolvers<void>()
  bob.disk.files.room = async () => {
    looking.resolve()
    return await looked.promise
  }
  const file = await posted(alice, chat, 1000)
  await settle(3000)
  await looking.promise
  const asked = bob.rooms.blobs.want(chat, file)
  looked.resolve(limits.autoFetchRoomBytes)
  await asked
  await settle(3000)
  t.equal(bob.rooms.blobs.state(chat, file).state, 'whole')
})

t.test('files of a message that a full disk refuses in the middle can be taken back, and posted', async (t) => {
  for (const isFullAfter of [1, 2]) {
    const { alice, chat } = await twoContacts(t)
    const { blobs } = alice.rooms
    const ids = [await add(alice, chat), await add(alice, chat), await add(alice, chat)]
    const { store } = alice
    const commit = store.commit.bind(store)
    let commits = 0
    store.commit = async (build) => {
      commits += 1
      if (commits === 2 || commits > isFullAfter + 1) throw new WarrenError('STORE_FULL', 'no room')
      return await commit(build)
    }
    await t.rejects(blobs.posting(chat, ids), { code: 'STORE_FULL' })
    store.commit = commit
    t.ok(commits > 2, 'the second could not be noted')
    const [first = '' as BlobId, ...others] = ids
    for (const id of others) await blobs.cancel(chat, id)
    const [reference] = await blobs.posting(chat, [first])
    t.equal(reference?.id, first)
    await t.rejects(blobs.cancel(chat, first), { code: 'NOT_FOUND' }, 'it is about to be posted')
    await blobs.notPosted(chat, [first])
    await blobs.cancel(chat, first)
    t.strictSame(await alice.disk.files.names(), [])
  }
})

t.test('of taking a file back and posting it at once, one is refused', async (t) => {
  for (const isFirst of ['cancel', 'posting'] as const) {
    const { alice, chat } = await twoContacts(t)
    const id = await add(alice, chat)
    const act = {
      cancel: async () => await alice.rooms.blobs.cancel(chat, id),
      posting: async () => await alice.rooms.blobs.posting(chat, [id]),
    }
    const second = isFirst === 'cancel' ? 'posting' : 'cancel'
    const [one, other] = await Promise.allSettled([act[isFirst](), act[second]()])
    t.equal(one.status, 'fulfilled')
    t.match(other, { status: 'rejected', reason: { code: 'NOT_FOUND' } }, `${isFirst}, then ${second}`)
    const isThere = isFirst === 'posting'
    t.equal((await alice.disk.files.names()).length, isThere ? 1 : 0)
    await alice.stop()
    await alice.start()
    t.equal(alice.rooms.blobs.find(chat, id) !== undefined, isThere, 'and so it is after the next start')
  }
})
