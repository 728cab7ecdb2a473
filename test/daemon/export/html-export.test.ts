import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import t from 'tap'
import { encodeErase } from '../../../protocol/content.ts'
import { kinds } from '../../../protocol/entry.ts'
import { checkChunks } from '../../../daemon/export/check-file.ts'
import { escapeHtml } from '../../../daemon/export/html-page.ts'
import { neighbourhood, twoContacts } from '../../support/device.ts'
import { asHtml, exported, exporterOf } from '../../support/exported.ts'
import { inPieces, someBytes } from '../../support/files.ts'
import { Pen } from '../../support/pen.ts'

const readJson = (path: string): unknown => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
const vectors = readJson('../../naughty/vectors.json') as string[]
const corpus = (readJson('../../naughty/blns.base64.json') as string[]).map((text) =>
  Buffer.from(text, 'base64').toString('utf8'),
)

const tags = (text: string): string[] => [...text.matchAll(/<\/?([a-z0-9!]+)/gi)].map(([, name = '']) => name)
const known = new Set(
  '!doctype html head meta title style body header h1 p main section h2 article h3 bdi time div footer'.split(' '),
)

/** What the texts of messages say once a browser has read them. */
const textsOf = (page: string): string[] =>
  [...page.matchAll(/<div class="text" dir="auto">([^<]*)<\/div>/g)].map(([, text = '']) =>
    text
      .replaceAll('&#13;', '\r')
      .replaceAll('&#39;', "'")
      .replaceAll('&quot;', '"')
      .replaceAll('&gt;', '>')
      .replaceAll('&lt;', '<')
      .replaceAll('&amp;', '&'),
  )
const shown = (text: string): string => text.replaceAll(/(?![\t\n\r])\p{Cc}/gu, '\ufffd')

t.test('whatever is said and whatever people are called, the page holds its own tags only', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  const texts = [...vectors, ...corpus].filter((text) => text.trim() !== '' && text.isWellFormed())
  t.ok(texts.length > 500)
  for (const [at, text] of texts.entries()) await alice.say(chat, text, `${at}`)
  await settle()
  const name = vectors.join(' ')
  const page = await exported(bob, chat, asHtml, () => name)
  t.strictSame(
    [...new Set(tags(page))].filter((tag) => !known.has(tag)),
    [],
  )
  t.notMatch(page, /<[a-z][^>]*\s(?:on\w+|src|href|style|action|srcdoc)\s*=/i)
  t.strictSame(textsOf(page), texts.map(shown))
  t.ok(page.includes(`<bdi>${escapeHtml(name)}</bdi>`))
})

t.test('it fetches and runs nothing, by a policy that allows its own style alone', async (t) => {
  const { alice, chat } = await twoContacts(t)
  const page = await exported(alice, chat, asHtml)
  const style = /<style>([^<]*)<\/style>/.exec(page)?.[1] ?? ''
  const hash = createHash('sha256').update(style).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
  t.ok(page.includes(`<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">`))
  t.ok(page.indexOf('Content-Security-Policy') < page.indexOf('<style>'))
  t.notMatch(style, /url\(|@import/)
  t.match(style, /prefers-color-scheme: dark/)
  t.match(style, /@media print/)
})

t.test('days, names, times with their zone; what is not here is told in words', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  const person = bob.rooms.identity.person
  await bob.say(chat, 'to be deleted')
  await settle()
  await alice.rooms.conversations.owner.delete(chat)
  await settle()
  await alice.say(chat, 'on the first day')
  await settle(26 * 3_600_000)
  await bob.say(chat, 'on the second day')
  await settle()
  const pen = new Pen(bob.rooms.identity, chat)
  const late = { hlc: { wallMs: 1_800_000_000_000 + 40 * 3_600_000, count: 0 } }
  const run = pen.run([
    pen.write('no key', late),
    pen.write('', { kind: kinds.erase, epoch: undefined, ...late }, encodeErase([])),
  ])
  await alice.rooms.conversations.peers.accept(chat, [run], bob.id)
  const page = await exported(alice, chat, asHtml, (each) => (each === person ? 'Bob' : 'Alice'))
  t.equal(page.match(/<section>/g)?.length, page.match(/<\/section>/g)?.length)
  t.ok((page.match(/<h2>/g)?.length ?? 0) >= 3, 'a header for each day')
  t.match(page, /<time datetime="2027-01-15T[\d:.]+Z">\d\d:\d\d [A-Z][^<]*<\/time>/)
  t.match(page, /1 entry of \u2068Bob\u2069: deleted on this device/)
  t.match(page, /This message could not be read on this device/)
  t.match(page, /Took back 0 messages|the clock was wrong/)
  t.match(page, /2 messages\. End of the conversation/)
  t.match(page, /<title>Conversation with \u2068Bob\u2069<\/title>/)
  const german = await exported(alice, chat, { format: 'html', language: 'de' }, () => '')
  t.match(german, /<html lang="de">/)
  t.match(german, /Unterhaltung mit \u2068Person ohne Namen\u2069/)
  t.match(german, /1 Eintrag von [^:]*: auf diesem Gerät gelöscht/)
  t.match(german, /2 Nachrichten\. Ende der Unterhaltung/)
})

t.test('a file is called after the conversation and the day, by letters and digits alone', async (t) => {
  const { alice, chat } = await twoContacts(t)
  const nameFor = (name: string): string => exporterOf(alice, () => name).begin(chat, asHtml).name
  t.match(nameFor('Bob Builder'), /^warren-bob-builder-2027-01-15\.html$/)
  t.match(nameFor('../../etc/passwd\0"; rm'), /^warren-etc-passwd-rm-2027-01-15\.html$/)
  t.match(nameFor('Жанна д’Арк'), /^warren-жанна-д-арк-2027-01-15\.html$/)
  t.match(nameFor('😀 \u202e'), /^warren-2027-01-15\.html$/)
  t.equal(Array.from(nameFor('x'.repeat(64))).length, 'warren--2027-01-15.html'.length + 40)
  for (const each of [...vectors, ...corpus])
    t.match(nameFor(each), /^warren(?:-[\p{L}\p{M}\p{N}]+)*-2027-01-15\.html$/u)
})

t.test('notes have a title of their own', async (t) => {
  const alice = await neighbourhood(t).start('alice')
  const [notes] = alice.rooms.conversations.owner.list()
  const id = notes?.scope as Parameters<typeof exported>[1]
  t.match(await exported(alice, id, asHtml), /<h1 dir="auto">Notes to self<\/h1>[\s\S]*0 messages\./)
})

t.test('files are named, in both languages and in JSON, and are not in the copy', async (t) => {
  const { alice, chat } = await twoContacts(t)
  const { blobs, conversations } = alice.rooms
  const about = { name: '<b>plan\u202e</b>.pdf', type: 'application/pdf' }
  const { id } = await blobs.add(chat, inPieces(someBytes(1234)), about)
  await conversations.owner.post(chat, '', 'client', await blobs.posting(chat, [id]))
  const page = await exported(alice, chat, asHtml)
  t.match(page, /File, not in this copy: .&lt;b&gt;plan&lt;\/b&gt;\.pdf.*, 1,234 bytes/u)
  t.notMatch(page, /newer Warren/)
  t.match(
    await exported(alice, chat, { format: 'html', language: 'de' }),
    /Datei, nicht in dieser Kopie: .*, 1\.234 Bytes/u,
  )
  const json = await exported(alice, chat, { format: 'json', language: 'en' })
  t.ok(json.includes(`"files":[{"id":"${id}","name":"<b>plan`), 'in JSON')
  await t.resolves(checkChunks(Readable.from([Buffer.from(json)])), 'which can be checked')
})
