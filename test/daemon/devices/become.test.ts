import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { becomeOther } from '../../../daemon/become.ts'
import type { Intent, Welcome } from '../../../daemon/devices/resuming.ts'
import { intend, withoutKeys } from '../../../daemon/identity/identity.ts'
import { broughtAlong } from '../../../daemon/owner/carried.ts'
import type { MemoryDisk } from '../../../daemon/store/memory-disk.ts'
import { tables } from '../../../daemon/store/store.ts'
import { publicBytes, signBytes, signingKeyFromSeed } from '../../../protocol/crypto.ts'
import { deviceIdOf, type DeviceId, type PersonId } from '../../../protocol/ids.ts'
import { counterMessage } from '../../../protocol/operation-proofs.ts'
import { Device, neighbourhood, type World } from '../../support/device.ts'

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
const personOf = ({ rooms }: Device): PersonId => rooms.identity.person
const joinedDevice = ({ seed }: Welcome): DeviceId => deviceIdOf(publicBytes(signingKeyFromSeed(seed)))

/** What the owner said yes to before. */
const intentOf = ({ seed, person }: Welcome): Intent => ({ seed, person, address: 'there', at: 1 })

/** What `to` tells a device that it took in. */
async function welcomeOf(to: Device): Promise<Welcome> {
  const { ownLog, peers } = to.rooms.conversations
  const person = personOf(to)
  const seed = random(32)
  const key = signingKeyFromSeed(seed)
  const device = deviceIdOf(publicBytes(key))
  await ownLog.add({ device, deviceClass: 'desktop' }, signBytes(key, counterMessage(person, device)))
  return { seed, person, log: await peers.personLog(person), card: { name: 'Alice', status: 'here', color: '#112233' } }
}

interface Scene {
  readonly world: World
  readonly alice: Device
  readonly bob: Device
  readonly young: Device
  /** The person that `young` is at first, who has a contact, a request, and somebody who is blocked. */
  readonly old: PersonId
  readonly states: ReadonlyMap<PersonId, string>
  readonly welcome: Welcome
}

async function scene(t: Test): Promise<Scene> {
  const world = neighbourhood(t)
  const [alice, bob, carol, dave] = [
    await world.start('alice'),
    await world.start('bob'),
    await world.start('carol'),
    await world.start('dave'),
  ]
  const young = await world.start('young')
  await young.befriend(bob, world.settle)
  await carol.rooms.contacts.request({ device: young.id, hello: young.sayHello(carol) }, 'a request')
  await young.befriend(dave, world.settle)
  await young.rooms.contacts.block(personOf(dave))
  await young.befriend(alice, world.settle)
  await world.settle()
  const states = new Map(young.rooms.book.all().map(({ person, state }) => [person, state]))
  t.strictSame([...states.values()].toSorted(), ['accepted', 'accepted', 'blocked', 'incoming'])
  const welcome = await welcomeOf(alice)
  await intend(young.store, intentOf(welcome))
  return { world, alice, bob, young, old: personOf(young), states, welcome }
}

const toldTo = ({ rooms }: Device, old: PersonId): PersonId | undefined =>
  rooms.conversations.peers.personState(old).movedTo?.person

/** Copies of the disk, one before and one behind whatever is written to it from now on, with what Bob knows by then. */
function cuts({ young, bob, old }: Scene): { disk: MemoryDisk; told: boolean }[] {
  const { disk } = young
  const made: { disk: MemoryDisk; told: boolean }[] = []
  const cut = (): void => void made.push({ disk: disk.snapshot(), told: toldTo(bob, old) !== undefined })
  const apply = disk.apply.bind(disk)
  disk.apply = (writes) => {
    cut()
    apply(writes)
    cut()
  }
  const write = disk.keepsakes.write.bind(disk.keepsakes)
  disk.keepsakes.write = async (name, bytes) => {
    cut()
    await write(name, bytes)
    cut()
  }
  return made
}

/** Opens a copy where nobody else is. */
async function openAlone(t: Test, disk: MemoryDisk): Promise<Device> {
  const { time, place } = neighbourhood(t)
  const device = await new Device('young', place, { timers: time }, disk).start()
  t.teardown(async () => {
    if (device.running) await device.stop()
  })
  return device
}

async function checkOld(t: Test, device: Device, { old, states, bob }: Scene): Promise<void> {
  const { identity, book, conversations, profile } = device.rooms
  t.equal(identity.person, old)
  t.equal(conversations.ownLog.state.movedTo, undefined)
  t.strictSame(new Map(book.all().map(({ person, state }) => [person, state])), states)
  t.equal(profile.data.name, 'young')
  await device.say(device.conversationWith(bob), 'still here')
}

function checkNew(t: Test, device: Device, { old, welcome, bob, states }: Scene): void {
  const { identity, book, conversations, profile } = device.rooms
  t.equal(identity.person, welcome.person)
  t.equal(identity.device, joinedDevice(welcome), 'the key that was taken in')
  t.strictSame(identity.former, [old])
  t.equal(identity.next, undefined)
  t.equal(identity.intent, undefined, 'it is no question any more')
  t.match(
    conversations.peers.personState(old).movedTo,
    { person: welcome.person, device: identity.device },
    'the old log says so',
  )
  t.ok(conversations.ownLog.state.devices.has(identity.device))
  t.match(profile.data, { name: 'Alice', status: 'here', color: '#112233', welcomed: true })
  const [blocked] = [...states].flatMap(([person, state]) => (state === 'blocked' ? [person] : []))
  const kept = book.all().map(({ person, state, changedAt }) => [person, { state, along: changedAt === broughtAlong }])
  t.strictSame(
    Object.fromEntries(kept),
    {
      [personOf(bob)]: { state: 'outgoing', along: true },
      [blocked ?? '']: { state: 'blocked', along: false },
    },
    'contacts are asked anew, requests to somebody else are none',
  )
}

t.test(
  'wherever the power goes while a home joins a person, it is wholly the one or the other afterwards',
  async (t) => {
    const all = await scene(t)
    const { world, young, welcome } = all
    const made = cuts(all)
    await becomeOther(young.rooms, young.store, welcome)
    await world.settle()
    t.equal(toldTo(all.bob, all.old), welcome.person, 'whoever is linked hears of it')
    await young.stop()
    await young.start()
    checkNew(t, young, all)
    const found = { old: 0, new: 0 }
    for (const { disk, told } of made) {
      const device = await openAlone(t, disk.snapshot())
      if (personOf(device) === all.old) {
        found.old += 1
        t.notOk(told, 'nobody was told of what did not come to be')
        await checkOld(t, device, all)
      } else {
        found.new += 1
        checkNew(t, device, all)
      }
      await device.stop()
    }
    t.ok(found.old > 0 && found.new > 4, `there are cuts on both sides: ${JSON.stringify(found)}`)
  },
)

t.test('what cannot be written down is not told either, and the home goes on as it was', async (t) => {
  const all = await scene(t)
  const { world, young, bob, old, welcome } = all
  young.disk.fault = { code: 'STORE_FULL' }
  await t.rejects(becomeOther(young.rooms, young.store, welcome), { code: 'STORE_FULL' })
  young.disk.fault = undefined
  await world.settle()
  await young.say(young.conversationWith(bob), 'there is room again')
  await world.settle()
  t.equal(toldTo(bob, old), undefined)
  await checkOld(t, young, all)
})

t.test('what would not open is refused before anything is written', async (t) => {
  const { young, bob, old, welcome } = await scene(t)
  const { card, person } = welcome
  for (const [wrong, code] of [
    [{ ...welcome, card: { ...card, name: ' ' } }, 'BAD_SHAPE'],
    [{ ...welcome, person: personOf(bob) }, 'IDENTITY_MISMATCH'],
    [{ ...welcome, seed: random(31) }, 'BAD_SHAPE'],
    [{ ...welcome, log: [] }, 'STORE_DAMAGED'],
  ] as const)
    await t.rejects(becomeOther(young.rooms, young.store, wrong), { code })
  t.equal(young.rooms.conversations.ownLog.state.movedTo, undefined)
  await young.stop()
  t.equal(personOf(await young.start()), old)
  t.not(person, old)
})

t.test('a device that was removed joins another person without a word', async (t) => {
  const { young, old, welcome } = await scene(t)
  await young.rooms.conversations.ownLog.remove(young.id)
  t.ok(young.rooms.conversations.ownLog.isRemoved)
  await becomeOther(young.rooms, young.store, welcome)
  await young.stop()
  t.equal(personOf(await young.start()), welcome.person)
  t.equal(toldTo(young, old), undefined)
})

t.test('a copy of a home that is about to be another holds no key, neither the old nor the new one', async (t) => {
  const { young, welcome } = await scene(t)
  const { seed } = young.rooms.identity
  await becomeOther(young.rooms, young.store, welcome)
  const row = (): Buffer => Buffer.from(young.store.get({ table: tables.setting, at: [1] }) ?? [])
  for (const key of [seed, welcome.seed]) t.ok(row().includes(Buffer.from(key)))
  const [, copied] = withoutKeys({ store: young.store, random })
  for (const key of [seed, welcome.seed]) t.notOk(Buffer.from(copied).includes(Buffer.from(key)))
  await young.stop()
  await young.start()
  t.notOk(row().includes(Buffer.from(seed)), 'the old key is gone')
})
