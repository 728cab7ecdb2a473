/** Two who removed each other while they could not talk, and nobody else is there to tell them. */

import t, { type Test } from 'tap'
import type { ConversationId, PersonId } from '../../../protocol/ids.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'

const personOf = ({ rooms }: Device): PersonId => rooms.identity.person

async function meet({ place, settle }: World): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    place.greetAll()
    await settle()
  }
}

/** What takes a while: whoever is linked is asked first. */
async function done(world: World, work: Promise<unknown>): Promise<void> {
  await world.settle(3000)
  await work
}

/** The members of a group, as a device holds it. */
const membersAt = ({ rooms }: Device, group: ConversationId): PersonId[] =>
  [...rooms.conversations.ownGroups.members(group)].map(({ person }) => person).toSorted()

/** Alice's group with Bob and Carol, who own it too and know each other; Alice goes for good. */
async function owners(t: Test): Promise<{ world: World; bob: Device; carol: Device; group: ConversationId }> {
  const world = neighbourhood(t)
  const { start, settle, place } = world
  const [alice, bob, carol] = [await start('alice'), await start('bob'), await start('carol')]
  await alice.befriend(bob, settle)
  await alice.befriend(carol, settle)
  await bob.befriend(carol, settle)
  const { groups } = alice.rooms.conversations
  const group = await groups.create([['name', 'Garden']], [bob, carol].map(personOf))
  await settle()
  for (const { rooms } of [bob, carol]) await done(world, rooms.conversations.groups.accept(group))
  await settle(3000)
  for (const each of [bob, carol]) await done(world, groups.setRole(group, personOf(each), 'owner'))
  await meet(world)
  await alice.stop()
  place.part(bob, carol)
  return { world, bob, carol, group }
}

for (const isBusy of [false, true])
  t.test(
    isBusy ? 'so do those who did other things meanwhile' : 'who removed each other agree on who stays',
    async (t: Test) => {
      const { world, bob, carol, group } = await owners(t)
      if (isBusy)
        for (const each of [bob, carol]) {
          for (const name of ['one', 'two'])
            await done(world, each.rooms.conversations.groups.settings(group, [['name', `${each.name} ${name}`]]))
          await done(world, each.say(group, `${each.name} alone`))
        }
      await done(world, bob.rooms.conversations.groups.remove(group, personOf(carol)))
      await done(world, carol.rooms.conversations.groups.remove(group, personOf(bob)))
      t.notSame(membersAt(bob, group), membersAt(carol, group))
      world.place.heal(bob, carol)
      await meet(world)
      t.strictSame(membersAt(bob, group), membersAt(carol, group))
      t.equal(membersAt(bob, group).length, 2, 'Alice, and one of them')
      for (const each of [bob, carol]) t.strictSame(each.complaints, [])
    },
  )

t.test(
  'of what a removed one brings only what removes the owner is taken, and what that names is given back, no more',
  async (t) => {
    const { world, bob, carol, group } = await owners(t)
    for (const each of [bob, carol]) {
      await done(world, each.rooms.conversations.groups.settings(group, [['name', each.name]]))
      await done(world, each.say(group, `${each.name} alone`))
    }
    await done(world, bob.rooms.conversations.groups.remove(group, personOf(carol)))
    const [mine, theirs] = [bob.rooms.conversations.peers, carol.rooms.conversations.peers]
    const before = mine.digest(group)
    const all = await theirs.read(group, theirs.vector(group), 10_000_000)
    t.strictSame(await mine.acceptParted(group, all.runs, carol.id), [])
    t.strictSame(mine.digest(group), before, 'nothing of it')
    await t.rejects(mine.accept(group, all.runs, carol.id), { code: 'NOT_A_MEMBER' })
    t.equal(await mine.acceptParted(group, all.runs, bob.id), undefined, 'it is for those who were removed')
    await done(world, carol.rooms.conversations.groups.remove(group, personOf(bob)))
    world.place.heal(bob, carol)
    await meet(world)
    const [stays, gone] = membersAt(bob, group).includes(personOf(bob)) ? [bob, carol] : [carol, bob]
    await done(world, stays.say(group, 'without you'))
    await meet(world)
    const texts = await gone.texts(group)
    t.notOk(texts.includes('without you'))
    t.notOk(texts.includes(`${stays.name} alone`), 'said while they were parted, and not for who is out')
  },
)

/** Alice's group with Carol, who may let people in; Bob, a contact of both, is outside. */
async function oneOutside(
  t: Test,
): Promise<{ world: World; alice: Device; bob: Device; carol: Device; group: ConversationId }> {
  const world = neighbourhood(t)
  const { start, settle } = world
  const [alice, bob, carol] = [await start('alice'), await start('bob'), await start('carol')]
  for (const [one, other] of [
    [alice, bob],
    [alice, carol],
    [bob, carol],
  ] as const)
    await one.befriend(other, settle)
  const { groups } = alice.rooms.conversations
  const group = await groups.create([['name', 'Garden']], [personOf(carol)])
  await settle()
  await done(world, carol.rooms.conversations.groups.accept(group))
  await done(world, groups.setRole(group, personOf(carol), 'admin'))
  await meet(world)
  return { world, alice, bob, carol, group }
}

t.test('who came in by somebody who had lost that right is told so, and believes it no more', async (t) => {
  for (const teller of ['alice', 'carol'] as const) {
    const cast = await oneOutside(t)
    const { world, alice, bob, carol, group } = cast
    world.place.part(alice, carol)
    world.place.part(alice, bob)
    await done(world, carol.rooms.conversations.groups.add(group, personOf(bob), 'member'))
    await done(world, bob.rooms.conversations.groups.accept(group))
    await done(world, alice.rooms.conversations.groups.setRole(group, personOf(carol), 'member'))
    await done(world, bob.say(group, 'here I am'))
    t.equal(membersAt(bob, group).length, 3)
    world.place.part(bob, carol)
    world.place.heal(alice, carol)
    await meet(world)
    await (teller === 'carol' ? alice : carol).stop()
    world.place.heal(cast[teller], bob)
    await meet(world)
    for (const each of [bob, cast[teller]])
      t.notOk(membersAt(each, group).includes(personOf(bob)), `${teller}: ${each.name}`)
    await t.rejects(bob.say(group, 'still here'), { code: 'NOT_ALLOWED' })
    for (const each of [bob, cast[teller]]) t.strictSame(each.complaints, [])
  }
})
