/** Nobody puts words into the mouth of who is removed: an end that a member makes up is neither named nor taken. */

import t, { type Test } from 'tap'
import { sha256 } from '../../../protocol/crypto.ts'
import { sealHeader } from '../../../protocol/entry.ts'
import type { ConversationId } from '../../../protocol/ids.ts'
import type { Run } from '../../../protocol/run.ts'
import type { VectorRow } from '../../../protocol/vector.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'

interface Joined extends World {
  readonly alice: Device
  readonly bob: Device
  readonly eve: Device
  readonly group: ConversationId
}

/** Alice's group with Bob and Eve, all linked; Bob has said something that all hold. */
async function joined(t: Test): Promise<Joined> {
  const world = neighbourhood(t)
  const { start, settle, place } = world
  const [alice, bob, eve] = [await start('alice'), await start('bob'), await start('eve')]
  for (const each of [bob, eve]) await alice.befriend(each, settle)
  const persons = [bob, eve].map(({ rooms }) => rooms.identity.person)
  const group = await alice.rooms.conversations.groups.create([['name', 'Gardeners']], persons)
  await settle()
  for (const each of [bob, eve]) await each.rooms.conversations.groups.accept(group)
  await settle()
  place.greetAll()
  await settle()
  await bob.say(group, 'the real last words')
  await settle()
  return { ...world, alice, bob, eve, group }
}

const rowOf = (device: Device, group: ConversationId, author: Device): VectorRow | undefined =>
  device.rooms.conversations.peers.vector(group).find((row) => row.device === author.id && row.lane === 1)

/** What Eve writes in Bob's name behind the newest entry of his that she holds, as she cannot sign it. */
async function forged({ eve, bob, group }: Joined): Promise<Run> {
  const row = rowOf(eve, group, bob)
  if (row === undefined) throw new Error('Eve holds nothing of Bob')
  const { runs } = await eve.rooms.conversations.peers.read(group, [row], 1_000_000)
  const newest = runs[0]?.entries[0]?.sealed
  if (newest === undefined) throw new Error('Eve holds nothing of Bob')
  const payload = new Uint8Array(64).fill(7)
  const { header, id } = newest
  const more = { seq: header.seq + 1, prev: id, payloadHash: sha256(payload), payloadLength: payload.length }
  const sealed = sealHeader({ ...header, ...more })
  return { signature: undefined, entries: [{ sealed, slot: { is: 'held', payload, seconds: 0 } }] }
}

/** Eve says to everybody that Bob's feed ends with her entry. */
function claims({ eve, bob, group }: Joined, run: Run): void {
  const { peers } = eve.rooms.conversations
  const honest = peers.vector.bind(peers)
  const top = run.entries[0]?.sealed
  peers.vector = (scope, part) =>
    honest(scope, part).map((row) =>
      scope === group && row.device === bob.id && row.lane === 1 && top !== undefined
        ? { ...row, head: top.id, ranges: [[1, top.header.seq]] }
        : row,
    )
}

for (const [how, act] of [
  ['removed', async ({ alice, bob, group }: Joined) => await remove(alice, bob, group)],
  ['made a reader', async ({ alice, bob, group }: Joined) => await silence(alice, bob, group)],
] as const)
  t.test(`who is ${how} said nothing that a member made up`, async (t) => {
    const world = await joined(t)
    const { alice, bob, eve, group, settle } = world
    const run = await forged(world)
    const before = rowOf(alice, group, bob)
    claims(world, run)
    const acting = act(world)
    await settle(5000)
    await acting
    const { held } = await alice.rooms.conversations.peers.accept(group, [run], eve.id)
    t.strictSame(held, [])
    t.strictSame(rowOf(alice, group, bob), before, 'his feed ends where he ended it')
    t.strictSame(
      (await alice.messages(group)).flatMap(({ text, outside }) => (text === '' ? [] : [[text, outside]])),
      [['the real last words', false]],
    )
  })

const remove = async (alice: Device, bob: Device, group: ConversationId): Promise<void> =>
  await alice.rooms.conversations.groups.remove(group, bob.rooms.identity.person)

const silence = async (alice: Device, bob: Device, group: ConversationId): Promise<void> =>
  await alice.rooms.conversations.groups.setRole(group, bob.rooms.identity.person, 'reader')
