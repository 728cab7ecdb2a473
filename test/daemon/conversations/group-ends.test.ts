/** Where the messages of those end who lose the right to post: nothing beyond is taken, told or given. */

import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { decode, encode } from '../../../protocol/codec.ts'
import { publicBytes, signBytes, signingKeyFromSeed } from '../../../protocol/crypto.ts'
import { counterMessage } from '../../../protocol/operation-proofs.ts'
import type { CutOff } from '../../../protocol/operation.ts'
import { deviceIdOf, type DeviceId, type ConversationId } from '../../../protocol/ids.ts'
import { readRun, runValue, type Run } from '../../../protocol/run.ts'
import type { VectorRow } from '../../../protocol/vector.ts'
import type { Device } from '../../support/device.ts'
import { Hand, handGroup } from '../../support/group-hand.ts'
import { Pen, type Written } from '../../support/pen.ts'

const rowOf = (device: Device, group: ConversationId, author: DeviceId): VectorRow | undefined =>
  device.rooms.conversations.peers.vector(group).find((row) => row.device === author && row.lane === 1)

/** Numbers of a device's messages that Alice gives to others. */
async function given(alice: Device, group: ConversationId, author: DeviceId): Promise<number[]> {
  const { peers } = alice.rooms.conversations
  const all = [[1, 1000]] as const
  const rows = peers.vector(group).filter(({ device }) => device === author)
  const feeds = rows.map(({ device, lane, generation }) => ({ device, lane, generation, ranges: all }))
  const { runs } = await peers.read(group, feeds, 1_000_000)
  const entries = runs
    .flatMap((run) => run.entries)
    .filter(({ sealed, slot }) => sealed.header.lane === 1 && slot.is === 'held')
  return entries.map(({ sealed }) => sealed.header.seq).toSorted((a, b) => a - b)
}

/** Whether each run is signed, and what stands in its slots. */
const shapeOf = (runs: readonly Run[]): unknown =>
  runs.map(({ signature, entries }) => [signature !== undefined, ...entries.map(({ slot }) => slot.is)])

const endAt = ({ sealed }: Written): CutOff => ({
  device: sealed.header.device,
  generation: sealed.header.generation,
  last: sealed.id,
})

t.test('before somebody has joined nothing of theirs is taken', async (t) => {
  const { alice, group, bob, start, settle, place } = await handGroup(t)
  const dave = await start('dave')
  await alice.befriend(dave, settle)
  place.part(alice, dave)
  const { person } = dave.rooms.identity
  await alice.rooms.conversations.groups.add(group, person, 'member')
  const daves = new Hand(alice, dave, group)
  t.equal(await daves.post(daves.messages.writeMany(2)), 0, 'invited')
  await daves.say({ kind: 'accept' })
  daves.messages.goOnFrom(undefined)
  t.equal(await daves.post(daves.messages.writeMany(2)), 1, 'joined')
  t.not(bob.id, dave.id)
})

t.test('a reader is heard no further than they were', async (t) => {
  const { alice, bob, group, bobs } = await handGroup(t)
  t.equal(await bobs.post(bobs.messages.writeMany(3)), 1)
  await alice.rooms.conversations.groups.setRole(group, bobs.person, 'reader')
  t.equal(await bobs.post(bobs.messages.writeMany(2)), 0)
  t.strictSame(rowOf(alice, group, bob.id)?.ranges, [[1, 3]])
  t.strictSame(await given(alice, group, bob.id), [1, 2, 3])
})

t.test('what a member holds of the removed one is fetched first, and counts', async (t) => {
  for (const way of ['removed', 'made a reader'] as const) {
    const { alice, bob, group, bobs } = await handGroup(t)
    const { groups } = alice.rooms.conversations
    await bobs.post(bobs.messages.writeMany(1))
    groups.gatherTops = async () => void (await bobs.post(bobs.messages.writeMany(2)))
    if (way === 'removed') await groups.remove(group, bobs.person)
    else await groups.setRole(group, bobs.person, 'reader')
    t.strictSame(await given(alice, group, bob.id), [1, 2, 3], way)
  }
})

t.test('after a removal nothing new is taken, and what was held stays', async (t) => {
  const { alice, bob, carol, group, bobs } = await handGroup(t)
  await bobs.post(bobs.messages.writeMany(3))
  await alice.rooms.conversations.groups.remove(group, bobs.person)
  t.strictSame(rowOf(alice, group, bob.id)?.ranges, [[1, 3]])
  const late = bobs.messages.writeMany(2)
  const { peers } = alice.rooms.conversations
  await t.rejects(bobs.post(late), { code: 'NOT_A_MEMBER' }, 'from Bob')
  const brought = await peers.accept(group, [bobs.messages.run(late)], carol.id)
  t.strictSame(brought.held, [], 'nor from Carol')
  t.strictSame(await given(alice, group, bob.id), [1, 2, 3])
  t.equal((await alice.messages(group)).filter(({ outside }) => outside).length, 0)
})

t.test('what is held beyond an end is shown as outside, and neither told nor given', async (t) => {
  const { alice, bob, group, bobs, carols } = await handGroup(t)
  await alice.rooms.conversations.groups.setRole(group, carols.person, 'owner')
  const written = bobs.messages.writeMany(5)
  await bobs.post(written)
  const before = alice.rooms.conversations.peers.digest(group)
  const third = written[2] as Written
  await carols.say({ kind: 'remove', person: bobs.person, cutOffs: [endAt(third)] })
  t.strictSame(
    (await alice.messages(group))
      .filter(({ feed, notice }) => notice === undefined && feed !== '')
      .map((each) => each.outside),
    [false, false, false, true, true],
  )
  const row = rowOf(alice, group, bob.id)
  t.strictSame(row?.ranges, [[1, 3]])
  t.equal(row?.head, third.sealed.id)
  t.notSame(alice.rooms.conversations.peers.digest(group), before)
  t.strictSame(await given(alice, group, bob.id), [1, 2, 3])
  const feed = { device: bob.id, lane: 1 as const, generation: third.sealed.header.generation }
  const { peers } = alice.rooms.conversations
  t.strictSame(peers.lacking(group, [{ ...feed, ranges: [[1, 9]] }]), [], 'nothing more is wanted')
  await alice.stop()
  await alice.start()
  t.strictSame(rowOf(alice, group, bob.id)?.ranges, [[1, 3]], 'after a start too')
})

t.test('an end that is not here is waited for: nothing is taken but what lies under it, and is signed', async (t) => {
  const { alice, bob, carol, group, bobs, carols } = await handGroup(t)
  await alice.rooms.conversations.groups.setRole(group, carols.person, 'owner')
  const written = bobs.messages.writeMany(6)
  await bobs.post(written.slice(0, 2))
  await carols.say({ kind: 'remove', person: bobs.person, cutOffs: [endAt(written[4] as Written)] })
  const { peers } = alice.rooms.conversations
  const bring = async (from: number, to: number, signed: boolean): Promise<number> =>
    (await peers.accept(group, [bobs.messages.run(written.slice(from, to), signed)], carol.id)).held.length
  t.equal(await bring(2, 4, true), 0, 'what may lie beside it')
  t.equal(await bring(2, 5, false), 0, 'the end itself, without a signature')
  t.equal(await bring(2, 6, false), 0, 'nor with an unsigned header above')
  // Listeners are told once whoever brought it was answered.
  await setImmediate()
  const told: Run[] = []
  peers.onAppended(({ runs }) => told.push(...runs))
  t.equal(await bring(2, 6, true), 1)
  await setImmediate()
  t.strictSame(rowOf(alice, group, bob.id)?.ranges, [[1, 5]], 'what is above the end proves it, and is not kept')
  t.strictSame(shapeOf(told), [[true, 'missing', 'held', 'held', 'held']], 'and goes along to others at once')
  t.strictSame(await given(alice, group, bob.id), [1, 2, 3, 4, 5])
})

t.test(
  'an end that its author did not sign is given on under signed headers above it, from one to the next',
  async (t) => {
    const { alice, bob, carol, group, bobs, carols } = await handGroup(t)
    await alice.rooms.conversations.groups.setRole(group, carols.person, 'owner')
    const before = alice.disk.snapshot()
    const written = bobs.messages.writeMany(5)
    await bobs.post(written)
    const cutOffs = [endAt(written[2] as Written)]
    const removal = carols.operation({ kind: 'remove', person: bobs.person, cutOffs })
    await carols.bring(removal)
    const { device, generation } = (written[0] as Written).sealed.header
    const read = async (): Promise<Run[]> => {
      const { peers } = alice.rooms.conversations
      const { runs } = await peers.read(group, [{ device, lane: 1, generation, ranges: [[1, 9]] }], 1_000_000)
      return runs.map((run) => readRun(decode(encode(runValue(run)))))
    }
    const proven = [[true, 'missing', 'missing', 'held', 'held', 'held']]
    const runs = await read()
    t.strictSame(shapeOf(runs), proven)
    await alice.stop()
    alice.putBack(before)
    await alice.start()
    await carols.bring(removal)
    t.equal(rowOf(alice, group, bob.id), undefined, 'as one who comes new')
    const { held } = await alice.rooms.conversations.peers.accept(group, runs, carol.id)
    t.strictSame(
      held.map(({ ranges }) => ranges),
      [[[1, 3]]],
    )
    t.strictSame(rowOf(alice, group, bob.id)?.ranges, [[1, 3]])
    t.strictSame(await read(), runs, 'whoever was given it gives it on')
    await alice.stop()
    await alice.start()
    t.strictSame(await read(), runs, 'after a start too')
  },
)

t.test('of two ends one is here: what stands below the other is wanted, taken and told', async (t) => {
  const { alice, bob, carol, group, bobs, carols } = await handGroup(t)
  await alice.rooms.conversations.groups.setRole(group, carols.person, 'owner')
  const written = bobs.messages.writeMany(6)
  await bobs.post(written.slice(0, 2))
  const [second, fifth] = [written[1] as Written, written[4] as Written]
  await carols.say({ kind: 'remove', person: bobs.person, cutOffs: [endAt(second), endAt(fifth)] })
  const { peers } = alice.rooms.conversations
  const feed = { device: bob.id, lane: 1 as const, generation: second.sealed.header.generation }
  const lacking = (to: number): readonly unknown[] => peers.lacking(group, [{ ...feed, ranges: [[1, to]] }])
  t.strictSame(lacking(5), [{ ...feed, ranges: [[3, 5]] }])
  t.equal((await peers.accept(group, [bobs.messages.run(written.slice(2, 5))], carol.id)).held.length, 1)
  t.strictSame(rowOf(alice, group, bob.id)?.ranges, [[1, 5]])
  t.strictSame(lacking(9), [], 'with all ends here nothing above is wanted')
})

t.test('who comes new is given what was said up to an end that nobody signed', async (t) => {
  const { alice, bob, group, bobs, carols, start, settle, place } = await handGroup(t)
  const { groups } = alice.rooms.conversations
  await groups.setRole(group, carols.person, 'owner')
  const written = bobs.messages.writeMany(300)
  await bobs.post(written)
  await carols.say({ kind: 'remove', person: bobs.person, cutOffs: [endAt(written[199] as Written)] })
  const dave = await start('dave')
  await alice.befriend(dave, settle)
  await groups.add(group, dave.rooms.identity.person, 'member')
  await settle()
  await dave.rooms.conversations.groups.accept(group)
  await settle()
  place.greetAll()
  await settle()
  t.strictSame(rowOf(dave, group, bob.id)?.ranges, [[1, 200]])
  t.strictSame(
    dave.rooms.conversations.peers.digest(group),
    alice.rooms.conversations.peers.digest(group),
    'asked no more',
  )
})

t.test('who comes back begins anew: the old feed stays ended, a new one is heard', async (t) => {
  const { alice, group, bob, bobs } = await handGroup(t)
  await bobs.post(bobs.messages.writeMany(2))
  const { groups } = alice.rooms.conversations
  await groups.remove(group, bobs.person)
  await groups.add(group, bobs.person, 'member')
  const again = new Hand(alice, bob, group, 'two')
  await again.say({ kind: 'accept' })
  t.equal(await bobs.post(bobs.messages.writeMany(1)), 0)
  t.equal(await again.post(again.messages.writeMany(1)), 1)
})

t.test('a device that its person removes is ended in their groups, with a new key and a line', async (t) => {
  const { alice, group } = await handGroup(t)
  const { ownLog, ownGroups, peers } = alice.rooms.conversations
  const signingKey = signingKeyFromSeed(new Uint8Array(32).fill(9))
  const device = deviceIdOf(publicBytes(signingKey))
  const { person } = alice.rooms.identity
  await ownLog.add({ device, deviceClass: 'phone' }, signBytes(signingKey, counterMessage(person, device)))
  await alice.say(group, 'seen by both')
  const pen = new Pen({ device, signingKey }, group)
  t.equal((await peers.accept(group, [pen.run(pen.writeMany(2))], device)).held.length, 1)
  const before = ownGroups.epochs(group).length
  await ownLog.remove(device)
  t.equal(ownGroups.epochs(group).length, before + 1)
  t.strictSame(rowOf(alice, group, device)?.ranges, [[1, 2]])
  await t.rejects(peers.accept(group, [pen.run(pen.writeMany(1))], device), { code: 'NOT_A_MEMBER' })
  await alice.say(group, 'without it')
  t.equal(ownGroups.epochs(group).length, before + 1)
  const lines = (await alice.messages(group)).flatMap(({ notice }) => notice?.happening.is ?? [])
  t.strictSame(lines.slice(-2), ['device-added', 'device-removed'])
})
