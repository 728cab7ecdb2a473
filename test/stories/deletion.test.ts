/** A conversation is deleted for good: on the disk, against its peer, against an older copy of the database, and under kill -9. */

import { randomBytes, randomInt } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import t, { type Test } from 'tap'
import { openStore } from '../../daemon/store/level-store.ts'
import { decodeKey } from '../../daemon/store/keys.ts'
import { tables } from '../../daemon/store/store.ts'
import type { Message, MessagePage } from '../../protocol/http-conversations.ts'
import { codeOf } from '../contracts/store-harness.ts'
import { allBytes } from '../daemon/store/temporary-home.ts'
import { ownPort } from '../support/own-port.ts'
import { Seat } from '../support/seat.ts'
import { WarrenProcess } from '../support/warren-process.ts'

const rounds = process.env['WARREN_LONG'] === '1' ? 60 : 4
const marker = 'MARKER-of-words-to-go'

interface Person {
  readonly seat: Seat
  start(): Promise<void>
  end(signal: NodeJS.Signals): Promise<void>
  readonly port: () => number
}

async function person(t: Test, folder: string, name: string): Promise<Person> {
  const seat = new Seat(join(folder, name))
  const port = await ownPort()
  let running: WarrenProcess | undefined
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    running?.child.kill(signal)
    await running?.ended
    running = undefined
  }
  t.teardown(async () => await end('SIGKILL'))
  const start = async (): Promise<void> => {
    const flags = [
      '--no-open',
      '--no-mdns',
      '--announce-loopback',
      '--json',
      '--listen',
      '127.0.0.1',
      '--api-port',
      '0',
    ]
    const words = ['start', '--home', seat.home, '--name', name, ...flags, '--peer-port', `${port}`]
    running = new WarrenProcess(words, { home: seat.home })
    await running.line()
    seat.follow()
  }
  return { seat, start, end, port: () => port }
}

async function pair(t: Test): Promise<{ alice: Person; bob: Person; chat: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'warren-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const [alice, bob] = [await person(t, folder, 'alice'), await person(t, folder, 'bob')]
  await Promise.all([alice.start(), bob.start()])
  const peer = await alice.seat.look(`127.0.0.1:${bob.port()}`)
  await alice.seat.client.ask('POST', '/contacts', { deviceId: peer.deviceId, note: '' })
  const { id } = await bob.seat.contact('incoming')
  await bob.seat.client.ask('PATCH', `/contacts/${id}`, { state: 'accepted' })
  await Promise.all([alice.seat.contact('accepted', true), bob.seat.contact('accepted', true)])
  return { alice, bob, chat: (await alice.seat.direct()).id }
}

async function talk(from: Person, to: Person, chat: string, count: number, word: string): Promise<void> {
  const texts = Array.from({ length: count }, (_, each) => `${marker} ${word} ${each}`)
  await Promise.all(texts.map(async (text) => await from.seat.say(chat, text)))
  await to.seat.hears(chat, texts.at(-1) ?? '')
}

t.setTimeout(240_000 + rounds * 15_000)

const path = (chat: string): string => `/conversations/${chat}`

t.test('nothing of it is left, nothing comes back, and an older copy of the database stays shut', async (t) => {
  const { alice, bob, chat } = await pair(t)
  await talk(alice, bob, chat, 150, 'alice')
  await talk(bob, alice, chat, 150, 'bob')
  await alice.seat.client.ask('PATCH', path(chat), { draft: `${marker} draft` })
  const { items } = await alice.seat.client.ask<MessagePage>('GET', `${path(chat)}/messages?limit=1`)
  await alice.seat.client.ask('POST', `${path(chat)}/read`, { upTo: items[0]?.order ?? '' })
  await alice.end('SIGTERM')
  const older = join(alice.seat.home, '..', 'older')
  cpSync(join(alice.seat.home, 'store'), join(older, 'store'), { recursive: true })
  await alice.start()
  await alice.seat.client.ask('DELETE', path(chat))
  await t.rejects(alice.seat.client.ask('GET', path(chat)), { code: 'NOT_FOUND' })
  await t.rejects(alice.seat.client.ask('DELETE', path(randomBytes(4).toString('hex'))), { code: 'BAD_SHAPE' })
  await alice.seat.contact('accepted', true)
  t.strictSame(await alice.seat.texts(chat), [])
  await bob.seat.say(chat, 'after')
  await alice.seat.hears(chat, 'after')
  t.strictSame(await alice.seat.texts(chat), ['after'], 'a later message opens it again, empty')
  t.match(await alice.seat.direct(), { unread: 1, draft: '', last: { text: 'after' } })
  t.equal((await bob.seat.texts(chat)).length, 301, 'the other side keeps theirs')
  const [last] = (await bob.seat.client.ask<MessagePage>('GET', `${path(chat)}/messages?limit=1`)).items
  t.match(last satisfies Message | undefined, { state: 'delivered' })
  await alice.end('SIGTERM')

  const sealed = await entriesOf(join(older, 'store'))
  const bytes = allBytes(alice.seat.home)
  t.ok(sealed.length > 300)
  t.strictSame(
    sealed.filter(({ value }) => bytes.includes(value)).map(({ at }) => at),
    [],
    'not one sealed value of it is left in any file',
  )
  for (const file of ['keyring', 'key']) cpSync(join(alice.seat.home, file), join(older, file))
  const store = await openStore(older, {}, { randomBytes })
  t.teardown(async () => await store.close())
  const number = sealed[0]?.conversation ?? 0
  for (const table of [tables.entry, tables.feed, tables.state, tables.register, tables.epoch])
    t.match(await codeOf(() => store.range(table, { prefix: [number], under: number })), /^(?:NO_KEY|STORE_DAMAGED)$/)
  await alice.start()
  t.strictSame(await alice.seat.texts(chat), ['after'])
  await alice.end('SIGTERM')
})

interface Sealed {
  readonly conversation: number
  readonly at: string
  readonly value: Buffer
}

/** Sealed entries of the conversation with the most of them, as they lie there. */
async function entriesOf(location: string): Promise<Sealed[]> {
  // LevelDB writes what is in its log to a table as it opens: in the form that Warren's have.
  const how = { keyEncoding: 'view', valueEncoding: 'view', compression: false } as const
  const database = new Level<Uint8Array, Uint8Array>(location, how)
  const bounds = { gte: Uint8Array.of(tables.entry), lt: Uint8Array.of(tables.entry + 1) }
  const rows = await database.iterator(bounds).all()
  await database.close()
  const all = rows.map(([key, value]): Sealed => {
    const [conversation = 0, ...at] = decodeKey(key)
    return { conversation, at: at.join('/'), value: Buffer.from(value) }
  })
  const largest = Map.groupBy(all, ({ conversation }) => conversation)
  return [...largest.values()].toSorted((a, b) => b.length - a.length)[0] ?? []
}

t.test('kill -9 while it is deleted: all of it is there, or it is gone for good', async (t) => {
  const { alice, bob, chat } = await pair(t)
  let deleted = 0
  for (let round = 0; round < rounds; round += 1) {
    const before = (await alice.seat.texts(chat)).length
    await talk(alice, bob, chat, 40, `${round} alice`)
    await talk(bob, alice, chat, 40, `${round} bob`)
    const deleting = alice.seat.client.ask('DELETE', path(chat)).then(
      () => true,
      () => false,
    )
    await new Promise((resolve) => void setTimeout(resolve, randomInt(25)))
    await alice.end('SIGKILL')
    const isSure = await deleting
    await alice.start()
    await alice.seat.contact('accepted', true)
    await bob.seat.say(chat, `${round} after`)
    // What was left to clear away comes first: until then there is no such conversation.
    const texts = await alice.seat.until(async () => {
      const found = await alice.seat.texts(chat).catch((): string[] => [])
      return found.includes(`${round} after`) ? found : undefined
    }, 'to hear what came after')
    const isGone = texts.length === 1
    if (isGone) deleted += 1
    t.ok(isGone || texts.length === before + 81, `${texts.length} are there, of ${before + 81}`)
    if (isSure) t.ok(isGone, 'what was answered is done')
  }
  t.comment(`${deleted} of ${rounds} were deleted`)
  await alice.seat.client.ask('DELETE', path(chat))
  await alice.end('SIGTERM')
  t.notOk(allBytes(alice.seat.home).includes(marker))
  await bob.end('SIGTERM')
})
