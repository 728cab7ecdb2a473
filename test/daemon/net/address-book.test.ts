/** What is remembered of devices is bounded, aged, ordered by use and saved in batches. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import { AddressBook, type KnownAddress } from '../../../daemon/net/address-book.ts'
import type { Hello } from '../../../protocol/hello.ts'
import { deviceIdOf, personIdOf, type DeviceId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { Nearby } from '../../../daemon/net/nearby.ts'
import { defaultTimes } from '../../../daemon/net/times.ts'
import { upTo } from '../../limits/boundary.ts'

const someDevice = (): DeviceId => deviceIdOf(randomBytes(32))
const at = (port: number): string => `/ip4/10.0.0.1/tcp/${port}`
const day = 24 * 3_600_000

function openBook(kept: readonly KnownAddress[] = []) {
  const stored = new Map(kept.map((each) => [`${each.device} ${each.address}`, each]))
  const clock = { now: 1_000_000_000_000 }
  const saves: number[] = []
  const book = new AddressBook({
    now: () => clock.now,
    log: () => undefined,
    store: {
      load: () => Promise.resolve([...stored.values()]),
      save: (changes, removed) => {
        saves.push(changes.length + removed.length)
        for (const each of changes) stored.set(`${each.device} ${each.address}`, each)
        for (const each of removed) stored.delete(`${each.device} ${each.address}`)
        return Promise.resolve()
      },
    },
  })
  return { book, clock, stored, saves }
}

t.test('what worked last comes first, and what is no address is ignored', async (t) => {
  const { book, clock, stored, saves } = openBook()
  const bob = someDevice()
  t.equal(book.learn(bob, at(1), 'mdns'), true)
  clock.now += 1
  t.equal(book.learn(bob, `${at(2)}/p2p/${bob}`, 'contact'), true)
  t.equal(book.learn(bob, at(2), 'contact'), false, 'known')
  t.equal(book.learn(bob, '/ip4/10.0.0.1/udp/1', 'contact'), false)
  t.equal(book.learn(bob, 'rubbish', 'contact'), false)
  t.same(
    book.of(bob).map(({ address }) => address),
    [at(2), at(1)],
  )
  clock.now += 1
  book.worked(bob, at(1), 'mdns')
  t.same(
    book.of(bob).map(({ address }) => address),
    [at(1), at(2)],
  )
  t.same(book.of(someDevice()), [])
  await book.flush()
  t.same(saves, [2], 'in one save')
  t.match(stored.get(`${bob} ${at(1)}`), { source: 'mdns', workedAt: clock.now, triedAt: clock.now })
})

t.test('a device keeps 16 addresses, the book 2048 devices: the least useful go', async (t) => {
  const { book, clock, stored } = openBook()
  const bob = someDevice()
  book.worked(bob, at(1), 'contact')
  const keepsAddresses = (count: number): boolean => {
    for (let port = 2; port <= count; port += 1) {
      clock.now += 1
      book.learn(bob, at(port), 'contact')
    }
    return book.of(bob).length === count
  }
  await upTo(t, 'addressesPerDevice', keepsAddresses, 'no')
  const kept = book.of(bob).map(({ address }) => address)
  t.equal(kept.length, limits.addressesPerDevice)
  t.equal(kept[0], at(1), 'what worked stays')
  t.equal(kept[1], at(limits.addressesPerDevice + 1))
  t.notOk(kept.includes(at(2)))
  let devices = 1
  const keepsDevices = (count: number): boolean => {
    for (; devices < count; devices += 1) book.learn(someDevice(), at(1), 'contact')
    return book.of(bob).length > 0
  }
  await upTo(t, 'addressBookDevices', keepsDevices, 'no')
  await book.flush()
  t.equal(stored.size, limits.addressBookDevices, 'who was not touched for the longest time is gone')
})

t.test('what did not work for 60 days is forgotten at the next start', async (t) => {
  const bob = someDevice()
  const known = (port: number, learntAt: number, workedAt: number): KnownAddress => ({
    device: bob,
    address: at(port),
    source: 'contact',
    learntAt,
    triedAt: 0,
    workedAt,
  })
  const now = 1_000_000_000_000
  const { book, stored, saves } = openBook([
    known(1, now - 61 * day, now - 61 * day),
    known(2, now - 61 * day, now - 59 * day),
    known(3, now - day, 0),
  ])
  await book.load()
  t.same(
    book.of(bob).map(({ address }) => address),
    [at(2), at(3)],
  )
  await book.flush()
  t.equal(stored.size, 2)
  t.same(saves, [1])
})

t.test('a store that fails is logged, and does not end anything', async (t) => {
  const logged: string[] = []
  const book = new AddressBook({
    now: Date.now,
    log: (_level, text) => void logged.push(text),
    store: { load: () => Promise.resolve([]), save: () => Promise.reject(new Error('disk full')) },
  })
  book.learn(someDevice(), at(1), 'manual')
  await book.flush()
  t.same(logged, ['addresses were not saved'])
})

function openNearby() {
  const clock = { now: 1000 }
  const gone: DeviceId[] = []
  const present = new Set<DeviceId>()
  const deps = {
    now: () => clock.now,
    gone: (each: DeviceId) => void gone.push(each),
    present: (each: DeviceId) => present.has(each),
  }
  return { nearby: new Nearby(deps, defaultTimes), clock, gone, present }
}

const hello: Hello = {
  versions: [1, 1],
  features: [],
  bootId: new Uint8Array(8),
  linkNumber: 1,
  wallMs: 0,
  person: personIdOf(new Uint8Array(32)),
  wish: { is: 'nothing' },
  name: 'bob',
  proof: [],
}

t.test('nearby devices are forgotten when they fall silent, linked ones are not', (t) => {
  const { nearby, clock, gone, present } = openNearby()
  const [bob, carol, dave] = [someDevice(), someDevice(), someDevice()]
  t.same(nearby.found(bob, [at(1)]), { fresh: true })
  t.same(nearby.found(bob, [at(1)]), { fresh: false })
  t.same(nearby.found(bob, [at(2)]), { fresh: true })
  t.match(nearby.met(bob, hello, { source: 'manual', address: undefined }), {
    source: 'mdns',
    name: 'bob',
    addresses: [at(2)],
  })
  nearby.met(carol, hello, { source: 'manual', address: at(3) })
  nearby.found(dave, [at(4)])
  clock.now += defaultTimes.nearbyForgetMs + 1
  present.add(bob)
  nearby.forget()
  t.same(gone, [], 'bob is linked, carol was looked at by hand, dave never said hello')
  present.clear()
  nearby.forget()
  t.same(gone, [bob])
  clock.now += defaultTimes.lookedForgetMs
  nearby.forget()
  t.same(gone, [bob, carol])
  t.equal(nearby.size, 0)
  t.end()
})

t.test('nearby has 512 places: those who came uncalled, or said nothing, make room first', (t) => {
  const { nearby, clock, gone } = openNearby()
  const friends = Array.from({ length: 10 }, someDevice)
  for (const each of friends) {
    nearby.found(each, [at(1)])
    nearby.met(each, hello, { source: 'manual', address: at(1) })
  }
  for (let count = 0; count < 2000; count += 1) {
    clock.now += 1
    if (count % 2 === 0) nearby.met(someDevice(), hello, { source: 'manual', address: undefined })
    else nearby.found(someDevice(), [at(1)])
  }
  t.equal(nearby.size, limits.nearbyDevices)
  t.ok(friends.every((each) => nearby.addresses(each).length === 1))
  t.ok(gone.length > 500 && !gone.some((each) => friends.includes(each)))
  t.end()
})

t.test('a stranger is greeted once, and again after a while or when it moved', (t) => {
  const { nearby, clock } = openNearby()
  const bob = someDevice()
  t.equal(nearby.claimGreeting(bob, true), false, 'unknown')
  nearby.found(bob, [at(1)])
  t.equal(nearby.claimGreeting(bob, true), true)
  t.equal(nearby.claimGreeting(bob, true), false)
  clock.now += defaultTimes.greetAgainMs / 20
  t.equal(nearby.claimGreeting(bob, false), false)
  t.equal(nearby.claimGreeting(bob, true), true)
  clock.now += defaultTimes.greetAgainMs
  t.equal(nearby.claimGreeting(bob, false), true)
  t.equal(nearby.greetedSince(bob, 0), false, 'it has not answered')
  nearby.met(bob, hello, { source: 'mdns', address: undefined })
  t.equal(nearby.greetedSince(bob, clock.now - 1), true)
  t.end()
})

t.test('nearby is full with 512', async (t) => {
  const { nearby } = openNearby()
  const holds = (count: number): boolean => {
    for (let each = nearby.size; each < count; each += 1)
      nearby.met(someDevice(), hello, { source: 'manual', address: at(1) })
    return nearby.size === count
  }
  await upTo(t, 'nearbyDevices', holds, 'no')
})
