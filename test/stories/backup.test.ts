/** A backup is made while two people talk, and read in another home: all of it, and nothing but read. */

import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { BackupLink, BackupSize } from '../../protocol/http-backup.ts'
import type { Contact, Me } from '../../protocol/http-people.ts'
import type { Conversation, MessagePage } from '../../protocol/http-conversations.ts'
import type { Page } from '../../protocol/http.ts'
import { folderOf, startHere } from '../support/here.ts'
import { warren } from '../support/warren-process.ts'

t.setTimeout(240_000)

const passphrase = 'purple-rhino-47-dances'
const input = `${passphrase}\n`

t.test('made while both talk, restored, read by page and shell, and silent', async (t) => {
  const folder = folderOf(t)
  const alice = await startHere(t, join(folder, 'alice'), 'alice')
  const bob = await startHere(t, join(folder, 'bob'), 'bob')
  const peer = await alice.seat.look(`127.0.0.1:${bob.port}`)
  await alice.seat.client.ask('POST', '/contacts', { deviceId: peer.deviceId, note: '' })
  const { id } = await bob.seat.contact('incoming')
  await bob.seat.client.ask('PATCH', `/contacts/${id}`, { state: 'accepted' })
  await Promise.all([alice.seat.contact('accepted', true), bob.seat.contact('accepted', true)])
  const chat = (await alice.seat.direct()).id
  const say = async (who: typeof alice, text: string): Promise<unknown> =>
    await who.seat.client.ask('POST', `/conversations/${chat}/messages`, { text, clientId: text })
  for (let at = 0; at < 20; at += 1) await say(at % 2 === 0 ? alice : bob, `before ${at}`)
  await alice.seat.until(async () => {
    const page = await alice.seat.client.ask<MessagePage>('GET', `/conversations/${chat}/messages?limit=100`)
    return page.items.length === 20 ? true : undefined
  }, 'all that was said')

  const file = join(folder, 'saved.warren')
  const saving = warren(['backup', file, '--passphrase-stdin', '--json'], { home: alice.seat.home, input })
  const talking = Promise.all(Array.from({ length: 50 }, async (_, at) => await say(bob, `meanwhile ${at}`)))
  const saved = await saving
  await talking
  t.match(saved, { code: 0, stderr: '' })
  t.match(JSON.parse(saved.stdout), { file, bytes: statSync(file).size })
  t.equal(statSync(file).mode & 0o777, 0o600)
  const again = await warren(['backup', file, '--passphrase-stdin'], { home: alice.seat.home, input })
  t.match(again, { code: 1, stderr: /is there already/ })
  t.notOk(readFileSync(file).includes('before 3'))

  const home = join(folder, 'old')
  const words = ['restore', file, '--home', home, '--passphrase-stdin']
  t.match(await warren(words, { home, input: 'something-else-entirely\n' }), { code: 1, stderr: /not the passphrase/ })
  t.match(await warren([...words, '--check'], { home, input }), { code: 0, stdout: /whole and unchanged/ })
  t.match(await warren(words, { home, input }), { code: 0, stdout: /restored: / })
  t.match(await warren(words, { home, input }), { code: 1, stderr: /not empty/ })

  const old = await startHere(t, home, 'old')
  const { client } = old.seat
  await client.ask('POST', '/unlock', { passphrase })
  const me = await client.ask<Me>('GET', '/me')
  const own = await alice.seat.client.ask<Me>('GET', '/me')
  t.match(me, { personId: own.personId, deviceId: own.deviceId, name: own.name, addresses: [] })
  t.ok((me.archive?.madeAt ?? 0) > 0)
  t.equal(own.archive, undefined)
  const { items } = await client.ask<MessagePage>('GET', `/conversations/${chat}/messages?limit=200`)
  const texts = items.map(({ text }) => text)
  t.ok(Array.from({ length: 20 }, (_, at) => `before ${at}`).every((text) => texts.includes(text)))
  t.match((await client.ask<Page<Contact>>('GET', '/contacts')).items, [
    { name: 'bob', state: 'accepted', online: false },
  ])
  const exported = await warren(['export', 'bob', '--output', join(folder, 'bob.json')], { home })
  t.match(exported, { code: 0 })
  t.match(await warren(['check-export', join(folder, 'bob.json')], { home }), { code: 0, stderr: '' })
  t.match(await warren(['log', 'bob', '--limit', '3'], { home }), { code: 0, stderr: '' })

  const refused = { code: 'NOT_ALLOWED' }
  const post = { text: 'x', clientId: 'x' }
  await t.rejects(client.ask('POST', `/conversations/${chat}/messages`, post), refused)
  await t.rejects(client.ask('DELETE', `/conversations/${chat}`), refused)
  await t.rejects(client.ask('PATCH', '/me', { name: 'x' }), refused)
  await t.rejects(client.ask('POST', '/peers', { address: `127.0.0.1:${bob.port}` }), refused)
  await t.rejects(client.ask('PATCH', `/contacts/${id}`, { state: 'blocked' }), refused)
  t.equal((await client.ask<Page<Conversation>>('GET', '/conversations')).items.length, 2)
  // Alice is who she was to bob, and the archive reached nobody.
  await say(alice, 'still me')
  await bob.seat.until(async () => {
    const page = await bob.seat.client.ask<MessagePage>('GET', `/conversations/${chat}/messages?limit=1`)
    return page.items[0]?.text === 'still me' ? true : undefined
  }, 'what alice said')
  const forks = await bob.seat.client.ask<Conversation>('GET', `/conversations/${chat}`)
  t.equal(forks.forks, undefined)
  t.equal((await alice.seat.client.ask<Me>('GET', '/me')).duplicate, undefined)
})

t.test(
  'with files: what is whole goes along and can be saved from the archive, what is damaged is left out',
  async (t) => {
    const folder = folderOf(t)
    const alice = await startHere(t, join(folder, 'alice'), 'alice')
    const { client, home } = alice.seat
    const [kept, spoilt] = [randomBytes(2_000_000), randomBytes(150_000)]
    for (const [name, bytes] of Object.entries({ 'spoilt.bin': spoilt, 'kept.bin': kept })) {
      writeFileSync(join(folder, name), bytes)
      t.match(await warren(['send', 'me', '--file', join(folder, name), name], { home }), { code: 0 })
    }
    const beside = readdirSync(join(home, 'blobs')).map((name) => join(home, 'blobs', name))
    for (const path of beside.filter((each) => statSync(each).size < 1_000_000)) {
      const bytes = readFileSync(path)
      bytes[70_000] = (bytes[70_000] ?? 0) ^ 1
      writeFileSync(path, bytes)
    }
    t.match(await client.ask<BackupSize>('GET', '/backups'), { files: { count: 2 } })
    const file = join(folder, 'saved.warren')
    const made = await warren(['backup', file, '--files', '--passphrase-stdin'], { home, input })
    t.match(made, { code: 0, stderr: /with 2 files of about 2\.\d MB/ })
    const old = join(folder, 'old')
    const checked = await warren(['restore', file, '--home', old, '--passphrase-stdin'], { home: old, input })
    t.match(checked, { code: 0, stdout: /whole and unchanged: .*, 1 file of 2\.0 MB/ })
    t.strictSame(readdirSync(join(old, 'blobs')).length, 1)
    const archive = await startHere(t, old, 'old')
    await archive.seat.client.ask('POST', '/unlock', { passphrase })
    const to = join(folder, 'out')
    mkdirSync(to)
    t.match(await warren(['save', 'me', 'last', '--to', to], { home: old }), { code: 0, stderr: '' })
    t.ok(readFileSync(join(to, 'kept.bin')).equals(kept))
    const { items } = await archive.seat.client.ask<Page<Conversation>>('GET', '/conversations')
    const page = await archive.seat.client.ask<MessagePage>('GET', `/conversations/${items[0]?.id}/messages`)
    t.strictSame(
      page.items.map(({ attachments }) => attachments?.[0]?.state === 'whole'),
      [true, false],
    )
    const small = join(folder, 'small.warren')
    const without = await warren(['backup', small, '--passphrase-stdin'], { home, input })
    t.match(without, { code: 0, stderr: /1 file of about 2\.\d MB left out, which --files saves too/ })
    t.match(await warren(['restore', '--check', small, '--passphrase-stdin'], { home: old, input }), {
      code: 0,
      stdout: /without files/,
    })
  },
)

t.test('where the home has a passphrase and no key file, that is asked for before anything leaves', async (t) => {
  const folder = folderOf(t)
  const alice = await startHere(t, join(folder, 'alice'), 'alice')
  const { client, home } = alice.seat
  await client.ask('POST', '/key-slots', {
    kind: 'passphrase',
    passphrase: 'four tulips hum quietly',
    removeFile: true,
  })
  const backup = { passphrase }
  await t.rejects(client.ask('POST', '/backups', backup), { code: 'WRONG_PASSPHRASE' })
  await t.rejects(client.ask('POST', '/backups', { ...backup, current: backup }), { code: 'WRONG_PASSPHRASE' })
  const weak = { passphrase: 'password1234', current: { passphrase: 'four tulips hum quietly' } }
  await t.rejects(client.ask('POST', '/backups', weak), { code: 'WEAK_PASSPHRASE' })
  const { link, recoveryKey } = await client.ask<BackupLink>('POST', '/backups', { current: weak.current })
  t.match(recoveryKey, /^(?:[0-9A-Z]{4}-){13}[0-9A-Z]{4}$/)
  const path = link.replace('/api/v1', '')
  for await (const chunk of (await client.download(path)).chunks) t.ok(chunk.length > 0)
  await t.rejects(client.download(path), { code: 'NO_SESSION' }, 'a link works once')
  const file = join(folder, 'made.warren')
  const lines = `four tulips hum quietly\n${input}`
  t.match(await warren(['backup', file, '--passphrase-stdin'], { home, input: lines }), { code: 0 })
  await client.ask('POST', '/lock', {})
  await t.rejects(client.ask('POST', '/backups', backup), { code: 'LOCKED' })
})
