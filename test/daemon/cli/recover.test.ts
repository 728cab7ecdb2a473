import t from 'tap'
import { phraseOf } from '../../../protocol/words.ts'
import { runApi } from '../../support/running-api.ts'
import { warren, type Ended } from '../../support/warren-process.ts'

t.setTimeout(240_000)

const words = phraseOf(new Uint8Array(32).fill(7))

t.test('device recover takes the words from stdin, shows the devices, and removes those that are lost', async (t) => {
  const { home, owner } = await runApi(t)
  const run = async (input: string, ...more: string[]): Promise<Ended> =>
    await warren(['device', 'recover', '--passphrase-stdin', ...more], { home, input: `${input}\n` })
  t.match(await run(words.with(4, 'warren').join(' ')), {
    code: 1,
    stdout: '',
    stderr: 'warren: word 5 is not a word of a recovery phrase\n',
  })
  t.match(await run(words.slice(1).join(' ')), { stderr: 'warren: a recovery phrase has 24 words, not 23\n' })
  t.match(await run(words.join(' '), '--lost', '9'), {
    code: 2,
    stderr: /there is no device 9: say numbers, all or none/,
  })
  t.strictSame(owner.ownDevices.lost, [])
  owner.ownDevices.recovered = true
  const ended = await run(words.join(' '), '--lost', '2')
  t.equal(ended.code, 0, ended.stderr)
  t.match(ended.stdout, /^found: Alice\ntold by somebody who knows you: Bob \(ijkl\)\n 1 abcd, since 2025-10-09\n/)
  t.match(ended.stdout, /\n 2 Phone \(efgh\), since 2025-10-09\n/)
  t.match(ended.stdout, /\nYou are back: this is a device of yours\.\n/)
  t.match(ended.stdout, /write the new ones down: warren device phrase\n$/i)
  t.strictSame(owner.ownDevices.lost, ['lost-2'])
  t.notOk(`${ended.stdout}${ended.stderr}`.includes(words[0] ?? ''), 'no word is printed')
  t.match(await run(words.join(' '), '--lost', 'none', '--ask'), { code: 2, stderr: /--ask needs somebody else/ })
  await run(words.join(' '), '--lost', 'none', '--at', 'bob')
  t.equal(owner.ownDevices.helpersAsked, 0, 'nobody is asked who was not meant to be')
  t.equal((await run(words.join(' '), '--lost', 'none', '--at', 'bob', '--ask')).code, 0)
  t.equal(owner.ownDevices.helpersAsked, 1)
  const lines = (await run(words.join(' '), '--lost', 'all', '--json')).stdout.trim().split('\n')
  t.strictSame(
    lines.map((line) => (JSON.parse(line) as { state: string }).state),
    ['found', 'done'],
  )
  t.strictSame(owner.ownDevices.lost, ['lost-2', 'lost-1', 'lost-2'])
})

t.test('where nobody answers one is told what may happen, and goes on with --alone', async (t) => {
  const { home, owner } = await runApi(t)
  const run = async (...more: string[]): Promise<Ended> =>
    await warren(['device', 'recover', '--passphrase-stdin', '--lost', 'all', ...more], {
      home,
      input: `${words.join(' ')}\n`,
    })
  owner.ownDevices.answers = false
  owner.ownDevices.recovered = true
  t.match(await run(), { code: 2, stderr: /nobody answered who knows whether these words still count.*--alone/ })
  t.strictSame(owner.ownDevices.lost, [])
  t.equal((await run('--alone')).code, 0)
  t.strictSame(owner.ownDevices.lost, ['lost-1', 'lost-2'])
})

t.test('the words are no argument', async (t) => {
  const { home } = await runApi(t)
  t.match(await warren(['device', 'recover', ...words.slice(0, 2)], { home }), { code: 2, stdout: '' })
  t.match(await warren(['device', 'recover'], { home }), { code: 2, stderr: /use --passphrase-stdin/ })
})
