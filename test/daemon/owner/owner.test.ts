import t, { type Test } from 'tap'
import { devicePrefix, encodeContactLink } from '../../../protocol/contact-link.ts'
import { limits } from '../../../protocol/limits.ts'
import { upTo } from '../../limits/boundary.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'
import { ownerOf } from '../../support/owner-of.ts'

const { signal } = new AbortController()
const linkOf = (device: Device): string =>
  encodeContactLink({
    person: device.rooms.identity.person,
    devices: [{ prefix: devicePrefix(device.id), addresses: [] }],
  })

async function two(t: Test): Promise<World & { alice: Device; bob: Device }> {
  const world = neighbourhood(t)
  return { ...world, alice: await world.start('alice'), bob: await world.start('bob') }
}

t.test('from a look to a chat, as the page sees it', async (t) => {
  const { alice, bob, settle } = await two(t)
  const [a, b] = [ownerOf(alice, () => bob), ownerOf(bob)]
  await t.rejects(a.addContact({ deviceId: bob.id }, signal), { code: 'NOT_FOUND' })
  const peer = await a.look('bob.example', signal)
  t.match(peer, { name: 'bob', deviceId: bob.id, linked: false })
  t.match(await a.addContact({ deviceId: bob.id, note: 'hi' }, signal), { state: 'outgoing', name: 'bob', note: 'hi' })
  await settle()
  const [request] = b.contacts()
  t.match(request, { state: 'incoming', name: 'alice', note: 'hi', online: false, status: '' })
  t.match(await b.patchContact(request?.id ?? '', { state: 'accepted', petname: '  Al  ' }), {
    state: 'accepted',
    petname: 'Al',
  })
  await settle()
  const chat = await a.openConversation('direct', [bob.rooms.identity.person])
  t.match(chat, { kind: 'direct', title: 'bob', unread: 0 })
  const { message, created } = await a.post(chat.id, { text: 'hello', clientId: '1' })
  t.match(
    [message, created],
    [{ text: 'hello', mine: true, state: 'stored', clientId: '1', from: { name: 'alice' } }, true],
  )
  await settle()
  t.match(b.conversation(chat.id), {
    title: 'Al',
    unread: 1,
    last: { text: 'hello', mine: false, from: { name: 'Al' } },
  })
  t.match(await b.messages(chat.id, { limit: 10 }), { items: [{ text: 'hello' }], older: false, newer: false })
  await b.markRead(chat.id, message.order)
  await settle()
  t.match(await a.message(chat.id, message.order), { state: 'read' })
  t.equal(b.conversation(chat.id).unread, 0)
  await a.patchMe({ name: 'Alice', status: 'at sea' })
  await settle()
  t.match(b.contacts(), [{ name: 'Alice', petname: 'Al', status: 'at sea' }])
})

t.test('notes to self', async (t) => {
  const { alice } = await two(t)
  const owner = ownerOf(alice)
  const notes = await owner.openConversation('self', [])
  await owner.post(notes.id, { text: 'milk', clientId: '1' })
  t.match(owner.conversations(), [{ kind: 'self', unread: 0, last: { text: 'milk', mine: true, state: 'stored' } }])
})

t.test('a link: to somebody who is away, to the wrong one, to oneself', async (t) => {
  const { alice, bob, start, settle } = await two(t)
  const carol = await start('carol')
  t.match(await ownerOf(alice).addContact({ link: linkOf(bob), note: 'later' }, signal), {
    state: 'outgoing',
    deviceIds: [],
    note: 'later',
  })
  await t.rejects(ownerOf(alice, () => carol).addContact({ link: linkOf(bob) }, signal), { code: 'IDENTITY_MISMATCH' })
  await t.rejects(ownerOf(alice).addContact({ link: linkOf(alice) }, signal), { code: 'SELF' })
  await t.rejects(ownerOf(alice, () => 'NOT_WARREN').addContact({ link: linkOf(carol) }, signal), {
    code: 'NOT_WARREN',
  })
  await t.rejects(ownerOf(alice).addContact({ link: 'warren:nonsense' }, signal), { code: 'BAD_LINK' })
  // Bob has Alice's link too, and asks her.
  await bob.rooms.contacts.request({ device: alice.id, hello: alice.sayHello(bob) }, '')
  await settle()
  t.match(alice.rooms.book.all(), [{ state: 'accepted', link: '' }])
})

t.test('ids, notes and petnames that are no such thing', async (t) => {
  const { alice, bob, settle } = await two(t)
  const owner = ownerOf(alice, () => bob)
  const { person } = bob.rooms.identity
  t.throws(() => owner.contact('x'), { code: 'BAD_SHAPE' })
  t.throws(() => owner.contact(person), { code: 'NOT_FOUND' })
  t.throws(() => owner.conversation('x'), { code: 'BAD_SHAPE' })
  await t.rejects(owner.openConversation('direct', []), { code: 'BAD_SHAPE' })
  await t.rejects(owner.openConversation('direct', [person]), { code: 'NOT_FOUND' })
  await t.rejects(owner.post('x', { text: 'x', clientId: 'x' }), { code: 'BAD_SHAPE' })
  await t.rejects(owner.deleteContact(person), { code: 'NOT_FOUND' })
  const long = '🐇'.repeat(limits.noteCodePoints)
  await owner.look('bob.example', signal)
  await t.rejects(owner.addContact({ deviceId: bob.id, note: `${long}x` }, signal), { code: 'TOO_LARGE' })
  await owner.addContact({ deviceId: bob.id, note: long }, signal)
  await settle()
  t.equal(bob.rooms.book.all()[0]?.note, long)
  await owner.patchContact(person, { petname: '🐇'.repeat(limits.nameCodePoints), muted: true })
  await t.rejects(owner.patchContact(person, { petname: 'x'.repeat(limits.nameCodePoints + 1) }), { code: 'TOO_LARGE' })
  await t.rejects(owner.patchContact(person, { state: 'unblocked' }), { code: 'CONFLICT' })
  t.match(owner.contact(person), { petname: '🐇'.repeat(limits.nameCodePoints), muted: true, state: 'outgoing' })
})

t.test('the list of devices nearby is bounded, and forgets the oldest', async (t) => {
  const { alice, bob } = await two(t)
  const { peerList } = alice.rooms
  const hello = bob.sayHello(alice)
  const seen = { hello, person: hello.person, name: '', source: 'mdns' as const, addresses: [] }
  /** Whether so many are all listed. */
  const lists = (count: number): boolean => {
    for (let each = peerList.all().length; each < count; each += 1)
      peerList.seen({ ...seen, device: `device ${each}` as typeof bob.id })
    return peerList.get('device 0' as typeof bob.id) !== undefined
  }
  await upTo(t, 'nearbyDevices', lists, 'no')
  t.equal(peerList.all().length, limits.nearbyDevices)
  t.ok(peerList.get('device 1' as typeof bob.id))
})
