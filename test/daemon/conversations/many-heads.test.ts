/** A stolen device writes beside itself into every conversation: the others still make keys that everybody understands. */

import t from 'tap'
import { kinds, lanes } from '../../../protocol/entry.ts'
import { limits } from '../../../protocol/limits.ts'
import { encodeOperation } from '../../../protocol/operation.ts'
import { neighbourhood } from '../../support/device.ts'
import { startAnother } from '../../support/own-devices.ts'
import { Pen } from '../../support/pen.ts'

t.test(
  'however many operations of a conversation know nothing of each other, what is said in it is read',
  async (t) => {
    const world = neighbourhood(t)
    const { start, settle, place } = world
    const alice = await start('alice')
    const stolen = await startAnother(world, alice, 'stolen')
    const bob = await start('bob')
    const chat = await alice.befriend(bob, settle)
    await alice.say(chat, 'before')
    await settle(3000)
    const { peers } = alice.rooms.conversations
    const written = (): number =>
      peers.vector(chat, 'roster').reduce((sum, { ranges }) => sum + (ranges.at(-1)?.[1] ?? 0), 0)
    const payload = encodeOperation({ kind: 'cutOff', heads: [], cutOffs: [] })
    const { device, signingKey } = stolen.rooms.identity
    const apart = Array.from({ length: limits.operationHeads + 1 }, (_, at) => {
      const pen = new Pen({ device, signingKey }, chat, { lane: lanes.roster, generation: `apart ${at}` })
      return pen.run([pen.write('', { kind: kinds.cutOff, epoch: undefined }, payload)])
    })
    const { held } = await peers.accept(chat, apart, device)
    t.equal(held.length, apart.length)
    await settle(3000)
    for (const other of [alice, bob]) place.part(stolen, other)
    await alice.rooms.conversations.ownLog.remove(device)
    await settle(3000)
    const before = written()
    for (const text of ['after', 'and again']) await alice.say(chat, text)
    await settle(3000)
    t.strictSame(await bob.texts(chat), ['before', 'after', 'and again'])
    t.equal(written(), before, 'under the key that was made when the device was removed')
    t.equal(alice.complaints.length, 0)
  },
)

t.test(
  'nor do they have to know of each other in the log of a person; who never was a device of theirs is cut off by none',
  async (t) => {
    const world = neighbourhood(t)
    const { start, settle } = world
    const alice = await start('alice')
    const stolen = await startAnother(world, alice, 'stolen')
    const bob = await start('bob')
    const chat = await alice.befriend(bob, settle)
    const { peers, ownLog } = alice.rooms.conversations
    const { device, signingKey, person } = stolen.rooms.identity
    const { heads } = ownLog.state
    const payload = encodeOperation({ kind: 'removeDevice', heads, device: bob.id, recovery: undefined })
    const apart = Array.from({ length: limits.personDeviceOperations }, (_, at) => {
      const pen = new Pen({ device, signingKey }, person, { lane: lanes.roster, generation: `apart ${at}` })
      return pen.run([pen.write('', { kind: kinds.removeDevice, epoch: undefined }, payload)])
    })
    await peers.accept(person, apart, device)
    await settle(3000)
    t.equal(ownLog.state.heads.length, limits.personDeviceOperations)
    const epochs = (): number =>
      peers.vector(chat, 'roster').reduce((sum, { ranges }) => sum + (ranges.at(-1)?.[1] ?? 0), 0)
    const first = epochs()
    for (const text of ['before', 'and again', 'once more', 'and more']) await alice.say(chat, text)
    await settle(3000)
    t.strictSame(await bob.texts(chat), ['before', 'and again', 'once more', 'and more'])
    t.ok(epochs() <= first + 1, 'one key is made, and used until somebody writes into the log again')
    await ownLog.remove(device)
    await alice.say(chat, 'after')
    await settle(3000)
    t.strictSame(await bob.texts(chat), ['before', 'and again', 'once more', 'and more', 'after'])
  },
)

t.test('what a contact removes from their own person, and was never there, is no news of whose it is', async (t) => {
  const { start, settle, place } = neighbourhood(t)
  const [alice, bob, eve] = [await start('alice'), await start('bob'), await start('eve')]
  for (const each of [bob, eve]) await alice.befriend(each, settle)
  const pair = place.links.get(place.pairOf(alice.id, bob.id))
  const { device, signingKey, person } = eve.rooms.identity
  const { heads } = eve.rooms.conversations.ownLog.state
  const payload = encodeOperation({ kind: 'removeDevice', heads, device: bob.id, recovery: undefined })
  const pen = new Pen({ device, signingKey }, person, { lane: lanes.roster })
  const run = pen.run([pen.write('', { kind: kinds.removeDevice, epoch: undefined }, payload)])
  const { held } = await alice.rooms.conversations.peers.accept(person, [run], device)
  t.equal(held.length, 1)
  await settle(3000)
  t.ok(pair)
  t.equal(place.links.get(place.pairOf(alice.id, bob.id)), pair, 'the link stands')
})
