/**
 * What others wrote about themselves, made fit to be shown beside words of the page's own: it cannot turn the reading order, leave
 * its line, hide, or pile up marks. Message texts are not touched: they are kept and shown byte for byte, in a place of their own.
 */

/** At most so many marks stand on one letter: enough for every living language, too few to leave the line. */
const mostMarks = 4

const blanks = /[\p{Zs}\p{Zl}\p{Zp}\t\n\v\f\r\u0085]+/gu
// Controls, bidi marks, embeddings, overrides and isolates; fillers and blanks that are letters by name; interlinear notes; non-characters.
const hidden =
  /\u034f|[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Noncharacter_Code_Point}\u00ad\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}]/gu
/** A joiner counts between pictures, and between letters of scripts whose letters join. */
const strayJoiners =
  /(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f\u{e007f}])\u200d(?!\p{Extended_Pictographic})|(?<=\p{Script=Latin}|\p{Script=Greek}|\p{Script=Cyrillic}|\p{N}|\p{P}|\p{Z}|^)[\u200c\u200d]|[\u200c\u200d](?=\p{Script=Latin}|\p{Script=Greek}|\p{Script=Cyrillic}|\p{N}|\p{P}|\p{Z}|[\u200c\u200d]|$)/gu
/** A variation selector says something of the character before it; the others are a place to hide words in. */
const straySelectors = /(?<![\p{Emoji}\p{Extended_Pictographic}])[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/gu
/** Tags spell flags of regions, behind a black flag alone. */
const strayTags = /(?<!\u{1f3f4}[\u{e0020}-\u{e007f}]*)[\u{e0000}-\u{e007f}]/gu
const loneMarks = /(?<=^|\s)(?![\ufe00-\ufe0f])\p{M}+/gu
const pile = new RegExp(`((?![\\ufe00-\\ufe0f])\\p{M}){${mostMarks + 1},}`, 'gu')

const clean = (text: string): string =>
  text
    .replaceAll(hidden, '')
    .replaceAll(strayTags, '')
    .replaceAll(straySelectors, '')
    .replaceAll(strayJoiners, '')
    .replaceAll(loneMarks, '')
    .replaceAll(pile, (marks) => Array.from(marks).slice(0, mostMarks).join(''))

/** Nothing to do: most names, looked at for every message on screen. */
const simple = /^(?:[!-~]+(?: [!-~]+)*)?$/

/** A name or a status: one line, without blanks around it; empty if nothing of it can be seen. */
export const displayLine = (text: string): string =>
  simple.test(text) ? text : clean(text.replaceAll(blanks, ' ')).replaceAll(/ {2,}/g, ' ').trim()

const mostLines = 8

/** A note: its lines stay, a few of them. */
export const displayLines = (text: string): string => {
  const lines = text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/u).map((line) => displayLine(line))
  const kept = lines.filter((line, at) => line !== '' || (at > 0 && lines[at - 1] !== ''))
  return [...kept.slice(0, mostLines - 1), kept.slice(mostLines - 1).join(' ')].join('\n').trim()
}
