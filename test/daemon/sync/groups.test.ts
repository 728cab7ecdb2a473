import t, { type Test } from 'tap'
import type { ConversationId, PersonId } from '../../../protocol/ids.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'

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
