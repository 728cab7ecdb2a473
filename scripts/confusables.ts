/**
 * Writes daemon/owner/confusables.ts from the table of Unicode Technical Standard #39 (https://www.unicode.org/Public/security/,
 * confusables.txt): `node scripts/confusables.ts confusables.txt`. Only what may pass for Latin letters and digits is kept.
 */

import { readFileSync, writeFileSync } from 'node:fs'

const [, , source = 'confusables.txt'] = process.argv
const lines = readFileSync(source, 'utf8').split('\n')
const version =
  lines
    .find((line) => line.startsWith('# Version:'))
    ?.slice('# Version:'.length)
    .trim() ?? 'unknown'

const fromHex = (text: string): string =>
  text
    .trim()
    .split(' ')
    .map((each) => String.fromCodePoint(Number.parseInt(each, 16)))
    .join('')

/** UTS #39 keeps small capitals apart; in a list of names they pass for the letter. */
const smallCapitals = {
  ᴀ: 'a',
  ʙ: 'b',
  ᴃ: 'b',
  ᴄ: 'c',
  ᴅ: 'd',
  ᴇ: 'e',
  ꜰ: 'f',
  ɢ: 'g',
  ʜ: 'h',
  ɪ: 'i',
  ᴊ: 'j',
  ᴋ: 'k',
} as const
const moreSmallCapitals = {
  ʟ: 'l',
  ᴍ: 'm',
  ɴ: 'n',
  ᴏ: 'o',
  ᴘ: 'p',
  ʀ: 'r',
  ꜱ: 's',
  ᴛ: 't',
  ᴜ: 'u',
  ᴠ: 'v',
  ᴡ: 'w',
  ʏ: 'y',
  ᴢ: 'z',
} as const
const small = new Map<string, string>(Object.entries({ ...smallCapitals, ...moreSmallCapitals }))

const plain = (text: string): string => text.normalize('NFKD').toLowerCase().replaceAll(/\p{M}/gu, '')

const found = new Map<string, string>()
for (const line of lines) {
  const [from, to] = line.replace(/#.*/, '').split(';')
  if (from === undefined || to === undefined) continue
  const character = fromHex(from.replace('\u{feff}', ''))
  const looks = Array.from(plain(fromHex(to)), (each) => small.get(each) ?? each).join('')
  const isNew = character.normalize('NFKD') === character && looks !== plain(character)
  // `m` itself looks like `rn`: the reader of the table turns it the other way round.
  if (isNew && /^[a-z0-9]+$/.test(looks) && character !== 'm') found.set(character, looks)
}
for (const [character, looks] of small) if (!found.has(character)) found.set(character, looks)

const groups = Map.groupBy(found, ([, looks]) => looks)
const rows = [...groups]
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([looks, all]) => {
    const escaped = all.map(([character]) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`)
    return `  ['${looks}', '${escaped.join('')}'],`
  })

writeFileSync(
  new URL('../daemon/owner/confusables.ts', import.meta.url),
  `/**
 * Characters that pass for Latin letters and digits, from Unicode Technical Standard #39, version ${version}. © 2021 Unicode, Inc.,
 * Unicode License v3 (https://www.unicode.org/license.txt). Written by scripts/confusables.ts; do not edit.
 */

// oxfmt-ignore
export const confusables: readonly (readonly [looksLike: string, characters: string])[] = [
${rows.join('\n')}
]
`,
)
