import t from 'tap'
import { twoContacts } from '../../support/device.ts'
import { Pen } from '../../support/pen.ts'

t.test('what a full disk refused is as if it had not been said', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  await alice.say(chat, 'before')
  alice.disk.fault = { code: 'STORE_FULL' }
  await t.rejects(alice.say(chat, 'refused'), { code: 'STORE_FULL' })
  await t.rejects(alice.say(chat, 'refused again'), { code: 'STORE_FULL' })
  t.strictSame(await alice.texts(chat), ['before'])
  await settle()
  alice.disk.fault = undefined
  const { created } = await alice.rooms.conversations.owner.post(chat, 'refused', 'alice: refused')
  t.equal(created, true)
  await settle()
  t.strictSame(await bob.texts(chat), ['before', 'refused'])
  await alice.stop()
  await alice.start()
  t.strictSame(await alice.texts(chat), ['before', 'refused'])
})

t.test('what failed and was written after all is not lost, doubled or written over', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  await alice.say(chat, 'before')
  alice.disk.fault = { code: 'STORE_FAILED', kept: true }
  await t.rejects(alice.say(chat, 'said to have failed', 'the id'), { code: 'STORE_FAILED' })
  alice.disk.fault = undefined
  // The next write mends the store, which finds the lost group.
  await alice.say(chat, 'after')
  const retried = await alice.rooms.conversations.owner.post(chat, 'said to have failed', 'the id')
  t.equal(retried.created, false)
  t.equal(retried.message.text, 'said to have failed')
  await settle()
  const expected = ['before', 'said to have failed', 'after']
  t.strictSame(await alice.texts(chat), expected)
  t.strictSame(await bob.texts(chat), expected)
  await alice.stop()
  await alice.start()
  t.strictSame(await alice.texts(chat), expected)
  const told = alice.events.filter(({ type }) => type === 'message').map((event) => JSON.stringify(event))
  t.equal(new Set(told).size, 3)
})

t.test('of two groups that failed together each is judged by itself', async (t) => {
  for (const kept of [false, true]) {
    const { alice, bob, chat, settle } = await twoContacts(t)
    await alice.say(chat, 'before')
    const texts = Array.from({ length: 300 }, (_, each) => `${each}`)
    alice.disk.fault = { code: 'STORE_FAILED', kept }
    const said = await Promise.allSettled(texts.map(async (text) => await alice.say(chat, text)))
    t.ok(said.every(({ status }) => status === 'rejected'))
    t.strictSame(await alice.texts(chat), ['before'])
    alice.disk.fault = undefined
    await alice.say(chat, 'mends the store')
    const { owner } = alice.rooms.conversations
    const again = await Promise.all(texts.map(async (text) => await owner.post(chat, text, `alice: ${text}`)))
    const known = again.filter(({ created }) => !created).length
    t.equal(known, kept ? 256 : 0, 'the second group was never tried')
    await settle()
    const shown = await alice.texts(chat)
    t.strictSame(shown.toSorted(), ['before', 'mends the store', ...texts].toSorted(), 'nothing lost, nothing doubled')
    t.strictSame(await bob.texts(chat), shown)
    await alice.stop()
    await alice.start()
    t.strictSame(await alice.texts(chat), shown)
  }
})

t.test('kill -9 with two groups under way loses nothing that was acknowledged', async (t) => {
  for (const keepUnderWay of [false, true]) {
    const { alice, bob, chat, place, settle } = await twoContacts(t)
    await alice.say(chat, 'before')
    const texts = Array.from({ length: 600 }, (_, each) => `${each}`)
    for (const turns of [4, 8, 12, 16]) {
      const acknowledged: string[] = []
      const posts = texts.map(async (text) => {
        await alice.say(chat, `${turns} ${text}`)
        acknowledged.push(`${turns} ${text}`)
      })
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
      alice.crash(keepUnderWay)
      void Promise.allSettled(posts)
      await settle()
      await alice.start()
      place.greetAll()
      await settle()
      const there = new Set(await alice.texts(chat))
      t.strictSame(
        acknowledged.filter((text) => !there.has(text)),
        [],
      )
      await Promise.all(texts.map(async (text) => await alice.say(chat, `${turns} ${text}`)))
      await settle()
      const shown = (await alice.texts(chat)).filter((text) => text.startsWith(`${turns} `))
      t.strictSame(shown.toSorted(), texts.map((text) => `${turns} ${text}`).toSorted(), 'each once')
      t.strictSame(await bob.texts(chat), await alice.texts(chat))
    }
  }
})

t.test('a received batch that failed is taken again', async (t) => {
  for (const kept of [false, true]) {
    const { alice, bob, chat } = await twoContacts(t)
    const pen = new Pen(bob.rooms.identity, chat)
    const run = pen.run(pen.writeMany(5))
    const { peers } = alice.rooms.conversations
    alice.disk.fault = { code: 'STORE_FAILED', kept }
    await t.rejects(peers.accept(chat, [run], bob.id), { code: 'STORE_FAILED' })
    t.strictSame(peers.vector(chat), [], 'nothing is told that is not durable')
    t.equal(alice.unread(chat), 0)
    alice.disk.fault = undefined
    await alice.say(chat, 'mends the store')
    const { held } = await peers.accept(chat, [run], bob.id)
    t.strictSame(
      held.map(({ ranges }) => ranges),
      [[[1, 5]]],
    )
    t.equal((await alice.messages(chat)).length, 6)
    t.equal(alice.unread(chat), 5)
    await alice.stop()
    await alice.start()
    t.equal((await alice.messages(chat)).length, 6)
    t.equal(alice.unread(chat), 5)
  }
})

t.test('the first post of a conversation fails, with its epoch', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  alice.disk.fault = { code: 'STORE_FULL' }
  await t.rejects(alice.say(chat, 'first'))
  alice.disk.fault = undefined
  await alice.say(chat, 'first')
  await settle()
  t.strictSame(await bob.texts(chat), ['first'])
  await bob.say(chat, 'second')
  await settle()
  t.strictSame(await alice.texts(chat), ['first', 'second'])
})

t.test('kill -9 between any two writes loses nothing that was acknowledged', async (t) => {
  for (const keepUnderWay of [false, true]) {
    const { alice, bob, chat, place, settle } = await twoContacts(t)
    const acknowledged: string[] = []
    for (let round = 0; round < 8; round += 1) {
      const posts = Array.from({ length: 6 }, async (_, each) => {
        const text = `${round}.${each}`
        await alice.say(chat, text)
        acknowledged.push(text)
      })
      for (let turn = 0; turn < round * 2; turn += 1) await Promise.resolve()
      alice.crash(keepUnderWay)
      void Promise.allSettled(posts)
      await settle()
      await alice.start()
      place.greetAll()
      await settle()
      // The page says again what it was not answered for.
      for (let each = 0; each < 6; each += 1) await alice.say(chat, `${round}.${each}`)
      await settle()
      const texts = await alice.texts(chat)
      t.strictSame(
        acknowledged.filter((text) => !texts.includes(text)),
        [],
      )
      t.equal(texts.length, (round + 1) * 6)
      t.strictSame(await bob.texts(chat), texts)
    }
  }
})
