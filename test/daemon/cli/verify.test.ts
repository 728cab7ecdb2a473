import { decodeQR } from 'qr/decode.js'
import t from 'tap'
import { qrLines } from '../../../daemon/cli/qr-text.ts'
import { codeSubject, encodeSafetyCode, type CodeSubject } from '../../../protocol/safety-code.ts'
import { personOf } from '../../support/fake-owner.ts'
import { fakeNumber, verifiedAt } from '../../support/fake-safety.ts'
import { runApi } from '../../support/running-api.ts'
import { linesOn, type Ended } from '../../support/warren-process.ts'

t.setTimeout(240_000)

const subjectOf = (name: string): CodeSubject => codeSubject({ person: personOf(name), recoveries: [] })
const parse = ({ stdout }: Ended): unknown => JSON.parse(stdout)

t.test('verify shows the number and the code; --with the digits and --undo', async (t) => {
  const { home, owner } = await runApi(t)
  const run = linesOn(home)
  const { id } = owner.meet('bob', 'accepted')
  const shown = await run('verify', 'bob')
  t.equal(shown.code, 0, shown.stderr)
  const groups = fakeNumber.split(' ')
  const rows = [0, 4, 8].map((at) => groups.slice(at, at + 4).join('  '))
  t.ok(shown.stdout.startsWith(`Safety number with bob:\n${rows.join('\n')}\n\n`), shown.stdout)
  t.ok(shown.stdout.includes(qrLines('warren:match').join('\n')))
  t.match(
    shown.stdout,
    /\nnot verified: compare it with bob, face to face or in a call, then give what you compared to --with\n$/,
  )
  const json = { id, number: fakeNumber, code: 'warren:match', newDevices: [], verified: false }
  t.strictSame(parse(await run('verify', 'bob', '--json')), json)
  t.match(await run('verify', 'bob', '--with', rows.join('\n')), {
    code: 0,
    stdout: `bob is verified\n${rows.join('\n')}\n`,
  })
  t.equal(owner.contact(id).verified, true)
  t.match((await run('verify', 'bob')).stdout, /\nverified \d{4}-\d\d-\d\d \d\d:\d\d\n$/)
  t.match((await run('contacts')).stdout, /offline, verified\n$/)
  t.match(await run('verify', 'bob', '--undo'), { code: 0, stdout: 'bob is not verified any more\n' })
  t.strictSame(parse(await run('verify', 'bob', '--with', fakeNumber, '--json')), {
    id,
    verified: true,
    verifiedAt,
  })
  t.strictSame(parse(await run('verify', 'bob', '--undo', '--json')), { id, verified: false })
})

t.test('verify --with compares by itself, and says what is wrong', async (t) => {
  const { home, owner } = await runApi(t)
  const { id } = owner.meet('bob', 'accepted')
  const withText = async (text: string): Promise<Ended> => await linesOn(home)('verify', 'bob', '--with', text)
  const wrong: readonly (readonly [string, RegExp])[] = [
    [`1${fakeNumber.slice(1)}`, /^warren: not the same number: .*somebody may be in between\n$/],
    ['warren:own-code', /^warren: that is your own code/],
    ['warren:other-person', /^warren: that is the code of carol, not of bob\n$/],
    ['warren:not-for-you', /^warren: bob's device shows this code for somebody else/],
    ['warren:other-keys', /^warren: the keys of one of you were replaced/],
    ['warren:?', /^warren: the link is damaged\n$/],
  ]
  for (const [text, stderr] of wrong) {
    const ended = await withText(text)
    t.match(ended, { code: 1, stdout: '', stderr })
    t.equal(ended.stderr.split('\n').length, 2, 'one line')
  }
  t.equal(owner.contact(id).verified, false)
  t.match(await withText(fakeNumber), { code: 0, stdout: /^bob is verified\n/ })
  t.match(await withText(' warren:match'), { code: 0, stdout: 'bob is verified\n' })
})

t.test('whose keys were replaced is told in contacts and verify; wrong usage', async (t) => {
  const { home, owner } = await runApi(t)
  const run = linesOn(home)
  owner.meet('bob', 'accepted', { verifiedAt: 1_760_000_000_000, keysChanged: true })
  const bob = owner.contact(personOf('bob'))
  const lookalike = { id: bob.id, name: 'bob', fingerprint: bob.fingerprint, how: 'same-name', verified: true } as const
  owner.meet('mallory', 'incoming', { name: 'bob', lookalike })
  const { stdout } = await run('contacts')
  t.match(stdout, /\ncareful: the keys of bob were replaced since you verified them: .*\n/)
  t.match(stdout, /careful: this is not the bob you know .*\. You verified the one you know, and not this one\n/)
  const [prefix] = [bob.id.slice(0, 8)]
  t.match(
    (await run('verify', prefix)).stdout,
    /\ncareful: the keys of bob were replaced .*compare it before you trust it\n$/,
  )
  t.match(parse(await run('verify', prefix, '--json')), { verified: false, keysChanged: true })
  t.match(await run('verify', 'nobody'), { code: 1, stderr: /nobody called "nobody"/ })
  for (const words of [['--with', 'x', '--undo'], ['bob', 'carol'], ['--with']])
    t.equal((await run('verify', 'bob', ...words)).code, 2, words.join(' '))
})

t.test('the code on a terminal is one that a camera reads, on a dark ground', async (t) => {
  const text = encodeSafetyCode({ shownBy: subjectOf('alice'), shownTo: subjectOf('bob') })
  const lines = qrLines(text)
  t.ok(Math.max(...lines.map((line) => line.length)) <= 60, 'it fits a terminal')
  const scale = 4
  const width = (lines[0]?.length ?? 0) * scale
  const height = lines.length * 2 * scale
  const data = new Uint8ClampedArray(width * height * 4).fill(255)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const block = lines[Math.floor(y / scale / 2)]?.[Math.floor(x / scale)] ?? ' '
      const isLight = block === '█' || block === (Math.floor(y / scale) % 2 === 0 ? '▀' : '▄')
      data.fill(isLight ? 235 : 20, (y * width + x) * 4, (y * width + x) * 4 + 3)
    }
  }
  t.equal(decodeQR({ width, height, data }), text)
})

t.test('verify takes no bare yes: it would be of a number that nobody saw', async (t) => {
  const { home, owner } = await runApi(t)
  const run = linesOn(home)
  const { id } = owner.meet('bob', 'accepted')
  // What the owner has in front of them was shown before the number changed.
  const seen = fakeNumber.replace('10101', '10102')
  for (const words of [['--matches'], ['--yes'], ['--with', '--json']]) {
    const ended = await run('verify', 'bob', ...words)
    t.equal(ended.code, 2, words.join(' '))
    t.equal(ended.stdout, '')
  }
  t.match((await run('verify', 'bob', '--matches')).stderr, /'--matches'/)
  for (const given of [seen, fakeNumber.slice(0, 17), 'yes', ''])
    t.equal((await run('verify', 'bob', '--with', given)).code, 1, given)
  t.equal(owner.contact(id).verified, false)
  t.match((await run('verify', '--help')).stdout, /all 60/)
})
