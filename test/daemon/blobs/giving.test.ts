import t from 'tap'
import { blobIdOf, scopeOf } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import type { BlobTalkEnd } from '../../support/blob-talk-pair.ts'
import { twoContacts } from '../../support/device.ts'
import { inPieces, label, posted, someBytes } from '../../support/files.ts'
import { three } from '../../support/three.ts'

const refusal = { is: 'refuse', code: 0 } as const
const soon = (): AbortSignal => AbortSignal.timeout(30_000)

t.test('what is unknown, not posted, and not for the asker is refused alike', async (t) => {
  const { alice, bob, carol, group, place, settle, ...world } = await three(t)
  const direct = alice.conversationWith(bob)
  const file = await posted(alice, direct, 10)
  const unposted = await alice.rooms.blobs.add(group, inPieces(someBytes(10)), label)
  await settle()
  const dave = await world.start('dave')
  const ask = async (device: typeof carol, scope: string, blob: string): Promise<unknown> => {
    const talk = place.openBlob(device, alice.id)
    talk.send({ is: 'ask-list', scope: scope as never, blob: blob as never, from: 0 })
    const first = await talk.next(soon())
    talk.send({ is: 'ask', scope: scope as never, blob: blob as never, from: 0, to: 0 })
    const second = await talk.next(soon())
    talk.end()
    t.strictSame(first?.is, second?.is === 'chunk' ? 'list' : second?.is)
    return first
  }
  t.match(await ask(bob, direct, file.id), { is: 'list', count: 1 })
  const nothing = blobIdOf(someBytes(32))
  for (const [name, scope, blob] of [
    ['of others', direct, file.id],
    ['in another conversation', group, file.id],
    ['nowhere', scopeOf(someBytes(32)), file.id],
    ['unknown', group, nothing],
    ['not posted', group, unposted.id],
    ['of a person', alice.rooms.identity.person, file.id],
  ] as const)
    t.strictSame(await ask(carol, scope, blob), refusal, name)
  t.throws(() => place.openBlob(dave, alice.id), { code: 'LINK_CLOSED' }, 'a stranger has no link')
})

t.test('a member who is removed is given nothing any more', async (t) => {
  const { alice, bob, group, place, settle } = await three(t)
  const file = await posted(alice, group, 10)
  await settle()
  const talk = place.openBlob(bob, alice.id)
  talk.send({ is: 'ask', scope: group, blob: file.id, from: 0, to: 0 })
  t.match(await talk.next(soon()), { is: 'chunk', number: 0 })
  const removed = alice.rooms.conversations.groups.remove(group, bob.rooms.identity.person)
  await settle(5000)
  await removed
  talk.send({ is: 'ask', scope: group, blob: file.id, from: 0, to: 0 })
  t.strictSame(await talk.next(soon()), refusal)
})

t.test('a thousand asks are answered one after the other, and nothing piles up for who takes nothing', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  const size = 20 * limits.chunkBytes
  const file = await posted(alice, chat, size)
  await settle(3000)
  const talk = place.openBlob(bob, alice.id)
  let answered = 0
  for (let count = 0; count < 1000; count += 1)
    talk.send({ is: 'ask', scope: chat, blob: file.id, from: count % 20, to: count % 20 })
  await settle(1000)
  t.ok(talk.unread < 1_500_000, `${talk.unread} bytes wait`)
  for (let count = 0; count < 1000; count += 1) {
    const frame = await talk.next(soon())
    if (frame?.is === 'chunk' && frame.number === count % 20) answered += 1
  }
  t.equal(answered, 1000)
  const stuck = place.openBlob(bob, alice.id)
  for (let count = 0; count < 1000; count += 1) stuck.send({ is: 'ask', scope: chat, blob: file.id, from: 0, to: 19 })
  await settle(limits.writeTimeoutMs + 1000)
  t.ok(stuck.isOver, 'who takes nothing is given up')
})

t.test('lists do not pile up either', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  const count = 40
  const file = await posted(alice, chat, count * limits.chunkBytes)
  await settle(3000)
  const talk = place.openBlob(bob, alice.id)
  for (let asks = 0; asks < 2000; asks += 1) talk.send({ is: 'ask-list', scope: chat, blob: file.id, from: 0 })
  await settle(1000)
  t.ok(talk.unread > 0 && talk.unread < 300_000, `${talk.unread} bytes wait`)
  t.match(await talk.next(soon()), { is: 'list', count })
  await settle(limits.writeTimeoutMs + 1000)
  t.ok(talk.isOver, 'who takes nothing is given up')
})

t.test('asks that no honest device makes', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  const file = await posted(alice, chat, 10)
  await settle(3000)
  const open = (): BlobTalkEnd => place.openBlob(bob, alice.id)
  const beyond = open()
  beyond.send({ is: 'ask', scope: chat, blob: file.id, from: 0, to: 1 })
  t.strictSame(await beyond.next(soon()), refusal, 'more than there is')
  beyond.send({ is: 'ask-list', scope: chat, blob: file.id, from: 1 })
  t.strictSame(await beyond.next(soon()), refusal)
  beyond.send({ is: 'ask', scope: chat, blob: file.id, from: 0, to: 2 ** 32 - 1 })
  t.strictSame(await beyond.next(soon()), refusal)
  const answers = open()
  answers.send({ is: 'chunk', number: 0, bytes: someBytes(26) })
  t.equal(await answers.next(soon()), undefined, 'nobody asked for it')
  t.ok(answers.other?.isOffended)
})
