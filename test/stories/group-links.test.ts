/** Links into groups, and what newcomers may read, over real daemons and sockets. */

import t from 'tap'
import { groupOf, guests, type Guest } from '../support/guests.ts'

t.setTimeout(240_000)

t.test('a link lets somebody in through a member who did not make it, once', async (t) => {
  const [alice, bob] = (await guests(t, 'alice', 'bob')) as [Guest, Guest]
  const [carol] = (await guests(t, 'carol')) as [Guest]
  const [dave] = (await guests(t, 'dave')) as [Guest]
  const group = await groupOf(alice, [bob])
  const link = await alice.invite(group)
  await bob.seat.until(
    async () =>
      (await bob.ask<{ items: unknown[] }>('GET', `/conversations/${group}/invites`)).items.length === 1
        ? true
        : undefined,
    'bob to know of the link',
  )
  await alice.stop()
  t.match(await carol.join(link), { conversation: group, name: 'Garden', state: 'asking' })
  await carol.stands(group, 'joined')
  t.strictSame(await carol.joining(), [])
  await carol.seat.say(group, 'hello')
  await bob.seat.hears(group, 'hello')
  await bob.seat.say(group, 'welcome')
  await carol.seat.hears(group, 'welcome')
  t.strictSame(await carol.seat.contacts(), [], 'no contact comes of it')

  await dave.join(link)
  await dave.seat.until(
    async () => ((await dave.joining())[0]?.state === 'not-valid' ? true : undefined),
    'the link to be used up',
  )
  t.equal((await bob.members(group)).length, 3)
  await alice.start()
  await alice.seat.hears(group, 'hello')
  await alice.sees(group, alice, bob, carol)
})

t.test('a link that was taken back lets nobody in', async (t) => {
  const [alice] = (await guests(t, 'alice')) as [Guest]
  const [carol] = (await guests(t, 'carol')) as [Guest]
  const group = await groupOf(alice, [])
  const link = await alice.invite(group, { uses: 0 })
  const { items } = await alice.ask<{ items: { id: string }[] }>('GET', `/conversations/${group}/invites`)
  await alice.ask('DELETE', `/conversations/${group}/invites/${items[0]?.id}`)
  await carol.join(link)
  await carol.seat.until(
    async () => ((await carol.joining())[0]?.state === 'not-valid' ? true : undefined),
    'the link to be no longer valid',
  )
  t.equal((await carol.joining())[0]?.state, 'not-valid')
  await alice.sees(group, alice)
})

for (const history of ['everything', 'joining'] as const)
  t.test(`newcomers read ${history === 'everything' ? 'everything' : 'what comes after them'}`, async (t) => {
    const [alice, bob] = (await guests(t, 'alice', 'bob')) as [Guest, Guest]
    const group = await groupOf(alice, [], { history })
    await alice.seat.say(group, 'before')
    await alice.ask('POST', `/conversations/${group}/members`, { id: bob.person })
    await bob.answer(group, 'accept')
    await alice.sees(group, alice, bob)
    await alice.seat.say(group, 'after')
    await bob.seat.hears(group, 'after')
    if (history === 'everything') await bob.seat.hears(group, 'before')
    t.strictSame(
      (await bob.words(group)).filter((text) => text !== '(unreadable)'),
      history === 'everything' ? ['before', 'after'] : ['after'],
    )
    t.notOk(history === 'joining' && (await bob.seat.texts(group)).includes('before'))
  })
