import t from 'tap'
import { decodeKey, encodeKey } from '../../../daemon/store/keys.ts'
import { tables, type Table } from '../../../daemon/store/store.ts'
import { twoContacts, type Device } from '../../support/device.ts'

/** Rows of a table whose numbers satisfy `which`, gone as LevelDB drops a block: without a word. */
async function lose(device: Device, table: Table, which: (at: readonly number[]) => boolean): Promise<number> {
  const copy = device.disk.snapshot()
  const rows = copy.between(
    encodeKey(table, []).toString('latin1'),
    encodeKey((table + 1) as Table, []).toString('latin1'),
  )
  const gone = rows.map(({ bytes }) => ({ bytes, at: decodeKey(bytes) })).filter(({ at }) => which(at))
  device.disk.apply(gone.map(({ bytes }) => ({ bytes, row: undefined })))
  return gone.length
}

t.test('entries that the disk dropped in the middle come back from a peer', async (t) => {
  for (const whose of ['own', 'foreign'] as const) {
    const { alice, bob, chat, place, settle } = await twoContacts(t)
    const author = whose === 'own' ? alice : bob
    for (let each = 0; each < 40; each += 1) await author.say(chat, `${each}`)
    await settle()
    const expected = await alice.texts(chat)
    await alice.stop()
    await settle()
    const number = alice.store.numberOf(chat)
    const lost = await lose(alice, tables.entry, (at) => at[0] === number && (at[2] ?? 0) >= 11 && (at[2] ?? 0) < 31)
    t.ok(lost >= 20)
    await lose(alice, tables.order, (at) => at[0] === number && (at[4] ?? 0) >= 11 && (at[4] ?? 0) < 31)
    await alice.start()
    t.equal((await alice.texts(chat)).length, 20)
    place.greetAll()
    await settle()
    t.strictSame(await alice.texts(chat), expected)
    await alice.say(chat, 'on')
    await settle()
    t.strictSame(await bob.texts(chat), [...expected, 'on'])
    t.strictSame(await alice.texts(chat), [...expected, 'on'])
  }
})

t.test('the newest own entries are gone while the feed says that they are there', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  for (let each = 0; each < 10; each += 1) await alice.say(chat, `${each}`)
  await settle()
  alice.crash()
  const number = alice.store.numberOf(chat)
  await settle()
  await lose(alice, tables.entry, (at) => at[0] === number && (at[2] ?? 0) >= 8)
  await lose(alice, tables.order, (at) => at[0] === number && (at[4] ?? 0) >= 8)
  await alice.start()
  t.equal(alice.rooms.conversations.owner.last(chat)?.text, '6')
  await alice.say(chat, 'alone')
  place.greetAll()
  await settle()
  t.strictSame((await alice.texts(chat)).toSorted(), [...Array.from({ length: 10 }, (_, each) => `${each}`), 'alone'])
  t.strictSame(await bob.texts(chat), await alice.texts(chat))
})

t.test('a loss that only reading finds does not keep the rest from being read', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  for (let each = 0; each < 200; each += 1) await bob.say(chat, `${each}`)
  await settle()
  await alice.stop()
  await settle()
  const number = alice.store.numberOf(chat)
  // Deeper than a home that was closed in order is looked through.
  await lose(alice, tables.entry, (at) => at[0] === number && (at[2] ?? 0) > 20 && (at[2] ?? 0) <= 23)
  await alice.start()
  t.equal((await alice.texts(chat)).length, 197)
  await settle()
  t.ok(alice.complaints.includes('entries are gone from the store'))
  place.greetAll()
  await settle()
  t.equal((await alice.texts(chat)).length, 200)
  t.strictSame(await alice.texts(chat), await bob.texts(chat))
})

t.test('a peer who asks for what is gone gets the rest', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  const copy = bob.disk.snapshot()
  for (let each = 0; each < 200; each += 1) await alice.say(chat, `${each}`)
  await settle()
  await alice.stop()
  await bob.stop()
  await settle()
  const number = alice.store.numberOf(chat)
  await lose(alice, tables.entry, (at) => at[0] === number && (at[2] ?? 0) > 20 && (at[2] ?? 0) <= 23)
  bob.putBack(copy)
  await alice.start()
  await bob.start()
  place.greetAll()
  await settle(200_000)
  t.equal((await bob.texts(chat)).length, 197, 'nobody has the other three')
  t.strictSame(
    [...alice.complaints, ...bob.complaints].filter((text) => text === 'a session ends'),
    [],
    'and no link is broken over it',
  )
})

t.test('epoch keys, read marks of peers and a whole conversation row come back', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  await alice.say(chat, 'one')
  await settle()
  await bob.say(chat, 'two')
  await settle()
  for (const table of [tables.epoch, tables.peerHeld, tables.conversation]) {
    await alice.stop()
    await settle()
    const number = alice.store.numberOf(chat)
    t.ok((await lose(alice, table, (at) => at[0] === number)) > 0)
    await alice.start()
    place.greetAll()
    await settle()
    t.strictSame(await alice.texts(chat), ['one', 'two'])
    t.equal((await alice.messages(chat))[0]?.state, 'delivered')
  }
  await alice.say(chat, 'three')
  await settle()
  t.strictSame(await bob.texts(chat), ['one', 'two', 'three'])
})

t.test("a contact's log that is gone comes with their next hello", async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  await alice.stop()
  await settle()
  const number = alice.store.numberOf(bob.rooms.identity.person)
  t.ok((await lose(alice, tables.conversation, (at) => at[0] === number)) > 0)
  await alice.start()
  place.greetAll()
  await settle()
  await bob.say(chat, 'hi')
  await settle()
  t.strictSame(await alice.texts(chat), ['hi'])
})

t.test('what is found missing in a conversation that is deleted meanwhile is not missed', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  for (let each = 0; each < 200; each += 1) await bob.say(chat, `${each}`)
  await settle()
  await alice.stop()
  await settle()
  const number = alice.store.numberOf(chat)
  await lose(alice, tables.entry, (at) => at[0] === number && at[2] === 21)
  await alice.start()
  const { owner } = alice.rooms.conversations
  const page = { before: undefined, after: undefined, limit: 1000 }
  const [reading, deleting] = [owner.page(chat, page).catch(() => undefined), owner.delete(chat)]
  await Promise.all([reading, deleting])
  await settle()
  t.strictSame(alice.complaints, [])
})
