import t from 'tap'
import { mutedForEver, muteValue, readMute } from '../../../protocol/mute.ts'
import { Mutes } from '../../../daemon/owner/mutes.ts'
import { twoContacts } from '../../support/device.ts'
import { ownerOf } from '../../support/owner-of.ts'

const hourMs = 3_600_000

t.test('a mute with an end ends by itself, for the person and the conversation, and is told once', async (t) => {
  const { time, alice, bob, chat, settle } = await twoContacts(t)
  const owner = ownerOf(alice)
  const { person } = bob.rooms.identity
  const until = time.now() + 8 * hourMs
  t.match(await owner.patchContact(person, { mutedUntil: until }), { muted: true, mutedUntil: until })
  t.match(owner.conversation(chat), { muted: true, mutedUntil: until })
  await settle(8 * hourMs - 5000)
  t.equal(owner.conversation(chat).muted, true)
  alice.events.length = 0
  await settle(10_000)
  t.match(owner.conversation(chat), { muted: false, mutedUntil: undefined })
  t.match(owner.contact(person), { muted: false, mutedUntil: undefined })
  const told = alice.events.map(({ type }) => type).filter((type) => type === 'conversation' || type === 'contact')
  t.strictSame(told.toSorted(), ['contact', 'conversation'])
})

t.test('a mute without an end outlives a restart, one that ended meanwhile does not', async (t) => {
  const { time, alice, bob, chat, settle } = await twoContacts(t)
  const { person } = bob.rooms.identity
  await ownerOf(alice).patchConversation(chat, { muted: true })
  t.match(ownerOf(alice).contact(person), { muted: true, mutedUntil: undefined })
  await alice.stop()
  await alice.start()
  t.equal(ownerOf(alice).conversation(chat).muted, true)
  await ownerOf(alice).patchConversation(chat, { mutedUntil: time.now() + hourMs })
  await alice.stop()
  await settle(2 * hourMs)
  await alice.start()
  t.match(ownerOf(alice).conversation(chat), { muted: false })
  t.match(ownerOf(alice).contact(person), { muted: false })
})

t.test('the end of a mute survives a deletion; a closed house tells of nothing', async (t) => {
  const { time, place, alice, bob, chat, settle } = await twoContacts(t)
  const { conversations, book, bus } = alice.rooms
  const mutes = new Mutes({ bus, timers: time, book, conversations: conversations.owner })
  const until = time.now() + hourMs
  await mutes.muteContact(bob.rooms.identity.person, until)
  await conversations.owner.delete(chat)
  await bob.say(chat, 'still muted?')
  await settle()
  t.equal(conversations.owner.record(chat).mutedUntil, until)
  place.part(alice, bob)
  await settle()
  mutes.close()
  alice.events.length = 0
  await settle(2 * hourMs)
  t.notOk(alice.events.some(({ type }) => type === 'conversation'))
})

t.test('what is asked of a mute must fit together', async (t) => {
  const { time, alice, chat } = await twoContacts(t)
  const owner = ownerOf(alice)
  await t.rejects(owner.patchConversation(chat, { muted: false, mutedUntil: time.now() + 1 }), { code: 'BAD_SHAPE' })
  t.match(await owner.patchConversation(chat, { mutedUntil: time.now() - 1 }), { muted: false })
  t.match(await owner.patchConversation(chat, { draft: 'x' }), { muted: false, draft: 'x' })
  for (const until of [0, 5, mutedForEver]) t.equal(readMute(muteValue(until)), until)
  t.equal(readMute(1), mutedForEver, 'rows of before there was an end')
})
