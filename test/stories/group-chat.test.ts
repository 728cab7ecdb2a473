/** A group of three, over real daemons and sockets: everybody relays for everybody. */

import t from 'tap'
import { groupOf, guests, type Guest } from '../support/guests.ts'

t.setTimeout(90_000)

t.test('alice, bob and carol talk; who was off gets everything from whoever is on', async (t) => {
  const [alice, bob, carol] = (await guests(t, 'alice', 'bob', 'carol')) as [Guest, Guest, Guest]
  const group = await groupOf(alice, [bob, carol])
  for (const each of [alice, bob, carol]) {
    await each.seat.say(group, `from ${each.name}`)
    for (const other of [alice, bob, carol]) await other.seat.hears(group, `from ${each.name}`)
  }
  const words = ['from alice', 'from bob', 'from carol']
  for (const each of [alice, bob, carol]) t.strictSame(await each.words(group), words)

  await bob.stop()
  await alice.seat.say(group, 'while bob is off')
  await carol.seat.hears(group, 'while bob is off')
  await alice.stop()
  await bob.start()
  await bob.seat.hears(group, 'while bob is off')
  await bob.seat.say(group, 'alice is off now')
  await carol.seat.hears(group, 'alice is off now')
  await bob.stop()
  await alice.start()
  await alice.seat.hears(group, 'alice is off now')
  t.strictSame(await alice.words(group), await carol.words(group))
})

t.test('in a broadcast group the founder writes, and everybody else reads', async (t) => {
  const [alice, bob] = (await guests(t, 'alice', 'bob')) as [Guest, Guest]
  const group = await groupOf(alice, [bob], { post: 'admin' })
  t.match((await bob.conversation(group))?.group, { broadcast: true, rights: { post: false } })
  await t.rejects(bob.seat.say(group, 'may I?'), { code: 'NOT_ALLOWED' })
  await alice.seat.say(group, 'news')
  await bob.seat.hears(group, 'news')
  await alice.ask('PATCH', `/conversations/${group}/members/${bob.person}`, { role: 'admin' })
  await bob.seat.until(
    async () => ((await bob.conversation(group))?.group?.rights.post === true ? true : undefined),
    'bob to be allowed to write',
  )
  await bob.seat.say(group, 'news of mine')
  await alice.seat.hears(group, 'news of mine')
})
