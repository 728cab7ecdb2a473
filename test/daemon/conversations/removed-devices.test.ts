/** A device that its person removed is shut out of their groups: where it ends is said there, with a key that it does not get. */

import t, { type Test } from 'tap'
import { selfId, type ConversationId, type DeviceId } from '../../../protocol/ids.ts'
import { operationsOf } from '../../../protocol/logged-operation.ts'
import type { Run } from '../../../protocol/run.ts'
import { shutOutTurnMs } from '../../../daemon/conversations/shut-out.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'
import { startAnother } from '../../support/own-devices.ts'

interface Garden {
  readonly world: World
  /** Of one person. */
  readonly phone: Device
  readonly laptop: Device
  readonly tablet: Device
  /** Who began the group. */
  readonly bob: Device
  readonly group: ConversationId
}

async function meet({ place, settle }: World): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    place.greetAll()
    await settle()
  }
}

/** Bob's group with Alice, who has three devices. */
async function garden(t: Test): Promise<Garden> {
  const world = neighbourhood(t)
  const phone = await world.start('phone')
  const laptop = await startAnother(world, phone, 'laptop')
  const tablet = await startAnother(world, phone, 'tablet')
  const bob = await world.start('bob')
  await bob.befriend(phone, world.settle)
  const { groups } = bob.rooms.conversations
  const group = await groups.create([['name', 'Garden']], [phone.rooms.identity.person])
  await meet(world)
  await phone.rooms.conversations.groups.accept(group)
  await meet(world)
  return { world, phone, laptop, tablet, bob, group }
}

/** The devices that said in the group where another one ends, as a device holds it. */
async function endedBy(holder: Device, group: ConversationId, removed: Device): Promise<DeviceId[]> {
  const { peers } = holder.rooms.conversations
  const { runs } = await peers.read(group, peers.vector(group, 'roster'), 10_000_000)
  return operationsOf(runs).flatMap(({ operation, header }) =>
    operation?.kind === 'cutOff' && operation.cutOffs.some(({ device }) => device === removed.id)
      ? [header.device]
      : [],
  )
}

const said = async (device: Device, group: ConversationId): Promise<[string, boolean][]> =>
  (await device.messages(group)).flatMap(({ notice, text, outside }) =>
    notice === undefined ? [[text, outside] as [string, boolean]] : [],
  )

async function says({ settle }: World, who: Device, group: ConversationId, text: string): Promise<void> {
  const posted = who.say(group, text)
  await settle(3000)
  await posted
}

/** Removes a device, and is killed once that is durable, before a word of it is in the group. Resolves with what it wrote. */
async function removesAndDies(remover: Device, removed: Device): Promise<readonly Run[]> {
  const { peers, ownLog } = remover.rooms.conversations
  const { person } = remover.rooms.identity
  const durable = new Promise<readonly Run[]>((resolve) => {
    peers.onAppended(({ scope, runs }) => {
      if (scope !== person) return
      remover.crash()
      resolve(runs)
    })
  })
  void ownLog.remove(removed.id)
  return await durable
}

t.test('the words of a removed device count up to its end, and it gets no new key', async (t) => {
  const { world, phone, laptop, tablet, bob, group } = await garden(t)
  const { place, settle } = world
  await says(world, laptop, group, 'before')
  place.part(phone, laptop)
  place.part(phone, tablet)
  place.part(phone, bob)
  await says(world, laptop, group, 'late')
  t.strictSame(await said(bob, group), [
    ['before', false],
    ['late', false],
  ])
  for (const each of [tablet, bob]) place.part(laptop, each)
  await says(world, laptop, group, 'later')
  await phone.rooms.conversations.ownLog.remove(laptop.id)
  t.strictSame(await endedBy(phone, group, laptop), [phone.id])
  place.heal(phone, bob)
  await meet(world)
  t.strictSame(await said(bob, group), [
    ['before', false],
    ['late', true],
  ])
  await says(world, bob, group, 'without it')
  const { peers, ownGroups } = bob.rooms.conversations
  const epochs = ownGroups.epochs(group)
  t.strictSame(peers.keysFor(group, epochs, laptop.id), [])
  t.ok(peers.keysFor(group, epochs, phone.id).length > 0)
  t.notOk((await said(laptop, group)).some(([text]) => text === 'without it'))
  // Whoever brings more of it brings it in vain.
  const all = laptop.rooms.conversations.peers
  const rows = all.vector(group).filter(({ device, lane }) => device === laptop.id && lane === 1)
  const { runs } = await all.read(group, rows, 1_000_000)
  const { held } = await peers.accept(group, runs, phone.id)
  t.strictSame(
    held.map(({ ranges }) => ranges),
    [[[1, 1]]],
    'up to its end, as before',
  )
  await settle(20 * shutOutTurnMs)
  t.strictSame(await endedBy(bob, group, laptop), [phone.id], 'said once')
  t.strictSame((await said(bob, group)).at(-1), ['without it', false])
})

t.test('keys are renewed at once in every conversation, though nobody says a word there', async (t) => {
  const { world, phone, laptop, bob, group } = await garden(t)
  const { peers, ownLog } = phone.rooms.conversations
  const all = [group, phone.conversationWith(bob), selfId(phone.rooms.identity.person)]
  for (const each of all) await says(world, phone, each, 'a word')
  const epochs = async (scope: ConversationId): Promise<number> => {
    const { runs } = await peers.read(scope, peers.vector(scope, 'roster'), 10_000_000)
    return operationsOf(runs).filter(({ operation }) => operation?.kind === 'epoch').length
  }
  const before = await Promise.all(all.map(epochs))
  await ownLog.remove(laptop.id)
  t.strictSame(
    await Promise.all(all.map(epochs)),
    before.map((count) => count + 1),
  )
})

t.test('a device that said nothing is shut out too, and a second look adds nothing', async (t) => {
  const { world, phone, laptop, bob, group } = await garden(t)
  await phone.rooms.conversations.ownLog.remove(laptop.id)
  await meet(world)
  t.strictSame(await endedBy(bob, group, laptop), [phone.id])
  await phone.stop()
  await phone.start()
  await world.settle(20 * shutOutTurnMs)
  t.strictSame(await endedBy(phone, group, laptop), [phone.id])
})

t.test('who was killed in between goes on at the next start', async (t) => {
  const { world, phone, laptop, tablet, bob, group } = await garden(t)
  await says(world, laptop, group, 'before')
  for (const each of [laptop, tablet, bob]) world.place.part(phone, each)
  await removesAndDies(phone, laptop)
  await phone.start()
  await world.settle(0)
  t.notOk(phone.rooms.conversations.ownLog.state.devices.has(laptop.id))
  t.strictSame(await endedBy(phone, group, laptop), [phone.id])
  for (const each of [tablet, bob]) world.place.heal(phone, each)
  await meet(world)
  await world.settle(20 * shutOutTurnMs)
  t.strictSame(await endedBy(bob, group, laptop), [phone.id])
})

for (const isThere of [true, false])
  t.test(isThere ? 'else another device of the person does it' : 'or an owner of the group', async (t) => {
    const { world, phone, laptop, tablet, bob, group } = await garden(t)
    await says(world, laptop, group, 'before')
    if (!isThere) await tablet.stop()
    const runs = await removesAndDies(phone, laptop)
    const finder = isThere ? tablet : bob
    await finder.rooms.conversations.peers.accept(phone.rooms.identity.person, runs, phone.id)
    t.strictSame(await endedBy(finder, group, laptop), [])
    await world.settle(20 * shutOutTurnMs)
    t.strictSame(await endedBy(finder, group, laptop), [finder.id])
    await phone.start()
    await meet(world)
    await world.settle(20 * shutOutTurnMs)
    for (const each of [phone, bob]) t.ok((await endedBy(each, group, laptop)).includes(finder.id))
  })

/** The key of the newest message of a device is at another one, who would give it to `asker`. */
async function canRead(reader: Device, asker: Device, author: Device, chat: ConversationId): Promise<boolean> {
  const { peers } = author.rooms.conversations
  const rows = peers.vector(chat).filter(({ device, lane }) => device === author.id && lane === 1)
  const { runs } = await peers.read(chat, rows, 1_000_000)
  const tops = runs.flatMap(({ entries }) => entries).toSorted((a, b) => b.sealed.header.seq - a.sealed.header.seq)
  const epoch = tops[0]?.sealed.header.epoch
  if (epoch === undefined) throw new Error('nothing was said')
  return reader.rooms.conversations.peers.keysFor(chat, [epoch], asker.id).length > 0
}

t.test('no key is used again that a device came to have after it was made, and that is removed by now', async (t) => {
  const world = neighbourhood(t)
  const phone = await world.start('phone')
  const bob = await world.start('bob')
  const chat = await bob.befriend(phone, world.settle)
  const { groups } = bob.rooms.conversations
  const group = await groups.create([['name', 'Garden']], [phone.rooms.identity.person])
  await meet(world)
  await phone.rooms.conversations.groups.accept(group)
  await meet(world)
  for (const each of [chat, group]) await says(world, bob, each, 'before there was another device')
  const laptop = await startAnother(world, phone, 'laptop')
  await meet(world)
  for (const each of [chat, group]) t.ok(await canRead(laptop, phone, bob, each), 'it is given what was said before')
  await phone.rooms.conversations.ownLog.remove(laptop.id)
  await meet(world)
  for (const each of [chat, group]) {
    await says(world, bob, each, 'after it was removed')
    t.notOk(await canRead(laptop, phone, bob, each), 'what follows has a key that it never got')
    t.ok(await canRead(phone, bob, bob, each))
  }
})
