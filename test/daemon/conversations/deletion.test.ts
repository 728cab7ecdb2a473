import t from 'tap'
import { isIndex, tables } from '../../../daemon/store/store.ts'
import { codeOf } from '../../contracts/store-harness.ts'
import { twoContacts } from '../../support/device.ts'
import { count, owner, tablesWith, talked } from '../../support/talked.ts'

t.test('delete() leaves nothing but floors, and nothing comes back', async (t) => {
  const { alice, bob, chat, place, settle } = await talked(t)
  const number = alice.store.numberOf(chat) ?? 0
  t.ok(tablesWith(alice, number).includes('entry'))
  alice.events.length = 0
  await owner(alice).delete(chat)
  t.strictSame(
    alice.events.filter(({ type }) => type.startsWith('conversation')),
    [{ type: 'conversation-gone', conversation: chat }],
  )
  t.strictSame(tablesWith(alice, number), ['conversation', 'dictionary', 'floor', 'state'])
  t.strictSame(
    owner(alice)
      .list()
      .map(({ kind }) => kind),
    ['self'],
    'it is not listed',
  )
  t.strictSame(await alice.texts(chat), [])
  t.equal(owner(alice).record(chat).draft, '')
  for (let round = 0; round < 2; round += 1) {
    await settle(130_000)
    t.strictSame(await alice.texts(chat), [], 'a peer brings nothing back')
    t.notOk(tablesWith(alice, number).includes('order'))
    await alice.stop()
    await settle()
    await alice.start()
    place.greetAll()
  }
  await settle(130_000)
  t.strictSame(await alice.texts(chat), [])
  t.equal((await bob.texts(chat)).length, 10, 'it was deleted here only')
  t.strictSame([...alice.complaints, ...bob.complaints], [])
})

t.test('delete() clears each table that has rows of a conversation, also those that few ever fill', async (t) => {
  const { alice, chat } = await talked(t)
  const number = alice.store.numberOf(chat) ?? 0
  // Of the home, or of what outlives a conversation: whoever adds a table says here if it is one of these.
  const others = [
    'meta',
    'dictionary',
    'conversation',
    'contact',
    'address',
    'setting',
    'floor',
    'join',
    'push',
    'wake',
  ]
  const own = Object.entries(tables).filter(([name]) => ![...others, 'woken'].includes(name))
  await alice.store.commit((batch) => {
    for (const [, table] of own) {
      if (isIndex(table)) batch.index({ table, at: [number, 9, 9] }, [])
      else batch.put({ table, at: [number, 9, 9], under: number }, Uint8Array.of(1))
    }
  })
  const filled = tablesWith(alice, number)
  for (const [name] of own) t.ok(filled.includes(name), name)
  await owner(alice).delete(chat)
  t.strictSame(tablesWith(alice, number), ['conversation', 'dictionary', 'floor', 'state'])
})

t.test('a later message opens it again, empty, whoever says it', async (t) => {
  for (const who of ['alice', 'bob'] as const) {
    const { alice, bob, chat, place, settle } = await talked(t)
    await owner(alice).delete(chat)
    await settle()
    await (who === 'alice' ? alice : bob).say(chat, 'again')
    await settle()
    t.strictSame(await alice.texts(chat), ['again'])
    t.equal(owner(alice).list().length, 2)
    t.equal(alice.unread(chat), who === 'bob' ? 1 : 0)
    t.equal((await bob.texts(chat)).length, 11)
    await bob.say(chat, 'and')
    await settle()
    await alice.say(chat, 'on')
    await settle()
    t.strictSame(await alice.texts(chat), ['again', 'and', 'on'])
    t.strictSame((await bob.texts(chat)).slice(-3), ['again', 'and', 'on'])
    t.strictSame((await alice.messages(chat)).filter(({ mine }) => mine).at(-1)?.state, 'delivered')
    t.strictSame((await bob.messages(chat)).filter(({ mine }) => mine).at(-1)?.state, 'delivered')
    await alice.stop()
    await settle()
    await alice.start()
    place.greetAll()
    await settle(130_000)
    t.strictSame(await alice.texts(chat), ['again', 'and', 'on'])
    t.notOk((await alice.messages(chat)).some(({ unreadable }) => unreadable))
  }
})

t.test('both delete it, again and again', async (t) => {
  const { alice, bob, chat, settle } = await talked(t)
  for (let round = 0; round < 4; round += 1) {
    await Promise.all([owner(alice).delete(chat), owner(bob).delete(chat)])
    await settle()
    t.strictSame([await alice.texts(chat), await bob.texts(chat)], [[], []])
    await alice.say(chat, `${round} a`)
    await bob.say(chat, `${round} b`)
    await settle()
    t.strictSame((await alice.texts(chat)).toSorted(), [`${round} a`, `${round} b`])
    t.strictSame(await bob.texts(chat), await alice.texts(chat))
  }
  await settle(130_000)
  t.equal((await alice.texts(chat)).length, 2)
  t.equal((await bob.texts(chat)).length, 2)
})

t.test('what was said while the one who deletes was away is above the floor', async (t) => {
  const { alice, bob, chat, place, settle } = await talked(t)
  place.part(alice, bob)
  await settle()
  for (const text of count(3, 'meanwhile')) await bob.say(chat, text)
  await owner(alice).delete(chat)
  place.heal(alice, bob)
  await settle()
  t.strictSame(await alice.texts(chat), count(3, 'meanwhile'))
  t.equal(alice.unread(chat), 3)
  t.ok((await bob.messages(chat)).filter(({ mine }) => mine).every(({ state }) => state === 'delivered'))
})

t.test('what did not arrive before the floor counts as settled, and nobody waits for it', async (t) => {
  const { alice, bob, chat, place, settle } = await twoContacts(t)
  await bob.say(chat, 'one')
  await settle()
  const floors = alice.rooms.conversations.peers.vector(chat).filter(({ lane }) => lane === 1)
  t.equal(floors.length, 1)
  place.part(alice, bob)
  await owner(alice).delete(chat)
  t.strictSame(
    alice.rooms.conversations.peers.vector(chat).map(({ ranges, head, floor }) => [ranges, head, floor?.seq]),
    [[[], undefined, 1]],
    'the vector says so',
  )
  place.heal(alice, bob)
  await settle()
  const taken = await alice.rooms.conversations.peers.accept(
    chat,
    (
      await bob.rooms.conversations.peers.read(
        chat,
        floors.map((each) => ({ ...each, ranges: [[1, 1]] })),
        1e6,
      )
    ).runs,
    bob.id,
  )
  t.strictSame(taken.held, [], 'what is pushed all the same is not stored')
  t.strictSame(await alice.texts(chat), [])
})

t.test('posts, drafts and reads that cross a deletion', async (t) => {
  const { alice, chat, settle } = await talked(t)
  const deleting = owner(alice).delete(chat)
  const late = [
    codeOf(() => alice.say(chat, 'late')),
    codeOf(() => owner(alice).patch(chat, { draft: 'late' })),
    codeOf(() => owner(alice).markRead(chat, 'ff')),
    codeOf(() => owner(alice).delete(chat)),
  ]
  await deleting
  t.strictSame(await Promise.all(late), ['NOT_FOUND', 'NOT_FOUND', 'BAD_SHAPE', 'NOT_FOUND'])
  t.equal(await codeOf(() => owner(alice).patch(chat, { draft: 'a page that has not heard' })), 'NOT_FOUND')
  await settle()
  t.strictSame(await alice.texts(chat), [])
  t.equal(await owner(alice).openFor(alice.rooms.identity.person), owner(alice).idFor(alice.rooms.identity.person))
  await alice.say(chat, 'late')
  t.strictSame(await alice.texts(chat), ['late'], 'its client id was forgotten with it')
})

t.test('a stop anywhere in between is made good at the next start', async (t) => {
  for (let steps = 0; steps < 60; steps += 1) {
    const { alice, bob, chat, place, settle } = await talked(t)
    const number = alice.store.numberOf(chat) ?? 0
    void owner(alice)
      .delete(chat)
      .catch(() => undefined)
    for (let step = 0; step < steps; step += 1) await Promise.resolve()
    alice.crash(steps % 2 === 0)
    await settle()
    await alice.start()
    await settle()
    const texts = await alice.texts(chat)
    if (texts.length > 0) {
      t.equal(texts.length, 10, 'not begun: all of it is there')
      await owner(alice).delete(chat)
    }
    t.strictSame(tablesWith(alice, number), ['conversation', 'dictionary', 'floor', 'state'])
    place.greetAll()
    await settle()
    await bob.say(chat, 'again')
    await settle()
    t.strictSame(await alice.texts(chat), ['again'])
  }
})

t.test('a deletion that the disk refused is not made good behind the back of its owner', async (t) => {
  for (const kept of [false, true]) {
    const { alice, chat, settle } = await talked(t)
    alice.disk.fault = { code: 'STORE_FULL', kept }
    t.equal(await codeOf(() => owner(alice).delete(chat)), 'STORE_FULL')
    t.equal((await alice.texts(chat)).length, 10)
    alice.disk.fault = undefined
    await codeOf(() => alice.say(chat, 'on'))
    await settle()
    // Where the mark had reached the disk after all, the owner gets what was asked for.
    t.equal((await alice.texts(chat)).length, kept ? 0 : 11)
    await alice.stop()
    await alice.start()
    t.equal((await alice.texts(chat)).length, kept ? 0 : 11)
  }
})

t.test('a deletion that was refused and asked for again is told once', async (t) => {
  const { alice, chat, settle } = await talked(t)
  const isGone = (): boolean => alice.events.some(({ type }) => type === 'conversation-gone')
  alice.disk.fault = { code: 'STORE_FULL' }
  t.equal(await codeOf(() => owner(alice).delete(chat)), 'STORE_FULL')
  alice.disk.fault = undefined
  await codeOf(() => alice.say(chat, 'the disk is well'))
  await settle()
  const again = codeOf(() => owner(alice).delete(chat))
  while (!isGone()) await Promise.resolve()
  alice.disk.fault = { code: 'STORE_FAILED' }
  t.equal(await again, 'STORE_FAILED', 'marked, and not cleared away')
  const self = owner(alice).idFor(alice.rooms.identity.person) ?? chat
  t.equal(await codeOf(() => alice.say(self, 'refused')), 'STORE_FAILED')
  alice.disk.fault = undefined
  await settle()
  t.equal(alice.events.filter(({ type }) => type === 'conversation-gone').length, 1)
})

t.test('Notes to self are emptied and stay', async (t) => {
  const { alice } = await talked(t)
  const id = owner(alice).idFor(alice.rooms.identity.person)
  if (id === undefined) throw new Error('no notes')
  await alice.say(id, 'a note')
  alice.events.length = 0
  await owner(alice).delete(id)
  t.strictSame(await alice.texts(id), [])
  t.strictSame(
    alice.events.map(({ type }) => type),
    ['conversation-gone', 'conversation'],
  )
  await alice.say(id, 'another')
  t.strictSame(await alice.texts(id), ['another'])
})
