/** A restored backup goes on as a device of its person, with the 24 words or the consent of another one. */

import t, { type Test } from 'tap'
import { archivedAt } from '../../../daemon/backup/archive-mark.ts'
import { recoverySeedIn } from '../../../daemon/identity/identity.ts'
import type { MemoryDisk } from '../../../daemon/store/memory-disk.ts'
import { Device, neighbourhood, type World } from '../../support/device.ts'
import { startAnother, takeIn } from '../../support/own-devices.ts'
import { archive, past, recoveriesOf, reopen, wordsOf } from '../../support/recovery.ts'

const personOf = ({ rooms }: Device) => rooms.identity.person

/** A backup of a device as it stands, on a disk of its own. */
async function backupOf(device: Device): Promise<MemoryDisk> {
  const disk = device.disk.snapshot()
  await device.stop()
  device.disk = disk.snapshot()
  await device.start()
  await archive(device)
  await device.stop()
  const backup = device.disk
  device.disk = disk
  await device.start()
  return backup
}

async function revive(t: Test, world: World, device: Device, words: string, lost: readonly string[]): Promise<void> {
  const recoveries = recoveriesOf(world, device)
  recoveries.begin({ words })
  const found = await past(world, recoveries, ['looking'])
  t.match(found, { state: 'found', from: undefined, alone: true })
  t.throws(() => recoveries.finish(lost), { code: 'CONFLICT' }, 'nobody said whether the words still count')
  recoveries.finish(lost, false, true)
  t.equal((await past(world, recoveries, ['writing'])).state, 'done')
  await reopen(world, device)
}

t.test('with the words it has a key of its own, its history, and what came later, each once', async (t) => {
  const world = neighbourhood(t)
  const { settle, place } = world
  const alice = await world.start('alice')
  const bob = await world.start('bob')
  const chat = await alice.befriend(bob, settle)
  for (const [who, text] of [
    [alice, 'one'],
    [bob, 'two'],
  ] as const) {
    await who.say(chat, text)
    await settle()
  }
  const words = wordsOf(alice)
  const backup = await backupOf(alice)
  place.greetAll()
  await settle()
  await alice.say(chat, 'three')
  await settle()
  await bob.say(chat, 'four')
  await settle()
  const lost = alice.id
  await alice.stop()
  place.devices.delete(alice.id)
  alice.disk = backup
  await alice.start()
  t.ok(archivedAt(alice.store))
  t.equal(recoverySeedIn(alice.store), undefined, 'nothing in it brings anybody back')
  await alice.rooms.book.change(personOf(bob), { petname: 'Bobby' })
  place.devices.delete(bob.id)
  await revive(t, world, alice, words, [lost])
  t.not(alice.id, lost)
  t.equal(archivedAt(alice.store), undefined)
  t.match(alice.rooms.book.require(personOf(bob)), { state: 'accepted', petname: 'Bobby' })
  t.strictSame(await alice.texts(chat), ['one', 'two'])
  t.equal(alice.rooms.phrase.status().state, 'unwritten', 'other words wait to be written down')
  // Nobody was heard for a day: what the lost device said after the backup must not fall outside.
  await settle(24 * 3_600_000)
  place.devices.set(bob.id, bob)
  place.greet(alice, bob)
  await settle(120_000)
  t.strictSame(await alice.texts(chat), ['one', 'two', 'three', 'four'])
  await alice.say(chat, 'five')
  await settle()
  for (const each of [alice, bob]) t.strictSame(await each.texts(chat), ['one', 'two', 'three', 'four', 'five'])
  t.strictSame([...bob.rooms.conversations.peers.personState(personOf(alice)).devices.keys()], [alice.id])
})

t.test('words of another person, or of a later time, are told; it stays a backup', async (t) => {
  const world = neighbourhood(t)
  const alice = await world.start('alice')
  const bob = await world.start('bob')
  const words = wordsOf(bob)
  await archive(alice)
  await alice.stop()
  await alice.start()
  const recoveries = recoveriesOf(world, alice)
  recoveries.begin({ words })
  t.match(await past(world, recoveries, ['looking']), { state: 'failed', problem: 'not-here' })
  t.ok(archivedAt(alice.store))
})

t.test('a device that was removed comes back with the words, under another key', async (t) => {
  const world = neighbourhood(t)
  const { settle } = world
  const alice = await world.start('alice')
  const bob = await world.start('bob')
  const chat = await alice.befriend(bob, settle)
  await alice.say(chat, 'one')
  await settle()
  const words = wordsOf(alice)
  const thief = await world.start('thief')
  const recoveries = recoveriesOf(world, thief)
  recoveries.begin({ words, address: 'bob' })
  await past(world, recoveries, ['looking'])
  recoveries.finish([alice.id])
  await past(world, recoveries, ['writing'])
  await reopen(world, thief)
  world.place.greet(thief, alice)
  await settle()
  t.ok(alice.rooms.conversations.ownLog.isRemoved)
  const again = recoveriesOf(world, alice)
  again.begin({ words })
  t.match(await past(world, again, ['looking']), { problem: 'replaced' })
  again.begin({ words: wordsOf(thief) })
  t.match(await past(world, again, ['looking']), { state: 'found', alone: true })
  again.finish([thief.id], false, true)
  await past(world, again, ['writing'])
  await reopen(world, alice)
  t.notOk(alice.rooms.conversations.ownLog.isRemoved)
  t.strictSame([...bob.rooms.conversations.peers.personState(personOf(alice)).devices.keys()], [alice.id])
  await alice.say(chat, 'two')
  await settle()
  t.strictSame(await bob.texts(chat), ['one', 'two'])
})

/** Alice's backup of a day before she came back with her words on another device; and what the words are since. */
async function older(
  t: Test,
): Promise<World & { alice: Device; bob: Device; words: string; next: string; young: Device }> {
  const world = neighbourhood(t)
  const alice = await world.start('alice')
  const bob = await world.start('bob')
  await alice.befriend(bob, world.settle)
  const words = wordsOf(alice)
  const backup = await backupOf(alice)
  await alice.stop()
  const young = await world.start('young')
  const recoveries = recoveriesOf(world, young)
  recoveries.begin({ words, address: 'bob' })
  await past(world, recoveries, ['looking'])
  recoveries.finish([alice.id])
  t.equal((await past(world, recoveries, ['writing'])).state, 'done')
  await reopen(world, young)
  world.place.devices.delete(alice.id)
  alice.disk = backup
  await alice.start()
  return { ...world, alice, bob, words, next: wordsOf(young), young }
}

t.test('words that were replaced since a backup are known by whoever is there, and not used', async (t) => {
  const world = await older(t)
  const { alice, bob, words, young } = world
  const before = (await bob.rooms.conversations.peers.personLog(personOf(alice))).length
  for (const wish of [{ words, address: 'bob' }, { words }]) {
    const recoveries = recoveriesOf(world, alice, [bob])
    recoveries.begin(wish)
    t.match(await past(world, recoveries, ['looking']), { state: 'failed', problem: 'replaced' })
  }
  t.ok(archivedAt(alice.store))
  const recoveries = recoveriesOf(world, alice)
  recoveries.begin({ words, address: 'nowhere' })
  t.match(await past(world, recoveries, ['looking']), { state: 'failed', problem: 'unreachable' })
  t.equal((await bob.rooms.conversations.peers.personLog(personOf(alice))).length, before)
  t.strictSame([...bob.rooms.conversations.peers.personState(personOf(alice)).devices.keys()], [young.id])
})

t.test('newer words than a backup bring it back, by the log of whoever is there', async (t) => {
  const world = await older(t)
  const { alice, bob, next, young } = world
  const alone = recoveriesOf(world, alice)
  alone.begin({ words: next })
  t.match(await past(world, alone, ['looking']), { state: 'failed', problem: 'not-here' })
  const recoveries = recoveriesOf(world, alice, [bob])
  recoveries.begin({ words: next })
  const found = await past(world, recoveries, ['looking'])
  t.match(found, { state: 'found', from: { own: false, askable: false } })
  t.strictSame(
    found.devices?.map(({ deviceId }) => deviceId),
    [young.id],
  )
  recoveries.finish([])
  t.equal((await past(world, recoveries, ['writing'])).state, 'done')
  await reopen(world, alice)
  t.equal(archivedAt(alice.store), undefined)
  const devices = new Set([young.id, alice.id])
  for (const each of [alice, bob])
    t.strictSame(new Set(each.rooms.conversations.peers.personState(personOf(alice)).devices.keys()), devices)
})

t.test(
  'linked by another device, what was decided since counts, and nothing of its own day comes up again',
  async (t) => {
    const world = neighbourhood(t)
    const { settle, place, time } = world
    const alice = await world.start('alice')
    const [bob, carol, dave] = [await world.start('bob'), await world.start('carol'), await world.start('dave')]
    const chats = [await alice.befriend(bob, settle), await alice.befriend(carol, settle)] as const
    const { book, contacts, conversations, profile } = alice.rooms
    await contacts.request({ device: dave.id, hello: dave.sayHello(alice) }, '')
    await book.change(personOf(bob), { petname: 'Bobby' })
    for (const chat of chats) await conversations.owner.patch(chat, { draft: 'half a', mutedUntil: 9e14 })
    await alice.say(chats[0], 'one')
    await settle()
    const old = new Device('old', place, { timers: time, clockOffMs: 60_000 }, await backupOf(alice))
    t.teardown(async () => await old.stop())
    const now = alice.rooms
    await now.book.change(personOf(bob), { petname: 'Robert' })
    for (const chat of chats) await now.conversations.owner.patch(chat, { draft: '', mutedUntil: 0 })
    await now.contacts.block(personOf(carol))
    await now.contacts.remove(personOf(dave))
    await now.profile.change({ name: 'Alice B' })
    t.not(profile.data.name, 'Alice B')
    place.greetAll()
    await settle()
    await alice.say(chats[0], 'two')

    await old.start()
    place.devices.set(alice.id, alice)
    await takeIn(world, alice, old)
    t.equal(archivedAt(old.store), undefined)
    old.rooms.carried.tellAll()
    await settle(5000)
    place.greetAll()
    await settle(60_000)
    for (const { name, rooms } of [alice, old]) {
      t.match(rooms.book.require(personOf(bob)), { state: 'accepted', petname: 'Robert' }, name)
      t.equal(rooms.book.require(personOf(carol)).state, 'blocked', name)
      t.notOk(rooms.book.get(personOf(dave))?.state === 'outgoing', name)
      for (const chat of chats) t.match(rooms.conversations.owner.record(chat), { draft: '', mutedUntil: 0 }, name)
      t.equal(rooms.profile.data.name, 'Alice B', name)
    }
    await old.say(chats[0], 'three')
    await settle()
    for (const each of [alice, old, bob]) t.strictSame(await each.texts(chats[0]), ['one', 'two', 'three'], each.name)
  },
)

for (const isBehind of [true, false])
  t.test(
    `a removed device that comes back ends nobody before somebody was heard; lacks something: ${isBehind}`,
    async (t) => {
      const world = neighbourhood(t)
      const { settle, place } = world
      const first = await world.start('first')
      const bob = await world.start('bob')
      const chat = await first.befriend(bob, settle)
      const second = await startAnother(world, first, 'second')
      const words = wordsOf(first)
      place.greetAll()
      await settle()
      await second.say(chat, 'one')
      await settle(5000)
      t.strictSame(await first.texts(chat), ['one'])
      await second.rooms.conversations.ownLog.remove(first.id)
      await settle(5000)
      t.ok(first.rooms.conversations.ownLog.isRemoved)
      const said = isBehind ? ['one', 'two', 'three'] : ['one']
      for (const text of said.slice(1)) await second.say(chat, text)
      await settle(5000)
      t.strictSame(await bob.texts(chat), said)
      await second.stop()
      const lost = second.id
      for (const each of [second, bob]) place.devices.delete(each.id)
      for (const [pair, ends] of place.links) if (pair.includes(bob.id)) ends[0].wire.cut()
      await revive(t, world, first, words, [lost])
      await settle(24 * 3_600_000)
      place.devices.set(bob.id, bob)
      for (let round = 0; round < 4; round += 1) {
        place.greetAll()
        await settle(30_000)
      }
      t.strictSame(await first.texts(chat), said)
      await first.say(chat, 'back')
      await settle(10_000)
      for (const each of [first, bob]) {
        t.strictSame(await each.texts(chat), [...said, 'back'])
        t.notOk(
          (await each.messages(chat)).some(({ outside }) => outside),
          'nothing lies outside',
        )
      }
    },
  )
