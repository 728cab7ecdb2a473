/** People of groups who are no contacts: they are asked, and blocked, by who they are. */

import t, { type Test } from 'tap'
import { renderChange } from '../../../daemon/api/events/render-change.ts'
import type { DeviceOwner } from '../../../daemon/owner/owner.ts'
import type { ConversationId, PersonId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'
import { ownerOf } from '../../support/owner-of.ts'
import { startAnother } from '../../support/own-devices.ts'

const personOf = ({ rooms }: Device): PersonId => rooms.identity.person

interface Club extends World {
  readonly alice: Device
  readonly bob: Device
  readonly carol: Device
  readonly group: ConversationId
  readonly bobs: DeviceOwner
  readonly carols: DeviceOwner
  /** Everybody says hello again, and hears what follows. */
  readonly meet: () => Promise<void>
}

/** Alice's group, with Bob and Carol, who are contacts of hers and not of each other. */
async function club(t: Test): Promise<Club> {
  const world = neighbourhood(t)
  const { start, settle, place } = world
  const [alice, bob, carol] = [await start('alice'), await start('bob'), await start('carol')]
  for (const each of [alice, bob, carol]) await ownerOf(each).patchMe({ name: each.name })
  for (const other of [bob, carol]) await alice.befriend(other, settle)
  const meet = async (): Promise<void> => {
    for (let round = 0; round < 3; round += 1) {
      place.greetAll()
      await settle(3000)
    }
  }
  const group = await alice.rooms.conversations.groups.create([['name', 'Book club']], [bob, carol].map(personOf))
  await settle()
  for (const each of [bob, carol]) await each.rooms.conversations.groups.accept(group)
  await meet()
  return { ...world, alice, bob, carol, group, bobs: ownerOf(bob), carols: ownerOf(carol), meet }
}

const signal = new AbortController().signal

async function says({ settle }: World, who: Device, group: ConversationId, text: string): Promise<void> {
  const said = who.say(group, text)
  await settle(3000)
  await said
}

const read = async (owner: DeviceOwner, group: string): Promise<string[]> =>
  (await owner.messages(group, { limit: 100 })).items.flatMap(({ notice, text }) => (notice === undefined ? text : []))

t.test('a member is asked by who they are, and told which group both belong to; both become contacts', async (t) => {
  const on = await club(t)
  const { bob, carol, bobs, carols, meet, group } = on
  const asked = await bobs.addContact({ contactId: personOf(carol), note: 'We read together' }, signal)
  const groups = [{ id: group, name: 'Book club' }]
  t.match(asked, { state: 'outgoing', name: 'carol', groups })
  await meet()
  t.match(carols.contact(personOf(bob)), { state: 'incoming', name: 'bob', note: 'We read together', groups })
  await carols.patchContact(personOf(bob), { state: 'accepted' })
  await meet()
  t.match(bobs.contact(personOf(carol)), { state: 'accepted', groups: undefined })
  await says(on, bob, bob.conversationWith(carol), 'hello')
  t.strictSame(await read(carols, carol.conversationWith(bob)), ['hello'])
  t.strictSame([...bob.complaints, ...carol.complaints], [])
})

t.test('a member says no, or blocks who asks; and nobody else can be asked so', async (t) => {
  const on = await club(t)
  const { alice, bob, carol, bobs, carols, meet, start } = on
  await bobs.addContact({ contactId: personOf(carol) }, signal)
  await meet()
  await carols.patchContact(personOf(bob), { state: 'declined' })
  await meet()
  t.match(bobs.contact(personOf(carol)), { state: 'outgoing', declined: true })
  t.match(carols.contact(personOf(bob)), { state: 'declined' })
  await carols.patchContact(personOf(bob), { state: 'blocked' })
  await t.rejects(carols.addContact({ contactId: personOf(bob) }, signal), { code: 'BLOCKED' })
  const dave = await start('dave')
  await t.rejects(bobs.addContact({ contactId: personOf(dave) }, signal), { code: 'NOT_FOUND' })
  await t.rejects(bobs.patchContact(personOf(dave), { state: 'blocked' }), { code: 'NOT_FOUND' })
  await t.rejects(bobs.addContact({ contactId: personOf(bob) }, signal), { code: 'SELF' })
  await t.rejects(bobs.patchContact(personOf(bob), { state: 'blocked' }), { code: 'SELF' })
  t.match(await bobs.addContact({ contactId: personOf(alice) }, signal), { state: 'accepted' }, 'a contact stays one')
})

t.test('a member who is blocked is heard no more in the group, until they are let in again', async (t) => {
  const on = await club(t)
  const { bob, carol, bobs, group, meet } = on
  await says(on, carol, group, 'before')
  t.match(await bobs.patchContact(personOf(carol), { state: 'blocked' }), { state: 'blocked', name: 'carol' })
  const { peers } = bob.rooms.conversations
  t.strictSame([peers.partFor(carol.id, group), peers.scopesFor(carol.id)], [undefined, []], 'nor given anything')
  await says(on, carol, group, 'meanwhile')
  await meet()
  t.strictSame(await read(bobs, group), [])
  t.match(
    bobs.contacts().filter(({ state }) => state === 'blocked'),
    [{ id: personOf(carol), name: 'carol' }],
  )
  t.match(
    bobs.groups.members(group).find(({ id }) => id === personOf(carol)),
    { contact: 'blocked' },
  )
  await bob.stop()
  await bob.start()
  const again = ownerOf(bob)
  t.strictSame(await read(again, group), [])
  await again.patchContact(personOf(carol), { state: 'unblocked' })
  t.throws(() => again.contact(personOf(carol)), { code: 'NOT_FOUND' }, 'as if nothing had been')
  await meet()
  t.strictSame(await read(again, group), ['meanwhile', 'before'], 'in groups nothing is lost')
})

t.test('whom one device lets in again, the other ones do: the link is back, and what they write comes', async (t) => {
  const on = await club(t)
  const { bob, carol, bobs, meet, place, settle } = on
  const second = await startAnother(on, bob, 'second')
  await meet()
  const pair = place.pairOf(second.id, carol.id)
  t.ok(place.links.has(pair))
  await bobs.patchContact(personOf(carol), { state: 'blocked' })
  await settle(3000)
  t.equal(second.rooms.book.get(personOf(carol))?.state, 'blocked')
  t.notOk(place.links.has(pair))
  await bobs.patchContact(personOf(carol), { state: 'unblocked' })
  await settle(3000)
  t.equal(second.rooms.book.get(personOf(carol)), undefined)
  t.ok(place.links.has(pair), 'by itself')
  await carol.rooms.contacts.request({ device: second.id, hello: second.sayHello(carol) }, '')
  await settle(3000)
  await second.rooms.contacts.accept(personOf(carol))
  await meet()
  const chat = carol.conversationWith(second)
  await says(on, carol, chat, 'hello again')
  await settle(3000)
  t.strictSame(await second.texts(chat), ['hello again'])
})

t.test('who is blocked invites to nothing: what waits is declined and hidden, and nothing new comes', async (t) => {
  const on = await club(t)
  const { alice, bob, carol, bobs, meet } = on
  const { groups } = carol.rooms.conversations
  const trap = await groups.create([['name', 'Trap']], [personOf(bob)])
  await meet()
  t.match(bobs.conversation(trap).group, { standing: 'invited', invitedBy: { name: 'carol', isContact: false } })
  await bobs.patchContact(personOf(carol), { state: 'blocked' })
  t.throws(() => bobs.conversation(trap), { code: 'NOT_FOUND' })
  t.notOk(bobs.conversations().some(({ id }) => id === trap))
  const told = await renderChange({ type: 'conversation', conversation: trap }, bobs, 0)
  t.match(told, { type: 'conversation-gone', conversation: trap })
  // By way of somebody whom Bob hears.
  const second = await groups.create([['name', 'Second']], [personOf(alice), personOf(bob)])
  await meet()
  await alice.rooms.conversations.groups.accept(second)
  await meet()
  t.notOk(bobs.conversations().some(({ title }) => title === 'Second'))
  t.notOk(bob.rooms.conversations.peers.access.belongs(second), 'not even kept')
  await bobs.patchContact(personOf(carol), { state: 'unblocked' })
  await on.settle(limits.candidateAgainMs)
  await meet()
  t.match(bobs.conversation(second).group, { standing: 'invited', invitedBy: { name: 'carol' } })
  t.match(bobs.conversation(trap).group, { standing: 'left' }, 'a no stays one')
})

t.test('back into a group that was left one is not invited by who is blocked', async (t) => {
  const on = await club(t)
  const { alice, bob, carol, bobs, group, meet } = on
  await alice.rooms.conversations.groups.setRole(group, personOf(carol), 'admin')
  await bob.rooms.conversations.groups.leave(group)
  await meet()
  await bobs.patchContact(personOf(carol), { state: 'blocked' })
  const adding = carol.rooms.conversations.groups.add(group, personOf(bob), 'member')
  await meet()
  await adding
  t.match(bobs.conversation(group).group, { standing: 'left', invitedBy: undefined })
  await bobs.patchContact(personOf(carol), { state: 'unblocked' })
  t.match(bobs.conversation(group).group, { standing: 'invited', invitedBy: { name: 'carol' } })
})
