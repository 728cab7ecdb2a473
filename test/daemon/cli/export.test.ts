import { randomBytes } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { saveFile } from '../../../daemon/cli/save-file.ts'
import { forkLine } from '../../../protocol/export-format.ts'
import { fingerprint } from '../../../protocol/ids.ts'
import { twoContacts } from '../../support/device.ts'
import { exported } from '../../support/exported.ts'
import { Pen } from '../../support/pen.ts'
import { runApi } from '../../support/running-api.ts'
import { runLine, warren, type Ended } from '../../support/warren-process.ts'

t.setTimeout(240_000)

function folder(t: Test): string {
  const made = mkdtempSync(join(tmpdir(), 'w-'))
  t.teardown(() => rmSync(made, { recursive: true, force: true }))
  return made
}

const bytes = 3 * 64 * 1024

t.test('export saves a file for nobody else, and overwrites none unasked', async (t) => {
  const { home, owner } = await runApi(t)
  owner.meet('bob', 'accepted')
  owner.receive('bob', 'words')
  const place = folder(t)
  const file = join(place, 'bob.json')
  const run = async (...words: string[]): Promise<Ended> => await warren(['export', 'bob', ...words], { home })
  t.match(await run('--output', file, '--json'), {
    code: 0,
    stdout: `${JSON.stringify({ file, format: 'json', bytes })}\n`,
  })
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.match(readFileSync(file, 'utf8'), /^json 0 /)
  t.match(await run('--output', file), { code: 1, stderr: /is there already: choose another name, or add --force\n$/ })
  t.match(await run('--output', file, '--force', '--format', 'html'), { code: 0, stdout: /^saved: / })
  t.match(readFileSync(file, 'utf8'), /^html 0 /)
  t.match(await run('--output', join(place, 'no', 'x.html')), { code: 1, stderr: /there is no folder for/ })
  t.match(await run('--output', place, '--force'), { code: 1, stderr: /is no plain file/ })
  const piped = await run('--format', 'json', '--output', '-')
  t.equal(piped.code, 0)
  t.equal(piped.stdout.length, bytes)
  t.strictSame(readdirSync(place), ['bob.json'], 'nothing else is left')
  t.match(await run('--format', 'pdf'), { code: 2, stderr: 'warren: --format is html or json\n' })
  t.match(await run('--output', '-', '--json'), { code: 2 })
  t.match(await warren(['export', 'nobody'], { home }), { code: 1, stderr: /nobody called "nobody"/ })
})

t.test('without a name it is called as the daemon says, in the folder where one is', async (t) => {
  const { home } = await runApi(t)
  const place = folder(t)
  const run = async (): Promise<Ended> => await warren(['export', 'self'], { home, cwd: place })
  t.match(await run(), { code: 0, stdout: /^saved: warren-жанна-2026-11-20\.html\n/ })
  t.match(await run(), { code: 1, stderr: /is there already/ })
  t.strictSame(readdirSync(place), ['warren-жанна-2026-11-20.html'])
})

t.test('one that breaks off leaves no file', async (t) => {
  const { home, owner, api } = await runApi(t)
  owner.exports.length = 1_000_000
  const place = folder(t)
  const saving = warren(['export', 'self', '--output', join(place, 'x.html')], { home })
  while (owner.exports.pieces < 20) await new Promise((resolve) => void setImmediate(resolve))
  t.match(readdirSync(place), [/^\.x\.html\.[0-9a-f]{12}\.part$/])
  api.locked()
  t.match(await saving, { code: 1, stderr: 'warren: the connection to the daemon broke off\n' })
  t.strictSame(readdirSync(place), [])
})

async function* once(text: string, before: () => void = () => undefined): AsyncGenerator<Uint8Array> {
  before()
  yield await Promise.resolve(Buffer.from(text))
}

t.test('what comes to a name while a file is written is not overwritten, and links are not followed', async (t) => {
  const place = folder(t)
  const file = join(place, 'x')
  await t.rejects(
    saveFile(
      file,
      once('mine', () => writeFileSync(file, 'theirs')),
      false,
    ),
    { code: 'CONFLICT' },
  )
  t.equal(readFileSync(file, 'utf8'), 'theirs')
  const [target, named] = [join(place, 'target'), join(place, 'named')]
  writeFileSync(target, 'theirs')
  symlinkSync(target, named)
  for (const force of [false, true]) await t.rejects(saveFile(named, once('mine'), force), { code: 'CONFLICT' })
  t.equal(readFileSync(target, 'utf8'), 'theirs')
  mkdirSync(join(place, 'folder'))
  await t.rejects(saveFile(join(place, 'folder'), once('mine'), true), { code: 'CONFLICT' })
  t.strictSame(readdirSync(place).toSorted(), ['folder', 'named', 'target', 'x'])
})

t.test('check-export says what a file is, with a code that stays', async (t) => {
  const place = folder(t)
  const verdictOn = async (content: string | Uint8Array): Promise<unknown> => {
    const file = join(place, randomBytes(4).toString('hex'))
    writeFileSync(file, content)
    const { code, stdout, stderr } = await runLine(['check-export', file, '--json'])
    t.equal(code, 1)
    t.match(stderr, /^warren: [^\n]+\n$/)
    const verdict = JSON.parse(stdout) as { valid: boolean; code: string }
    t.equal(verdict.valid, false)
    return verdict.code
  }
  const begin = '{"format":"warren-export","version":2'
  t.equal(await verdictOn(''), 'NOT_AN_EXPORT')
  t.equal(await verdictOn(randomBytes(3_000_000)), 'NOT_AN_EXPORT')
  t.equal(await verdictOn('{"messages":[]}\n'), 'NOT_AN_EXPORT')
  t.equal(await verdictOn(`${begin}}\n`), 'NOT_AN_EXPORT')
  t.equal(await verdictOn(begin.replace('2', '3').concat('}\n')), 'UNSUPPORTED_VERSION')
  t.equal(await verdictOn(begin), 'TRUNCATED')
  t.equal(await verdictOn(begin + 'x'.repeat(2_000_000)), 'TOO_LARGE')
  t.equal(await verdictOn(`${begin},"operations":[\n`), 'BAD_SHAPE')
  t.match(await runLine(['check-export', join(place, 'nowhere')]), {
    code: 1,
    stderr: 'warren: there is no such file, or it may not be read\n',
  })
  t.match(await runLine(['check-export', place]), { code: 1, stderr: 'warren: this is no file\n' })
  t.match(await runLine(['check-export']), { code: 2 })
})

t.test('check-export accuses nobody of two histories whose device did not sign both', async (t) => {
  const { alice, bob, chat } = await twoContacts(t)
  const pen = new Pen(bob.rooms.identity, chat)
  const first = pen.write('held')
  pen.goOnFrom(undefined)
  const other = pen.write('in its place')
  await alice.rooms.conversations.peers.accept(chat, [pen.run([first])], bob.id)
  const file = join(folder(t), 'bob.json')
  const told = async (text: string): Promise<string> => {
    writeFileSync(file, text)
    const { code, stdout } = await runLine(['check-export', file])
    t.equal(code, 0)
    return stdout
  }
  const honest = await exported(alice, chat)
  t.notMatch(await told(honest), /two different histories/)
  const { device, generation } = first.sealed.header
  const accused = await told(honest.replace('\n],"end"', `\n,${forkLine({ device, generation }, 1)}\n],"end"`))
  t.match(
    accused,
    /^genuine: [\s\S]*\nit says, and does not prove, that a device wrote two different histories \(1\)\n/,
  )
  t.notMatch(accused, /signed two different histories/)
  await alice.rooms.conversations.peers.accept(chat, [pen.run([other])], bob.id)
  const proven = await told(await exported(alice, chat))
  const of = `device ${fingerprint(bob.id)}: 0 messages`
  t.ok(proven.includes(`${of}; it signed two different histories, of which this shows one\n`), proven)
  t.notMatch(proven, /does not prove/)
})
