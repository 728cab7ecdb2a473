/** A person comes back: with the 24 words, from a contact or a backup; and a backup with the consent of another device. Real daemons, the shell, real sockets. */

import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { OwnDevice } from '../../protocol/http-devices.ts'
import type { Page } from '../../protocol/http.ts'
import { folderOf, startHere, type Here } from '../support/here.ts'
import { begin, until } from '../support/linking.ts'
import { warren } from '../support/warren-process.ts'

t.setTimeout(240_000)

const passphrase = 'purple-rhino-47-dances'

interface Scene {
  readonly folder: string
  readonly alice: Here
  readonly bob: Here
  readonly chat: string
  readonly words: string
}

/** Alice and Bob have talked, and she has written her words down. */
async function scene(t: Test): Promise<Scene> {
  const folder = folderOf(t)
  const alice = await startHere(t, join(folder, 'alice'), 'alice')
  const bob = await startHere(t, join(folder, 'bob'), 'bob')
  const { deviceId } = await alice.seat.look(`127.0.0.1:${bob.port}`)
  await alice.seat.client.ask('POST', '/contacts', { deviceId })
  const { id } = await bob.seat.contact('incoming')
  await bob.seat.client.ask('PATCH', `/contacts/${id}`, { state: 'accepted' })
  await Promise.all([alice.seat.contact('accepted', true), bob.seat.contact('accepted', true)])
  const chat = (await alice.seat.direct()).id
  await alice.seat.say(chat, 'the heron is back')
  await bob.seat.hears(chat, 'the heron is back')
  const shown = await warren(['device', 'phrase', '--json'], { home: alice.seat.home })
  const words = (JSON.parse(shown.stdout) as { words: string[] }).words.join(' ')
  const options = { home: alice.seat.home, input: `${words}\n` }
  t.match(await warren(['device', 'phrase', '--written', '--passphrase-stdin'], options), { code: 0, stderr: '' })
  return { folder, alice, bob, chat, words }
}

/** Where the backup of this home lies. */
async function save(t: Test, folder: string, { seat }: Here): Promise<string> {
  const file = join(folder, 'saved.warren')
  const saved = { home: seat.home, input: `${passphrase}\n` }
  t.match(await warren(['backup', file, '--passphrase-stdin'], saved), { code: 0 })
  return file
}

/** A home that was restored from it, open and unlocked. */
async function restore(t: Test, folder: string, file: string): Promise<Here> {
  const home = join(folder, 'old')
  const restored = { home, input: `${passphrase}\n` }
  t.match(await warren(['restore', file, '--home', home, '--passphrase-stdin'], restored), { code: 0 })
  const old = await startHere(t, home, 'old')
  old.seat.unfollow()
  await old.seat.client.ask('POST', '/unlock', { passphrase })
  return old
}

const devicesOf = async ({ seat }: Here): Promise<string[]> =>
  (await seat.client.ask<Page<OwnDevice>>('GET', '/devices')).items.map(({ deviceId }) => deviceId)

t.test('through a contact: the same person, the history, and the lost device is out', async (t) => {
  const { folder, alice, bob, chat, words } = await scene(t)
  const before = await alice.seat.me()
  alice.seat.unfollow()
  await alice.daemon.close()
  const young = await startHere(t, join(folder, 'young'), 'somebody')
  young.seat.unfollow()
  const options = { home: young.seat.home, input: `${words}\n` }
  const recover = ['device', 'recover', '--at', `127.0.0.1:${bob.port}`, '--ask', '--lost', 'all', '--passphrase-stdin']
  const ended = await warren(recover, options)
  t.match(ended, { code: 0, stdout: /^found: alice\n[\s\S]*You are back/ }, ended.stderr)
  await young.seat.moved(before.personId)
  const me = await young.seat.me()
  t.equal(me.name, 'alice')
  t.not(me.deviceId, before.deviceId)
  t.strictSame(await devicesOf(young), [me.deviceId])
  await young.seat.contact('accepted', true)
  await young.seat.hears(chat, 'the heron is back')
  await young.seat.say(chat, 'and so am I')
  await bob.seat.hears(chat, 'and so am I')
  t.match(await warren(['device', 'phrase'], { home: young.seat.home }), { stdout: /Write these 24 words down/ })
})

t.test('a restored backup becomes a device again, and what came later joins it', async (t) => {
  const { folder, alice, bob, chat, words } = await scene(t)
  const before = await alice.seat.me()
  const file = await save(t, folder, alice)
  await alice.seat.say(chat, 'after the backup')
  await bob.seat.hears(chat, 'after the backup')
  alice.seat.unfollow()
  await alice.daemon.close()
  const old = await restore(t, folder, file)
  const { home } = old.seat
  const recover = ['device', 'recover', '--lost', '1', '--alone', '--passphrase-stdin', '--json']
  t.match(await warren(recover, { home, input: `${words}\n` }), { code: 0, stderr: '' })
  old.seat.follow()
  const me = await old.seat.me()
  t.equal(me.archive, undefined)
  t.equal(me.personId, before.personId)
  t.not(me.deviceId, before.deviceId)
  await old.seat.contact('accepted', true)
  await old.seat.hears(chat, 'after the backup')
  await old.seat.say(chat, 'here again')
  await bob.seat.hears(chat, 'here again')
  const expected = ['the heron is back', 'after the backup', 'here again']
  for (const { seat } of [old, bob]) t.strictSame(await seat.texts(chat), expected, 'each once')
  t.strictSame(await devicesOf(old), [me.deviceId])
})

t.test('a restored backup is linked by another device, and nothing of its own day comes up again', async (t) => {
  const { folder, alice, bob, chat } = await scene(t)
  const { seat } = alice
  const bobs = await seat.contact('accepted')
  await seat.client.ask('PATCH', `/contacts/${bobs.id}`, { petname: 'Bobby' })
  await seat.client.ask('PATCH', `/conversations/${chat}`, { draft: 'half a', muted: true })
  const before = await seat.me()
  const file = await save(t, folder, alice)
  await seat.client.ask('PATCH', `/contacts/${bobs.id}`, { petname: 'Robert' })
  await seat.client.ask('PATCH', `/conversations/${chat}`, { draft: '', muted: false })
  await seat.client.ask('PATCH', '/me', { name: 'Alice' })
  await seat.say(chat, 'after the backup')
  await bob.seat.hears(chat, 'after the backup')

  const old = await restore(t, folder, file)
  const { home } = old.seat
  const join = async (code: string, { port }: Here): ReturnType<typeof warren> =>
    await warren(['device', 'join', code, '--at', `127.0.0.1:${port}`, '--yes'], { home })
  t.match(await warren(['device', 'link'], { home }), { code: 1, stderr: /a device of yours shows a code/ })
  const bobsCode = (await begin(bob, {})).code ?? ''
  t.match(await join(bobsCode, bob), { code: 1, stderr: /somebody else’s/ })
  await until(bob, 'failed')
  const linking = warren(['device', 'link', '--yes'], { home: seat.home })
  const { code = '' } = await until(alice, 'waiting')
  t.match(await join(code, alice), { code: 0, stderr: '', stdout: /this is one of your devices now/ })
  t.match(await linking, { code: 0, stdout: /linked/ })

  old.seat.follow()
  const me = await old.seat.me()
  t.match(me, { personId: before.personId, name: 'Alice' })
  t.equal(me.archive, undefined)
  t.not(me.deviceId, before.deviceId)
  t.strictSame(await devicesOf(alice), await devicesOf(old))
  await old.seat.contact('accepted', true)
  await old.seat.hears(chat, 'after the backup')
  await old.seat.say(chat, 'here again')
  for (const each of [alice, bob]) await each.seat.hears(chat, 'here again')
  const expected = ['the heron is back', 'after the backup', 'here again']
  for (const each of [old, alice, bob]) t.strictSame(await each.seat.texts(chat), expected, 'each once')
  const petnames = async (): Promise<(string | undefined)[]> =>
    await Promise.all([old, alice].map(async (each) => (await each.seat.contact('accepted')).petname))
  await old.seat.until(async () => ((await petnames())[0] === 'Robert' ? true : undefined), 'the newer name')
  t.strictSame(await petnames(), ['Robert', 'Robert'])
  for (const each of [old, alice]) {
    t.match(await each.seat.direct(), { draft: '', muted: false })
    t.equal((await each.seat.me()).name, 'Alice')
  }
})
