/** One person on several devices: real daemons on real sockets. */

import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { OwnDevice } from '../../protocol/http-devices.ts'
import type { Page } from '../../protocol/http.ts'
import type { Conversation, MessagePage } from '../../protocol/http-conversations.ts'
import { folderOf, startHere, type Here } from '../support/here.ts'
import { befriend, begin, devicesOf, link, until } from '../support/linking.ts'
import { warren } from '../support/warren-process.ts'

// A bound: the machine may be busy.
t.setTimeout(240_000)

const ids = (devices: OwnDevice[]): string[] => devices.map(({ deviceId }) => deviceId).toSorted()

async function two(t: Test): Promise<{ old: Here; young: Here }> {
  const folder = folderOf(t)
  const old = await startHere(t, join(folder, 'old'), 'alice')
  return { old, young: await startHere(t, join(folder, 'young'), 'alice') }
}

t.test('a second device joins by a short code, and is the same person', async (t) => {
  const { old, young } = await two(t)
  const before = await young.seat.me()
  await link(old, young)
  const [one, other] = await Promise.all([old.seat.me(), young.seat.me()])
  t.equal(other.personId, one.personId)
  t.not(other.personId, before.personId)
  t.not(other.deviceId, before.deviceId, 'with a key of its own')
  t.strictSame(ids(await devicesOf(old)), ids(await devicesOf(young)))
})

t.test('what the person knows is on the new device, and stays the same on both while one of them is off', async (t) => {
  const folder = folderOf(t)
  const old = await startHere(t, join(folder, 'old'), 'alice')
  const bob = await startHere(t, join(folder, 'bob'), 'bob')
  await befriend(old, bob)
  const chat = (await old.seat.direct()).id
  const bobs = await old.seat.contact('accepted')
  await old.seat.say(chat, 'before')
  await bob.seat.say(chat, 'hello')
  await old.seat.hears(chat, 'hello')
  await old.seat.client.ask('PATCH', `/contacts/${bobs.id}`, { petname: 'Bobby' })
  await old.seat.client.ask('PATCH', `/conversations/${chat}`, { draft: 'half a', muted: true })
  const notes = await old.seat.client.ask<Conversation>('POST', '/conversations', { kind: 'self' })
  await old.seat.say(notes.id, 'a note')

  const young = await startHere(t, join(folder, 'young'), 'me')
  await link(old, young)
  t.equal((await young.seat.me()).name, (await old.seat.me()).name)
  const there = await young.seat.contact('accepted', true)
  t.match(there, { id: bobs.id, petname: 'Bobby' })
  await young.seat.until(async () => ((await young.seat.contacts())[0]?.muted === true ? true : undefined), 'the mute')
  for (const text of ['before', 'hello']) await young.seat.hears(chat, text)
  await young.seat.hears(notes.id, 'a note')
  const shown = async (): Promise<Conversation> => await young.seat.client.ask('GET', `/conversations/${chat}`)
  await young.seat.until(async () => ((await shown()).draft === 'half a' ? true : undefined), 'the draft')

  // The old one is off: the new one goes on alone, and the friend sees one person.
  await old.daemon.close()
  await young.seat.say(chat, 'from the new one')
  await bob.seat.hears(chat, 'from the new one')
  t.equal((await bob.seat.contacts()).length, 1)
  await bob.seat.say(chat, 'an answer')
  await young.seat.hears(chat, 'an answer')
  const { items } = await young.seat.client.ask<MessagePage>('GET', `/conversations/${chat}/messages`)
  await young.seat.client.ask('POST', `/conversations/${chat}/read`, { upTo: items[0]?.order ?? '' })
  await young.seat.client.ask('PATCH', `/contacts/${bobs.id}`, { petname: 'Robert' })
  t.match(await young.seat.client.ask('PATCH', '/me', { name: 'Alice' }), { name: 'Alice' })
  await young.seat.say(notes.id, 'another note')

  const again = await startHere(t, join(folder, 'old'), 'alice')
  await again.seat.hears(chat, 'an answer')
  await again.seat.hears(notes.id, 'another note')
  await again.seat.until(async () => {
    const [contact] = await again.seat.contacts()
    const { unread } = await again.seat.direct()
    const { name } = await again.seat.me()
    return contact?.petname === 'Robert' && unread === 0 && name === 'Alice' ? true : undefined
  }, 'what was done meanwhile')
  const texts = await again.seat.texts(chat)
  t.strictSame(texts, await young.seat.texts(chat))
  const mine = await again.seat.client.ask<MessagePage>('GET', `/conversations/${chat}/messages`)
  t.ok(mine.items.find(({ text }) => text === 'from the new one')?.mine)
})

t.test('a device that was removed is told, keeps what it holds, and is given and believed nothing more', async (t) => {
  const folder = folderOf(t)
  const old = await startHere(t, join(folder, 'old'), 'alice')
  const bob = await startHere(t, join(folder, 'bob'), 'bob')
  await befriend(old, bob)
  const chat = (await old.seat.direct()).id
  const lost = await startHere(t, join(folder, 'lost'), 'alice')
  await link(old, lost)
  await lost.seat.contact('accepted', true)
  await lost.seat.say(chat, 'from the one that is lost')
  await Promise.all([bob, old].map(async ({ seat }) => await seat.hears(chat, 'from the one that is lost')))

  const { deviceId } = await lost.seat.me()
  await old.seat.client.ask('PATCH', `/devices/${deviceId}`, { name: 'Tablet' })
  await lost.seat.until(async () => (await devicesOf(lost)).find(({ name }) => name === 'Tablet'), 'its name')
  const own = (await old.seat.me()).deviceId
  await t.rejects(old.seat.client.ask('DELETE', `/devices/${own}`), { code: 'SELF' })
  await old.seat.client.ask('DELETE', `/devices/${deviceId}`)
  t.strictSame(ids(await devicesOf(old)), [own])
  await lost.seat.until(async () => (await lost.seat.me()).removed, 'to be told')
  await t.rejects(lost.seat.say(chat, 'once more'), { code: 'NOT_ALLOWED' })
  await t.rejects(begin(lost, {}), { code: 'NOT_ALLOWED' })
  await lost.seat.hears(chat, 'from the one that is lost')

  await old.seat.say(chat, 'after it')
  await bob.seat.hears(chat, 'after it')
  t.ok((await bob.seat.texts(chat)).includes('from the one that is lost'), 'what it said before stays')
  t.ok((await old.seat.contact('accepted', true)).online)

  // One that comes later gets all of it, also what the removed one wrote, as the owner's own words.
  const young = await startHere(t, join(folder, 'young'), 'alice')
  await link(old, young)
  await young.seat.contact('accepted', true)
  for (const text of ['from the one that is lost', 'after it']) await young.seat.hears(chat, text)
  const { items } = await young.seat.client.ask<MessagePage>('GET', `/conversations/${chat}/messages`)
  t.ok(items.every(({ mine }) => mine))
  t.notOk((await lost.seat.texts(chat)).includes('after it'), 'and the removed one nothing')

  // It was found again: with the consent of another one it comes back under a new key, and hears what it missed.
  await link(old, lost)
  await lost.seat.until(async () => ((await lost.seat.me()).removed === true ? undefined : true), 'to belong')
  t.not((await lost.seat.me()).deviceId, deviceId)
  await lost.seat.hears(chat, 'after it')
  await lost.seat.say(chat, 'found again')
  await bob.seat.hears(chat, 'found again')
})

t.test(
  'what was said before a device joined is shown as such, can be read and deleted, and is not written to',
  async (t) => {
    const { old, young } = await two(t)
    const bob = await startHere(t, join(folderOf(t), 'bob'), 'bob')
    await befriend(young, bob)
    const { id } = await young.seat.direct()
    await young.seat.say(id, 'said before')
    await bob.seat.hears(id, 'said before')
    const notes = await young.seat.client.ask<Conversation>('POST', '/conversations', { kind: 'self' })
    const group = await young.seat.client.ask<Conversation>('POST', '/conversations', {
      kind: 'group',
      name: 'Choir',
      members: [],
    })
    t.notOk('former' in notes || 'former' in group)
    await link(old, young)
    const { home, client } = young.seat
    const list = async (): Promise<Conversation[]> =>
      (await client.ask<Page<Conversation>>('GET', '/conversations')).items
    const former = (await list()).filter((each) => each.former === true)
    t.strictSame(former.map((each) => each.id).toSorted(), [id, notes.id, group.id].toSorted())
    t.ok((await young.seat.texts(id)).includes('said before'))
    for (const each of [id, notes.id, group.id]) await t.rejects(young.seat.say(each, 'after'), { code: 'NOT_ALLOWED' })
    const sent = await warren(['send', 'bob', 'after'], { home })
    t.equal(sent.code, 1)
    t.match(sent.stderr, /that is from before this device was linked: it can only be read/)
    t.match((await warren(['log', 'bob'], { home })).stdout, /said before/)
    t.equal((await warren(['send', 'self', 'a new note'], { home })).code, 0, 'the notes of who it is now')
    for (const each of former) await client.ask('DELETE', `/conversations/${each.id}`)
    t.notOk((await list()).some((each) => each.former === true))
  },
)

/** What a command says, a line each. Rejects with what it complains of. */
async function at(here: Here, ...words: string[]): Promise<unknown[]> {
  const { code, stdout, stderr } = await warren(['device', ...words, '--json'], { home: here.seat.home })
  if (code !== 0) throw new Error(stderr)
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

t.test('the shell links, names, lists and removes devices', async (t) => {
  const { old, young } = await two(t)
  const { personId } = await old.seat.me()
  const linking = at(old, 'link', '--yes')
  const { code = '' } = await until(old, 'waiting')
  young.seat.unfollow()
  const joined = at(young, 'join', code, '--at', `127.0.0.1:${old.port}`, '--yes')
  t.match(await linking, [{ state: 'waiting', code }, { state: 'comparing' }, { state: 'done' }])
  t.match(await joined, [{ state: 'comparing', words: Array }, { state: 'done' }])
  await young.seat.moved(personId)
  const { deviceId, fingerprint } = await young.seat.me()
  t.equal((await young.seat.me()).personId, personId)
  t.match(await at(old, 'rename', fingerprint.slice(0, 6), 'Tablet'), [{ deviceId, name: 'Tablet' }])
  t.equal(((await at(old))[0] as OwnDevice[]).length, 2)
  t.match(await at(old, 'remove', 'tablet'), [{ removed: deviceId }])
  await t.rejects(at(old, 'remove', 'tablet'), /no device of yours is called tablet/)
  await t.rejects(at(old, 'join', '1'), /the code has 8 digits/)
})
