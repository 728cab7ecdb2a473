import t from 'tap'
import { liveTyping } from '../../../protocol/frames.ts'
import { Bus } from '../../../daemon/bus.ts'
import { Presence } from '../../../daemon/presence/presence.ts'
import { isTypingTold } from '../../../daemon/presence/typing.ts'
import { limits } from '../../../protocol/limits.ts'
import { boundary, upTo } from '../../limits/boundary.ts'
import { deviceOf, personOf } from '../../support/fake-ids.ts'
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

t.test('who has two devices is there until both have gone', async (t) => {
  const bus = new Bus()
  const said: string[] = []
  const person = personOf('bob')
  const [laptop, phone] = [deviceOf('laptop'), deviceOf('phone')]
  const owners = new Map([
    [laptop, person],
    [phone, person],
  ])
  const presence = new Presence({
    bus,
    now: () => 7,
    personOf: (device) => owners.get(device),
    isConversation: () => true,
    seen: (_, at) => said.push(`seen ${at}`),
  })
  bus.subscribe(() => said.push(presence.isOnline(person) ? 'online' : 'gone'))
  presence.linked(laptop)
  presence.linked(phone)
  presence.unlinked(laptop)
  t.strictSame(said, ['online'])
  owners.delete(phone)
  presence.unlinked(phone)
  t.strictSame(said, ['online', 'seen 7', 'gone'], 'whatever their log says of the device by now')
})

t.test('typing is told, seldom, and for conversations alone', async (t) => {
  const { alice, bob, chat, settle, time } = await twoContacts(t)
  const typed = (): number => alice.events.filter(({ type }) => type === 'typing').length
  const since = time.now()
  /** Whether alice hears nothing new of it when bob types after so long. */
  const isQuiet = async (ms: number): Promise<boolean> => {
    await settle(since + ms - time.now())
    const before = typed()
    bob.rooms.sync.typing(chat)
    await settle(100)
    return typed() === before
  }
  t.notOk(await isQuiet(0))
  t.equal(typed(), 1)
  const event = alice.events.findLast(({ type }) => type === 'typing')
  t.match(event, { conversation: chat, person: bob.rooms.identity.person })
  alice.rooms.presence.live(bob.rooms.identity.person, bob.id, liveTyping)
  alice.rooms.presence.live(chat, bob.id, 77)
  t.equal(typed(), 1, 'not for the log of a person, nor what a newer Warren says')
  await boundary(
    t,
    'typingEveryMs',
    async () => await isQuiet(limits.typingEveryMs - 1),
    async () => await isQuiet(limits.typingEveryMs),
    'no',
  )
})

t.test('who stopped typing is shown for six seconds more', async (t) => {
  const { alice, bob, chat, time } = await twoContacts(t)
  const at = time.now()
  alice.rooms.presence.live(chat, bob.id, liveTyping)
  const event = alice.events.findLast(({ type }) => type === 'typing')
  const isShown = (ms: number): boolean => event?.type === 'typing' && event.until > at + ms
  await boundary(
    t,
    'typingShownMs',
    () => isShown(limits.typingShownMs - 1),
    () => isShown(limits.typingShownMs),
    'no',
  )
})

t.test('typing is told in groups that are not large', async (t) => {
  await upTo(t, 'typingDevices', (devices) => isTypingTold(devices), 'no')
})
