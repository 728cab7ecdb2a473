/** What becomes of the news that another device answers at an address that the owner gave for a contact. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import { mostMismatches } from '../../../daemon/contacts/contact-record.ts'
import { deviceIdOf, fingerprint, type DeviceId } from '../../../protocol/ids.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'
import { ownerOf } from '../../support/owner-of.ts'

const at = (host: number): string => `/ip4/192.168.1.${host}/tcp/7718`
const someDevice = (): DeviceId => deviceIdOf(randomBytes(32))

async function friends(t: Parameters<typeof neighbourhood>[0]): Promise<World & { alice: Device; bob: Device }> {
  const world = neighbourhood(t)
  const people = { ...world, alice: await world.start('alice'), bob: await world.start('bob') }
  await people.alice.befriend(people.bob, world.settle)
  return people
}

t.test('it is shown at the contact, told once, and over when the device is back', async (t) => {
  const { alice, bob, settle } = await friends(t)
  const mallory = someDevice()
  const { mismatches } = alice.rooms
  const { person } = bob.rooms.identity
  const owner = ownerOf(alice)
  t.equal(owner.contact(person).mismatches, undefined)
  mismatches.mismatched(bob.id, at(7), mallory)
  await settle()
  const shown = { address: at(7), expected: fingerprint(bob.id), answering: fingerprint(mallory) }
  t.match(owner.contact(person).mismatches, [shown])
  const { length } = alice.events
  mismatches.mismatched(bob.id, at(7), mallory)
  await settle()
  t.equal(alice.events.length, length, 'the same again is no news')
  mismatches.matched(bob.id, at(8))
  t.equal(owner.contact(person).mismatches?.length, 1, 'he is elsewhere, and it is still so')
  mismatches.linked(bob.id)
  t.strictSame(alice.checked, [[bob.id, at(7)]], 'a link is a reason to look')
  mismatches.matched(bob.id, at(7))
  await settle()
  t.equal(owner.contact(person).mismatches, undefined)
  t.strictSame(alice.events.at(-1), { type: 'contact', person })
  mismatches.linked(bob.id)
  t.equal(alice.checked.length, 1)
})

t.test('dismissed it stays so, after a restart too, until yet another device answers', async (t) => {
  const { alice, bob, settle } = await friends(t)
  const mallory = someDevice()
  const { person } = bob.rooms.identity
  alice.rooms.mismatches.mismatched(bob.id, at(7), mallory)
  alice.rooms.mismatches.mismatched(bob.id, at(8), mallory)
  await settle()
  await t.rejects(ownerOf(alice).patchContact(person, { dismiss: at(9) }), { code: 'NOT_FOUND' })
  t.match((await ownerOf(alice).patchContact(person, { dismiss: at(7) })).mismatches, [{ address: at(8) }])
  await alice.stop()
  await alice.start()
  const { mismatches } = alice.rooms
  mismatches.mismatched(bob.id, at(7), mallory)
  await settle()
  t.match(ownerOf(alice).contact(person).mismatches, [{ address: at(8) }])
  mismatches.mismatched(bob.id, at(7), someDevice())
  await settle()
  t.equal(ownerOf(alice).contact(person).mismatches?.length, 2)
  // Back and gone again: that is news, whoever answers.
  mismatches.matched(bob.id, at(8))
  mismatches.mismatched(bob.id, at(8), mallory)
  await settle()
  t.equal(ownerOf(alice).contact(person).mismatches?.length, 2)
})

t.test('the newest few are kept of a person', async (t) => {
  const { alice, bob, settle } = await friends(t)
  for (let host = 1; host <= 9; host += 1) alice.rooms.mismatches.mismatched(bob.id, at(host), someDevice())
  await settle()
  const shown = ownerOf(alice).contact(bob.rooms.identity.person).mismatches ?? []
  t.strictSame(
    shown.map(({ address }) => address),
    Array.from({ length: mostMismatches }, (_, each) => at(10 - mostMismatches + each)),
  )
})

t.test('no news: a device of the owner or of the same person, and people with whom no link is wanted', async (t) => {
  const { alice, bob, start, settle } = await friends(t)
  const { mismatches } = alice.rooms
  const { person } = bob.rooms.identity
  const stranger = await start('carol')
  mismatches.mismatched(bob.id, at(7), alice.id)
  mismatches.mismatched(stranger.id, at(7), someDevice())
  await settle()
  t.equal(ownerOf(alice).contact(person).mismatches, undefined)
  await alice.rooms.book.change(person, { devices: [bob.id, stranger.id] })
  mismatches.mismatched(bob.id, at(7), stranger.id)
  await settle()
  t.equal(ownerOf(alice).contact(person).mismatches, undefined, 'their own other device answers')
  mismatches.mismatched(bob.id, at(7), someDevice())
  await alice.rooms.contacts.remove(person)
  await settle()
  t.equal(ownerOf(alice).contact(person).mismatches, undefined, 'no contact any more')
})

t.test(
  'what stands is not ended by a claim: to be the device of the owner, or another one of the contact',
  async (t) => {
    const { alice, bob, start, settle } = await friends(t)
    const { mismatches } = alice.rooms
    const { person } = bob.rooms.identity
    const theirOther = await start('bob elsewhere')
    await alice.rooms.book.change(person, { devices: [bob.id, theirOther.id] })
    const mallory = someDevice()
    mismatches.mismatched(bob.id, at(7), mallory)
    await settle()
    for (const claimed of [alice.id, theirOther.id]) {
      mismatches.mismatched(bob.id, at(7), claimed)
      await settle()
      t.match(ownerOf(alice).contact(person).mismatches, [{ address: at(7), answering: fingerprint(mallory) }])
    }
    mismatches.matched(bob.id, at(7))
    await settle()
    t.equal(ownerOf(alice).contact(person).mismatches, undefined, 'the device itself ends it')
  },
)
