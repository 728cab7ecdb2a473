/** What the owner is told of who holds what: device by device, and up to when everything is here. */

import t from 'tap'
import { completenessOf } from '../../../daemon/owner/completeness-view.ts'
import { lanes } from '../../../protocol/entry.ts'
import type { Completeness } from '../../../protocol/http-groups.ts'
import { generationOf, type DeviceId, type Generation } from '../../../protocol/ids.ts'
import { twoContacts, type Device } from '../../support/device.ts'
import { handGroup, type HandGroup } from '../../support/group-hand.ts'

/** As Alice is told; `linked` are those with a link. */
const told = async ({ alice, group }: HandGroup, ...linked: Device[]): Promise<Completeness> =>
  await completenessOf(
    {
      conversations: alice.rooms.conversations.owner,
      views: { nameOf: () => 'somebody' },
      links: () => linked.map(({ id }) => ({ device: id })),
      now: () => alice.options.timers.now(),
    },
    group,
  )

/** A device says what it holds of the messages of another one. */
function says({ alice, group }: HandGroup, by: Device, of: DeviceId, generation: Generation, upTo: number): void {
  const ranges = upTo === 0 ? [] : [[1, upTo] as const]
  alice.rooms.conversations.peers.peerHolds(group, by.id, [{ device: of, lane: lanes.messages, generation, ranges }])
}

const countsOf = ({ devices }: Completeness, { id }: Device): readonly [lacking: number, ahead: number] | undefined =>
  devices.flatMap(({ deviceId, lacking, ahead }) => (deviceId === id ? [[lacking, ahead] as const] : []))[0]

/** Bob's three messages are here. */
async function three(world: HandGroup): Promise<{ generation: Generation; last: string }> {
  const written = world.bobs.messages.writeMany(3)
  await world.bobs.post(written)
  const top = written.at(-1)
  if (top === undefined) throw new Error('nothing was written')
  return { generation: top.sealed.header.generation, last: top.sealed.id }
}

t.test('of each device: how much it holds that lacks here, and how much it lacks itself', async (t) => {
  const world = await handGroup(t)
  const { bob, carol } = world
  const { generation } = await three(world)
  says(world, bob, bob.id, generation, 3)
  says(world, carol, bob.id, generation, 1)
  let now = await told(world)
  t.strictSame([countsOf(now, bob), countsOf(now, carol), now.complete], [[0, 0], [0, 2], true])
  says(world, carol, bob.id, generation, 15)
  now = await told(world)
  t.strictSame([countsOf(now, bob), countsOf(now, carol), now.complete, now.upTo], [[0, 0], [12, 0], false, 0])
  t.equal(now.devices[0]?.deviceId, carol.id, 'those first of which most is lacking')
})

t.test(
  'everything is here up to when the quietest was heard; of a link more would have been heard by now',
  async (t) => {
    const world = await handGroup(t)
    const { alice, bob, carol, settle } = world
    const { generation } = await three(world)
    const now = (): number => alice.options.timers.now()
    t.strictSame(await told(world).then(({ complete, upTo }) => [complete, upTo]), [true, 0], 'nobody was heard')
    says(world, bob, bob.id, generation, 3)
    const bobHeard = now()
    await settle(60_000)
    says(world, carol, bob.id, generation, 3)
    const carolHeard = now()
    await settle(60_000)
    t.equal((await told(world)).upTo, bobHeard)
    t.equal((await told(world, bob)).upTo, carolHeard)
    t.equal((await told(world, bob, carol)).upTo, now())
    const { devices } = await told(world, bob)
    const heardOf = (who: Device): unknown => devices.find(({ deviceId }) => deviceId === who.id)
    t.match(heardOf(bob), { linked: true, heardAt: bobHeard })
    t.match(heardOf(carol), { linked: false, heardAt: carolHeard })
  },
)

t.test('what was shut out does not lack: behind the end of a feed, nor in one that was begun later', async (t) => {
  const world = await handGroup(t)
  const { alice, bob, carol, group, bobs } = world
  const { generation } = await three(world)
  await alice.rooms.conversations.groups.remove(group, bobs.person)
  says(world, carol, bob.id, generation, 9)
  says(world, carol, bob.id, generationOf(new Uint8Array(8).fill(7)), 4)
  const now = await told(world)
  t.strictSame([countsOf(now, bob), countsOf(now, carol), now.complete], [undefined, [0, 0], true])
})

t.test('what was deleted here does not lack, and what came after it does', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  for (const text of ['one', 'two']) await bob.say(chat, text)
  await settle()
  await alice.rooms.conversations.owner.delete(chat)
  await settle()
  const { peers, owner } = alice.rooms.conversations
  const row = bob.rooms.conversations.peers
    .vector(chat)
    .find(({ device, lane }) => device === bob.id && lane === lanes.messages)
  if (row === undefined) throw new Error('Bob has said nothing')
  const lacking = async (upTo: number): Promise<number | undefined> => {
    peers.peerHolds(chat, bob.id, [{ ...row, ranges: [[1, upTo]] }])
    return (await owner.holdings(chat)).devices.find(({ device }) => device === bob.id)?.lacking
  }
  t.strictSame([await lacking(2), await lacking(5)], [0, 3])
})
