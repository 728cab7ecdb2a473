import t from 'tap'
import type { Conversation, Message } from '../../../protocol/http-conversations.ts'
import { directId } from '../../../protocol/ids.ts'
import { deviceOf, personOf } from '../../support/fake-owner.ts'
import { limits } from '../../../protocol/limits.ts'
import { runApi, shortFolder } from '../../support/running-api.ts'
import { linesOn, runLine, startWarren, warren, type Ended } from '../../support/warren-process.ts'

// Dozens of processes, on whatever else the machine has to do.
t.setTimeout(240_000)

const parse = ({ stdout }: Ended): unknown => JSON.parse(stdout)

t.test('id, status and name', async (t) => {
  const { home, owner, listeners } = await runApi(t)
  const run = linesOn(home)
  const id = await run('id', '--json')
  t.strictSame([id.code, id.stderr], [0, ''])
  const { personId, deviceId, name, addresses, link, fingerprint } = owner.me()
  t.strictSame(parse(id), { personId, deviceId, name, fingerprint, addresses, link })
  t.match((await run('id')).stdout, /name +alice\n/)
  t.strictSame(parse(await run('status', '--json')), {
    running: true,
    locked: false,
    pid: process.pid,
    version: '9.9.9',
    api: listeners.address,
    links: [],
  })
  t.match((await run('status')).stdout, /^running, process \d+, version 9\.9\.9, http:/)
  t.strictSame(parse(await run('name', 'Alice L', '--json')), { name: 'Alice L' })
  t.equal(owner.me().welcomed, true)
  t.match(await run('name', 'x'.repeat(65)), { code: 1, stdout: '', stderr: /^warren: name: .*\n$/ })
})

t.test('peers and add', async (t) => {
  const { home, owner } = await runApi(t)
  const run = linesOn(home)
  t.match(await run('peers'), { code: 0, stdout: 'nobody was seen yet\n' })
  owner.see('bob')
  t.strictSame(parse(await run('peers', '--json')), owner.peers())
  owner.hosts.set('carols-box:7719', 'carol')
  const added = await run('add', 'carols-box:7719', '--note', 'it is me')
  t.equal(
    added.stdout,
    `carol, fingerprint ${owner.peer(deviceOf('carol'))?.fingerprint}\nrequest to carol is on its way\n`,
  )
  t.match(owner.contact(personOf('carol')), { state: 'outgoing', note: 'it is me' })
  t.match(parse(await run('add', 'warren:dave', '--json')), { id: personOf('dave'), state: 'outgoing' })
  t.match(await run('add', 'nowhere'), { code: 1, stdout: '', stderr: 'warren: no such host: nowhere\n' })
  t.match(await run('add', 'warren:?'), { code: 1, stderr: /^warren: the link is damaged\n$/ })
})

t.test('contacts, and every answer to a request', async (t) => {
  const { home, owner } = await runApi(t)
  const run = linesOn(home)
  for (const name of ['bob', 'carol', 'dave']) owner.meet(name, 'incoming', { note: `I am ${name}` })
  t.strictSame(parse(await run('contacts', '--json')), owner.contacts())
  t.match((await run('contacts')).stdout, /bob +[a-z2-7]{8} .*asks to be a contact +I am bob\n/)
  t.match(await run('accept', 'BOB'), { code: 0, stdout: 'bob is a contact now\n' })
  t.match(parse(await run('accept', personOf('carol').slice(0, 6), '--json')), { state: 'accepted' })
  t.match(await run('accept', 'bob'), { code: 1, stderr: 'warren: nobody asked\n' })
  t.match(await run('decline', 'dave'), { code: 0 })
  t.throws(() => owner.contact(personOf('dave')), { code: 'NOT_FOUND' })
  t.match(await run('block', 'bob'), { code: 0, stdout: 'bob is blocked\n' })
  t.equal(owner.contact(personOf('bob')).state, 'blocked')
  t.match(await run('unblock', 'bob'), { code: 0 })
})

t.test('mute for ever, for a while, and not any more', async (t) => {
  const { home, owner } = await runApi(t)
  const run = linesOn(home)
  const { conversation = '' } = owner.meet('bob', 'accepted')
  t.match(await run('mute', 'bob'), { code: 0, stdout: 'bob is muted\n' })
  t.match(owner.conversation(conversation), { muted: true, mutedUntil: undefined })
  const before = Date.now()
  const { mutedUntil = 0 } = parse(await run('mute', 'bob', '--for', '8h', '--json')) as Conversation
  t.ok(mutedUntil >= before + 8 * 3_600_000 && mutedUntil <= Date.now() + 8 * 3_600_000)
  t.equal(owner.conversation(conversation).mutedUntil, mutedUntil)
  t.match(await run('mute', 'bob', '--for', '2w'), { stdout: /^bob is muted until \d{4}-\d\d-\d\d \d\d:\d\d\n$/ })
  t.match(await run('mute', 'bob', '--for', 'long'), { code: 2, stderr: /no time span: write minutes/ })
  t.match(await run('mute', 'bob', '--for', '0h'), { code: 2 })
  t.strictSame(parse(await run('unmute', 'bob', '--json')), { conversation, muted: false })
  t.match(owner.conversation(conversation), { muted: false, mutedUntil: undefined })
})

t.test('declined and former contacts: listed apart, accepted, asked again, removed', async (t) => {
  const { home, owner } = await runApi(t)
  const run = linesOn(home)
  owner.meet('bob', 'declined', { askedAgain: true, note: 'two\nlines' })
  owner.meet('carol', 'removed')
  owner.meet('dave', 'ended')
  owner.meet('erin', 'accepted')
  t.match((await run('contacts')).stdout, /^dave .* ended it: warren ask\nerin .* offline\n$/)
  const { stdout } = await run('contacts', '--declined')
  t.match(stdout, /^bob .* you declined, asked again +two lines\ncarol .* you ended it\n$/)
  t.match(parse(await run('contacts', '--declined', '--json')), [{ state: 'declined' }, { state: 'removed' }])
  t.match(await run('accept', 'bob'), { code: 0, stdout: 'bob is a contact now\n' })
  t.match(await run('ask', 'dave', '--note', 'again?'), { code: 0, stdout: 'request to dave is on its way\n' })
  t.match(owner.contact(personOf('dave')), { state: 'outgoing', note: 'again?' })
  t.match(parse(await run('ask', 'carol', '--json')), { state: 'outgoing' })
  t.match(await run('ask', 'zoe'), { code: 1, stderr: /nobody called "zoe"/ })
  t.strictSame(parse(await run('remove', 'erin', '--json')), { id: personOf('erin'), state: 'removed' })
  t.throws(() => owner.contact(personOf('erin')), { code: 'NOT_FOUND' })
  t.match(await run('remove', 'carol'), { code: 0, stdout: 'carol was removed\n' })
})

t.test('somebody who looks like a contact is told in contacts, accept and add', async (t) => {
  const { home, owner } = await runApi(t)
  const run = linesOn(home)
  const bob = owner.meet('bob', 'accepted')
  const lookalike = { id: bob.id, name: 'bob', fingerprint: bob.fingerprint, how: 'similar-name' } as const
  const mallory = owner.meet('mallory', 'incoming', { name: 'Воb', lookalike })
  const careful = `careful: Воb is not bob, whom you know: only the names look alike (Воb here is ${mallory.fingerprint}, bob was ${bob.fingerprint})\n`
  t.ok((await run('contacts')).stdout.endsWith(careful))
  t.equal((await run('accept', mallory.id)).stdout, `Воb is a contact now\n${careful}`)
  owner.hosts.set('old-box', 'carol')
  owner.see('carol', { lookalike: { ...lookalike, how: 'address' } })
  const { stdout } = await run('add', 'old-box')
  t.match(stdout, /careful: bob answered at this address before, and now it is carol/)
})

t.test('another device at the address of a contact is told in a line of its own, until it is dismissed', async (t) => {
  const { home, owner } = await runApi(t)
  const run = linesOn(home)
  const mismatch = { address: '/dns/old-box/tcp/7718', expected: 'aaaa bbbb', answering: 'cccc dddd', at: 5 }
  owner.meet('bob', 'accepted', { mismatches: [mismatch, { ...mismatch, address: '/ip4/10.0.0.7/tcp/7718' }] })
  const careful = `careful: at /dns/old-box/tcp/7718 another device answers now than bob's: it may be a new one of theirs, or somebody else (bob was aaaa bbbb, the other says it is cccc dddd)\n`
  const { stdout } = await run('contacts')
  t.ok(stdout.includes(careful))
  t.match(stdout, /at \/ip4\/10\.0\.0\.7\/tcp\/7718 another device/)
  t.match(JSON.parse((await run('contacts', '--json')).stdout), [{ mismatches: [mismatch, {}] }])
  const after = await run('contacts', '--dismiss', 'bob')
  t.match(after, { code: 0, stdout: /^bob .*\n$/ })
  t.match(await run('contacts', '--dismiss', 'nobody'), { code: 1, stderr: /nobody called "nobody"/ })
})

t.test('<who>: petnames first, ambiguity is told with candidates', async (t) => {
  const { home, owner } = await runApi(t)
  const run = linesOn(home)
  owner.meet('bob', 'accepted')
  owner.meet('mallory', 'accepted', { name: 'bob' })
  const ambiguous = await run('send', 'bob', 'hi')
  t.match(ambiguous, { code: 1, stdout: '' })
  t.match(ambiguous.stderr, `bob (${personOf('bob').slice(0, 8)}), bob (${personOf('mallory').slice(0, 8)})`)
  t.equal(ambiguous.stderr.split('\n').length, 2, 'one line')
  await owner.patchContact(personOf('bob'), { petname: 'Bob' })
  const sent = parse(await run('send', 'bob', 'hi', '--json')) as Message
  t.equal(sent.conversation, directId(owner.person, personOf('bob')), 'nobody can take a petname by choosing a name')
  t.match(await run('send', 'nobody', 'hi'), {
    code: 1,
    stderr: 'warren: nobody called "nobody" is among the contacts and groups\n',
  })
})

t.test('send: words, stdin, oneself', async (t) => {
  const { home, owner } = await runApi(t)
  owner.meet('bob', 'accepted')
  const conversation = directId(owner.person, personOf('bob'))
  const sent = await warren(['send', 'bob', 'hello', 'there', '--json'], { home })
  t.strictSame(parse(sent), { id: (parse(sent) as Message).id, conversation, state: 'stored' })
  const text = '  line one\n\tзеленый 👩🏽‍🚀 \u202e\n\n'
  t.match(await warren(['send', 'bob', '-'], { home, input: text }), { code: 0, stdout: 'stored: message to bob\n' })
  t.match(await warren(['send', 'me', '--', '-v'], { home }), { code: 0 })
  const { items } = await owner.messages(conversation, { limit: 10 })
  t.strictSame(
    items.map((message) => message.text),
    [text.slice(0, -1), 'hello there'],
  )
  const own = await owner.openConversation('self', [])
  t.match((await owner.messages(own.id, { limit: 10 })).items, [{ text: '-v' }])
  t.match(await warren(['send', 'bob', '-'], { home, input: Uint8Array.of(0x61, 0xff) }), {
    code: 1,
    stderr: /not UTF-8/,
  })
  for (const input of ['', '\n', ' \n ']) t.match(await warren(['send', 'bob', '-'], { home, input }), { code: 2 })
  const most = 'x'.repeat(limits.textBytes)
  t.match(await warren(['send', 'bob', '-'], { home, input: `${most}\n` }), { code: 0 })
  for (const input of [`${most}x`, `${most}\n\n`, 'x'.repeat(10_000_000)])
    t.match(await warren(['send', 'bob', '-'], { home, input }), {
      code: 1,
      stderr: 'warren: a message has at most 64 KiB of text: send what is longer as a file, with --file\n',
    })
})

t.test('log: oldest first, beyond one page, with limit', async (t) => {
  const { home, owner } = await runApi(t)
  owner.meet('bob', 'accepted')
  for (let count = 1; count <= 450; count += 1) owner.receive('bob', `message ${count}`)
  const all = parse(await warren(['log', 'bob', '--json', '--limit', '1000'], { home })) as Message[]
  t.strictSame(
    all.map(({ text }) => text),
    Array.from({ length: 450 }, (_, at) => `message ${at + 1}`),
  )
  const [first] = all
  t.match(first, {
    id: String,
    conversation: String,
    from: { id: personOf('bob'), name: 'bob' },
    text: 'message 1',
    at: Number,
    state: 'stored',
  })
  t.strictSame(
    (parse(await warren(['log', 'bob', '--json', '--limit', '2'], { home })) as Message[]).map(({ text }) => text),
    ['message 449', 'message 450'],
  )
  t.match(
    (await warren(['log', 'bob', '--limit', '1'], { home })).stdout,
    /^\d{4}-\d\d-\d\d \d\d:\d\d {2}bob: message 450\n$/,
  )
  t.match(await warren(['log', 'bob', '--limit', 'many'], { home }), { code: 2 })
})

t.test('log: foreign text can neither move the cursor nor fake a line', async (t) => {
  const { home, owner } = await runApi(t)
  owner.meet('bob', 'accepted')
  owner.receive('bob', 'red \u001b[31m\u0007 \u009b2J \u202eabc\u2066\r\n2026-01-01 00:00  alice: I owe you\n👨‍👩‍👧 ok')
  const { stdout } = await warren(['log', 'bob'], { home })
  t.notMatch(stdout.replaceAll('\n', ''), /[\p{Bidi_Control}\p{Cc}]/u)
  t.match(stdout, String.raw`red \u{1b}[31m\u{7} \u{9b}2J \u{202e}abc\u{2066}\u{d}`)
  t.match(stdout, /\n {18}2026-01-01 00:00 {2}alice: I owe you\n {18}👨‍👩‍👧 ok\n$/u)
  owner.meet('eve', 'incoming', { name: 'eve\nbob  asks\u001b[2K', note: '\u001b]0;title\u0007' })
  const lines = (await warren(['contacts'], { home })).stdout.split('\n')
  t.equal(lines.length, 3)
  t.match(lines[1], String.raw`eve\u{a}bob  asks\u{1b}[2K`)
})

t.test('log --follow: history, then what comes, each once, until the daemon stops', async (t) => {
  const { home, owner, api } = await runApi(t)
  owner.meet('bob', 'accepted')
  owner.meet('carol', 'accepted')
  for (let count = 1; count <= 3; count += 1) owner.receive('bob', `old ${count}`)
  const following = startWarren(t, ['log', 'bob', '--follow', '--json', '--limit', '2'], { home })
  t.match(await following.json<Message>(), { text: 'old 2' })
  t.match(await following.json<Message>(), { text: 'old 3' })
  owner.receive('carol', 'elsewhere')
  owner.receive('bob', 'new 1')
  owner.receive('bob', 'new 2')
  t.match(await following.json<Message>(), { text: 'new 1' })
  t.match(await following.json<Message>(), { text: 'new 2' })
  api.setStatus('closing')
  t.match(await following.ended, { code: 1, stderr: 'warren: the daemon stopped\n' })
})

t.test('events: a snapshot, then changes, as JSON lines', async (t) => {
  const { home, owner } = await runApi(t)
  const following = startWarren(t, ['events'], { home })
  const snapshot = await following.json<{ id: number }>()
  t.match(snapshot, { type: 'snapshot', me: { name: 'alice' } })
  owner.see('bob')
  t.match(await following.json(), { type: 'peer', peer: { name: 'bob' } })
  const resumed = startWarren(t, ['events', '--json', '--after', String(snapshot.id)], { home })
  t.match(await resumed.json(), { type: 'peer', peer: { name: 'bob' } })
})

t.test('sessions: listed and revoked', async (t) => {
  const running = await runApi(t)
  const { home } = running
  t.match(await warren(['sessions'], { home }), { code: 0, stdout: 'no browser has a session: warren open\n' })
  const { sessionId, token } = await running.signIn()
  t.match(parse(await warren(['sessions', '--json'], { home })), [{ id: sessionId, label: 'Test', expiresAt: Number }])
  t.match(await warren(['sessions'], { home }), { stdout: /Test  last used .*  valid until \d{4}-/ })
  t.match(await warren(['sessions', 'revoke', sessionId.slice(0, 6)], { home }), { code: 0, stdout: 'revoked Test\n' })
  t.equal((await running.ask('GET', '/me', { token })).status, 401)
  t.match(await warren(['sessions', 'revoke', sessionId], { home }), { code: 1, stderr: 'warren: no such session\n' })
  t.match(await warren(['sessions', 'list'], { home }), { code: 2 })
  const tokens = [await running.signIn(), await running.signIn()].map((session) => session.token)
  t.match(await warren(['sessions', 'revoke', 'all'], { home }), { code: 0, stdout: 'revoked 2 sessions\n' })
  for (const each of tokens) t.equal((await running.ask('GET', '/me', { token: each })).status, 401)
  t.match(parse(await warren(['sessions', 'revoke', 'all', '--json'], { home })), { revoked: [] })
})

t.test('without a daemon: one line, exit 1', async (t) => {
  const home = shortFolder(t)
  for (const words of [['id'], ['send', 'bob', 'hi'], ['log', 'bob', '--follow'], ['events'], ['stop'], ['open']]) {
    t.strictSame(
      await runLine([...words, '--home', home]),
      { code: 1, stdout: '', stderr: 'warren: not running: start it with warren start\n' },
      words.join(' '),
    )
  }
  t.match(await warren(['status', '--json'], { home }), { code: 1, stdout: '{"running":false}\n' })
  t.match(await warren(['id'], { home: `${home}/not/there` }), { code: 1 })
})

t.test('wrong usage: one line, exit 2', async (t) => {
  for (const words of [
    [],
    ['fly'],
    ['send', 'bob'],
    ['id', 'extra'],
    ['id', '--what'],
    ['log'],
    ['start', '--api-port', '99999'],
    ['start', '--listen', 'nonsense'],
    ['constructor'],
    ['events', '--after', 'x'],
  ]) {
    const { code, stdout, stderr } = await runLine(words)
    t.strictSame([code, stdout], [2, ''], words.join(' '))
    t.match(stderr, /^warren: .+\n$/)
    t.equal(stderr.split('\n').length, 2, stderr)
  }
  const { stderr } = await runLine(['log', 'bob', '--limit', '-1'])
  t.equal(stderr, 'warren: --limit has no value: write --limit=VALUE for one that begins with a dash\n')
})
