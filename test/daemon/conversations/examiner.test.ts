/** A look through all data: nothing is said of what is whole; what is not is found, told and mended, or wanted from peers. */

import t from 'tap'
import type { Examined } from '../../../daemon/conversations/examiner.ts'
import { decodeKey, encodeKey } from '../../../daemon/store/keys.ts'
import { tables, type Table } from '../../../daemon/store/store.ts'
import { encodeAddresses, registerKeys } from '../../../protocol/register.ts'
import { neighbourhood, twoContacts, type Device, type Pair } from '../../support/device.ts'

type Harm = 'damage' | 'remove'

/** Harms rows while the daemon runs, and answers how many. */
function harm(device: Device, table: Table, how: Harm, which: (at: readonly number[]) => boolean): number {
  const rows = device.disk
    .snapshot()
    .between(encodeKey(table, []).toString('latin1'), encodeKey((table + 1) as Table, []).toString('latin1'))
    .map(({ bytes }) => ({ bytes, at: decodeKey(bytes) }))
    .filter(({ at }) => which(at))
  const value = new Uint8Array(9)
  // Of no key.
  const token = { conversation: undefined }
  device.disk.apply(rows.map(({ bytes }) => ({ bytes, row: how === 'remove' ? undefined : { bytes, value, token } })))
  return rows.length
}

const examine = async ({ rooms }: Device, repair = false): Promise<Examined> =>
  await rooms.conversations.examiner.examine({ repair, signal: new AbortController().signal, progress: () => {} })

async function talk({ alice, bob, chat, settle }: Pair, count: number): Promise<void> {
  for (let each = 0; each < count; each += 1) {
    await alice.say(chat, `a ${each}`)
    await bob.say(chat, `b ${each}`)
  }
  await settle()
}

t.test('what is whole gives no findings, and progress ends with all of it', async (t) => {
  const pair = await twoContacts(t)
  await talk(pair, 600)
  const seen: [number, number][] = []
  const { examiner } = pair.alice.rooms.conversations
  const signal = new AbortController().signal
  const found = await examiner.examine({ repair: false, signal, progress: (...each) => seen.push(each) })
  t.strictSame(found, { findings: [], waiting: 0 })
  t.ok((seen.at(-1)?.[0] ?? 0) >= 1200)
  t.equal(seen.at(-1)?.[0], seen.at(-1)?.[1])
  t.ok(seen.length > 4, 'it goes by steps')
})

for (const how of ['damage', 'remove'] as const) {
  const kind = how === 'damage' ? 'entry-damaged' : 'entry-missing'
  t.test(`entries under ${how} are found, and come back from peers after a repair`, async (t) => {
    const pair = await twoContacts(t)
    const { alice, bob, chat, place, settle } = pair
    await talk(pair, 200)
    const expected = await bob.texts(chat)
    const number = alice.store.numberOf(chat)
    const harmed = harm(alice, tables.entry, how, (at) => at[0] === number && (at[2] ?? 0) >= 50 && (at[2] ?? 0) < 60)
    t.ok(harmed >= 20)
    const found = await examine(alice)
    t.strictSame(found.findings, [{ kind, outcome: 'open', count: harmed, conversation: chat }])
    t.strictSame((await examine(alice)).findings, found.findings, 'a look changes nothing')
    const mended = await examine(alice, true)
    t.strictSame(mended.findings, [{ kind, outcome: 'wanted', count: harmed, conversation: chat }])
    t.equal(mended.waiting, harmed)
    place.greetAll()
    await settle(200_000)
    t.strictSame(await alice.texts(chat), expected)
    t.strictSame(await examine(alice), { findings: [], waiting: 0 })
  })

  t.test(`the order and the client ids under ${how} are written anew`, async (t) => {
    const pair = await twoContacts(t)
    const { alice, bob, chat, settle } = pair
    await talk(pair, 50)
    const number = alice.store.numberOf(chat)
    const order = harm(alice, tables.order, how, (at) => at[0] === number && (at[4] ?? 0) > 10)
    const client = harm(alice, tables.client, how, (at) => at[0] === number)
    t.ok(order >= 70 && client >= 50)
    const found = (await examine(alice)).findings
    t.strictSame(found.map(({ kind, count }) => `${kind} ${count}`).toSorted(), [
      `client-id ${client}`,
      `order ${order}`,
    ])
    t.ok((await examine(alice, true)).findings.every(({ outcome }) => outcome === 'mended'))
    t.strictSame(await examine(alice), { findings: [], waiting: 0 })
    t.strictSame(await alice.texts(chat), await bob.texts(chat))
    const again = await alice.rooms.conversations.owner.post(chat, 'a 7', 'alice: a 7')
    t.equal(again.created, false, 'a repeated post stays one')
    await settle()
  })
}

t.test('a feed row that was harmed while the daemon runs is written again from memory', async (t) => {
  const pair = await twoContacts(t)
  const { alice, bob, chat, place, settle } = pair
  await talk(pair, 5)
  const number = alice.store.numberOf(chat)
  const harmed = harm(alice, tables.feed, 'damage', (at) => at[0] === number)
  t.strictSame((await examine(alice)).findings, [{ kind: 'row', outcome: 'open', count: harmed, conversation: chat }])
  await examine(alice, true)
  t.strictSame((await examine(alice)).findings, [])
  await alice.stop()
  await alice.start()
  place.greetAll()
  await settle()
  t.strictSame(await alice.texts(chat), await bob.texts(chat))
})

t.test('rows that nobody reads again before the next start are found, and stay', async (t) => {
  const pair = await twoContacts(t)
  const { alice, bob, chat, settle } = pair
  await talk(pair, 5)
  await alice.rooms.conversations.owner.delete(chat)
  await talk(pair, 5)
  await alice.rooms.registers.set(alice.rooms.identity.person, registerKeys.addresses, encodeAddresses([]))
  const some = ['contact', 'state', 'register', 'conversation', 'setting', 'dictionary', 'floor', 'peerHeld'] as const
  t.strictSame(await examine(alice), { findings: [], waiting: 0 })
  let count = 0
  for (const name of some) {
    const harmed = harm(alice, tables[name], 'damage', () => true)
    t.ok(harmed > 0, name)
    count += harmed
    for (const repair of [false, true, false])
      t.strictSame((await examine(alice, repair)).findings, [{ kind: 'row', outcome: 'open', count }], name)
  }
  const person = alice.store.numberOf(bob.rooms.identity.person)
  const feeds = harm(alice, tables.feed, 'damage', (at) => at[0] === person)
  t.ok(feeds > 0)
  t.match((await examine(alice)).findings, [{ count: count + feeds }], 'of a person, too')
  t.match((await examine(alice, true)).findings, [
    { outcome: 'mended', count: feeds },
    { outcome: 'open', count },
  ])
  t.match((await examine(alice)).findings, [{ count }])
  await settle()
})

t.test('what was deleted is not waited for', async (t) => {
  const pair = await twoContacts(t)
  const { alice, bob, chat, settle } = pair
  await talk(pair, 20)
  await alice.rooms.conversations.owner.delete(chat)
  await settle()
  await bob.say(chat, 'new')
  await settle()
  t.strictSame(await alice.texts(chat), ['new'])
  t.strictSame(await examine(alice), { findings: [], waiting: 0 })
  const number = alice.store.numberOf(chat)
  await bob.say(chat, 'newer')
  await settle()
  t.equal(
    harm(alice, tables.entry, 'remove', (at) => at[0] === number && at[2] === 21),
    1,
  )
  t.match(
    await examine(alice, true),
    { findings: [{ kind: 'entry-missing', count: 1 }], waiting: 1 },
    'but what is above',
  )
})

t.test('a look can be broken off', async (t) => {
  const pair = await twoContacts(t)
  await talk(pair, 600)
  const ending = new AbortController()
  const looking = pair.alice.rooms.conversations.examiner.examine({
    repair: false,
    signal: ending.signal,
    progress: () => ending.abort(new Error('enough')),
  })
  await t.rejects(looking, { message: 'enough' })
})

async function pass(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
}

for (const repair of [false, true]) {
  t.test(`what the owner deletes during a look${repair ? ' that mends' : ''} is no fault`, async (t) => {
    const pair = await twoContacts(t)
    const { alice, chat, settle } = pair
    const { examiner, owner } = alice.rooms.conversations
    const signal = new AbortController().signal
    await talk(pair, 600)
    const deleteAfter = async (turns: number): Promise<void> => {
      await pass(turns)
      await owner.delete(chat)
    }
    /** Looks, with a conversation that is deleted when `at` steps are done, or so many turns of the loop before or after. */
    const look = async (at: number, turns: number): Promise<number> => {
      await talk(pair, 3)
      const seen: (readonly [number, number])[] = []
      let deleting: Promise<void> | undefined
      if (turns < 0) deleting = deleteAfter(0)
      await pass(-turns)
      const progress = (...each: [number, number]): void => {
        seen.push(each)
        if (seen.length === at) deleting ??= deleteAfter(turns)
      }
      t.strictSame((await examiner.examine({ repair, signal, progress })).findings, [], `step ${at}, turn ${turns}`)
      t.strictSame(seen.at(-1)?.[0], seen.at(-1)?.[1], 'progress ends with all of it')
      t.ok(deleting, 'it was deleted meanwhile')
      await deleting
      await settle()
      return seen.length
    }
    const steps = await look(1, 0)
    t.ok(steps > 4)
    for (let at = 1; at < steps - 2; at += 1) for (const turns of [0, 1, 2, 4, 8, 16, 32]) await look(at, turns)
    for (let turns = -1; turns > -64; turns -= 1) await look(1, turns)
    t.strictSame(alice.complaints, [])
    t.strictSame(await examine(alice), { findings: [], waiting: 0 })
  })
}

t.test('what was deleted and cleared away before its turn came is not missing', async (t) => {
  const { start, settle } = neighbourhood(t)
  const alice = await start('alice')
  // Their feeds come first.
  for (let each = 0; each < 8; each += 1) await alice.befriend(await start(`friend ${each}`), settle)
  const chat = await alice.befriend(await start('bob'), settle)
  await alice.say(chat, 'hello')
  const { examiner, owner } = alice.rooms.conversations
  for (const repair of [false, true]) {
    let deleting: Promise<void> | undefined
    const progress = (): void => {
      deleting ??= owner.delete(chat)
    }
    const found = await examiner.examine({ repair, signal: new AbortController().signal, progress })
    t.strictSame(found, { findings: [], waiting: 0 })
    await deleting
    await alice.say(chat, 'hello again')
  }
  t.strictSame(alice.complaints, [])
})
