/** A modified peer and groups, over real rooms: the removed, the invited and outsiders get no word and no key; foreign groups are not kept. */

import t, { type Test } from 'tap'
import { encodeFrame, type KnownFrame } from '../../protocol/frames.ts'
import { conversationIdOf, idBytes, type ConversationId, type PersonId, type Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { SyncFrame } from '../../daemon/sync/link.ts'
import { fill } from '../protocol/cast.ts'
import { neighbourhood, type Device, type World } from '../support/device.ts'
import { linkPair } from '../support/link-pair.ts'
import { framesOf } from '../support/raw-peer.ts'

const personOf = ({ rooms }: Device): PersonId => rooms.identity.person

interface Stage extends World {
  readonly alice: Device
  readonly mallory: Device
  /** Alice's, with bob, who accepted. */
  readonly group: ConversationId
  /** Sends over a link with alice that is under the hand of the test; what comes back. */
  readonly ask: (...frames: KnownFrame[]) => Promise<SyncFrame[]>
}

/** `mallory`: what she is in the group. */
async function stage(t: Test, mallorys: 'member' | 'invited' | 'outsider'): Promise<Stage> {
  const world = neighbourhood(t)
  const { start, settle, place, time } = world
  const [alice, bob, mallory] = [await start('alice'), await start('bob'), await start('mallory')]
  for (const other of [bob, mallory]) await alice.befriend(other, settle)
  const invited = mallorys === 'outsider' ? [bob] : [bob, mallory]
  const group = await alice.rooms.conversations.groups.create([['name', 'Garden']], invited.map(personOf))
  await settle()
  for (const each of mallorys === 'member' ? [bob, mallory] : [bob]) {
    await each.rooms.conversations.groups.accept(group)
    await settle()
  }
  await alice.say(group, 'a secret')
  await settle()
  place.part(alice, mallory)
  place.part(bob, mallory)
  await settle()
  const [link, there] = linkPair({ timers: time, devices: [mallory.id, alice.id] })
  const received: SyncFrame[] = []
  void (async () => {
    for await (const frame of link.frames) received.push(frame)
  })()
  alice.rooms.sync.addLink(there)
  await settle()
  const ask = async (...frames: KnownFrame[]): Promise<SyncFrame[]> => {
    received.length = 0
    for (const frame of frames) link.sendBytes(encodeFrame(frame))
    // Short of the next digest.
    await time.pass(5000)
    return [...received]
  }
  return { ...world, alice, mallory, group, ask }
}

/** Asks for all that there is and the keys of it, as if nothing was held. */
async function questions({ alice, group }: Stage, scope: Scope = group): Promise<KnownFrame[]> {
  const { peers } = alice.rooms.conversations
  const feeds = peers
    .vector(group)
    .map(({ device, lane, generation }) => ({ device, lane, generation, ranges: [[1, 100]] as const }))
  const { runs } = await peers.read(group, feeds, 1_000_000)
  const epochs = runs.flatMap(({ entries }) => entries.flatMap(({ sealed }) => sealed.header.epoch ?? []))
  if (epochs.length === 0) throw new Error('nothing to ask for')
  return [
    { is: 'offer', scopes: [{ scope, digest: fill(3, 16) }] },
    { is: 'vector', scope, rows: [], more: false },
    { is: 'want', scope, feeds, budget: limits.wantBytes },
    { is: 'keys', scope, asked: [...new Set(epochs)], given: [] },
  ]
}

/** Lanes of the entries that came, and how many keys. */
const got = (frames: readonly SyncFrame[], scope: Scope): { lanes: number[]; keys: number } => ({
  lanes: [
    ...new Set(
      framesOf(frames, 'entries')
        .filter((frame) => frame.scope === scope)
        .flatMap(({ runs }) =>
          runs.flatMap(({ entries }) => entries.map(({ sealed }) => sealed.header.lane as number)),
        ),
    ),
  ].toSorted((a, b) => a - b),
  keys: framesOf(frames, 'keys').reduce((sum, { given }) => sum + given.length, 0),
})

t.test('who was removed gets no word and no key any more, whatever they ask', async (t) => {
  const on = await stage(t, 'member')
  const { alice, mallory, group, ask, settle } = on
  t.match(got(await ask(...(await questions(on))), group), { lanes: [0, 1], keys: 2 }, 'a member gets both')
  // It asks others for their newest words first, for as long as that may take.
  const removed = alice.rooms.conversations.groups.remove(group, personOf(mallory))
  await settle(5000)
  await removed
  const said = alice.say(group, 'without her')
  await settle(5000)
  await said
  t.strictSame(got(await ask(...(await questions(on))), group), { lanes: [], keys: 0 })
  t.notOk(mallory.complaints.length > 0)
  // Her own device, unmodified, holds what it held.
  t.strictSame(
    (await mallory.texts(group)).filter((text) => text !== ''),
    ['a secret'],
  )
})

t.test('who was invited gets operations, and no word and no key before they joined', async (t) => {
  const on = await stage(t, 'invited')
  t.strictSame(got(await on.ask(...(await questions(on))), on.group), { lanes: [0], keys: 0 })
})

t.test('to an outsider who knows its id a group is like one that does not exist', async (t) => {
  const on = await stage(t, 'outsider')
  const asHex = async (scope: ConversationId): Promise<string[]> => {
    const id = Buffer.from(idBytes(scope)).toString('hex')
    const frames = await on.ask(...(await questions(on, scope)))
    return frames.map((frame) => Buffer.from(encodeFrame(frame)).toString('hex').replaceAll(id, 'scope'))
  }
  const nothing = await asHex(conversationIdOf(fill(77)))
  t.ok(nothing.length > 0)
  t.strictSame(await asHex(on.group), nothing)
})

t.test('a group of others that is offered is looked at, and not kept', async (t) => {
  const on = await stage(t, 'member')
  const { alice, mallory, ask } = on
  const foreign = await mallory.rooms.conversations.groups.create([['name', 'Trap']], [])
  const { peers } = mallory.rooms.conversations
  const rows = peers.vector(foreign)
  const feeds = rows.map(({ device, lane, generation, ranges }) => ({ device, lane, generation, ranges }))
  const { runs } = await peers.read(foreign, feeds, 1_000_000)
  t.ok(runs.length > 0)
  const asked = await ask(
    { is: 'offer', scopes: [{ scope: foreign, digest: fill(3, 16) }] },
    { is: 'vector', scope: foreign, rows, more: false },
    { is: 'entries', scope: foreign, runs, done: true },
  )
  t.ok(asked.length > 0, 'she looks')
  t.equal(alice.rooms.conversations.peers.access.belongs(foreign), false)
  t.notOk(alice.rooms.conversations.peers.scopesFor(mallory.id).includes(foreign))
  t.throws(() => alice.rooms.conversations.ownGroups.group(foreign), { code: 'NOT_FOUND' })
})
