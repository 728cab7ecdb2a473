/** Who has the owner's messages: counted by watermarks, told by links and by registers. */

import t from 'tap'
import { Watermarks } from '../../../daemon/conversations/watermarks.ts'
import { Reach } from '../../../daemon/conversations/reach.ts'
import type { FeedState } from '../../../daemon/conversations/scope-state.ts'
import type { ConversationId, DeviceId, PersonId } from '../../../protocol/ids.ts'
import { encodeReadPosition, registerKeys } from '../../../protocol/register.ts'
import { readHeld } from '../../../protocol/register-values.ts'
import type { MessageReceipts } from '../../../daemon/conversations/receipts.ts'
import { twoContacts, type Device } from '../../support/device.ts'
import { three } from '../../support/three.ts'

t.setTimeout(240_000)

async function read(device: Device, chat: ConversationId, order: string): Promise<void> {
  const position = await device.rooms.conversations.owner.markRead(chat, order)
  if (position !== undefined) await device.rooms.registers.set(chat, registerKeys.read, encodeReadPosition(position))
}

const reached = async (device: Device, group: ConversationId, text: string): Promise<string> => {
  const found = (await device.messages(group)).find((each) => each.text === text)
  const { held, devices, delivered, read, persons } = found?.counts ?? {}
  return `${found?.state}: held ${held}/${devices}, delivered ${delivered}, read ${read} of ${persons}`
}

const standing = ({ persons }: MessageReceipts, { rooms }: Device): string => {
  const found = persons.find(({ person }) => person === rooms.identity.person)
  if (found === undefined) return 'nobody'
  return found.readBy > 0 ? 'read' : found.delivered ? 'delivered' : 'waiting'
}

t.test('a message of a group is held, delivered and read by all of them, step by step', async (t) => {
  const { alice, bob, carol, group, place, settle } = await three(t)
  place.part(alice, carol)
  place.part(bob, carol)
  place.part(alice, bob)
  const order = await alice.say(group, 'one')
  t.equal(await reached(alice, group, 'one'), 'stored: held 0/2, delivered 0, read 0 of 2')
  place.heal(alice, bob)
  await settle()
  t.equal(await reached(alice, group, 'one'), 'held: held 1/2, delivered 1, read 0 of 2')
  await read(bob, group, order)
  await settle()
  t.equal(await reached(alice, group, 'one'), 'held: held 1/2, delivered 1, read 1 of 2')
  const { owner } = alice.rooms.conversations
  const receipts = await owner.receipts(group, order)
  t.strictSame([standing(receipts, bob), standing(receipts, carol)], ['read', 'waiting'])
  place.heal(alice, carol)
  await settle()
  t.equal(await reached(alice, group, 'one'), 'delivered: held 2/2, delivered 2, read 1 of 2')
  t.match(
    alice.events.findLast(({ type }) => type === 'ticks'),
    { held: 1, delivered: 1, read: 0 },
  )
  await read(carol, group, order)
  await settle()
  t.equal(await reached(alice, group, 'one'), 'read: held 2/2, delivered 2, read 2 of 2')
  t.match(
    alice.events.findLast(({ type }) => type === 'ticks'),
    { held: 1, delivered: 1, read: 1 },
  )
  t.strictSame(await owner.receipts(group, receipts.id), await owner.receipts(group, order), 'by its id, too')
  const bobs = bob.rooms.conversations.owner
  await t.rejects(bobs.receipts(group, order), { code: 'NOT_ALLOWED' })
  await t.rejects(owner.receipts(group, 'x'), { code: 'BAD_SHAPE' })
  await alice.stop()
  await alice.start()
  t.equal(await reached(alice, group, 'one'), 'read: held 2/2, delivered 2, read 2 of 2', 'also after a restart')
})

t.test('who has read what stands behind a message has not read the message before it came to them', async (t) => {
  const { alice, bob, carol, group, place, settle } = await three(t)
  for (const other of [bob, carol]) place.part(alice, other)
  await alice.say(group, 'one')
  await settle()
  const behind = carol.say(group, 'two')
  await settle()
  await behind
  const [two] = (await bob.messages(group)).filter(({ text }) => text === 'two')
  await read(bob, group, two?.order ?? '')
  await settle(5000)
  place.part(bob, carol)
  place.heal(alice, carol)
  await settle(5000)
  const mark = alice.rooms.registers.get(group, bob.id, registerKeys.read)
  t.ok(mark !== undefined, "Carol brought Bob's mark")
  t.equal(await reached(alice, group, 'one'), 'held: held 1/2, delivered 1, read 0 of 2')
})

t.test('ticks reach an author who was away, by members who pass them on', async (t) => {
  const { alice, bob, carol, group, place, settle } = await three(t)
  place.part(alice, carol)
  place.part(bob, carol)
  const order = await alice.say(group, 'one')
  await settle()
  // Carol has it from Bob while Alice is gone, and is gone herself when Alice comes back.
  place.part(alice, bob)
  place.heal(bob, carol)
  await settle(5000)
  await read(carol, group, order)
  await settle(5000)
  place.part(bob, carol)
  t.equal(await reached(alice, group, 'one'), 'held: held 1/2, delivered 1, read 0 of 2')
  place.heal(alice, bob)
  await settle()
  t.equal(await reached(alice, group, 'one'), 'delivered: held 2/2, delivered 2, read 1 of 2')
  const told = carol.rooms.registers.get(group, carol.id, registerKeys.held)
  t.strictSame(
    readHeld(told?.value ?? new Uint8Array()).tops.map(({ device, seq }) => [device, seq]),
    [[alice.id, 1]],
  )
})

t.test('who has a link with the author needs no register', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  await alice.say(chat, 'one')
  await settle(60_000)
  t.equal(bob.rooms.registers.get(chat, bob.id, registerKeys.held), undefined)
})

t.test('what was said before somebody joined is not theirs to have, where newcomers do not read it', async (t) => {
  const { alice, bob, carol, group, settle, start, place } = await three(t, 'joining')
  const order = await alice.say(group, 'early')
  await settle()
  t.equal(await reached(alice, group, 'early'), 'delivered: held 2/2, delivered 2, read 0 of 2')
  const dave = await start('dave')
  await alice.befriend(dave, settle)
  await alice.rooms.conversations.groups.add(group, dave.rooms.identity.person, 'member')
  await settle()
  await dave.rooms.conversations.groups.accept(group)
  await settle()
  const late = await alice.say(group, 'late')
  await settle()
  for (const each of [bob, carol, dave]) await read(each, group, late)
  await settle()
  t.equal(await reached(alice, group, 'early'), 'read: held 2/2, delivered 2, read 2 of 2')
  t.equal(await reached(alice, group, 'late'), 'read: held 3/3, delivered 3, read 3 of 3')
  const { owner } = alice.rooms.conversations
  t.equal(standing(await owner.receipts(group, order), dave), 'nobody')
  place.part(alice, dave)
})

t.test('a step of one among many costs what it costs among few', async (t) => {
  const looks = (size: number): number => {
    const marks = new Watermarks()
    for (let each = 0; each < size; each += 1) marks.add(each < size / 2 ? 100 : 99)
    const before = marks.looks
    marks.move(99, 100)
    t.equal(marks.atLeast(100), size / 2 + 1)
    t.equal(marks.lowest, 99)
    t.equal(marks.highest, 100)
    return marks.looks - before
  }
  t.equal(looks(1000), looks(10))
})

const person = (each: number): PersonId => `person ${each}` as PersonId
const device = (each: number): DeviceId => `device ${each}` as DeviceId

t.test('what a device says it holds costs the same in a large group', async (t) => {
  const work = (size: number): number => {
    const all = Array.from({ length: size }, (_, each) => each)
    const circle = {
      persons: new Map(all.map((each) => [person(each), [device(each)]])),
      devices: new Set(all.map((each) => device(each))),
    }
    const holders = new Map(all.map((each) => [device(each), [[1, 9] as const]]))
    const reach = new Reach(circle, { holders } as unknown as FeedState, () => 9)
    const looks = (): number => reach.held.looks + reach.delivered.looks + reach.read.looks
    const before = looks()
    t.equal(reach.raise(device(3), 10), person(3))
    t.ok(reach.raiseRead(person(3), 12))
    t.notOk(reach.raiseRead(person(4), 12), 'nobody reads what they have not got')
    t.equal(reach.raise(device(size), 10), undefined, 'a stranger is nobody')
    t.strictSame([reach.held.highest, reach.delivered.lowest, reach.read.highest], [10, 9, 10])
    return looks() - before
  }
  t.equal(work(1000), work(10))
})
