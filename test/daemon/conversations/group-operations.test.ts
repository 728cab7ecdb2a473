/** Operations of a group as they come: what is kept, what counts, what is told, and what a write that fails leaves behind. */

import t from 'tap'
import { kinds } from '../../../protocol/entry.ts'
import { encodeOperation } from '../../../protocol/operation.ts'
import { personIdOf, type PersonId } from '../../../protocol/ids.ts'
import type { Device } from '../../support/device.ts'
import { handGroup, type HandGroup } from '../../support/group-hand.ts'
import { Pen, type Written } from '../../support/pen.ts'

const rolesAt = ({ alice, group }: Pick<HandGroup, 'alice' | 'group'>): Record<string, string> => {
  const names = new Map(
    [...alice.place.devices.values()].map(({ name, rooms }) => [rooms.identity.person, name] as const),
  )
  const members = alice.rooms.conversations.ownGroups.members(group)
  return Object.fromEntries<string>(
    members.map(({ person, role, state }): [string, string] => [names.get(person) ?? '', `${state} ${role}`]),
  )
}

const linesAt = async ({ alice, group }: Pick<HandGroup, 'alice' | 'group'>): Promise<string[]> =>
  (await alice.messages(group)).flatMap(({ notice }) => notice?.happening.is ?? [])

const operationsAt = ({ alice, group }: Pick<HandGroup, 'alice' | 'group'>): number =>
  alice.rooms.conversations.peers
    .vector(group)
    .filter(({ lane }) => lane === 0)
    .reduce((sum, { ranges }) => sum + ranges.reduce((all, [from, to]) => all + to - from + 1, 0), 0)

const persons = (...devices: Device[]): PersonId[] => devices.map(({ rooms }) => rooms.identity.person)

t.test('what others say counts by their rights, and is kept whether it counts or not', async (t) => {
  const world = await handGroup(t)
  const { alice, bobs, carols, group } = world
  const [bob, carol] = persons(world.bob, world.carol) as [PersonId, PersonId]
  const before = operationsAt(world)
  await bobs.say({ kind: 'remove', person: carol, cutOffs: [] }, { kind: 'add', person: carol, role: 'owner' })
  await bobs.say({ kind: 'setRole', person: bob, role: 'owner', cutOffs: [] }, { kind: 'close' })
  await bobs.say({ kind: 'settings', settings: [['name', 'Bobs']], cutOffs: [] }, { kind: 'transfer', person: bob })
  t.strictSame(rolesAt(world), { alice: 'joined owner', bob: 'joined member', carol: 'joined member' })
  t.equal(alice.rooms.conversations.ownGroups.group(group).settings.name, 'Gardeners')
  t.equal(operationsAt(world), before + 6)
  t.strictSame((await linesAt(world)).toSorted(), ['accepted', 'accepted', 'added', 'added', 'created'])
  await alice.rooms.conversations.groups.setRole(group, carol, 'admin')
  await carols.say({ kind: 'remove', person: bob, cutOffs: [] })
  t.strictSame(rolesAt(world), { alice: 'joined owner', carol: 'joined admin' })
})

t.test('what the owner has no right to is refused before anything is written, by each role', async (t) => {
  const world = await handGroup(t)
  const { alice, bobs, carols, group, start, settle, place } = world
  const { groups, ownGroups } = alice.rooms.conversations
  const [owner, bob, carol] = persons(alice, world.bob, world.carol) as [PersonId, PersonId, PersonId]
  const dave = await start('dave')
  await alice.befriend(dave, settle)
  place.part(alice, dave)
  const [newcomer] = persons(dave) as [PersonId]
  await groups.settings(group, [['invite', 'admin']])
  await groups.transfer(group, bob)
  const invite = { inviteKey: new Uint8Array(32), role: 'member', uses: 0, expiresAt: 0 } as const
  const [bobsInvite] = (await bobs.say({ kind: 'invite', ...invite })) as [Written]
  await bobs.say({ kind: 'setRole', person: owner, role: 'admin', cutOffs: [] })
  const doing: Record<string, () => Promise<void>> = {
    'remove an owner': () => groups.remove(group, bob),
    'lower an owner': () => groups.setRole(group, bob, 'member'),
    'make an admin': () => groups.setRole(group, carol, 'admin'),
    'raise oneself': () => groups.setRole(group, owner, 'owner'),
    'add an admin': () => groups.add(group, newcomer, 'admin'),
    'hand over': () => groups.transfer(group, carol),
    'set the rules': () => groups.settings(group, [['post', 'admin']]),
    'remove a member': () => groups.remove(group, carol),
    'lower a member': () => groups.setRole(group, carol, 'reader'),
    'add a member': () => groups.add(group, newcomer, 'member'),
    'make an invite': async () => void (await groups.invite(group, { ...invite, secret: new Uint8Array(32) })),
    'take back an invite': () => groups.revoke(group, bobsInvite.sealed.id),
  }
  const before = operationsAt(world)
  const refused = Object.entries(doing).slice(0, 7)
  for (const [what, act] of refused) await t.rejects(act, { code: 'NOT_ALLOWED' }, `an admin: ${what}`)
  await bobs.say({ kind: 'setRole', person: owner, role: 'member', cutOffs: [] })
  for (const [what, act] of Object.entries(doing)) await t.rejects(act, { code: 'NOT_ALLOWED' }, `a member: ${what}`)
  t.equal(operationsAt(world), before + 1, 'nothing but the one word of an owner')
  t.equal(ownGroups.members(group).length, 3)
  t.equal(carols.person, carol)
})

t.test('what names something that is not here waits for it', async (t) => {
  const world = await handGroup(t)
  const { bobs, carols, alice, group } = world
  await alice.rooms.conversations.groups.setRole(group, carols.person, 'admin')
  const first = bobs.operation({ kind: 'setRole', person: bobs.person, role: 'reader', cutOffs: [] })
  const heads = [...carols.heads(), { scope: group, id: first.sealed.id }]
  const behind = carols.operation({ kind: 'settings', settings: [['name', 'Growers']], cutOffs: [] }, heads)
  t.equal(await carols.bring(behind), 1, 'it is held')
  t.equal(alice.rooms.conversations.ownGroups.group(group).settings.name, 'Gardeners')
  await bobs.bring(first)
  t.equal(alice.rooms.conversations.ownGroups.group(group).settings.name, 'Growers')
  t.strictSame(
    (await linesAt(world)).toSorted().filter((each) => each === 'named' || each === 'role'),
    ['named', 'role', 'role'],
  )
})

t.test('both branches of a fork are kept and count, also after a start; a place is asked for once', async (t) => {
  const world = await handGroup(t)
  const { alice, bob, bobs, group } = world
  const { groups, peers } = alice.rooms.conversations
  await groups.setRole(group, bobs.person, 'owner')
  const heads = bobs.heads()
  const [below] = await bobs.say({ kind: 'cutOff', cutOffs: [] })
  const one = bobs.operation({ kind: 'settings', settings: [['name', 'One']], cutOffs: [] }, heads)
  bobs.goOnFrom(below)
  const two = bobs.operation({ kind: 'settings', settings: [['description', 'two']], cutOffs: [] }, heads)
  t.equal(await bobs.bring(one), 1)
  t.equal(await bobs.bring(two), 1)
  const { settings } = alice.rooms.conversations.ownGroups.group(group)
  t.match(settings, { name: 'One', description: 'two' })
  const { device, lane, generation, seq } = two.sealed.header
  t.strictSame(peers.lacking(group, [{ device, lane, generation, ranges: [[seq, seq]] }]), [])
  const before = operationsAt(world)
  t.equal(await bobs.bring(one, two), 2, 'again')
  t.equal(operationsAt(world), before)
  await alice.stop()
  await alice.start()
  t.match(alice.rooms.conversations.ownGroups.group(group).settings, settings)
  t.strictSame(alice.complaints, [])
  t.equal(device, bob.id)
})

t.test('nothing is stored of a person whom somebody made up, under whatever log', async (t) => {
  const { alice, bob, bobs } = await handGroup(t)
  const { groups, peers } = alice.rooms.conversations
  await groups.setRole(bobs.group, bobs.person, 'admin')
  const nobody = personIdOf(new Uint8Array(32).fill(9))
  await bobs.say({ kind: 'add', person: nobody, role: 'member' })
  t.equal(peers.isOfInterest(nobody, bob.id), 'needed', 'their log is asked for')
  const log = await bob.rooms.conversations.peers.personLog(bobs.person)
  t.strictSame(await peers.consider(nobody, new Map([[nobody, log]]), bob.id), { is: 'foreign' })
  t.notOk(peers.persons().includes(nobody))
})

t.test('somebody whose log is not here says nothing', async (t) => {
  const world = await handGroup(t)
  const { alice, carol, start, group, carols } = world
  const dave = await start('dave')
  const { peers } = alice.rooms.conversations
  const before = operationsAt(world)
  const pen = new Pen(dave.rooms.identity, group, { lane: 0 })
  const payload = encodeOperation({ kind: 'accept', heads: carols.heads() })
  const run = pen.run([pen.write('', { kind: kinds.accept, epoch: undefined }, payload)])
  t.strictSame((await peers.accept(group, [run], carol.id)).held, [])
  t.equal(operationsAt(world), before)
})

t.test('a write that fails leaves the group as it was, and it goes on', async (t) => {
  const world = await handGroup(t)
  const { alice, bobs, group } = world
  const { groups, ownGroups } = alice.rooms.conversations
  const before = { roles: rolesAt(world), lines: await linesAt(world) }
  alice.disk.fault = { code: 'STORE_FULL' }
  await t.rejects(groups.remove(group, bobs.person), { code: /^STORE_/ })
  t.strictSame({ roles: rolesAt(world), lines: await linesAt(world) }, before)
  alice.disk.fault = undefined
  await groups.remove(group, bobs.person)
  t.strictSame(rolesAt(world), { alice: 'joined owner', carol: 'joined member' })
  t.equal((await linesAt(world)).at(-1), 'removed')
  t.equal(ownGroups.group(group).joined, 2)
})

t.test('of what a removal voids the lines go too, and each is told once', async (t) => {
  const world = await handGroup(t)
  const { alice, bobs, carols, group } = world
  const { groups, ownGroups } = alice.rooms.conversations
  await groups.setRole(group, carols.person, 'owner')
  await groups.setRole(group, bobs.person, 'admin')
  const heads = carols.heads()
  alice.events.length = 0
  await bobs.say({ kind: 'settings', settings: [['name', 'Bobs']], cutOffs: [] })
  const told = alice.events.flatMap((each) => (each.type === 'message' ? each.order : []))
  t.equal(told.length, 1)
  t.equal(ownGroups.group(group).settings.name, 'Bobs')
  // Carol had not seen it.
  await carols.bring(carols.operation({ kind: 'remove', person: bobs.person, cutOffs: [] }, heads))
  t.equal(ownGroups.group(group).settings.name, 'Gardeners')
  t.strictSame(
    alice.events.flatMap((each) => (each.type === 'message-gone' ? each.order : [])),
    told,
  )
  const lines = await linesAt(world)
  t.notOk(lines.includes('named'))
  t.equal(lines.filter((each) => each === 'removed').length, 1)
})

t.test('who has not heard of a removal is counted until they say that they hold it', async (t) => {
  const world = await handGroup(t)
  const { alice, carol, bobs, group } = world
  const { groups, ownGroups } = alice.rooms.conversations
  await groups.remove(group, bobs.person)
  await world.settle()
  t.strictSame(ownGroups.unaware(group), [{ removed: bobs.person, devices: 1 }])
  await alice.stop()
  await alice.start()
  const after = alice.rooms.conversations
  t.strictSame(after.ownGroups.unaware(group), [{ removed: bobs.person, devices: 1 }], 'after a start too')
  const rows = after.peers.vector(group).filter(({ lane }) => lane === 0)
  after.peers.peerHolds(group, carol.id, rows)
  await world.settle()
  t.strictSame(after.ownGroups.unaware(group), [])
})
