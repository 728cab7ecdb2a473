/** Three people in a group, all of them linked. */

import type { Test } from 'tap'
import type { ConversationId } from '../../protocol/ids.ts'
import { neighbourhood, type Device, type World } from './device.ts'

export interface Three extends World {
  readonly alice: Device
  readonly bob: Device
  readonly carol: Device
  readonly group: ConversationId
}

/** Alice's group, in which Bob and Carol have accepted. */
export async function three(t: Test, history: 'everything' | 'joining' = 'everything'): Promise<Three> {
  const world = neighbourhood(t)
  const [alice, bob, carol] = [await world.start('alice'), await world.start('bob'), await world.start('carol')]
  await alice.befriend(bob, world.settle)
  await alice.befriend(carol, world.settle)
  const others = [bob, carol].map(({ rooms }) => rooms.identity.person)
  const settings = [
    ['name', 'Three'],
    ['history', history],
  ] as const
  const group = await alice.rooms.conversations.groups.create([...settings], others)
  await world.settle()
  for (const each of [bob, carol]) await each.rooms.conversations.groups.accept(group)
  await world.settle()
  world.place.greetAll()
  await world.settle()
  return { ...world, alice, bob, carol, group }
}
