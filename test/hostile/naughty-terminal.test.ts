/** What others wrote reaches no terminal raw, in any command; with --json it arrives as it is. */

import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import type { Contact } from '../../protocol/http-people.ts'
import type { Message } from '../../protocol/http-conversations.ts'
import { readConversationId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { runApi } from '../support/running-api.ts'
import { warren } from '../support/warren-process.ts'

t.setTimeout(240_000)

const read = (name: string): string[] =>
  JSON.parse(readFileSync(new URL(`../naughty/${name}`, import.meta.url), 'utf8')) as string[]

const texts = [
  ...read('vectors.json'),
  ...read('blns.base64.json').map((each) => Buffer.from(each, 'base64').toString('utf8')),
].filter((each) => each !== '' && each.isWellFormed())

/** Anything that a terminal takes for an order, and what turns the reading order. */
const raw = /[^\P{Cc}\n\t]|[\p{Bidi_Control}\p{Zl}\p{Zp}]/u
const visible = (text: string): string => text.replaceAll(/[^\x21-\x7e]/g, '')

t.test('the check sees an order', async (t) => {
  for (const bad of ['\u001b[31m', '\u009b31m', '\r', '\b', '\u202e', '\u2028', '\u0000', '\u007f']) t.match(bad, raw)
  t.notMatch('a\tb\nc', raw)
})

t.test('names and notes: contacts, peers, status', async (t) => {
  const { owner, home } = await runApi(t)
  for (const text of texts) {
    owner.meet(text, 'incoming')
    owner.see(text)
  }
  for (const words of [['contacts'], ['peers'], ['status']]) {
    const { code, stdout, stderr } = await warren(words, { home })
    t.strictSame([code, stderr], [0, ''])
    t.notMatch(stdout, raw, words.join(' '))
  }
  const listed = await warren(['contacts'], { home })
  t.ok(listed.stdout.includes('<script>alert(1)</script>') && listed.stdout.includes('\\u{1b}[31mred'))
  const exact = await warren(['contacts', '--json'], { home })
  t.notMatch(exact.stdout.trimEnd(), /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u)
  const names = new Set((JSON.parse(exact.stdout) as Contact[]).map(({ name }) => name))
  t.strictSame(
    texts.filter((text) => !names.has(text)),
    [],
  )
})

t.test('messages: log, and what an error says', async (t) => {
  const { owner, home } = await runApi(t)
  owner.meet('\u001b[1mbob', 'accepted')
  for (const text of texts) owner.receive('\u001b[1mbob', text)
  const words = ['log', '\u001b[1mbob', '--limit', String(texts.length)]
  const { code, stdout } = await warren(words, { home })
  t.equal(code, 0)
  t.notMatch(stdout, raw)
  t.ok(visible(stdout).includes(visible('<img src=x onerror=alert(1)>')))
  const lines = stdout.split('\n').filter((line) => /^\S/.test(line))
  t.equal(lines.length, texts.length, 'no message fakes the beginning of another')
  const exact = await warren([...words, '--json'], { home })
  t.strictSame(
    (JSON.parse(exact.stdout) as Message[]).map(({ text }) => text),
    texts,
  )
  t.notMatch(exact.stdout.trimEnd(), /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u)
  const nobody = await warren(['log', '\u001b]0;title\u0007'], { home })
  t.equal(nobody.code, 1)
  t.notMatch(nobody.stderr, raw)
})

t.test('names of files: log, and what is said of one that is saved', async (t) => {
  const { owner, home } = await runApi(t)
  owner.meet('bob', 'accepted')
  const [conversation] = owner.conversations().filter(({ kind }) => kind === 'direct')
  if (conversation === undefined) throw new Error('no conversation')
  const id = readConversationId(conversation.id)
  const names = texts.map((text) => Array.from(text).slice(0, 60).join(''))
  for (let at = 0; at < names.length; at += limits.attachments) {
    const some = names.slice(at, at + limits.attachments)
    // As somebody's own program may call them: nothing cleaned them on their way.
    const files = some.map((name) => owner.room.missing(id, new Uint8Array(1), name, 'text/plain'))
    await owner.post(id, { text: '', clientId: `${at}`, attachments: files.map((file) => file.id) })
  }
  const { code, stdout } = await warren(['log', 'bob', '--limit', '100'], { home })
  t.equal(code, 0)
  t.notMatch(stdout, raw)
  t.equal(stdout.match(/^ +\[file \w{8}: /gm)?.length, names.length, 'no name fakes the line of another file')
  t.ok(stdout.includes("<svg onload='alert(1)'>") || stdout.includes('onerror'))

  const bytes = Buffer.from('words')
  const mean = '..\\..\u001b[31mred\r\u202egnp.sh'
  const file = owner.room.missing(id, bytes, mean, 'text/plain')
  owner.room.arrive(id, file.id, bytes.length)
  await owner.post(id, { text: '', clientId: 'mean', attachments: [file.id] })
  const folder = t.testdir()
  const saved = await warren(['save', 'bob', file.id.slice(0, 8), '--to', folder], { home })
  t.equal(saved.code, 0)
  t.notMatch(saved.stdout + saved.stderr, raw)
  const [only, ...others] = readdirSync(folder)
  t.strictSame(others, [])
  t.notMatch(only, raw)
  t.match(only, /^[^./\\]/, 'no path, and not hidden')
})
