/** What is remembered of what other devices say they hold. */

import t from 'tap'
import { mostStrangeFeeds } from '../../../daemon/conversations/completeness.ts'
import { lanes } from '../../../protocol/entry.ts'
import { deviceIdOf, generationOf } from '../../../protocol/ids.ts'
import { neighbourhood } from '../../support/device.ts'

const generation = (number: number) => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setUint32(4, number)
  return generationOf(bytes)
}

t.test('a peer that makes up feeds is remembered with few of them, and with those that are here', async (t) => {
  const world = neighbourhood(t)
  const [alice, bob] = [await world.start('alice'), await world.start('bob')]
  const direct = await alice.befriend(bob, world.settle)
  await bob.rooms.conversations.owner.post(direct, 'Hello', 'c1')
  await world.settle()
  const { peers, owner } = alice.rooms.conversations
  const lacking = async (): Promise<number | undefined> =>
    (await owner.holdings(direct)).devices.find(({ device }) => device === bob.id)?.lacking
  t.equal(await lacking(), 0)
  const madeUp = Array.from({ length: 4 * mostStrangeFeeds }, (_, each) => ({
    device: bob.id,
    lane: lanes.messages,
    generation: generation(each),
    ranges: [[1, 5] as const],
  }))
  peers.peerHolds(direct, bob.id, madeUp)
  t.equal(await lacking(), 5 * mostStrangeFeeds)
  await bob.rooms.conversations.owner.post(direct, 'still heard', 'c2')
  await world.settle()
  t.equal(await lacking(), 5 * mostStrangeFeeds, 'what is here is none of them')
  const nobody = deviceIdOf(new Uint8Array(32).fill(9))
  peers.peerHolds(direct, bob.id, [
    { device: nobody, lane: lanes.messages, generation: generation(1), ranges: [[1, 9]] },
  ])
  t.equal(await lacking(), 5 * mostStrangeFeeds, 'a device that nobody knows lacks nobody')
})
