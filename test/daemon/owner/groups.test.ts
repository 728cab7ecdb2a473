import t from 'tap'
import type { DeviceOwner } from '../../../daemon/owner/owner.ts'
import type { Message } from '../../../protocol/http-conversations.ts'
import { neighbourhood, twoContacts } from '../../support/device.ts'
import { ownerOf } from '../../support/owner-of.ts'

const lines = (items: readonly Message[]): string[] =>
  items.toReversed().map(({ notice, text }) => (notice === undefined ? text : `(${notice.is})`))

/** All messages and lines newest first, page by page. */
async function readBack(owner: DeviceOwner, id: string, limit: number): Promise<Message[]> {
  const all: Message[] = []
  for (;;) {
    const before = all.at(-1)?.order
    const page = await owner.messages(id, { limit, ...(before === undefined ? {} : { before }) })
    if (page.items.length > limit) throw new Error('a page is too long')
    all.push(...page.items)
    if (!page.older) return all
  }
}

/** All that is behind an order key, oldest first, page by page. */
async function readForth(owner: DeviceOwner, id: string, limit: number, from: string): Promise<Message[]> {
  const all: Message[] = []
  for (;;) {
    const page = await owner.messages(id, { limit, after: all.at(-1)?.order ?? from })
    all.push(...page.items.toReversed())
    if (!page.newer) return all
  }
}

t.test('a group is made with a contact, who is asked', async (t) => {
  const { alice, bob } = await twoContacts(t)
  const owner = ownerOf(alice)
  const bobs = bob.rooms.identity.person
  const { id, title, group } = await owner.groups.create({ kind: 'group', name: 'Gardeners', members: [bobs] })
  t.equal(title, 'Gardeners')
  t.match(group, {
    standing: 'joined',
    role: 'owner',
    members: 1,
    broadcast: false,
    rights: { post: true, invite: true, change: true, govern: true, transfer: true },
  })
  t.strictSame(
    owner.groups.members(id).map(({ name, role, state, may }) => [name, role, state, may.remove]),
    [
      ['alice', 'owner', 'joined', false],
      ['bob', 'member', 'invited', true],
    ],
  )
  await owner.post(id, { text: 'beans', clientId: 'a' })
  const { items } = await owner.messages(id, { limit: 10 })
  t.strictSame(lines(items), ['(created)', '(added)', 'beans'])
  t.match(items[1]?.notice, { is: 'added', by: { name: 'alice', mine: true }, whom: { id: bobs, name: 'bob' } })
  t.match(owner.conversation(id), { unread: 0, last: { text: 'beans' } })
})

t.test('pages hold the lines between their messages', async (t) => {
  const { start } = neighbourhood(t)
  const owner = ownerOf(await start('alice'))
  const { id } = await owner.groups.create({ kind: 'group', name: 'Notes', members: [] })
  for (let each = 0; each < 5; each += 1) {
    await owner.post(id, { text: `${each}`, clientId: `${each}` })
    await owner.groups.patch(id, { name: `Notes ${each}` })
  }
  const all = lines((await owner.messages(id, { limit: 100 })).items)
  t.strictSame(all.slice(0, 4), ['(created)', '0', '(named)', '1'])
  for (const limit of [1, 2, 3, 4]) {
    const back = await readBack(owner, id, limit)
    t.strictSame(lines(back), all, `back by ${limit}`)
    const forth = await readForth(owner, id, limit, back.at(-1)?.order ?? '')
    t.strictSame(lines(forth.toReversed()), all.slice(1), `forth by ${limit}`)
  }
  const [first] = (await owner.messages(id, { limit: 1 })).items
  t.strictSame(await owner.message(id, first?.order ?? ''), first)
})

t.test('what a group is called and its rules change, and what is not allowed says why', async (t) => {
  const { alice, bob } = await twoContacts(t)
  const owner = ownerOf(alice)
  const bobs = bob.rooms.identity.person
  const { id } = await owner.groups.create({ kind: 'group', name: 'Gardeners', members: [], post: 'admin' })
  t.match(owner.conversation(id).group, { broadcast: true })
  const changed = await owner.groups.patch(id, {
    name: 'Growers',
    color: '#112233',
    post: 'member',
    history: 'everything',
  })
  t.match(changed, { title: 'Growers', group: { color: '#112233', broadcast: false, history: 'everything' } })
  await t.rejects(owner.groups.patch(id, { name: ' ' }), { code: 'BAD_SHAPE' })
  await owner.groups.add(id, { id: bobs, role: 'admin' })
  await t.rejects(owner.groups.add(id, { id: bobs }), { code: 'CONFLICT' })
  await t.rejects(owner.groups.change(id, bobs, { transfer: true }), { code: 'NOT_FOUND' })
  t.equal((await owner.groups.change(id, bobs, { role: 'reader' })).role, 'reader')
  await t.rejects(owner.groups.change(id, bobs, { role: 'reader' }), { code: 'CONFLICT' })
  await t.rejects(owner.groups.leave(id), { code: 'NOT_ALLOWED', message: /hand the group over/ })
  await owner.groups.remove(id, bobs)
  t.equal(owner.groups.members(id).length, 1)
  await t.rejects(owner.groups.remove(id, bobs), { code: 'NOT_FOUND' })
  t.equal((await owner.groups.add(id, { id: bobs })).state, 'invited', 'and in again')
  await owner.groups.close(id)
  t.match(owner.conversation(id).group, { standing: 'closed', rights: { post: false, invite: false, govern: false } })
  await t.rejects(owner.post(id, { text: 'x', clientId: 'x' }), { code: 'NOT_ALLOWED' })
  await t.rejects(owner.groups.patch(id, { name: 'x' }), { code: 'NOT_ALLOWED' })
})

t.test('invites have links, as long as they let somebody in', async (t) => {
  const { start } = neighbourhood(t)
  const alice = await start('alice')
  const owner = ownerOf(alice)
  const { id } = await owner.groups.create({ kind: 'group', name: 'Gardeners', members: [] })
  const made = await owner.groups.invite(id, { uses: 2, role: 'reader' })
  t.match(made, { uses: 2, used: 0, role: 'reader', by: { name: 'alice' }, link: /^warren:/ })
  await owner.groups.invite(id, { seconds: 0 })
  t.equal(owner.groups.invites(id).length, 2)
  await owner.groups.revoke(id, made.id)
  await t.rejects(owner.groups.revoke(id, made.id), { code: 'NOT_FOUND' })
  t.strictSame(
    owner.groups.invites(id).map(({ expiresAt }) => expiresAt),
    [0],
  )
})

t.test('a group is there again after a start, with all that was said of it', async (t) => {
  const { alice, bob, chat } = await twoContacts(t)
  const before = ownerOf(alice)
  const { id } = await before.groups.create({ kind: 'group', name: 'Gardeners', members: [bob.rooms.identity.person] })
  await before.groups.invite(id, {})
  await before.post(id, { text: 'beans', clientId: 'a' })
  const told = {
    page: await before.messages(id, { limit: 10 }),
    invites: before.groups.invites(id),
    of: before.conversation(id),
  }
  await alice.stop()
  await alice.start()
  const after = ownerOf(alice)
  t.strictSame(await after.messages(id, { limit: 10 }), told.page)
  t.strictSame(after.groups.invites(id), told.invites)
  t.strictSame(after.conversation(id), told.of)
  await t.rejects(after.groups.patch(chat, { name: 'x' }), { code: 'NOT_FOUND' })
})
