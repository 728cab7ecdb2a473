import t from 'tap'
import { twoContacts } from '../../support/device.ts'
import { handGroup } from '../../support/group-hand.ts'
import { ownerOf } from '../../support/owner-of.ts'

t.test('what a blocked person says in a group is not shown, until they are unblocked', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  const [a, b] = [ownerOf(alice), ownerOf(bob)]
  const bobs = bob.rooms.identity.person
  const { id } = await a.groups.create({ kind: 'group', name: 'Gardeners', members: [bobs] })
  await settle(5000)
  await b.groups.answer(id, 'accept')
  await settle(5000)
  await b.post(id, { text: 'beans', clientId: 'b' })
  await b.post(chat, { text: 'between us', clientId: 'c' })
  await settle(5000)
  const marks = async (conversation: string): Promise<unknown[]> =>
    (await a.messages(conversation, { limit: 20 })).items
      .filter(({ notice }) => notice === undefined)
      .map(({ text, fromBlocked }) => [text, fromBlocked])
  t.strictSame(await marks(id), [['beans', undefined]])
  await a.patchContact(bobs, { state: 'blocked' })
  t.strictSame(await marks(id), [])
  t.strictSame(await marks(chat), [['between us', undefined]], 'what they said before the two parted stays as it was')
  t.match(a.conversation(id).last, { text: 'beans', fromBlocked: true })
  const notices = (await a.messages(id, { limit: 20 })).items.filter(({ notice }) => notice !== undefined)
  t.notOk(
    notices.some(({ fromBlocked }) => fromBlocked),
    'who came and went is told',
  )
  t.strictSame(
    (await b.messages(id, { limit: 20 })).items.filter(({ fromBlocked }) => fromBlocked),
    [],
  )
  await a.patchContact(bobs, { state: 'unblocked' })
  t.strictSame(await marks(id), [['beans', undefined]])
})

t.test('what a blocked person says in a group is not news, and what they had said is none any more', async (t) => {
  const { alice, carol, group, bobs } = await handGroup(t)
  const owner = ownerOf(alice)
  const unread = (): number => owner.conversation(group).unread
  /** Carol passes on what Bob wrote. */
  const pass = async (text: string): Promise<void> => {
    const run = bobs.messages.run([bobs.messages.write(text)])
    await alice.rooms.conversations.peers.accept(group, [run], carol.id)
  }
  await pass('one')
  await pass('two')
  t.equal(unread(), 2)
  await owner.patchContact(bobs.person, { state: 'blocked' })
  t.equal(unread(), 0, 'what they had said')
  await pass('three')
  t.equal(unread(), 0, 'what they say')
  t.equal((await alice.messages(group)).filter(({ notice }) => notice === undefined).length, 3, 'it is kept')
  await owner.patchContact(bobs.person, { state: 'unblocked' })
  await pass('four')
  t.equal(unread(), 1)
})
