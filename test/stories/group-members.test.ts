/** Coming, going and governing, over real daemons and sockets. */

import t from 'tap'
import { groupOf, guests, type Guest } from '../support/guests.ts'

t.setTimeout(240_000)

t.test('who is removed learns nothing new, and what they write later stays with them', async (t) => {
  const [alice, bob, carol] = (await guests(t, 'alice', 'bob', 'carol')) as [Guest, Guest, Guest]
  const group = await groupOf(alice, [bob, carol])
  await carol.seat.say(group, 'while I am here')
  for (const each of [alice, bob]) await each.seat.hears(group, 'while I am here')
  await alice.ask('DELETE', `/conversations/${group}/members/${carol.person}`)
  await bob.sees(group, alice, bob)
  await alice.seat.say(group, 'without carol')
  await bob.seat.hears(group, 'without carol')
  await carol.stands(group, 'removed')
  t.strictSame(await carol.words(group), ['while I am here'], 'what was held stays readable')
  await t.rejects(carol.seat.say(group, 'let me in'), { code: 'NOT_ALLOWED' })
  t.strictSame(await bob.words(group), ['while I am here', 'without carol'])
  await carol.stop()
  await carol.start()
  await carol.stands(group, 'removed')
  t.strictSame(await carol.words(group), ['while I am here'])
})

t.test('words from after a removal, by who did not know of it yet, stay outside', async (t) => {
  const [alice, bob, carol] = (await guests(t, 'alice', 'bob', 'carol')) as [Guest, Guest, Guest]
  const group = await groupOf(alice, [bob, carol])
  await carol.seat.say(group, 'known to all')
  for (const each of [alice, bob]) await each.seat.hears(group, 'known to all')
  await Promise.all([alice.stop(), bob.stop()])
  await carol.seat.say(group, 'nobody is there')
  await carol.stop()
  await alice.start()
  await alice.ask('DELETE', `/conversations/${group}/members/${carol.person}`)
  await bob.start()
  await bob.sees(group, alice, bob)
  await carol.start()
  await carol.stands(group, 'removed')
  await alice.seat.say(group, 'afterwards')
  await bob.seat.hears(group, 'afterwards')
  for (const each of [alice, bob]) t.strictSame(await each.words(group), ['known to all', 'afterwards'])
  t.strictSame(await carol.words(group), ['known to all', '(outside) nobody is there'])
})

t.test('one declines; one leaves, is asked again, and is back', async (t) => {
  const [alice, bob, carol] = (await guests(t, 'alice', 'bob', 'carol')) as [Guest, Guest, Guest]
  const group = await groupOf(alice, [bob])
  await alice.ask('POST', `/conversations/${group}/members`, { id: carol.person })
  await carol.answer(group, 'decline')
  await alice.seat.until(
    async () => ((await alice.members(group)).length === 2 ? true : undefined),
    'carol to be off the list',
  )
  t.equal((await carol.conversation(group))?.group?.standing ?? 'left', 'left')

  await bob.seat.say(group, 'goodbye')
  await alice.seat.hears(group, 'goodbye')
  await bob.ask('POST', `/conversations/${group}/leave`, {})
  await alice.sees(group, alice)
  await alice.seat.say(group, 'alone')
  await alice.ask('POST', `/conversations/${group}/members`, { id: bob.person })
  await bob.answer(group, 'accept')
  await alice.sees(group, alice, bob)
  await alice.seat.say(group, 'welcome back')
  await bob.seat.hears(group, 'welcome back')
  await bob.seat.say(group, 'thank you')
  await alice.seat.hears(group, 'thank you')
})

t.test('a group is handed over: the new root owner removes the old one', async (t) => {
  const [alice, bob, carol] = (await guests(t, 'alice', 'bob', 'carol')) as [Guest, Guest, Guest]
  const group = await groupOf(alice, [bob, carol])
  await t.rejects(alice.ask('POST', `/conversations/${group}/leave`, {}), { code: 'NOT_ALLOWED' })
  await alice.ask('PATCH', `/conversations/${group}/members/${bob.person}`, { transfer: true })
  for (const each of [bob, carol])
    await each.seat.until(
      async () => ((await each.members(group)).find(({ root }) => root)?.id === bob.person ? true : undefined),
      `${each.name} to see the new root owner`,
    )
  await bob.ask('DELETE', `/conversations/${group}/members/${alice.person}`)
  await alice.stands(group, 'removed')
  await carol.sees(group, bob, carol)
  await carol.seat.say(group, 'new times')
  await bob.seat.hears(group, 'new times')
  await bob.ask('POST', `/conversations/${group}/close`, {})
  await carol.stands(group, 'closed')
  await t.rejects(carol.seat.say(group, 'one more'), { code: 'NOT_ALLOWED' })
})
