/** What stands in an avatar: the first letters of the first and the last word. */

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

const first = (word: string): string => {
  for (const { segment } of segmenter.segment(word)) return segment
  return ''
}

export function initials(name: string): string {
  const words = name
    .replaceAll(/[^\p{L}\p{N}\p{Emoji_Presentation}\s]/gu, ' ')
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
  const last = words.length > 1 ? first(words.at(-1) ?? '') : ''
  return (first(words[0] ?? '') + last).toLocaleUpperCase() || '?'
}
