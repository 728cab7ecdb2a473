import t from 'tap'
import { phraseLines } from '../../../daemon/cli/phrase.ts'
import { runApi } from '../../support/running-api.ts'
import { warren, type Ended } from '../../support/warren-process.ts'

t.setTimeout(240_000)

const parse = ({ stdout }: Ended): unknown => JSON.parse(stdout)

t.test('device phrase shows the words until they are written down, and never takes them as arguments', async (t) => {
  const { home, owner } = await runApi(t)
  const run = async (words: string[], input = ''): Promise<Ended> =>
    await warren(['device', 'phrase', ...words], { home, input })
  const { words } = owner.ownDevices.phrase
  const shown = await run([])
  t.equal(shown.code, 0, shown.stderr)
  for (const line of phraseLines(words)) t.ok(shown.stdout.includes(`${line}\n`), line)
  t.match(shown.stdout, /\nThey stay on this device until you say so: warren device phrase --written\n$/)
  t.strictSame(parse(await run(['--json'])), { state: 'unwritten', words, asked: [3, 11, 24] })
  t.match(await run(['--written', '--passphrase-stdin'], `${words.toReversed().join(' ')}\n`), {
    code: 1,
    stderr: 'warren: word 24 is another one\n',
  })
  t.match(await run(['--written', '--passphrase-stdin'], `${words.join(' ')}\n`), {
    code: 0,
    stdout: /\nwritten down: this device has forgotten the words\n$/,
  })
  t.match(await run([]), { code: 0, stdout: /^written down on 2025-10-09; no device of yours has the words\n$/ })
  t.strictSame(parse(await run(['--json'])), { state: 'written', writtenAt: 1_760_000_000_000 })
  const anew = async (...more: string[]): Promise<Ended> => await warren(['device', 'anew', ...more], { home })
  t.match(await anew(), { code: 2, stderr: /begins anew as somebody who has other words.*Say --yes/s })
  t.equal(owner.ownDevices.anew, 0)
  t.match(await anew('--yes'), { code: 0, stdout: /Write the new words down: warren device phrase\n$/ })
  t.strictSame(parse(await anew('--yes', '--json')), { state: 'anew', asksContacts: true })
  t.equal(owner.ownDevices.anew, 2)
  owner.ownDevices.phrase.shown = { state: 'elsewhere' }
  t.match(await run([]), { code: 0, stdout: 'the words are kept on another device of yours: look there\n' })
  t.match(await run(words), { code: 2, stdout: '' })
})
