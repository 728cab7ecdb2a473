/** What goes between the devices of one person, when clocks differ and strangers are many. */

import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { becomeOther } from '../../../daemon/become.ts'
import { mostWithRequests } from '../../../daemon/owner/carried.ts'
import { Early, mostEarly } from '../../../daemon/owner/early.ts'
import { publicBytes, signBytes, signingKeyFromSeed } from '../../../protocol/crypto.ts'
import { zeroHlc } from '../../../protocol/hlc.ts'
import { deviceIdOf, personIdOf, selfId, type PersonId } from '../../../protocol/ids.ts'
import { encodeCard, readCard, registerKeys, signRegister } from '../../../protocol/register.ts'
import { counterMessage } from '../../../protocol/operation-proofs.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'

const personOf = ({ rooms }: Device): PersonId => rooms.identity.person

async function meet({ place, settle }: World): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    place.greetAll()
    await settle()
  }
}

async function restart(device: Device, { place }: World): Promise<void> {
  place.devices.delete(device.id)
  for (const [pair, ends] of place.links) if (pair.includes(device.id)) ends[0].wire.cut()
  await device.stop()
  await device.start()
  device.rooms.carried.tellAll()
}

interface Two extends World {
  readonly first: Device
  readonly second: Device
  readonly bob: Device
}

/** Two devices of one person, and a contact of theirs. The clock of the first is off. */
async function two(t: Test, clockOffMs = 0): Promise<Two> {
  const world = neighbourhood(t)
  const first = await world.start('first', { clockOffMs })
  const [bob, second] = [await world.start('bob'), await world.start('second')]
  await first.befriend(bob, world.settle)
  const seed = new Uint8Array(randomBytes(32))
  const key = signingKeyFromSeed(seed)
  const device = deviceIdOf(publicBytes(key))
  const person = personOf(first)
  const { conversations, profile } = first.rooms
  await conversations.ownLog.add({ device, deviceClass: 'desktop' }, signBytes(key, counterMessage(person, device)))
  const log = await conversations.peers.personLog(person)
  await becomeOther(second.rooms, second.store, { seed, person, log, card: profile.data })
  await restart(second, world)
  await meet(world)
  return { ...world, first, second, bob }
}

t.test('the later decision counts, though the clock of the device that made the earlier one is ahead', async (t) => {
  const world = await two(t, 20 * 60_000)
  const { first, second, bob, settle } = world
  const at = (device: Device) => device.rooms.book.require(personOf(bob))
  t.equal(at(second).state, 'accepted')
  await first.rooms.book.change(personOf(bob), { petname: 'Bobby' })
  await settle()
  t.equal(at(second).petname, 'Bobby')
  await second.rooms.book.change(personOf(bob), { petname: 'Robert' })
  await settle()
  t.equal(at(first).petname, 'Robert')
  await second.rooms.contacts.block(personOf(bob))
  await settle()
  await meet(world)
  t.equal(at(first).state, 'blocked')
  await restart(second, world)
  await meet(world)
  t.strictSame([at(first).state, at(second).state, at(second).petname], ['blocked', 'blocked', 'Robert'])
})

t.test('strangers who ask and go leave room for what the owner decides', async (t) => {
  const world = await two(t)
  const { first, second, bob, settle } = world
  const scope = selfId(personOf(first))
  const keys = (): number => first.rooms.registers.registers(scope).filter(({ device }) => device === first.id).length
  for (let asked = 1; asked <= mostWithRequests + 50; asked += 1) {
    const stranger = personIdOf(new Uint8Array(randomBytes(32)))
    await first.rooms.book.change(stranger, { state: 'incoming', name: 'Stranger', changedAt: asked })
    await settle(1)
    await first.rooms.book.remove(stranger)
  }
  await settle()
  t.equal(keys(), mostWithRequests)
  await first.rooms.contacts.block(personOf(bob))
  await settle()
  await meet(world)
  t.equal(second.rooms.book.require(personOf(bob)).state, 'blocked')
})

t.test('what goes wrong with one of them does not end what is told of the others', async (t) => {
  const world = await two(t)
  const { first, second, bob, settle } = world
  const { book } = second.rooms
  const change = book.change.bind(book)
  book.change = async () => await Promise.reject(new TypeError('a mistake of ours'))
  await first.rooms.book.change(personOf(bob), { petname: 'Bobby' })
  await settle()
  book.change = change
  await first.rooms.book.change(personOf(bob), { petname: 'Robert' })
  await settle()
  t.equal(second.rooms.book.require(personOf(bob)).petname, 'Robert')
})

t.test('what is told of conversations that never come takes a bounded room, and the newest of it stays', (t) => {
  const early = new Early<number, string>()
  for (let at = 0; at < mostEarly; at += 1) early.set(at, `${at}`)
  early.set(0, 'again')
  early.set(mostEarly, 'one more')
  t.equal(early.size, mostEarly)
  t.strictSame([early.get(0), early.get(1), early.get(mostEarly)], ['again', undefined, 'one more'])
  t.ok(early.delete(0))
  t.notOk(early.delete(1))
  t.end()
})

t.test('the newest name counts on all devices, in whatever order their cards come', async (t) => {
  for (const isFirstLater of [false, true]) {
    const world = await two(t, 20 * 60_000)
    const { first, second, place, settle } = world
    for (const each of [first, second]) await each.rooms.ownCard.begin()
    await settle()
    place.part(first, second)
    const [one, other] = isFirstLater ? [second, first] : [first, second]
    await one.rooms.ownCard.change({ name: 'Earlier' })
    await settle(30 * 60_000)
    await other.rooms.ownCard.change({ name: 'Later' })
    place.heal(first, second)
    await settle()
    await meet(world)
    const person = personOf(first)
    const said = (at: Device, by: Device): string => {
      const register = at.rooms.registers.get(person, by.id, registerKeys.card)
      return register === undefined ? '' : readCard(register.value).name
    }
    for (const at of [first, second]) {
      t.equal(at.rooms.profile.data.name, 'Later')
      t.strictSame([said(at, first), said(at, second)], ['Later', 'Later'], 'whichever of them is removed')
    }
    await restart(one, world)
    await one.rooms.ownCard.begin()
    await meet(world)
    for (const at of [first, second]) t.equal(at.rooms.profile.data.name, 'Later')
    // A clock that is behind what it replaces.
    await second.rooms.ownCard.change({ name: 'Last' })
    await settle()
    for (const at of [first, second]) t.equal(at.rooms.profile.data.name, 'Last')
  }
})

t.test('a device that was linked just now does not take a card of another day', async (t) => {
  const { first, second, place, settle } = await two(t)
  await second.rooms.ownCard.change({ name: 'Newer' })
  place.part(first, second)
  const value = encodeCard({ ...first.rooms.profile.data, name: 'Older' })
  const unsigned = { scope: personOf(first), device: first.id, key: registerKeys.card, hlc: zeroHlc, value }
  const older = signRegister(first.rooms.identity.signingKey, unsigned)
  t.equal((await second.rooms.registers.accept([older], first.id)).length, 1)
  await settle()
  t.equal(second.rooms.profile.data.name, 'Newer')
})
