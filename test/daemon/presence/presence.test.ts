import t from 'tap'
import { liveTyping } from '../../../protocol/frames.ts'
import { limits } from '../../../protocol/limits.ts'
import { twoContacts } from '../../support/device.ts'

t.test('online while a link is up, last seen when it went', async (t) => {
  const { alice, bob, settle, place, time } = await twoContacts(t)
  const { person } = bob.rooms.identity
  t.ok(alice.rooms.presence.isOnline(person))
  await bob.stop()
  await settle()
  t.notOk(alice.rooms.presence.isOnline(person))
  const seen = alice.rooms.book.get(person)?.lastSeenAt ?? 0
  t.ok(time.now() - seen < 2000)
  t.match(alice.events.at(-1), { type: 'contact', person })
  await bob.start()
  place.greetAll()
  await settle(100)
  t.ok(alice.rooms.presence.isOnline(person))
  await alice.stop()
  await alice.start()
  t.ok((alice.rooms.book.get(person)?.lastSeenAt ?? 0) >= seen)
})

t.test('typing is told, seldom, and for conversations alone', async (t) => {
  const { alice, bob, chat, settle, time } = await twoContacts(t)
  const typed = (): number => alice.events.filter(({ type }) => type === 'typing').length
  bob.rooms.sync.typing(chat)
  bob.rooms.sync.typing(chat)
  await settle(100)
  t.equal(typed(), 1)
  const event = alice.events.findLast(({ type }) => type === 'typing')
  t.match(event, { conversation: chat, person: bob.rooms.identity.person })
  if (event?.type === 'typing') t.ok(event.until > time.now() && event.until <= time.now() + limits.typingShownMs)
  alice.rooms.presence.live(bob.rooms.identity.person, bob.id, liveTyping)
  alice.rooms.presence.live(chat, bob.id, 77)
  t.equal(typed(), 1, 'not for the log of a person, nor what a newer Warren says')
  await settle(limits.typingEveryMs)
  bob.rooms.sync.typing(chat)
  await settle(100)
  t.equal(typed(), 2)
})
