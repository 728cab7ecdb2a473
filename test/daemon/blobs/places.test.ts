/** Who gives slowly, or nothing, of however many files, keeps nobody else's waiting, and no place for long. */

import t from 'tap'
import { encode } from '../../../protocol/codec.ts'
import type { BlobReference } from '../../../protocol/blob.ts'
import { directId, type ConversationId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { twoContacts, type Device } from '../../support/device.ts'
import { posted } from '../../support/files.ts'
import { giveSlowly, onStreams } from '../../support/slow-giver.ts'
import { three } from '../../support/three.ts'

const stateAt = (device: Device, chat: ConversationId, file: BlobReference): string =>
  device.rooms.blobs.state(chat, file).state

t.test('a contact with a chat and groups of ours gives nothing, and holds up no file of another one', async (t) => {
  const { alice, bob, carol, group, place, settle } = await three(t)
  const chatOf = ({ rooms }: Device): ConversationId => directId(alice.rooms.identity.person, rooms.identity.person)
  const { groups } = bob.rooms.conversations
  const settings = [
    ['name', 'Another'],
    ['history', 'everything'],
  ] as const
  const another = await groups.create([...settings], [alice.rooms.identity.person])
  await settle()
  await alice.rooms.conversations.groups.accept(another)
  await settle()
  for (const [name, silent] of [
    ['no chunk', (is: string) => is === 'chunk'],
    ['no list', (is: string) => is === 'list'],
    ['nothing', () => true],
  ] as const) {
    place.tamper = (frame, by) => (by === bob.id && silent(frame.is) ? [] : [frame])
    for (let count = 0; count < 12; count += 1)
      await posted(bob, [chatOf(bob), group, another][count % 3] ?? group, 10 + count)
    await settle(1000)
    const files = [
      [chatOf(carol), await posted(carol, chatOf(carol), 3 * limits.chunkBytes)],
      [group, await posted(carol, group, 3 * limits.chunkBytes)],
    ] as const
    await settle(limits.blobStallMs - 2000)
    for (const [at, [chat, file]] of files.entries())
      t.equal(stateAt(alice, chat, file), 'whole', `${name}: ${at === 0 ? 'in a chat' : 'in the group of all three'}`)
  }
})

t.test(
  'a device that gives a chunk now and then keeps its places for a turn, and goes on behind the others',
  async (t) => {
    const { time, alice, bob, chat, place, settle } = await twoContacts(t)
    let isSlow = true
    onStreams(place, (there) => {
      if (isSlow && there.device === bob.id) giveSlowly(time, there)
    })
    const files: BlobReference[] = []
    for (let count = 0; count <= limits.blobPersonFetches; count += 1) {
      files.push(await posted(alice, chat, 40 * limits.chunkBytes))
      await settle(3000)
    }
    t.equal(place.talks.length, limits.blobPersonFetches)
    await settle(limits.blobTurnMs)
    t.ok(place.talks.length > limits.blobPersonFetches, 'the one that waited comes')
    const [first] = files as [BlobReference]
    const before = bob.rooms.blobs.state(chat, first).held
    t.ok(before > 0 && before < first.size)
    await settle(2 * limits.blobTurnMs)
    t.ok(bob.rooms.blobs.state(chat, first).held > before, 'the first goes on')
    isSlow = false
    await settle(8 * limits.blobTurnMs)
    for (const file of files) t.equal(stateAt(bob, chat, file), 'whole')
    t.strictSame([...alice.complaints, ...bob.complaints], [])
  },
)

t.test('what is no answer does not keep a stream open', async (t) => {
  const { time, alice, bob, chat, place, settle } = await twoContacts(t)
  onStreams(place, (there) => {
    there.send = () => {}
    const give = (): void => {
      there.sendBytes(encode([99, 'new']))
      if (!there.isOver) time.after(limits.blobStallMs / 4, give)
    }
    give()
  })
  await posted(alice, chat, 10)
  await settle(3000)
  t.ok(place.talks.length > 0 && bob.running)
  await settle(limits.blobStallMs)
  t.ok(place.talks[0]?.isOver)
})
