import t from 'tap'
import { devicePrefix, encodeContactLink } from '../../../protocol/contact-link.ts'
import { signingKeyFromSeed } from '../../../protocol/crypto.ts'
import type { PersonId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { mutedForEver } from '../../../protocol/mute.ts'
import { tables } from '../../../daemon/store/store.ts'
import { upTo } from '../../limits/boundary.ts'
import { PersonLog, runOf } from '../../protocol/cast.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'

const ask = async (from: Device, to: Device, note = ''): Promise<unknown> =>
  await from.rooms.contacts.request({ device: to.id, hello: to.sayHello(from) }, note)
const stateOf = (device: Device, of: Device): string | undefined =>
  device.rooms.book.get(of.rooms.identity.person)?.state
const personOf = (device: Device): PersonId => device.rooms.identity.person
const scopes = async (device: Device): Promise<number> => (await device.store.range(tables.conversation)).length

const linkOf = (device: Device): string =>
  encodeContactLink({ person: personOf(device), devices: [{ prefix: devicePrefix(device.id), addresses: [] }] })

/** Alice and Bob, who do not know each other. */
async function strangers(t: Parameters<typeof neighbourhood>[0]): Promise<World & { alice: Device; bob: Device }> {
  const world = neighbourhood(t)
  return { ...world, alice: await world.start('alice'), bob: await world.start('bob') }
}

t.test('a stranger gets nothing but the request, and leaves nothing but the request', async (t) => {
  const { alice, bob, settle } = await strangers(t)
  const before = await scopes(bob)
  await ask(alice, bob, 'do you know me?')
  await settle()
  const [record] = bob.rooms.book.all()
  t.match(record, { state: 'incoming', name: 'alice', note: 'do you know me?', devices: [alice.id] })
  t.equal(await scopes(bob), before, 'not even their log')
  t.equal(bob.rooms.presence.isOnline(personOf(alice)), false)
  t.strictSame(bob.rooms.conversations.peers.scopesFor(alice.id), [])
  t.match(bob.sayHello(alice), { wish: { is: 'nothing' }, proof: [] })
  await bob.stop()
  await bob.start()
  t.match(bob.rooms.book.all(), [{ state: 'incoming' }])
  await bob.rooms.contacts.accept(personOf(alice))
  await settle()
  t.equal(stateOf(alice, bob), 'accepted')
  t.ok(alice.rooms.presence.isOnline(personOf(bob)))
  t.equal(bob.rooms.book.get(personOf(alice))?.proof.length, 0)
})

t.test('both ask at once, and requests that cross an answer', async (t) => {
  const { alice, bob, settle } = await strangers(t)
  await Promise.all([ask(alice, bob), ask(bob, alice)])
  await settle()
  t.strictSame([stateOf(alice, bob), stateOf(bob, alice)], ['accepted', 'accepted'])
  t.equal(alice.conversationWith(bob), bob.conversationWith(alice))
  await alice.say(alice.conversationWith(bob), 'hi')
  await settle()
  t.strictSame(await bob.texts(bob.conversationWith(alice)), ['hi'])
  await Promise.all([ask(alice, bob), ask(bob, alice)])
  await settle()
  t.strictSame([stateOf(alice, bob), stateOf(bob, alice)], ['accepted', 'accepted'], 'asking again changes nothing')
})

t.test('an answer and a request in one moment', async (t) => {
  const { alice, bob, settle } = await strangers(t)
  await ask(alice, bob)
  await settle()
  await Promise.all([
    bob.rooms.contacts.accept(personOf(alice)),
    bob.rooms.contacts.accept(personOf(alice)),
    ask(bob, alice),
  ])
  await settle()
  t.strictSame([stateOf(alice, bob), stateOf(bob, alice)], ['accepted', 'accepted'])
})

t.test('a declined person stays declined, and the owner may change their mind', async (t) => {
  const { alice, bob, settle } = await strangers(t)
  await ask(alice, bob)
  await settle()
  await bob.rooms.contacts.decline(personOf(alice))
  await settle()
  t.match(alice.rooms.book.get(personOf(bob)), { state: 'outgoing', refused: true })
  t.match(bob.rooms.book.require(personOf(alice)), { state: 'declined', hidden: false })
  bob.events.length = 0
  for (let each = 0; each < 5; each += 1) {
    alice.place.greet(alice, bob)
    await settle(60_000)
  }
  t.strictSame(bob.events, [], 'what was answered is not heard again')
  await ask(bob, alice)
  await settle()
  t.strictSame([stateOf(alice, bob), stateOf(bob, alice)], ['accepted', 'accepted'])
})

t.test('a request is withdrawn, also while it is being accepted', async (t) => {
  const { alice, bob, settle } = await strangers(t)
  await ask(alice, bob)
  await settle()
  await alice.rooms.contacts.remove(personOf(bob))
  await settle()
  t.equal(stateOf(bob, alice), undefined)
  t.equal((await bob.store.range(tables.contact)).length, 0, 'nothing of it is left')
  await ask(alice, bob)
  await settle()
  const accepting = bob.rooms.contacts.accept(personOf(alice))
  await alice.rooms.contacts.remove(personOf(bob))
  await Promise.allSettled([accepting])
  await settle()
  t.not(stateOf(alice, bob), 'accepted')
  t.equal(alice.rooms.presence.isOnline(personOf(bob)), false)
})

t.test('a block holds, whatever is under way', async (t) => {
  const { alice, bob, settle, place } = await strangers(t)
  const chat = await alice.befriend(bob, settle)
  await bob.rooms.contacts.block(personOf(alice))
  await settle()
  t.equal(alice.rooms.presence.isOnline(personOf(bob)), false)
  t.equal(bob.rooms.conversations.peers.maySee(alice.id, chat), false)
  t.match(bob.sayHello(alice), { wish: { is: 'nothing' }, name: '', proof: [] })
  await alice.say(chat, 'do you hear me?')
  place.greetAll()
  await ask(alice, bob)
  await settle()
  t.equal(stateOf(bob, alice), 'blocked')
  t.strictSame(await bob.texts(chat), [])
  await t.rejects(ask(bob, alice), { code: 'BLOCKED' })
  await bob.rooms.contacts.unblock(personOf(alice))
  await settle()
  t.strictSame(await bob.texts(chat), [], 'nor later')
  await alice.say(chat, 'and now?')
  await settle()
  t.strictSame(await bob.texts(chat), ['and now?'])
  await t.rejects(bob.rooms.contacts.unblock(personOf(alice)), { code: 'CONFLICT' })
})

t.test('the owner blocks while the answer is under way', async (t) => {
  const { alice, bob, settle } = await strangers(t)
  await ask(alice, bob)
  await settle()
  void bob.rooms.contacts.accept(personOf(alice))
  // Bob's yes is heard and taken in; the block falls in between.
  for (let turn = 0; turn < 40; turn += 1) await Promise.resolve()
  await alice.rooms.contacts.block(personOf(bob))
  await settle()
  t.equal(stateOf(alice, bob), 'blocked')
  t.equal(alice.rooms.presence.isOnline(personOf(bob)), false)
})

t.test('a blocked stranger is a stranger again once unblocked', async (t) => {
  const { alice, bob, settle } = await strangers(t)
  await ask(alice, bob)
  await settle()
  await bob.rooms.contacts.block(personOf(alice))
  await settle()
  await bob.rooms.contacts.unblock(personOf(alice))
  await settle()
  t.equal(stateOf(bob, alice), 'incoming', 'they still wish it')
})

t.test('pending requests: a hundred in all, one of each device', async (t) => {
  const { alice, start, settle } = await strangers(t)
  const asking: Device[] = []
  for (let each = 0; each < limits.pendingRequests + 5; each += 1) asking.push(await start(`stranger ${each}`))
  /** Whether so many are all kept. All hellos in one turn: the limit must not be looked at before any is counted. */
  const kept = async (count: number): Promise<boolean> => {
    const waiting = alice.rooms.book.count('incoming')
    await Promise.all(asking.slice(waiting, count).map(async (each) => await ask(each, alice)))
    await settle()
    return alice.rooms.book.count('incoming') === count
  }
  await upTo(t, 'pendingRequests', kept, 'no')
  t.equal(await kept(asking.length), false)
  t.equal(alice.rooms.book.count('incoming'), limits.pendingRequests)
  t.equal(alice.rooms.book.all().length, limits.pendingRequests)
  const [first, second, third] = asking
  if (first === undefined || second === undefined || third === undefined) throw new Error('nobody asks')
  await alice.rooms.contacts.decline(personOf(first))
  const late = asking.at(-1)
  if (late !== undefined) await ask(late, alice)
  await settle()
  t.equal(alice.rooms.book.count('incoming'), limits.pendingRequests, 'a place that came free is taken')
  await alice.rooms.contacts.decline(personOf(second))
  // A device that is somebody else as well, with a log that proves it.
  const asAnother = async (device: Device): Promise<string | undefined> => {
    const { person, entries } = new PersonLog({
      device: device.id,
      key: signingKeyFromSeed(device.rooms.identity.seed),
    })
    const wish = { is: 'contact', note: '', number: 1 } as const
    const claims = { ...device.sayHello(alice), person, wish, proof: [runOf(entries)] }
    alice.rooms.contacts.heard({ device: device.id, privateAddress: true, inbound: true }, claims)
    await settle()
    return alice.rooms.book.get(person)?.state
  }
  t.equal(await asAnother(third), undefined)
  t.equal(await asAnother(await start('carol')), 'incoming', 'who has asked for nothing yet')
})

t.test('a hello that does not prove its person leaves nothing behind', async (t) => {
  const { alice, bob, start, settle } = await strangers(t)
  const mallory = await start('mallory')
  const proof = await bob.rooms.conversations.peers.proof()
  const before = [await scopes(alice), alice.store.counts.writes]
  const wish = { is: 'contact', note: 'I am Bob', number: 1 } as const
  for (const claim of [proof, [], await mallory.rooms.conversations.peers.proof()]) {
    const hello = { ...mallory.sayHello(alice), person: personOf(bob), wish, proof: claim }
    t.equal(alice.rooms.contacts.heard({ device: mallory.id, privateAddress: true, inbound: true }, hello), 'stranger')
  }
  await settle()
  t.strictSame(alice.rooms.book.all(), [])
  t.strictSame([await scopes(alice), alice.store.counts.writes], before)
  const own = { ...mallory.sayHello(alice), person: personOf(alice), wish, proof }
  t.equal(alice.rooms.contacts.heard({ device: mallory.id, privateAddress: true, inbound: true }, own), 'stranger')
})

t.test('a flood of hellos from one stranger is written once', async (t) => {
  const { alice, bob, settle } = await strangers(t)
  await ask(bob, alice)
  await settle()
  const before = alice.store.counts.writes
  for (let each = 0; each < 500; each += 1) {
    const hello = { ...bob.sayHello(alice), name: `bob ${each}` }
    alice.rooms.contacts.heard({ device: bob.id, privateAddress: true, inbound: true }, hello)
  }
  await settle(100)
  t.ok(alice.store.counts.writes - before <= 1)
})

t.test('links that nobody answers at are kept and tried again', async (t) => {
  const { alice, bob, settle, time } = await strangers(t)
  const link = linkOf(bob)
  const { contacts, linkRetries, book } = alice.rooms
  await contacts.requestLater(link, 'when you are back')
  t.match(book.all(), [{ state: 'outgoing', link, note: 'when you are back', devices: [] }])
  await t.rejects(bob.rooms.contacts.requestLater(link, ''), { code: 'SELF' })
  const looks: number[] = []
  const { signal } = new AbortController()
  alice.answerLook = (address) => {
    looks.push(time.now())
    t.equal(address, link)
    return undefined
  }
  for (let minute = 0; minute < 30; minute += 1) {
    await linkRetries.round(signal)
    await settle(60_000)
  }
  t.ok(looks.length > 3 && looks.length < 10, 'ever more rarely')
  alice.answerLook = () => bob
  await settle(60 * 60_000)
  await Promise.all([linkRetries.round(signal), linkRetries.round(signal)])
  await settle()
  t.match(bob.rooms.book.all(), [{ state: 'incoming', note: 'when you are back' }])
  t.match(book.all(), [{ state: 'outgoing', link: '', devices: [bob.id] }])
})

t.test('a link whose request was taken back while it was tried', async (t) => {
  const { alice, bob } = await strangers(t)
  const link = linkOf(bob)
  await alice.rooms.contacts.requestLater(link, '')
  alice.answerLook = () => {
    void alice.rooms.contacts.remove(personOf(bob))
    return bob
  }
  await alice.rooms.linkRetries.round(new AbortController().signal)
  t.strictSame(alice.rooms.book.all(), [])
})

t.test('petnames, verification marks and notes outlive a restart', async (t) => {
  const { alice, bob, settle } = await strangers(t)
  await alice.befriend(bob, settle)
  await alice.rooms.book.change(personOf(bob), { petname: 'Bobby 👩🏽‍👩🏿‍👧🏻‍👦', mutedUntil: mutedForEver })
  await alice.stop()
  await alice.start()
  t.match(alice.rooms.book.get(personOf(bob)), { petname: 'Bobby 👩🏽‍👩🏿‍👧🏻‍👦', mutedUntil: mutedForEver, state: 'accepted' })
})
