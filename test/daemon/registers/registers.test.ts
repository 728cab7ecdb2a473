import t from 'tap'
import { utf8 } from '../../../protocol/bytes.ts'
import { limits } from '../../../protocol/limits.ts'
import { signRegister, type Register } from '../../../protocol/register.ts'
import { twoContacts, type Device } from '../../support/device.ts'

const by = (device: Device, value: string, wallMs: number, key = 'card'): Register => {
  const { identity } = device.rooms
  const place = { scope: identity.person, device: identity.device, key }
  return signRegister(identity.signingKey, { ...place, hlc: { wallMs, count: 0 }, value: utf8(value) })
}
const valueAt = (at: Device, of: Device, key = 'card'): string => {
  const value = at.rooms.registers.get(of.rooms.identity.person, of.id, key)?.value
  return value === undefined ? '' : Buffer.from(value).toString()
}
const later = 1_900_000_000_000

t.test('an older value never takes the place of a newer one, whatever the order of writes', async (t) => {
  for (const together of [false, true]) {
    const { alice, bob } = await twoContacts(t)
    const { registers } = alice.rooms
    const values = [3, 1, 5, 2, 4].map((each) => by(bob, `value ${each}`, later + each))
    if (together) await registers.accept(values, bob.id)
    else await Promise.all(values.map(async (each) => await registers.accept([each], bob.id)))
    t.equal(valueAt(alice, bob), 'value 5')
    await alice.stop()
    await alice.start()
    t.equal(valueAt(alice, bob), 'value 5', 'also on the disk')
    t.strictSame(await alice.rooms.registers.accept([by(bob, 'value 4', later + 4)], bob.id), [])
  }
})

t.test('at one clock reading the larger value wins on both sides', async (t) => {
  const { alice, bob } = await twoContacts(t)
  await alice.rooms.registers.accept([by(bob, 'b', later), by(bob, 'c', later), by(bob, 'a', later)], bob.id)
  t.equal(valueAt(alice, bob), 'c')
})

t.test('own values that follow each other quickly: the last one counts', async (t) => {
  const { alice, bob, settle } = await twoContacts(t)
  const { person } = alice.rooms.identity
  const set = async (value: string): Promise<void> => await alice.rooms.registers.set(person, 'card', utf8(value))
  await set('a')
  await Promise.all([set('b'), set('a')])
  t.equal(valueAt(alice, alice), 'a')
  const { writes } = alice.store.counts
  await set('a')
  t.equal(alice.store.counts.writes, writes, 'the same again is not written')
  await settle()
  t.equal(valueAt(bob, alice), 'a')
})

t.test('registers of strangers, of other devices and of other scopes are not kept', async (t) => {
  const { alice, bob, chat } = await twoContacts(t)
  const { registers } = alice.rooms
  const { signingKey } = bob.rooms.identity
  const aboutAlice = { ...by(bob, 'about Alice', later), scope: alice.rooms.identity.person }
  t.strictSame(await registers.accept([signRegister(signingKey, aboutAlice)], bob.id), [])
  const elsewhere = { ...by(bob, 'elsewhere', later), scope: bob.rooms.conversations.owner.list()[0]?.scope ?? chat }
  t.strictSame(
    await registers.accept([signRegister(signingKey, elsewhere)], alice.id),
    [],
    'not by way of this device itself',
  )
  const inChat = signRegister(signingKey, { ...by(bob, 'unknown key', later, 'newer'), scope: chat })
  t.equal((await registers.accept([inChat], bob.id)).length, 1, 'unknown keys are kept for newer versions')
})

t.test('a device that writes keys without end is not listened to further', async (t) => {
  const { alice, bob } = await twoContacts(t)
  const many = Array.from({ length: 1500 }, (_, each) => by(bob, 'x', later, `key ${each}`))
  for (let at = 0; at < many.length; at += 500) await alice.rooms.registers.accept(many.slice(at, at + 500), bob.id)
  const { person } = bob.rooms.identity
  const kept = alice.rooms.registers.registers(person).length
  t.ok(kept >= 1024 && kept < 1030)
  t.equal(
    (await alice.rooms.registers.accept([by(bob, 'y', later + 1, 'key 3')], bob.id)).length,
    1,
    'known keys change',
  )
  const longest = by(bob, 'v'.repeat(limits.registerValueBytes), later + 1, 'key 4')
  t.equal((await alice.rooms.registers.accept([longest], bob.id)).length, 1)
  await alice.stop()
  await alice.start()
  t.equal(alice.rooms.registers.registers(person).length, kept)
})

t.test('what the disk refused was not set; what it kept after all is there', async (t) => {
  for (const kept of [false, true]) {
    const { alice, bob, chat } = await twoContacts(t)
    await alice.rooms.registers.accept([by(bob, 'old', later)], bob.id)
    alice.disk.fault = { code: 'STORE_FAILED', kept }
    await t.rejects(alice.rooms.registers.accept([by(bob, 'new', later + 1)], bob.id), { code: 'STORE_FAILED' })
    t.equal(valueAt(alice, bob), 'old')
    alice.disk.fault = undefined
    await alice.say(chat, 'mends the store')
    t.equal(valueAt(alice, bob), kept ? 'new' : 'old')
    await alice.stop()
    await alice.start()
    t.equal(valueAt(alice, bob), kept ? 'new' : 'old')
  }
})
