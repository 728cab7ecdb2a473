/** A group of three, over real daemons and sockets: everybody relays for everybody. */

import { join } from 'node:path'
import t from 'tap'
import type { Receipts } from '../../protocol/http-conversations.ts'
import { groupOf, guests, type Guest } from '../support/guests.ts'
import { warren } from '../support/warren-process.ts'

t.setTimeout(240_000)

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

  await bob.start()
  await bob.seat.hears(group, 'while bob is off')
  const { id } = await alice.seat.say(group, 'who has this?')
  const receipts = await alice.seat.until(async () => {
    const told = await alice.ask<Receipts>('GET', `/conversations/${group}/messages/${id}/receipts`)
    return told.delivered === 2 ? told : undefined
  }, 'both to have it')
  t.match(receipts, { held: 2, devices: 2, persons: 2, state: 'delivered' })
  t.strictSame(receipts.people.map(({ name }) => name).toSorted(), ['bob', 'carol'])
  const info = await warren(['info', 'Garden', 'last'], { home: alice.seat.home })
  t.match(info, { code: 0, stdout: /^held by 2 of 2 devices, delivered to 2 of 2, read by 0\nbob +delivered +/ })
  const file = join(alice.seat.home, 'saved.json')
  t.match(await warren(['export', 'Garden', '--output', file], { home: alice.seat.home }), { code: 0 })
  const { code, stdout } = await warren(['check-export', file], { home: join(alice.seat.home, 'nobody') })
  t.equal(code, 0)
  t.match(stdout, /^genuine: 6 messages, [^\n]+\nthe group [^\n]+, by its operations: [^\n]*\(owner\)/)
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
