import t, { type Test } from 'tap'
import { directId, selfId, type ConversationId, type PersonId } from '../../../protocol/ids.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'
import { linkPair, type MemoryLink } from '../../support/link-pair.ts'

const personOf = ({ rooms }: Device): PersonId => rooms.identity.person

/** Everybody who keeps in touch with somebody says hello, twice: what the first round told may lead to more. */
async function meet({ place, settle }: World): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    place.greetAll()
    await settle()
  }
}

/** A group by alice, with friends of hers who are no friends of each other, and who accepted. */
async function groupOf(world: World, names: readonly string[]): Promise<{ devices: Device[]; group: ConversationId }> {
  const devices: Device[] = []
  for (const name of ['alice', ...names]) devices.push(await world.start(name))
  const [alice, ...others] = devices as [Device, ...Device[]]
  for (const other of others) await alice.befriend(other, world.settle)
  const group = await alice.rooms.conversations.groups.create([['name', 'Garden']], others.map(personOf))
  await world.settle()
  for (const { rooms } of others) await rooms.conversations.groups.accept(group)
  await world.settle()
  await meet(world)
  return { devices, group }
}

/** What people said, without the lines that tell what happened. */
const wordsOf = async (device: Device, group: ConversationId): Promise<string[]> =>
  (await device.texts(group)).filter((text) => text !== '')

const linked = ({ place }: World, a: Device, b: Device): boolean => place.links.has(place.pairOf(a.id, b.id))

t.test(
  'people whom somebody brought together in a group link, and get what was said while the others are off',
  async (t: Test) => {
    const world = neighbourhood(t)
    const { devices, group } = await groupOf(world, ['bob', 'carol'])
    const [alice, bob, carol] = devices as [Device, Device, Device]
    t.ok(linked(world, bob, carol))
    await alice.say(group, 'welcome')
    await world.settle()
    t.strictSame(await wordsOf(carol, group), ['welcome'])
    await alice.stop()
    await world.settle()
    await bob.say(group, 'she is gone')
    await world.settle()
    t.strictSame(await wordsOf(carol, group), ['welcome', 'she is gone'])
    t.strictSame(bob.complaints, [])
    t.strictSame(carol.complaints, [])
  },
)

t.test('who was invited and has not answered gets operations and logs, and no words and no keys', async (t: Test) => {
  const world = neighbourhood(t)
  const { devices, group } = await groupOf(world, ['bob'])
  const [alice, bob] = devices as [Device, Device]
  const carol = await world.start('carol')
  await alice.befriend(carol, world.settle)
  await alice.say(group, 'before')
  await alice.rooms.conversations.groups.add(group, personOf(carol), 'member')
  await alice.say(group, 'between')
  await meet(world)
  const { peers } = carol.rooms.conversations
  t.ok(peers.vector(group).length > 0)
  t.ok(peers.vector(group).every(({ lane }) => lane === 0))
  t.equal(alice.rooms.conversations.peers.partFor(carol.id, group), 'roster')
  t.ok(alice.rooms.conversations.peers.vector(group).some(({ lane }) => lane === 1))
  await carol.rooms.conversations.groups.accept(group)
  await meet(world)
  await bob.say(group, 'welcome')
  await world.settle()
  t.equal((await wordsOf(carol, group)).at(-1), 'welcome')
  t.equal(alice.rooms.conversations.peers.partFor(carol.id, group), 'all')
})

/** A link beside those that the two have; returns the end at `a`. */
function linkBeside({ place }: World, [a, b]: readonly [Device, Device], delayMs: number): MemoryLink {
  const ends = linkPair({ timers: place.timers, devices: [a.id, b.id], delayMs })
  a.rooms.sync.addLink(ends[0])
  b.rooms.sync.addLink(ends[1])
  return ends[0]
}

t.test('a group comes at once over the link that takes the place of one on which it was under way', async (t: Test) => {
  const world = neighbourhood(t)
  const { devices, group } = await groupOf(world, ['bob'])
  const [alice] = devices as [Device]
  const carol = await world.start('carol')
  await alice.befriend(carol, world.settle)
  world.place.part(alice, carol)
  await world.settle()
  await alice.rooms.conversations.groups.add(group, personOf(carol), 'member')
  const slow = linkBeside(world, [alice, carol], 400)
  await world.settle(600)
  // The group is looked at on the slow one: on this one it is somebody's log first, which is nothing to her by itself.
  linkBeside(world, [alice, carol], 1)
  await world.settle(100)
  t.strictSame(carol.rooms.conversations.peers.vector(group), [])
  await slow.close(0)
  await world.settle(2000)
  t.ok(carol.rooms.conversations.peers.vector(group).length > 0)
})

t.test(
  'a co-member who is no contact sees the group and the logs that it rests on, and nothing else',
  async (t: Test) => {
    const world = neighbourhood(t)
    const { devices, group } = await groupOf(world, ['bob', 'carol'])
    const [alice, bob, carol] = devices as [Device, Device, Device]
    const dave = await world.start('dave')
    await bob.befriend(dave, world.settle)
    await meet(world)
    const { peers } = bob.rooms.conversations
    const persons = [bob, carol, alice].map(personOf)
    t.strictSame(new Set(peers.scopesFor(carol.id)), new Set([...persons, group]))
    for (const scope of [directId(personOf(bob), personOf(carol)), directId(personOf(bob), personOf(alice))])
      t.equal(peers.partFor(carol.id, scope), undefined)
    t.equal(peers.partFor(carol.id, personOf(dave)), undefined, 'another contact of his')
    t.equal(peers.partFor(carol.id, selfId(personOf(bob))), undefined)
    t.equal(bob.rooms.book.get(personOf(carol)), undefined)
  },
)
