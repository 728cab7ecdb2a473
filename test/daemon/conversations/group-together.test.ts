/** Groups over links: several devices come to one state, keys reach those who may have them, and nobody else. */

import t from 'tap'
import { WarrenError } from '../../../protocol/errors.ts'
import type { ConversationId } from '../../../protocol/ids.ts'
import { neighbourhood, type Device, type DeviceOptions, type World } from '../../support/device.ts'
import { wordsFor } from '../../support/group-words.ts'
import { seededRandom } from '../../support/virtual-time.ts'

interface Cast extends World {
  readonly alice: Device
  readonly bob: Device
  readonly carol: Device
  readonly all: readonly Device[]
}

/** Three who are contacts of each other and linked. */
async function cast(
  t: Parameters<typeof neighbourhood>[0],
  seed = 7,
  options: Partial<DeviceOptions> = {},
): Promise<Cast> {
  const world = neighbourhood(t, seed, options)
  const { start, settle } = world
  const [alice, bob, carol] = [await start('alice'), await start('bob'), await start('carol')]
  await alice.befriend(bob, settle)
  await alice.befriend(carol, settle)
  await bob.befriend(carol, settle)
  return { ...world, alice, bob, carol, all: [alice, bob, carol] }
}

const personOf = ({ rooms }: Device): Device['rooms']['identity']['person'] => rooms.identity.person

async function gathered(world: Cast, policy: readonly (readonly [string, string])[] = []): Promise<ConversationId> {
  const { alice, bob, carol, settle } = world
  const { groups } = alice.rooms.conversations
  const group = await groups.create([['name', 'Gardeners'], ...policy], [bob, carol].map(personOf))
  await settle()
  for (const each of [bob, carol]) await each.rooms.conversations.groups.accept(group)
  await settle(3000)
  return group
}

/** What a person says, however long the key takes. */
async function says({ settle }: World, who: Device, group: ConversationId, text: string): Promise<void> {
  const said = who.say(group, text)
  await settle(2000)
  await said
}

const texts = async (device: Device, group: ConversationId): Promise<string[]> =>
  (await device.messages(group)).flatMap(({ notice, text, unreadable }) =>
    notice === undefined ? [unreadable ? '(unreadable)' : text] : [],
  )

const lines = async (device: Device, group: ConversationId): Promise<string[]> =>
  (await device.messages(group)).flatMap(({ notice }) => notice?.happening.is ?? [])

t.test('all see the same words and lines, whoever says them', async (t) => {
  const world = await cast(t)
  const { all, alice } = world
  const group = await gathered(world)
  for (const each of all) await says(world, each, group, `from ${each.name}`)
  const expected = ['from alice', 'from bob', 'from carol']
  for (const each of all) {
    t.strictSame(await texts(each, group), expected, each.name)
    t.strictSame(await lines(each, group), await lines(alice, group))
    t.equal(each.rooms.conversations.ownGroups.group(group).joined, 3)
    t.equal(each.unread(group), 2)
    t.strictSame(each.complaints, [])
  }
  t.strictSame(alice.rooms.conversations.peers.missingKeys(group), [])
})

t.test('who was off gets everything from somebody else, while its author is off', async (t) => {
  const world = await cast(t)
  const { alice, bob, carol, place, settle } = world
  const group = await gathered(world)
  place.part(alice, bob)
  place.part(bob, carol)
  await says(world, alice, group, 'to whoever is there')
  place.part(alice, carol)
  place.heal(bob, carol)
  await settle(3000)
  t.strictSame(await texts(bob, group), ['to whoever is there'])
})

t.test('a removal shuts out: what is said behind it never reaches the removed, who are told', async (t) => {
  const world = await cast(t)
  const { alice, bob, carol, settle } = world
  const group = await gathered(world)
  await says(world, bob, group, 'while I belong')
  const removed = alice.rooms.conversations.groups.remove(group, personOf(bob))
  await settle(3000)
  await removed
  await says(world, alice, group, 'without Bob')
  t.strictSame(await texts(carol, group), ['while I belong', 'without Bob'])
  t.strictSame(await texts(bob, group), ['while I belong'])
  t.equal(bob.rooms.conversations.ownGroups.group(group).standing, 'removed', 'and Bob is told')
  await t.rejects(bob.say(group, 'still here'), { code: 'NOT_ALLOWED' })
  t.strictSame(alice.rooms.conversations.ownGroups.unaware(group), [], 'Carol has said that she holds it')
})

t.test('a removal while the other writes in another part of the network', async (t) => {
  const world = await cast(t)
  const { alice, bob, carol, place, settle } = world
  const group = await gathered(world)
  await says(world, bob, group, 'seen by all')
  place.part(alice, bob)
  place.part(alice, carol)
  await says(world, bob, group, 'seen by Carol')
  const removed = alice.rooms.conversations.groups.remove(group, personOf(bob))
  await settle(3000)
  await removed
  place.heal(alice, carol)
  await settle(3000)
  t.strictSame(await texts(alice, group), ['seen by all'])
  const atCarol = (await carol.messages(group)).filter(({ notice }) => notice === undefined)
  t.strictSame(
    atCarol.map(({ text, outside }) => [text, outside]),
    [
      ['seen by all', false],
      ['seen by Carol', true],
    ],
  )
  const digests = [alice, carol].map((each) =>
    Buffer.from(each.rooms.conversations.peers.digest(group)).toString('hex'),
  )
  t.equal(digests[0], digests[1], 'what is outside makes no difference')
})

t.test('a newcomer sees what the group lets them: everything, or what comes behind them', async (t) => {
  for (const history of ['everything', 'joining']) {
    const world = await cast(t)
    const { alice, carol, start, settle } = world
    const group = await gathered(world, [['history', history]])
    await says(world, alice, group, 'before')
    const dave = await start('dave')
    await alice.befriend(dave, settle)
    await alice.rooms.conversations.groups.add(group, personOf(dave), 'member')
    await settle(3000)
    t.strictSame(await texts(dave, group), [], `${history}: invited`)
    await dave.rooms.conversations.groups.accept(group)
    await settle(3000)
    await says(world, carol, group, 'behind')
    t.strictSame(await texts(dave, group), history === 'everything' ? ['before', 'behind'] : ['behind'], history)
    t.equal(dave.unread(group), history === 'everything' ? 2 : 1)
  }
})

t.test('a group that was left stays readable, can be deleted, and comes back with an invitation', async (t) => {
  const world = await cast(t)
  const { alice, bob, settle } = world
  const group = await gathered(world)
  await says(world, alice, group, 'to remember')
  const { groups, owner, ownGroups } = bob.rooms.conversations
  await t.rejects(owner.delete(group), { code: 'NOT_ALLOWED' })
  await groups.leave(group)
  await settle(3000)
  t.equal(ownGroups.group(group).standing, 'left')
  t.strictSame(await texts(bob, group), ['to remember'])
  await t.rejects(bob.say(group, 'x'), { code: 'NOT_ALLOWED' })
  t.equal(alice.rooms.conversations.ownGroups.group(group).joined, 2)
  await owner.delete(group)
  await settle(3000)
  t.notOk(owner.has(group))
  await alice.rooms.conversations.groups.add(group, personOf(bob), 'member')
  await settle(3000)
  t.equal(ownGroups.group(group).standing, 'invited')
  await groups.accept(group)
  await settle(3000)
  await says(world, alice, group, 'again')
  t.strictSame(await texts(bob, group), ['again'], 'what was deleted stays so')
})

t.test('who comes back is heard again; what they said without knowing that they were out stays outside', async (t) => {
  const world = await cast(t)
  const { alice, bob, carol, all, place, settle } = world
  const group = await gathered(world)
  const { groups } = alice.rooms.conversations
  await says(world, bob, group, 'before')
  for (const other of [alice, carol]) place.part(bob, other)
  const removing = groups.remove(group, personOf(bob))
  await settle(3000)
  await removing
  await says(world, bob, group, 'not knowing')
  await groups.add(group, personOf(bob), 'member')
  for (const other of [alice, carol]) place.heal(bob, other)
  await settle(3000)
  await bob.rooms.conversations.groups.accept(group)
  await settle(3000)
  for (const text of ['back', 'still here']) await says(world, bob, group, text)
  for (const each of [alice, carol]) t.strictSame(await texts(each, group), ['before', 'back', 'still here'], each.name)
  const shown = await bob.messages(group)
  t.strictSame(
    shown.flatMap(({ text, outside }) => (outside ? [text] : [])),
    ['not knowing'],
  )
  t.equal(shown.filter(({ notice }) => notice === undefined).length, 4)

  // A right that was taken and given back ends a feed as well.
  const demoting = groups.setRole(group, personOf(bob), 'reader')
  await settle(3000)
  await demoting
  await t.rejects(bob.say(group, 'as a reader'), { code: 'NOT_ALLOWED' })
  await groups.setRole(group, personOf(bob), 'member')
  await settle(3000)
  await says(world, bob, group, 'once more')
  for (const each of all) t.equal((await texts(each, group)).at(-1), 'once more', each.name)
})

/** What somebody does, by chance; what is not allowed is refused, and that is fine. */
async function act({ time, place, settle, all }: Cast, group: ConversationId, step: number): Promise<void> {
  const any = <T>(from: readonly T[]): T => from[Math.floor(time.random() * from.length)] as T
  const [who, other] = [any(all), any(all)]
  const { groups } = who.rooms.conversations
  const person = personOf(other)
  const doing = any([
    async () => void (await who.say(group, `${who.name} ${step}`)),
    async () => void (await who.say(group, `${who.name} again ${step}`)),
    async () => await groups.settings(group, [['name', `by ${who.name} ${step}`]]),
    async () => await groups.setRole(group, person, any(['reader', 'member', 'admin', 'owner'])),
    async () => await groups.add(group, person, 'member'),
    async () => await groups.accept(group),
    async () => {
      if (time.random() < 0.3) await groups.remove(group, person)
    },
    async () => place.part(who, other),
    async () => place.heal(who, other),
  ])
  const done = doing().catch((error: unknown) => {
    if (!(error instanceof WarrenError)) throw error
  })
  await settle(any([0, 100, 2500]))
  // What takes time goes on while the next one begins.
  void done
}

/** All that a device makes of a group, but for its messages. */
async function picture(device: Device, group: ConversationId): Promise<unknown> {
  const { ownGroups, peers } = device.rooms.conversations
  return {
    members: ownGroups.members(group).toSorted((a, b) => (a.person < b.person ? -1 : 1)),
    settings: ownGroups.group(group).settings,
    lines: await lines(device, group),
    digest: Buffer.from(peers.digest(group)).toString('hex'),
  }
}

/** The messages that it shows, but for those that do not count. */
const shown = async (device: Device, group: ConversationId): Promise<string[]> =>
  (await device.messages(group)).flatMap(({ notice, outside, id }) => (notice === undefined && !outside ? [id] : []))

/** The same keys for the same seed, so that what was found is found again. */
const keysOf = (seed: number): NonNullable<DeviceOptions['random']> => {
  const random = seededRandom(seed)
  return (length) => Uint8Array.from({ length }, () => random() * 256)
}

/** More of them take longer: WARREN_GROUP_RUNS, beginning with the seed WARREN_GROUP_SEED. */
const runs = Number(process.env['WARREN_GROUP_RUNS'] ?? 4)
const firstSeed = Number(process.env['WARREN_GROUP_SEED'] ?? 1)
t.setTimeout(30_000 + runs * 2000)

/** Three do things by chance, parted or not, and then hear each other; those who belong then. */
async function afterMuch(world: Cast, group: ConversationId): Promise<Device[]> {
  const { alice, bob, carol, place, settle } = world
  for (let step = 0; step < 40; step += 1) await act(world, group, step)
  for (const [one, other] of [
    [alice, bob],
    [alice, carol],
    [bob, carol],
  ] as const)
    place.heal(one, other)
  await settle(400_000)
  return world.all.filter((each) => each.rooms.conversations.ownGroups.group(group).standing === 'joined')
}

for (const history of ['everything', 'joining']) {
  t.test(`whatever three do, parted or not, those who belong come to one state; history: ${history}`, async (t) => {
    for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
      const world = await cast(t, seed, { random: keysOf(seed) })
      const group = await gathered(world, [['history', history]])
      const belonging = await afterMuch(world, group)
      const [first = world.alice] = belonging
      const pictures = await Promise.all(belonging.map(async (each) => await picture(each, group)))
      for (const each of pictures) t.strictSame(each, pictures[0], `seed ${seed}`)
      const all = await shown(first, group)
      for (const each of belonging) {
        // Who comes back sees what was said meanwhile if the group lets them, else just what they had joined for.
        const expected = history === 'everything' ? all : await wordsFor(first, group, personOf(each))
        t.strictSame(await shown(each, group), expected, `seed ${seed}: ${each.name} sees`)
      }
      for (const each of world.all) t.strictSame(each.complaints, [], `seed ${seed}: ${each.name}`)
    }
  })
}
