import t, { type Test } from 'tap'
import type { Conversation, Message } from '../../../protocol/http-conversations.ts'
import type { GroupInvite, GroupMember, Joining } from '../../../protocol/http-groups.ts'
import { directId } from '../../../protocol/ids.ts'
import { arrives } from '../../support/arrives.ts'
import { deviceOf, personOf, type FakeOwner } from '../../support/fake-owner.ts'
import { runApi } from '../../support/running-api.ts'
import { linesOn, runLine, warren, type Ended } from '../../support/warren-process.ts'

t.setTimeout(240_000)

interface Shell {
  readonly owner: FakeOwner
  readonly run: (...words: string[]) => Promise<Ended>
  /** What it prints with --json. */
  readonly ask: <T>(...words: string[]) => Promise<T>
  readonly home: string
}

async function shellOf(t: Test): Promise<Shell> {
  const { home, owner } = await runApi(t)
  for (const name of ['bob', 'carol']) owner.meet(name, 'accepted')
  const run = linesOn(home)
  return {
    owner,
    home,
    run,
    ask: async <T>(...words: string[]) => {
      const { code, stdout, stderr } = await run(...words, '--json')
      t.strictSame([code, stderr], [0, ''])
      return JSON.parse(stdout) as T
    },
  }
}

t.test('a group is made, listed, shown and changed', async (t) => {
  const { run, ask, owner } = await shellOf(t)
  t.match(await run('group', 'list'), { code: 0, stdout: 'no groups yet: warren group create\n' })
  const made = await run(
    'group',
    'create',
    'Book club',
    '--member',
    'bob',
    '--member',
    'carol',
    '--history',
    'everything',
  )
  t.strictSame(made, { code: 0, stdout: 'Book club is made, and 2 people asked\n', stderr: '' })
  const [club] = await ask<Conversation[]>('group', 'list')
  t.match(club, { kind: 'group', title: 'Book club', group: { history: 'everything', standing: 'joined' } })
  t.match((await run('group', 'list')).stdout, /^Book club {2}[a-z2-7]{8} {2}1 member {2}you are owner\n$/)
  const { stdout } = await run('group', 'show', 'book club')
  t.match(stdout, /^name +Book club\n/)
  t.match(stdout, /\nmay write +member\n/)
  t.match(stdout, /\nnewcomers read +everything\n/)
  const news = await ask<Conversation>('group', 'create', 'News', '--broadcast', '--description', 'of the week')
  t.match(news.group, { broadcast: true, post: 'admin', description: 'of the week' })
  const set = ['--name', 'Readers', '--color', '#112233', '--invite', 'member', '--change', 'owner', '--post', 'ADMIN']
  const changed = await ask<Conversation>('group', 'set', 'book club', ...set)
  t.match(changed, { title: 'Readers', group: { color: '#112233', invite: 'member', change: 'owner', post: 'admin' } })
  t.equal(owner.conversation(changed.id).title, 'Readers')
  t.match(await run('group', 'set', 'Readers'), { code: 2, stderr: /say what to set/ })
})

t.test('members are added, given roles, removed and handed the group', async (t) => {
  const { run, ask, owner } = await shellOf(t)
  const { id } = await ask<Conversation>('group', 'create', 'Club')
  t.match(await run('group', 'add', 'Club', 'bob', '--role', 'admin'), {
    code: 0,
    stdout: 'bob was asked to join Club\n',
  })
  t.match(await ask('group', 'add', 'Club', 'carol'), { id: personOf('carol'), role: 'member', state: 'invited' })
  t.match(await run('group', 'add', 'Club', 'dave'), { code: 1, stderr: /nobody called "dave" is among the contacts/ })
  owner.groups.joins(id, 'bob')
  const names = (await ask<GroupMember[]>('group', 'members', 'Club')).map(({ name, role }) => `${name} ${role}`)
  t.strictSame(names, ['alice owner', 'bob admin', 'carol member'])
  const { stdout } = await run('group', 'members', 'Club')
  t.match(stdout, /^alice .*owner, cannot be removed +you +1 device\nbob .*admin .*offline .*\ncarol .* was asked/)
  t.match(await run('group', 'role', 'Club', 'carol', 'reader'), { stdout: 'carol is reader of Club now\n' })
  t.match(await run('group', 'role', 'Club', 'carol', 'king'), { code: 2, stderr: /a role is one of owner, admin/ })
  t.match(await run('group', 'role', 'Club', 'me', 'reader'), { code: 1, stderr: /role does not allow/ })
  t.match(await run('group', 'remove', 'Club', personOf('carol').slice(0, 8)), {
    stdout: /^carol was removed from Club\n/,
  })
  t.match(await run('group', 'remove', 'Club', 'carol'), {
    code: 1,
    stderr: 'warren: nobody called "carol" is in Club\n',
  })
  t.match(await run('group', 'leave', 'Club'), { code: 1, stderr: /hand the group over first/ })
  t.match(await run('group', 'transfer', 'Club', 'bob'), { code: 1, stderr: 'warren: nothing was changed\n' })
  t.match(await ask('group', 'transfer', 'Club', 'bob', '--yes'), { root: true, name: 'bob' })
  t.match(await run('group', 'leave', 'Club'), { code: 0, stdout: /^you left Club/ })
  t.match((await run('group', 'list')).stdout, /you left\n$/)
  t.match(await run('send', 'Club', 'too late'), { code: 1, stdout: '' })
})

t.test('a member who is no contact is asked, or blocked, by what they are called in the group', async (t) => {
  const { run, ask, owner } = await shellOf(t)
  await owner.groups.invited('dave', 'Readers')
  await owner.groups.invited('erin', 'Writers')
  t.match(await run('add', 'dave', '--group', 'readers', '--note', 'hi'), {
    code: 0,
    stdout: /^dave, fingerprint [a-z2-7 ]{19}\nrequest to dave is on its way\n$/,
  })
  t.match(owner.contact(personOf('dave')), { state: 'outgoing', note: 'hi' })
  t.match(await run('add', 'erin', '--group', 'readers'), { code: 1, stderr: /nobody called "erin" is in Readers/ })
  t.match(await run('block', 'erin'), { code: 1, stderr: /nobody called "erin" is among the contacts/ })
  t.match(await ask('block', 'erin', '--group', 'Writers'), { id: personOf('erin'), state: 'blocked' })
  owner.meet('frank', 'incoming', { groups: [{ id: 'a', name: 'Book club' }] })
  t.match((await run('contacts')).stdout, /^frank .*asks to be a contact.* shares Book club with you$/m)
})

t.test('an invitation is accepted or declined; a group is closed after a yes', async (t) => {
  const { run, ask, owner, home } = await shellOf(t)
  await owner.groups.invited('bob', 'Readers')
  await owner.groups.invited('carol', 'Writers')
  t.match((await run('group', 'show', 'Readers')).stdout, /\nyou +you are invited, by bob\n/)
  t.match(await run('group', 'accept', 'Readers'), { code: 0, stdout: 'you joined Readers\n' })
  t.match(await ask('group', 'decline', 'Writers'), { group: { standing: 'left' } })
  t.match(await run('group', 'accept', 'Writers'), { code: 1, stderr: /nobody added you/ })
  const { id } = await ask<Conversation>('group', 'create', 'Club')
  const close = async (input: string): Promise<Ended> => await warren(['group', 'close', 'Club'], { home, input })
  t.match(await close('no\n'), { code: 1, stderr: 'warren: nothing was changed\n' })
  t.equal(owner.conversation(id).group?.standing, 'joined')
  t.match(await close('yes\n'), { code: 0, stdout: /Club is closed\n$/ })
  t.equal(owner.conversation(id).group?.standing, 'closed')
})

t.test('links into a group are made, listed, taken back and followed', async (t) => {
  const { run, ask, home, owner } = await shellOf(t)
  await run('group', 'create', 'Club')
  t.match(await run('group', 'invites', 'Club'), { stdout: /^no link lets anybody in/ })
  const made = await ask<GroupInvite>('group', 'invite', 'Club', '--uses', '5', '--for', '2h', '--role', 'reader')
  t.match(made, { uses: 5, role: 'reader', link: /^warren:/, expiresAt: 1_760_007_200_000 })
  t.match(await ask('group', 'invite', 'Club', '--for', 'ever', '--uses', '0'), { uses: 0, expiresAt: 0 })
  const { stdout } = await run('group', 'invite', 'Club', '--qr')
  t.match(stdout, /█[^]*\nwarren:\S+\nlets in one person as member, until 2025-/)
  t.equal((await ask<GroupInvite[]>('group', 'invites', 'Club')).length, 3)
  t.match((await run('group', 'invites', 'Club')).stdout, /used 0 of any +does not expire +by alice +warren:/)
  t.strictSame(await ask('group', 'revoke', 'Club', made.id.slice(0, 8)), { revoked: made.id })
  t.match(await run('group', 'revoke', 'Club', made.id), { code: 1, stderr: /there is no invite/ })
  t.match(await run('group', 'invite', 'Club', '--uses', 'many'), { code: 2, stderr: /--uses is a number/ })

  const joined = await warren(['group', 'join', '-'], { home, input: 'warren:group-Readers\n' })
  t.match(joined, { code: 0, stdout: /^asking members of Readers to let you in/ })
  t.match(await run('group', 'join', 'warren:old-Readers'), { code: 1, stderr: /the link has expired/ })
  t.match(await run('group', 'join', 'warren:nothing'), { code: 1, stderr: /the link is damaged/ })
  const [joining] = await ask<Joining[]>('group', 'joining')
  t.match(joining, { name: 'Readers', state: 'asking' })
  if (joining !== undefined) owner.joins.becomes({ ...joining, state: 'not-valid' })
  t.match((await run('group', 'joining')).stdout, /^Readers .* the link was taken back or is used up/)
  t.match(await run('group', 'give-up', 'Readers'), { code: 0 })
  t.strictSame(await ask('group', 'joining'), [])
})

t.test('send, log, mute, missing and delete take the name of a group', async (t) => {
  const { run, ask, owner } = await shellOf(t)
  const { id } = await ask<Conversation>('group', 'create', 'Club', '--member', 'bob')
  t.match(await ask('send', 'club', 'hello'), { conversation: id })
  await owner.groups.patch(id, { name: 'Club\nbob: fake', description: 'x' })
  const log = await run('log', id.slice(0, 8))
  t.match(log.stdout, /^\S+ \S+ {2}\* you made the group\n\S+ \S+ {2}\* you added bob\n.* you \(stored\): hello\n/)
  t.match(log.stdout, /\* you named the group Club\\u\{a\}bob: fake\n.*\* you changed the description\n$/)
  const told = (await ask<Message[]>('log', id.slice(0, 8))).map(({ notice, text }) => notice?.is ?? text)
  t.strictSame(told, ['created', 'added', 'hello', 'named', 'settings'])
  t.strictSame(await ask('mute', id), { conversation: id, muted: true })
  t.match(await ask('missing', id), { complete: true, devices: [] })
  arrives(owner, id, { left: 660_000, percent: 34 })
  t.match(await ask('missing', id), { arriving: { left: 660_000, percent: 34 } })
  t.match((await run('missing', id)).stdout, /^getting older messages: 34 % are here, 660000 are to come$/m)
  t.match(await ask('status'), { arriving: [{ conversation: id, left: 660_000, percent: 34 }] })
  t.match((await run('status')).stdout, /^Club.*: getting older messages: 34 % are here, 660000 are to come$/m)
  t.match(await run('missing', 'bob'), { code: 0, stdout: /^(?:no other device|you have everything)/ })
  const devices = [{ deviceId: deviceOf('bob'), fingerprint: 'abcd', held: true, linked: true }]
  owner.people = [{ id: personOf('bob'), name: 'bob\nx', state: 'delivered', online: true, devices }]
  const [hello] = (await ask<Message[]>('log', id)).filter(({ text }) => text === 'hello')
  const info = await run('info', 'Club\nbob: fake', hello?.id.slice(0, 12) ?? '')
  t.match(info, {
    code: 0,
    stdout: /^held by 1 of 1 devices, delivered to 1 of 1, read by 0\nbob\\u\{a\}x {2}delivered/,
  })
  t.match(await ask('info', id, 'last'), { id: hello?.id, people: [{ state: 'delivered' }] })
  t.match(await run('info', id, 'nobodyelse'), { code: 1, stderr: /no message "nobodyelse"/ })
  const notice = (await ask<Message[]>('log', id)).find((each) => each.notice !== undefined)
  t.match(await run('info', id, notice?.id ?? ''), { code: 1 })
  t.strictSame(await ask('delete', id, '--yes'), { deleted: id })
})

t.test('a group and a contact of the same name: a petname wins, else both are listed', async (t) => {
  const { run, ask, owner } = await shellOf(t)
  const { id } = await ask<Conversation>('group', 'create', 'bob')
  const both = new RegExp(`^warren: "bob" may be bob \\(${personOf('bob').slice(0, 8)}\\), bob \\(${id.slice(0, 8)}\\)`)
  t.match(await run('send', 'bob', 'hi'), { code: 1, stdout: '', stderr: both })
  t.match(await ask('send', id.slice(0, 8), 'hi'), { conversation: id })
  await owner.patchContact(personOf('carol'), { petname: 'bob' })
  t.match(await ask('send', 'bob', 'hi'), { conversation: directId(owner.person, personOf('carol')) })
  await owner.patchContact(personOf('carol'), { petname: '' })
  await ask('group', 'close', 'bob', '--yes')
  t.match(await run('send', 'bob', 'hi'), { code: 0, stdout: /message to bob\n$/ }, 'a group that ended is not meant')
})

t.test('wrong usage says what is right', async (t) => {
  for (const [words, says] of [
    [['group'], /usage: warren group </],
    [['group', 'destroy'], /there is no "warren group destroy"/],
    [['group', 'add', 'Club'], /usage: warren group add <group> <who> \[--role ROLE\]/],
    [['group', 'list', '--role', 'admin'], /usage: warren group list\n/],
    [['group', 'create', 'x', '--post', 'reader'], /--post is one of owner, admin, member/],
    [['group', 'create', 'x', '--broadcast', '--post', 'member'], /in a broadcast group members only read/],
  ] as const)
    t.match(await runLine([...words]), { code: 2, stdout: '', stderr: says }, words.join(' '))
})
