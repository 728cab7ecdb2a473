/** What the members of a group learn of somebody who was only invited to it, or has left. */

import t, { type Test } from 'tap'
import { formerMemberMs } from '../../../daemon/conversations/sharing.ts'
import type { Part } from '../../../daemon/conversations/sharing.ts'
import type { ConversationId, PersonId, Scope } from '../../../protocol/ids.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'

const personOf = ({ rooms }: Device): PersonId => rooms.identity.person

async function meet({ place, settle }: World): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    place.greetAll()
    await settle()
  }
}

interface Scene extends World {
  readonly alice: Device
  readonly bob: Device
  readonly dave: Device
  readonly group: ConversationId
  /** What dave's device gives bob's of a scope. */
  shown(scope: Scope): Part | undefined
  areLinked(): boolean
  /** What bob's device holds of where dave's is. */
  known(): number[][]
}

/** Alice knows bob and dave, who do not know each other, and invites both. Bob accepts. */
async function scene(t: Test): Promise<Scene> {
  const world = neighbourhood(t)
  const [alice, bob, dave] = [await world.start('alice'), await world.start('bob'), await world.start('dave')]
  await alice.befriend(bob, world.settle)
  await alice.befriend(dave, world.settle)
  const group = await alice.rooms.conversations.groups.create([['name', 'Garden']], [bob, dave].map(personOf))
  await world.settle()
  await bob.rooms.conversations.groups.accept(group)
  await world.settle()
  await meet(world)
  const { place } = world
  return {
    ...world,
    alice,
    bob,
    dave,
    group,
    shown: (scope) => dave.rooms.conversations.peers.sharing.partFor(bob.id, scope),
    areLinked: () => place.links.has(place.pairOf(bob.id, dave.id)),
    known: () =>
      bob.rooms.registers
        .registers(personOf(dave))
        .filter(({ key }) => key === 'addresses')
        .map(({ value }) => [...value]),
  }
}

const say = async ({ dave, settle }: Scene, where: number[]): Promise<void> => {
  await dave.rooms.registers.set(personOf(dave), 'addresses', new Uint8Array(where))
  await settle()
}

t.test('an invitation alone shows nobody where one is', async (t) => {
  const here = await scene(t)
  await say(here, [1, 2, 3])
  await meet(here)
  t.notOk(here.areLinked())
  t.equal(here.shown(personOf(here.dave)), undefined)
  t.strictSame(here.known(), [])
  await here.dave.rooms.conversations.groups.accept(here.group)
  await here.settle()
  await meet(here)
  t.ok(here.areLinked(), 'who accepts is one of them')
  t.equal(here.shown(personOf(here.dave)), 'all')
  t.strictSame(here.known(), [[1, 2, 3]])
})

t.test('who left shows no more than what they did there, and that for a while', async (t) => {
  const here = await scene(t)
  const { dave, group } = here
  await dave.rooms.conversations.groups.accept(group)
  await say(here, [1])
  await meet(here)
  await dave.rooms.conversations.groups.leave(group)
  await here.settle()
  await meet(here)
  await say(here, [2])
  await meet(here)
  t.equal(here.shown(personOf(dave)), 'roster')
  t.strictSame(here.known(), [[1]], 'they hear of no new address')
  await here.alice.stop()
  await here.bob.stop()
  await here.time.pass(formerMemberMs + 1)
  t.equal(here.shown(personOf(dave)), undefined)
})
