import t from 'tap'
import type { Device } from '../../support/device.ts'
import { neighbourhood, twoContacts } from '../../support/device.ts'
import { startAnother } from '../../support/own-devices.ts'
import { Pen } from '../../support/pen.ts'
import { tablesWith } from '../../support/talked.ts'
import type { PersonId } from '../../../protocol/ids.ts'
import { tables } from '../../../daemon/store/store.ts'

const personOf = ({ rooms }: Device): PersonId => rooms.identity.person
const minuteMs = 60_000

/** Entries that lie on the disk. */
const stored = async ({ store }: Device, chat: string): Promise<number> => {
  const number = store.numberOf(chat as never) ?? 0
  return (await store.range(tables.entry, { prefix: [number], under: number })).length
}

t.test('what a blocked person writes is not stored, and never comes after an unblock', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  await bob.say(chat, 'before')
  await settle()
  await alice.say(chat, 'hello')
  await settle()
  await alice.rooms.contacts.block(personOf(bob))
  t.equal(place.links.size, 0, 'the link is cut at once')
  await settle()
  const before = await stored(alice, chat)
  await bob.say(chat, 'while 1')
  await bob.say(chat, 'while 2')
  await settle(10 * minuteMs)
  place.greetAll()
  await settle()
  t.equal(await stored(alice, chat), before)
  await alice.rooms.contacts.unblock(personOf(bob))
  await settle(minuteMs)
  t.equal(place.links.size, 1, 'they are linked again')
  t.strictSame(await alice.texts(chat), ['before', 'hello'])
  await bob.say(chat, 'after')
  await settle()
  t.strictSame(await alice.texts(chat), ['before', 'hello', 'after'])
  t.equal(alice.unread(chat), 2)
  for (let round = 0; round < 2; round += 1) {
    await alice.stop()
    await settle()
    await alice.start()
    place.greetAll()
    await settle(3 * minuteMs)
    t.strictSame(await alice.texts(chat), ['before', 'hello', 'after'])
  }
  t.equal((await bob.texts(chat)).length, 5, 'their own copy is theirs')
  t.strictSame([...alice.complaints, ...bob.complaints], [])
})

t.test('words from before a late link: those of the silence are left out, those of after it come', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  await bob.say(chat, 'one')
  await settle()
  await alice.rooms.contacts.block(personOf(bob))
  await bob.say(chat, 'while')
  await settle(minuteMs)
  place.part(alice, bob)
  await alice.rooms.contacts.unblock(personOf(bob))
  await settle(minuteMs)
  await bob.say(chat, 'two')
  await bob.say(chat, 'three')
  await settle(minuteMs)
  place.heal(alice, bob)
  await settle(3 * minuteMs)
  t.strictSame(await alice.texts(chat), ['one', 'two', 'three'])
})

t.test('a clock that is slow loses nothing that is written once both met again', async (t) => {
  const { time, alice, bob, chat, settle } = await twoContacts(t)
  await bob.say(chat, 'one')
  await settle(minuteMs)
  await alice.rooms.contacts.block(personOf(bob))
  await settle(minuteMs)
  await alice.rooms.contacts.unblock(personOf(bob))
  await settle()
  const pen = new Pen(bob.rooms.identity, chat, { generation: 'slow' })
  const hlc = { wallMs: time.now() - 2 * minuteMs, count: 0 }
  await alice.rooms.conversations.peers.recoverOwn(chat, bob.rooms.conversations.peers.vector(chat), bob.id)
  const { held } = await alice.rooms.conversations.peers.accept(chat, [pen.run([pen.write('slow', { hlc })])], bob.id)
  t.equal(held.length, 0, 'a feed that nobody has spoken of goes by its clock')
  const [row] = bob.rooms.conversations.peers.vector(chat).filter(({ lane, device }) => lane === 1 && device === bob.id)
  if (row?.head === undefined) throw new Error('bob has said nothing')
  const next = pen.write('next', {
    hlc,
    generation: row.generation,
    seq: (row.ranges.at(-1)?.[1] ?? 0) + 1,
    prev: row.head,
  })
  const taken = await alice.rooms.conversations.peers.accept(chat, [pen.run([next])], bob.id)
  t.equal(taken.held.length, 1, 'of one that they spoke of what follows is new, whatever its clock says')
})

t.test('a modified peer that goes on sending is not heard: not while blocked, not behind an unblock', async (t) => {
  const { time, alice, bob, chat, settle } = await twoContacts(t)
  const { peers } = alice.rooms.conversations
  await bob.say(chat, 'one')
  await settle()
  const before = await stored(alice, chat)
  const pen = new Pen(bob.rooms.identity, chat, { generation: 'modified' })
  await alice.rooms.contacts.block(personOf(bob))
  const at = (ms: number) => ({ hlc: { wallMs: time.now() + ms, count: 0 } })
  const first = pen.write('while', at(0))
  await t.rejects(peers.accept(chat, [pen.run([first])], bob.id), { code: 'NOT_A_MEMBER' })
  t.strictSame(peers.scopesFor(bob.id), [])
  t.equal(alice.hear(bob), 'stranger', 'no link either')
  await settle(minuteMs)
  await alice.rooms.contacts.unblock(personOf(bob))
  // One after the end, one of before behind it, and one more: all above the one of before may count, nothing below.
  const late = pen.write('after', at(minuteMs))
  const back = pen.write('dated back', at(-minuteMs / 2))
  const last = pen.write('last', at(2 * minuteMs))
  await peers.accept(chat, [pen.run([first, late, back, last])], bob.id)
  t.equal(await stored(alice, chat), before + 1)
  for (const run of [[first], [first, late], [late, back], [first, late, back]])
    await peers.accept(chat, [pen.run(run)], bob.id)
  t.equal(await stored(alice, chat), before + 1, 'nor piece by piece')
  const { device } = pen
  const [{ generation }] = [late.sealed.header]
  t.strictSame(
    peers.lacking(chat, [{ device, lane: 1, generation, ranges: [[1, 4]] }]),
    [],
    'nothing of it is asked for',
  )
})

t.test('nor does an own device that had not heard of it bring what it took meanwhile', async (t) => {
  const world = neighbourhood(t)
  const { start, settle, place } = world
  const phone = await start('phone')
  const laptop = await startAnother(world, phone, 'laptop')
  const bob = await start('bob')
  const chat = await phone.befriend(bob, settle)
  const meet = async (): Promise<void> => {
    place.greetAll()
    await settle(minuteMs)
  }
  await meet()
  place.part(phone, laptop)
  await phone.rooms.contacts.block(personOf(bob))
  await settle()
  const saying = bob.say(chat, 'while')
  await meet()
  await saying
  t.strictSame(await laptop.texts(chat), ['while'], 'one of the two had not heard')
  place.heal(phone, laptop)
  await meet()
  t.equal(laptop.rooms.book.get(personOf(bob))?.state, 'blocked')
  const ofBob = () =>
    phone.rooms.conversations.peers.vector(chat).filter(({ device, lane }) => device === bob.id && lane === 1)
  t.strictSame([ofBob(), await phone.texts(chat)], [[], []])
  await phone.rooms.contacts.unblock(personOf(bob))
  await meet()
  t.strictSame([ofBob(), await phone.texts(chat)], [[], []], 'nor behind an unblock')
})

t.test('whoever asked and was blocked is a stranger when they are unblocked', async (t) => {
  const { start, settle } = neighbourhood(t)
  const [alice, bob] = [await start('alice'), await start('bob')]
  const ask = async (note: string): Promise<void> => {
    await bob.rooms.contacts.request({ device: alice.id, hello: alice.sayHello(bob) }, note)
    await settle()
  }
  const record = () => alice.rooms.book.get(personOf(bob))
  await ask('let me in')
  t.match(record(), { state: 'incoming', note: 'let me in' })
  await alice.rooms.contacts.block(personOf(bob))
  await ask('please')
  t.match(record(), { state: 'blocked' }, 'nothing more is heard')
  await bob.stop() // or they would ask again by themselves
  await alice.rooms.contacts.unblock(personOf(bob))
  await settle()
  t.equal(record(), undefined, 'what was asked before is not before the owner again')
})

t.test('the silence outlives a deletion of the conversation, and the end of the contact', async (t) => {
  for (const way of ['deleted', 'removed'] as const) {
    const { alice, bob, chat, place, settle } = await twoContacts(t)
    await bob.say(chat, 'one')
    await settle()
    await alice.rooms.contacts.block(personOf(bob))
    await settle()
    await bob.say(chat, 'while')
    await settle(minuteMs)
    if (way === 'deleted') {
      await alice.rooms.conversations.owner.delete(chat)
      await alice.rooms.contacts.unblock(personOf(bob))
    } else {
      await alice.rooms.contacts.remove(personOf(bob))
      await settle(minuteMs)
      await alice.rooms.contacts.requestAgain(personOf(bob), 'sorry')
    }
    place.greetAll()
    place.greet(alice, bob)
    await settle(minuteMs)
    if (way === 'removed' && alice.rooms.book.get(personOf(bob))?.state !== 'accepted') {
      await bob.rooms.contacts.requestAgain(personOf(alice), 'yes')
      await settle(minuteMs)
    }
    place.greetAll()
    await settle(3 * minuteMs)
    await bob.say(chat, 'after')
    await settle(minuteMs)
    t.strictSame(await alice.texts(chat), way === 'deleted' ? ['after'] : ['one', 'after'], way)
  }
})

t.test('who was blocked before there were floors is silent from the next start on', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  await bob.say(chat, 'one')
  await settle()
  await alice.rooms.book.change(personOf(bob), { state: 'blocked', before: 'accepted' })
  await alice.stop()
  await alice.start()
  t.ok(alice.rooms.contacts.isBlocked(personOf(bob)))
  t.ok(tablesWith(alice, alice.store.numberOf(chat) ?? 0).includes('floor'))
})
