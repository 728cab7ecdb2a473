/** Known words go through every feature; then no byte of the homes, the logs, the process list and the rest of the disk holds one. */

import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openDatabase } from '../../daemon/store/database.ts'
import { encodeContactLink } from '../../protocol/contact-link.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import type { GroupInvite } from '../../protocol/http-groups.ts'
import type { Peer, Safety } from '../../protocol/http-people.ts'
import { deviceBytes, idBytes, personIdOf, readDeviceId, readPersonId } from '../../protocol/ids.ts'
import { changesOffered, wordsTaken, type Described } from '../support/api-words.ts'
import { linkDevices, lookForPerson, loseWords, pairBrowser, writePhraseDown } from '../support/marked-devices.ts'
import { browse } from '../support/marked-browser.ts'
import { shareFiles, showPicture } from '../support/marked-files.ts'
import { MarkedPerson, Markers } from '../support/marked-person.ts'
import { compact, compressedTables, findForms, placesIn, type Place } from '../support/marker-search.ts'
import { shortFolder } from '../support/running-api.ts'

t.setTimeout(240_000)

/** What need not be asked for here: ids, nonces and proofs are no words of the owner's, and the daemons are ended by signals. */
const exceptions = [
  'POST /api/v1/session/hello',
  'POST /api/v1/session/prove',
  'POST /api/v1/stop',
  'POST /api/v1/contacts contactId',
  'POST /api/v1/session/hello nonce',
  'POST /api/v1/session/hello sessionId',
  'POST /api/v1/session/prove nonce',
  'POST /api/v1/session/prove proof',
  'POST /api/v1/session/prove sessionId',
]

/** An address of this machine that nothing else speaks of; only Linux has all of 127.0.0.0/8. */
const typedHost = '127.77.13.9'
const skip = process.platform === 'linux' ? false : 'needs Linux'

const processes = (): Place => ({
  name: 'ps',
  bytes: spawnSync('ps', ['-eo', 'args=']).stdout,
})

/** Names, numbers and addresses that belong to a device without anybody choosing them. */
async function learnIds(markers: Markers, { name, seat }: MarkedPerson): Promise<void> {
  const { personId, deviceId, fingerprint, link, addresses } = await seat.me()
  markers.bytes(`${name}'s person id`, idBytes(readPersonId(personId)))
  markers.bytes(`${name}'s device key`, deviceBytes(readDeviceId(deviceId)))
  markers.text(`${name}'s device id`, deviceId)
  markers.text(`${name}'s fingerprint`, fingerprint)
  markers.text(`${name}'s fingerprint`, fingerprint.replaceAll(/[ -]/g, ''))
  markers.text(`${name}'s link`, link.replace('warren:', '').slice(0, 60))
  markers.bytes(`${name}'s link`, Buffer.from(link.replace('warren:', ''), 'base64url').subarray(0, 40))
  for (const address of addresses) markers.text(`${name}'s address`, address.replace(/\/p2p\/.*/, ''))
}

async function befriend(
  api: Described,
  markers: Markers,
  alice: MarkedPerson,
  bob: MarkedPerson,
  port: number,
): Promise<Conversation> {
  markers.text('a host that was typed', typedHost)
  const peer = await alice.ask<Peer>(api, 'POST', '/peers', { address: `${typedHost}:${port}` })
  await alice.ask(api, 'POST', '/contacts', { deviceId: peer.deviceId, note: markers.word('note') })
  const asking = await bob.seat.contact('incoming')
  await bob.ask(api, 'PATCH', `/contacts/${asking.id}`, { state: 'accepted', petname: markers.word('petname') })
  await Promise.all([alice.seat.contact('accepted', true), bob.seat.contact('accepted', true)])
  return await alice.seat.direct()
}

async function presentOneself(api: Described, markers: Markers, person: MarkedPerson): Promise<void> {
  const [name, status] = [markers.word(`${person.name} name`), markers.word('status')]
  await person.ask(api, 'PATCH', '/me', { name, status, color: '#1a2b3c', welcomed: true })
  await learnIds(markers, person)
}

const safetyOf = async (whose: MarkedPerson, other: MarkedPerson): Promise<Safety> =>
  await whose.seat.client.ask('GET', `/contacts/${(await other.seat.me()).personId}/safety`)

/** Alice verifies Bob by digits and by code, and takes it back. */
async function compare(api: Described, markers: Markers, alice: MarkedPerson, bob: MarkedPerson): Promise<void> {
  const { number } = await safetyOf(alice, bob)
  const { code } = await safetyOf(bob, alice)
  for (const text of [number, number.replaceAll(' ', ''), code]) markers.text('safety number', text)
  const path = `/contacts/${(await bob.seat.me()).personId}/verification`
  await alice.ask(api, 'POST', path, { number })
  await alice.ask(api, 'POST', path, { code })
  await alice.ask(api, 'DELETE', path)
}

async function talk(
  api: Described,
  markers: Markers,
  alice: MarkedPerson,
  bob: MarkedPerson,
  id: string,
): Promise<void> {
  for (const person of [alice, bob, alice]) {
    const [text, clientId] = [markers.word('text'), markers.word('client id')]
    await person.ask(api, 'POST', `/conversations/${id}/messages`, { text, clientId })
    const other = person === alice ? bob : alice
    await other.seat.hears(id, text)
    const { items } = await other.seat.client.ask<{ items: { order: string; id: string }[] }>(
      'GET',
      `/conversations/${id}/messages?limit=1`,
    )
    await other.ask(api, 'POST', `/conversations/${id}/read`, { upTo: items[0]?.order ?? '' })
    markers.bytes('entry id', toBytes(items[0]?.id ?? ''))
  }
  markers.bytes('conversation id', toBytes(id))
  await alice.ask(api, 'PATCH', `/conversations/${id}`, { draft: markers.word('draft'), muted: true })
  await bob.ask(api, 'POST', `/conversations/${id}/typing`, {})
  for (const format of ['html', 'json']) {
    await alice.ask(api, 'POST', `/conversations/${id}/export`, { format, language: 'en' })
    const { chunks } = await alice.seat.client.download(`/conversations/${id}/export?format=${format}&language=en`)
    for await (const chunk of chunks) if (chunk.length === 0) throw new Error('an empty chunk')
  }
}

/** Alice has a group with Bob in it; what is refused must leave as little behind. */
async function gather(api: Described, markers: Markers, alice: MarkedPerson, bob: MarkedPerson): Promise<void> {
  const refused = async (...[method, path, body]: ['POST' | 'DELETE', string, object?]): Promise<void> => {
    await alice.ask(api, method, path, body).catch((error: unknown) => t.match(error, { code: String }, path))
  }
  const words = (): object => ({ name: markers.word('group'), description: markers.word('purpose'), color: '#2b3c4d' })
  const { personId } = await bob.seat.me()
  const group = { kind: 'group', members: [personId], ...words() }
  const { id } = await alice.ask<Conversation>(api, 'POST', '/conversations', group)
  markers.bytes('group id', toBytes(id))
  const path = `/conversations/${id}`
  const [text, clientId] = [markers.word('text in a group'), markers.word('client id')]
  await alice.ask(api, 'POST', `${path}/messages`, { text, clientId })
  await alice.ask(api, 'PATCH', `${path}/group`, words())
  await showPicture(api, markers, alice, id)
  await alice.ask(api, 'PATCH', `${path}/members/${personId}`, { role: 'reader' })
  await alice.ask(api, 'DELETE', `${path}/members/${personId}`)
  await alice.ask(api, 'POST', `${path}/members`, { id: personId })
  const { link = '', ...invite } = await alice.ask<GroupInvite>(api, 'POST', `${path}/invites`, {})
  const body = Buffer.from(link.replace('warren:', ''), 'base64url')
  // Behind the ids of group and invite lies the secret.
  markers.bytes('secret of an invite', body.subarray(65, 97))
  markers.text('link into a group', link.replace('warren:', '').slice(0, 60))
  await alice.ask(api, 'DELETE', `${path}/invites/${invite.id}`)
  await refused('POST', '/groups/look', { link })
  await refused('POST', '/groups/join', { link })
  await refused('DELETE', `/groups/joining/${id}`)
  await refused('POST', `${path}/answer`, { answer: 'accept' })
  await refused('POST', `${path}/leave`, {})
  await alice.ask(api, 'POST', `${path}/close`, {})
}

const toBytes = (id: string): Uint8Array => idBytes(readPersonId(id))

/** What is deleted leaves as little behind as what stays. */
async function clearOut(api: Described, markers: Markers, alice: MarkedPerson, carol: MarkedPerson): Promise<void> {
  const self = await carol.ask<Conversation>(api, 'POST', '/conversations', { kind: 'self' })
  const [text, clientId] = [markers.word('deleted text'), markers.word('client id')]
  await carol.ask(api, 'POST', `/conversations/${self.id}/messages`, { text, clientId })
  await carol.ask(api, 'DELETE', `/conversations/${self.id}`)
  const asked = await carol.seat.contact('outgoing')
  await carol.ask(api, 'DELETE', `/contacts/${asked.id}`)
  await browse(t, api, markers, alice)
  const sessions = await alice.seat.client.list<{ id: string }>('/sessions')
  await alice.ask(api, 'DELETE', `/sessions/${sessions[0]?.id}`)
}

/** Every way to open the home, and a wrong one. */
async function lockUp(t: Test, api: Described, markers: Markers, person: MarkedPerson): Promise<void> {
  const passphrase = (): string => `${markers.word('passphrase')} ${markers.word('of words')}`
  const [first, second, wrong] = [passphrase(), passphrase(), passphrase()]
  const ask = async <T>(path: string, body: object): Promise<T> => await person.ask<T>(api, 'POST', path, body)
  const recovery = async (current: object): Promise<string> => {
    const { recoveryKey } = await ask<{ recoveryKey: string }>('/key-slots', { kind: 'recovery', current })
    for (const text of [recoveryKey, recoveryKey.toLowerCase(), recoveryKey.replaceAll(/[^0-9A-Za-z]/g, '')])
      markers.text('recovery key', text)
    return recoveryKey
  }
  await ask('/key-slots/strength', { passphrase: first })
  await ask('/key-slots', { kind: 'passphrase', passphrase: first, removeFile: true })
  await person.ask(api, 'PATCH', '/lock', { idleMinutes: 60 })
  const key = await recovery({ passphrase: first })
  await ask('/lock', {})
  await t.rejects(ask('/unlock', { passphrase: wrong }), { code: 'WRONG_PASSPHRASE' })
  await ask('/unlock', { recoveryKey: key })
  // Followed by nobody and broken off, and made while it is read.
  const { id } = await ask<{ id: string }>('/backups', { passphrase: passphrase(), current: { passphrase: first } })
  await person.ask(api, 'DELETE', `/backups/${id}`)
  const backup = await ask<{ link: string; recoveryKey: string }>('/backups', { current: { recoveryKey: key } })
  markers.text('recovery key of a backup', backup.recoveryKey)
  const { chunks } = await person.seat.client.download(backup.link.replace('/api/v1', ''))
  for await (const chunk of chunks) if (chunk.length === 0) throw new Error('an empty chunk')
  await ask('/key-slots', { kind: 'passphrase', passphrase: second, current: { recoveryKey: key } })
  await ask('/key-slots/remove', { kind: 'recovery', current: { passphrase: second } })
  await ask('/lock', {})
  await ask('/unlock', { passphrase: second })
  const last = await recovery({ passphrase: second })
  await ask('/key-slots/remove', { kind: 'passphrase', current: { recoveryKey: last } })
  await ask('/lock', {})
}

/** A link of somebody who is away, and what goes wrong with words in it: errors must not be logged with them. */
async function meetOthers(api: Described, markers: Markers, alice: MarkedPerson): Promise<void> {
  const person = personIdOf(new Uint8Array(randomBytes(32)))
  const host = `${markers.word('linked host')}.invalid`
  const { deviceId } = await alice.seat.me()
  const device = deviceBytes(readDeviceId(deviceId)).map((byte) => byte ^ 1)
  const link = encodeContactLink({
    person,
    devices: [{ prefix: device.slice(0, 16), addresses: [{ kind: 'dns', host, port: 7718 }] }],
  })
  markers.bytes('linked person', idBytes(person))
  markers.text('a link', link.replace('warren:', '').slice(0, 60))
  await alice.ask(api, 'POST', '/contacts', { link, note: markers.word('note with a link') })
  const refused = async (...[method, path, body]: ['POST' | 'PATCH', string, object]): Promise<void> => {
    await alice.seat.client.ask(method, path, body).then(
      () => t.fail(`${path} was taken`),
      (error: unknown) => t.match(error, { code: String }, path),
    )
  }
  const { id } = await alice.seat.contact('accepted')
  const dismiss = `/dns/${markers.word('dismissed host')}/tcp/7718`
  await t.rejects(alice.ask(api, 'PATCH', `/contacts/${id}`, { dismiss }), { code: 'NOT_FOUND' })
  await refused('POST', '/peers', { address: `${markers.word('host')}.invalid:1` })
  await refused('POST', '/peers', { address: `/ip4/${markers.word('address')}` })
  await refused('POST', '/contacts', { link: `warren:${markers.word('broken link')}` })
  await refused('PATCH', '/me', { name: markers.word('long name').repeat(9) })
  await refused('PATCH', '/me', { [markers.word('member')]: 1 })
  await refused('POST', `/conversations/${markers.word('id')}/messages`, { text: 'x', clientId: 'x' })
}

t.test('no word of the owner, no id and no key is found anywhere', { skip }, async (t) => {
  const markers = new Markers()
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => new MarkedPerson(t, name, markers)) as [
    MarkedPerson,
    MarkedPerson,
    MarkedPerson,
  ]
  const all = [alice, bob, carol]
  const check = (when: string): void => {
    const places = [...all.flatMap((person) => person.places()), processes()]
    t.strictSame(findForms(places, markers.forms), [], when)
    t.strictSame(compressedTables(places), [], `${when}: every table can be searched`)
  }
  const [alicePort, bobPort] = await Promise.all(all.map(async (person) => await person.start()))
  const api = await alice.seat.client.ask<Described>('GET', '/openapi.json')
  for (const person of all) await presentOneself(api, markers, person)

  const { id } = await befriend(api, markers, alice, bob, bobPort ?? 0)
  await talk(api, markers, alice, bob, id)
  await shareFiles(api, markers, [alice, bob], id)
  await compare(api, markers, alice, bob)
  await gather(api, markers, alice, bob)
  const { personId } = await alice.seat.me()
  const self = await alice.ask<Conversation>(api, 'POST', '/conversations', { kind: 'self' })
  await alice.ask(api, 'POST', '/conversations', { kind: 'direct', members: [(await bob.seat.me()).personId] })
  await alice.ask(api, 'POST', `/conversations/${self.id}/messages`, {
    text: markers.word('note to self').repeat(500),
    clientId: markers.word('client id'),
  })
  await meetOthers(api, markers, alice)
  const stranger = await carol.ask<Peer>(api, 'POST', '/peers', { address: `${typedHost}:${alicePort}` })
  await carol.ask(api, 'POST', '/contacts', {
    deviceId: stranger.deviceId,
    note: markers.word('request of a stranger'),
  })
  const asking = await alice.seat.contact('incoming')
  for (const state of ['blocked', 'unblocked']) await alice.ask(api, 'PATCH', `/contacts/${asking.id}`, { state })
  await pairBrowser(api, markers, alice)
  await linkDevices(t, api, markers, alice, bob)
  await writePhraseDown(api, markers, alice)
  await lookForPerson(t, api, markers, bob)
  await alice.ask(api, 'POST', '/examination', { repair: true })
  await clearOut(api, markers, alice, carol)
  await loseWords(api, markers, carol)
  await lockUp(t, api, markers, carol)
  t.not(personId, asking.id)

  t.strictSame(
    [...changesOffered(api), ...wordsTaken(api)].filter(
      (each) => !markers.sent.has(each) && !exceptions.includes(each),
    ),
    [],
    'everything was done, and every member that takes words was given a marker: put new ones into this test',
  )
  check('while running')

  await bob.end('SIGKILL')
  check('after kill -9')
  await bob.start()
  await bob.seat.contact('accepted', true)
  check('after the start behind it')
  for (const person of all) await person.end('SIGTERM')
  check('after a clean end')
  for (const { home, name } of all) {
    const log = readdirSync(join(home, 'log')).map((each) => readFileSync(join(home, 'log', each), 'utf8'))
    t.match(log.join(''), 'the daemon stopped', `${name} logged at all`)
  }
  await proveAndCompact(t, markers, alice)
  for (const person of all) t.strictSame(readdirSync(person.elsewhere), [], 'nothing is written elsewhere')
})

/** On copies: the same search finds a planted marker in each place, and still nothing after compaction. */
async function proveAndCompact(t: Test, markers: Markers, { home }: MarkedPerson): Promise<void> {
  const copy = join(shortFolder(t), 'copy')
  cpSync(home, copy, { recursive: true, filter: (from) => !from.endsWith('.sock') })
  const database = await openDatabase(join(copy, 'store'))
  await compact(database)
  await database.close()
  t.strictSame(findForms(placesIn(copy), markers.forms), [], 'after compaction')
  t.ok(
    placesIn(copy).some(({ name }) => name.endsWith('.ldb')),
    'there are tables to search',
  )
  const planted = markers.forms.filter((form, at) => markers.forms.findIndex(({ name }) => name === form.name) === at)
  t.ok(planted.length > 25)
  const again = await openDatabase(join(copy, 'store'))
  for (const [at, { bytes }] of planted.entries()) await again.put(Buffer.of(250, at), bytes)
  await again.close()
  const found = findForms(placesIn(copy), markers.forms).map((each) => each.split(': ').at(-1))
  t.strictSame(new Set(found), new Set(planted.map(({ name }) => name)), 'whatever is written is found')
  mkdirSync(join(copy, planted[0]?.bytes.toString() ?? ''))
  t.match(findForms(placesIn(copy), markers.forms), [/^file names: /])
}
