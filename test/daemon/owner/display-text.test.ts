import t from 'tap'
import fc from 'fast-check'
import { displayLine, displayLines } from '../../../daemon/owner/display-text.ts'
import { skeleton } from '../../../daemon/owner/skeleton.ts'
import { limits } from '../../../protocol/limits.ts'

t.test('what turns, hides or breaks a line is taken out of a name', async (t) => {
  const cases: [written: string, shown: string][] = [
    ['Bob\u202egnp.exe', 'Bobgnp.exe'],
    ['\u2066Bob\u2069\u200e\u200f\u061c', 'Bob'],
    ['a\u0000b\u001b[31mc\u0007\u009b', 'ab[31mc'],
    ['Bo\nb\r\n\t  x\u2028y', 'Bo b x y'],
    ['\u200bB\u2060o\ufeffb\u00ad', 'Bob'],
    ['\u3164', ''],
    ['\u115f\u1160\uffa0\u2800', ''],
    ['\u{e0048}\u{e0069}', ''],
    ['a\u200db\u200cc', 'abc'],
    ['x\ufe0f\u{e0101}', 'x'],
    [`B${'\u0301'.repeat(60)}ob`, `B${'\u0301'.repeat(4)}ob`],
    ['\u0301\u0302Bob', 'Bob'],
    ['\ufdd0\u{10ffff}Bob', 'Bob'],
    ['  Bob  ', 'Bob'],
  ]
  for (const [at, [written, shown]] of cases.entries()) t.equal(displayLine(written), shown, `case ${at}`)
})

t.test('what people are called stays as it is', async (t) => {
  const names = [
    'Alice Liddell',
    'Việt',
    'Zoë-Ann O’Neill',
    'שָׁלוֹם',
    'نامه‌ای',
    'ภาษาไทย ที่นี่',
    'क्षत्रिय',
    '李小龍',
    '👩🏽‍👩🏿‍👧🏻‍👦',
    '👨‍💻',
    '🏳️‍🌈',
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
    '🇩🇪',
    '1️⃣ ❤️',
  ]
  for (const name of names) t.equal(displayLine(name), name)
})

t.test('a note keeps a few lines', async (t) => {
  t.equal(displayLines('Hi\n\n\n\n it is\r\nme\u2028Bob \u202e'), 'Hi\n\nit is\nme\nBob')
  t.equal(displayLines('1\n2\n3\n4\n5\n6\n7\n8\n9\n10').split('\n').length, 8)
  t.equal(displayLines('\n\u200b\n'), '')
})

t.test('any text: one line, and nothing to take out a second time', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 64 }), (text) => {
      const shown = displayLine(text)
      return !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(shown) && displayLine(shown) === shown
    }),
    { seed: 7, numRuns: 2000 },
  )
  for (const each of ['\u200d', '\u0301', '\ufe0f', '\u{e0061}', ' '])
    t.ok(displayLine(`x${each.repeat(limits.noteCodePoints)}`).length < 10)
})

t.test('names that look alike have one skeleton, others have not', async (t) => {
  const alike: [string, string][] = [
    ['Bob', 'bob'],
    ['Bob', 'Воb'],
    ['Bob', 'B0b'],
    ['Bob', 'Böb'],
    ['Bob', ' B o b.'],
    ['Bob', '𝓑𝓸𝓫'],
    ['Bob', 'Ꮟob'],
    ['Bob', 'ʙᴏʙ'],
    ['Bob', 'Bob 😀'],
    ['Alice', 'AIice'],
    ['Alice', 'Al1ce'],
    ['Alice', 'аlісе'],
    ['modern', 'rnodern'],
    ['Olga', 'Οlga'],
    ['José', 'Jose'],
    ['😀', ' 😀'],
  ]
  for (const [a, b] of alike) t.equal(skeleton(a), skeleton(b), `${a} and ${b}`)
  const unlike: [string, string][] = [
    ['Bob', 'Rob'],
    ['Bob', 'Bobby'],
    ['Bob', 'Bo'],
    ['Иван', 'Ivan'],
    ['李', '季'],
    ['😀', '😃'],
    ['Anna', 'Anne'],
  ]
  for (const [a, b] of unlike) t.not(skeleton(a), skeleton(b), `${a} and ${b}`)
})
