/** Whatever is changed in what was signed is found, and nothing that is unsigned can pass for it. */

import fc from 'fast-check'
import t from 'tap'
import { twoContacts, type Pair } from '../../support/device.ts'
import { checked, exported, verdictOn } from '../../support/exported.ts'
import { count } from '../../support/talked.ts'

const long = process.env['WARREN_LONG'] === '1'

/** One of each kind of line. */
async function rich(pair: Pair): Promise<string> {
  const { alice, bob, chat, settle } = pair
  for (const text of count(2, 'gone')) await alice.say(chat, text)
  for (const text of count(2, 'gone')) await bob.say(chat, text)
  await settle()
  await alice.rooms.conversations.owner.delete(chat)
  await settle()
  for (const text of ['one', 'two "quoted" \u2028 \u0007 ü']) await alice.say(chat, text)
  await settle()
  for (const text of count(2, 'from bob')) await bob.say(chat, text)
  await settle()
  return await exported(alice, chat)
}

const linesOf = (text: string): string[] => text.split('\n').slice(0, -1)
const whole = (lines: readonly string[]): string => `${lines.join('\n')}\n`
const isItem = (line: string): boolean => /^,?\{"(?:person|is)":/.test(line)

/** Lines of a list, with a comma before all but the first. */
const commas = (all: readonly string[]): string[] =>
  all.map((line, at) => {
    const bare = line.startsWith(',{') ? line.slice(1) : line
    return isItem(line) && isItem(all[at - 1] ?? '') ? `,${bare}` : bare
  })

/** Exporters say why something is not there; nobody signs that. */
const isGap = (line: string): boolean => line.includes('"is":"gap"')

t.setTimeout(long ? 3_600_000 : 120_000)

t.test('every changed byte of an operation or an entry is found', async (t) => {
  const text = await rich(await twoContacts(t))
  t.equal(await verdictOn(text), 'genuine')
  const bytes = Buffer.from(text)
  const unfound: string[] = []
  let tried = 0
  let at = 0
  for (const line of linesOf(text)) {
    const length = Buffer.byteLength(line)
    const step = long ? 1 : 5
    if (isItem(line) && !isGap(line))
      for (let place = at + (tried % step); place < at + length; place += step) {
        const changed = Buffer.from(bytes)
        changed[place] = (bytes[place] ?? 0) ^ (1 << (tried % 7))
        tried += 1
        if ((await verdictOn(changed)) === 'genuine') unfound.push(`${line.slice(0, 40)} at ${place - at}`)
      }
    at += length + 1
  }
  t.ok(tried > 800, `${tried} were tried`)
  t.strictSame(unfound, [])
})

t.test('a line that is left out, doubled, moved or taken from elsewhere is found', async (t) => {
  const pair = await twoContacts(t)
  const lines = linesOf(await rich(pair))
  const items = lines.flatMap((line, at) => (isItem(line) && !isGap(line) ? [at] : []))
  const without = (at: number): string[] => lines.filter((_, each) => each !== at)
  for (const at of items) {
    const line = lines[at] ?? ''
    t.not(await verdictOn(whole(commas(without(at)))), 'genuine', `without line ${at + 1}`)
    t.not(await verdictOn(whole(commas(lines.toSpliced(at, 0, line)))), 'genuine', `with line ${at + 1} twice`)
    t.not(await verdictOn(whole(without(at))), 'genuine')
  }
  const other = linesOf(await rich(await twoContacts(t, 11))).find((line) => line.includes('"is":"message"')) ?? ''
  const last = items.at(-1) ?? 0
  t.equal(await verdictOn(whole(commas(lines.toSpliced(last + 1, 0, other)))), 'NOT_A_MEMBER')
  const swapped = lines.toSpliced(last - 1, 2, lines[last] ?? '', lines[last - 1] ?? '')
  t.equal(await verdictOn(whole(swapped)), 'BAD_HASH')
  const moved = lines.toSpliced(last - 3, 4, ...[2, 3, 0, 1].map((each) => lines[last - 3 + each] ?? ''))
  t.equal(await verdictOn(whole(moved)), 'BAD_HASH', 'what Bob answered does not stand above what he answered to')
})

t.test('words, authors, times, names of lists and signatures cannot be exchanged', async (t) => {
  const text = await rich(await twoContacts(t))
  const gapOfBob = /"first":1,"last":2(?=[^\n]*\n[^\n]*"text":"from bob 0")/
  const cases: readonly (readonly [from: RegExp, to: string, code: string])[] = [
    [/"text":"one"/, '"text":"two"', 'BAD_HASH'],
    [/"text":"one"/, '"text":"\\u006fne"', 'BAD_HASH'],
    [/"text":"one"/, '"text":"zero","text":"one"', 'BAD_HASH'],
    [/"text":"one"/, '"text":"one","newer":true', 'BAD_HASH'],
    [/"text":"one"/, '"text": "one"', 'BAD_HASH'],
    [/"at":(\d+),"text"/, '"at":1$1,"text"', 'BAD_HASH'],
    [/,"signature":"[^"]*"\}\n\],"end"/, '}\n],"end"', 'BAD_SIGNATURE'],
    [/^(,?\{"person":.*),"signature":"[^"]*"\}$/m, '$1}', 'BAD_SIGNATURE'],
    [/"is":"message"/, '"is":"gone"', 'BAD_HASH'],
    [/"is":"message"/, '"is":"unreadable"', 'BAD_HASH'],
    [/"is":"message"/, '"is":"newer"', 'BAD_HASH'],
    [/"is":"message"/, '"is":"close"', 'BAD_HASH'],
    [/"is":"message"/, '"is":"party"', 'BAD_HASH'],
    [gapOfBob, '"first":1,"last":3', 'BAD_HASH'],
    [gapOfBob, '"first":1,"last":1', 'BAD_HASH'],
    [gapOfBob, '"first":2,"last":2', 'BAD_HASH'],
    [gapOfBob, '"first":1,"last":0', 'BAD_HASH'],
    [/"why":"deleted"/, '"why":"forgot"', 'BAD_SHAPE'],
    [/"entries":4,"messages":4/, '"entries":5,"messages":4', 'BAD_HASH'],
    [/\],"end":.*\n/, '', 'TRUNCATED'],
    [/\n$/, '', 'TRUNCATED'],
    [/\n$/, '\n\n', 'BAD_SHAPE'],
    [/\n$/, '\n{}\n', 'BAD_SHAPE'],
    [/"kind":"direct"/, '"kind":"self"', 'BAD_SHAPE'],
    [/"kind":"direct"/, '"kind":"group"', 'BAD_HASH'],
    [/"kind":"direct"/, '"kind":"channel"', 'UNSUPPORTED_VERSION'],
    [/"version":2/, '"version":3', 'UNSUPPORTED_VERSION'],
    [/"version":2/, '"version":0', 'BAD_SHAPE'],
    [/"version":2/, '"version":"1"', 'BAD_SHAPE'],
    [/warren-export/, 'warren-expert', 'NOT_AN_EXPORT'],
    [/^\{/, ' {', 'NOT_AN_EXPORT'],
    [/,"operations":\[\n/, ',"operations":[', 'NOT_AN_EXPORT'],
    [/\n/g, '\r\n', 'NOT_AN_EXPORT'],
  ]
  for (const [from, to, code] of cases) {
    const changed = text.replace(from, to)
    t.not(changed, text, `${from}`)
    t.equal(await verdictOn(changed), code, `${from} ${to}`)
  }
  t.equal(
    await verdictOn(`${JSON.stringify(JSON.parse(text))}\n`),
    'NOT_AN_EXPORT',
    'another spelling of the same document',
  )
  t.equal(await verdictOn(Buffer.concat([Buffer.from(text), Buffer.from([0xff, 10])])), 'BAD_SHAPE')
  t.equal(await verdictOn(Buffer.from(`\ufeff${text}`)), 'NOT_AN_EXPORT')
  t.equal(await verdictOn(''), 'NOT_AN_EXPORT')
  t.equal(await verdictOn('{"format":"war'), 'NOT_AN_EXPORT')
  t.equal(await verdictOn('{"format":"warren-export","version":1'), 'TRUNCATED')
})

t.test('the line is named on which the first forged thing stands', async (t) => {
  const text = await rich(await twoContacts(t))
  const lines = linesOf(text)
  const at = lines.findIndex((line) => line.includes('"text":"one"'))
  await t.rejects(checked(text.replace('"text":"one"', '"text":"two"')), {
    code: 'BAD_HASH',
    message: `line ${at + 1}: an entry says something else than its author signed`,
    details: { line: at + 1 },
  })
})

t.test('cut anywhere it is refused; and no noise makes the check fail in a way of its own', async (t) => {
  const text = await rich(await twoContacts(t))
  const bytes = Buffer.from(text)
  const refused = new Set<string>()
  for (let end = 0; end < bytes.length; end += long ? 1 : 97) refused.add(await verdictOn(bytes.subarray(0, end)))
  t.notOk(refused.has('genuine'))
  t.notOk(refused.has('INTERNAL'))
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(40)), { minLength: 1, maxLength: 4 }),
      async (changes) => {
        let changed = Buffer.from(bytes)
        for (const [at, value, more] of changes)
          changed = Buffer.concat([changed.subarray(0, at), Buffer.alloc(more % 3, value), changed.subarray(at + more)])
        return (await verdictOn(changed)) !== 'INTERNAL'
      },
    ),
    { numRuns: long ? 20_000 : 300, seed: 20_261_120 },
  )
  t.pass('every refusal has a code')
})
