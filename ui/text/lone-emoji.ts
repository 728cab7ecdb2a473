/** Messages of one to three emoji and nothing else are drawn big. */

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const emoji = /^\p{RGI_Emoji}$/v
const longest = 100 // code units; three families with skin tones are shorter

/** 1 to 3, or 0 if the text is anything else. */
export function loneEmoji(text: string): number {
  if (text.length > longest) return 0
  const bare = text.replaceAll(/\s/g, '')
  if (bare === '' || /^[\d#*]/.test(bare)) return 0
  let count = 0
  for (const { segment } of segmenter.segment(bare)) {
    count += 1
    if (count > 3 || !(emoji.test(segment) || emoji.test(`${segment}\u{fe0f}`))) return 0
  }
  return count
}
