/** Who is given the keys of a group, when a new one is made, and what newcomers see of what was said before. */

import t from 'tap'
import { turnMs } from '../../../daemon/conversations/mint-turn.ts'
import { epochCommitment, epochIdFor } from '../../../protocol/epoch.ts'
import type { EpochId } from '../../../protocol/ids.ts'
import type { Device } from '../../support/device.ts'
import { Hand, handGroup, type HandGroup } from '../../support/group-hand.ts'

const epochsAt = ({ alice, group }: Pick<HandGroup, 'alice' | 'group'>): EpochId[] =>
  alice.rooms.conversations.ownGroups.epochs(group)

const givenTo = ({ alice, group }: Pick<HandGroup, 'alice' | 'group'>, device: Device): number =>
  alice.rooms.conversations.peers.keysFor(group, epochsAt({ alice, group }), device.id).length

t.test('an invited one gets no key; who joined gets those made since, and who was removed none any more', async (t) => {
  const world = await handGroup(t)
  const { alice, bob, carol, start, settle, place, group, bobs } = world
  const { groups } = alice.rooms.conversations
  t.equal(epochsAt(world).length, 1, 'the first one')
  t.equal(givenTo(world, bob), 0, 'made before Bob had joined')
  await alice.say(group, 'to Bob and Carol')
  t.equal(epochsAt(world).length, 2)
  t.equal(givenTo(world, bob), 1)
  await alice.say(group, 'again')
  t.equal(epochsAt(world).length, 2, 'one key for both')
  const dave = await start('dave')
  await alice.befriend(dave, settle)
  place.part(alice, dave)
  await groups.add(group, dave.rooms.identity.person, 'member')
  t.equal(givenTo(world, dave), 0)
  await alice.say(group, 'Dave has not answered')
  t.equal(epochsAt(world).length, 2, 'an invited one is nobody to make a key for')
  await groups.remove(group, bobs.person)
  t.equal(epochsAt(world).length, 3, 'with the removal')
  t.equal(givenTo(world, bob), 0)
  t.equal(givenTo(world, carol), 2)
  await alice.say(group, 'without Bob')
  t.equal(epochsAt(world).length, 3)
})

t.test('where newcomers see everything they are given every key', async (t) => {
  const world = await handGroup(t)
  const { alice, bob, group } = world
  await alice.say(group, 'before')
  t.equal(givenTo(world, bob), 1)
  await alice.rooms.conversations.groups.settings(group, [['history', 'everything']])
  t.equal(givenTo(world, bob), 2)
})

/** Bob makes an epoch that fits whoever belongs now; its key comes with it. */
async function mintedByBob({ alice, group, bobs }: HandGroup, byte: number, withKey = true): Promise<void> {
  const key = new Uint8Array(32).fill(byte)
  const commitment = epochCommitment(key)
  const epoch = epochIdFor(group, [], commitment)
  await bobs.say({ kind: 'epoch', epoch, parents: [], commitment, parentKeys: [] })
  if (withKey) await alice.rooms.conversations.peers.takeKeys(group, [{ epoch, key }])
}

/** Somebody joins, so that a new key is needed. */
async function another(world: HandGroup, name: string): Promise<void> {
  const { alice, group, settle, start, place } = world
  const device = await start(name)
  await alice.befriend(device, settle)
  place.part(alice, device)
  await alice.rooms.conversations.groups.add(group, device.rooms.identity.person, 'member')
  await new Hand(alice, device, group).say({ kind: 'accept' })
}

t.test('who made the last key makes the next one: others who are linked wait a moment for it', async (t) => {
  const world = await handGroup(t)
  const { alice, bob, group, settle } = world
  alice.rooms.conversations.linked = () => [bob.id]
  await mintedByBob(world, 1)
  await alice.say(group, 'under the key of Bob')
  await another(world, 'dave')
  const before = epochsAt(world).length
  const waiting = alice.say(group, 'it comes in time')
  await settle(turnMs / 2)
  t.equal(epochsAt(world).length, before)
  await mintedByBob(world, 2)
  await waiting
  t.equal(epochsAt(world).length, before + 1, 'that of Bob')
  await another(world, 'erin')
  const alone = alice.say(group, 'it does not come')
  await settle(turnMs + 1)
  await alone
  t.equal(epochsAt(world).length, before + 2, 'that of Alice')
  await another(world, 'frank')
  await alice.say(group, 'Alice made the last one')
  t.equal(epochsAt(world).length, before + 3)
})

t.test('who is alone waits for nobody', async (t) => {
  const world = await handGroup(t)
  const { alice, group } = world
  await mintedByBob(world, 1)
  await another(world, 'dave')
  const before = epochsAt(world).length
  await alice.say(group, 'at once')
  t.equal(epochsAt(world).length, before + 1)
})
