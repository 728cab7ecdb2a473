/** Where a long text is cut while only its beginning is shown: between words where there are any, never inside a letter. */

/** What is no longer than this is shown whole. In UTF-16 units and lines. */
const most = { length: 1000, lines: 30 } as const
/** How much of a longer one stands before the cut. */
const shown = { length: 700, lines: 20 } as const
/** So far back a gap between words is looked for. */
const nearLength = 200

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** The index at which so many lines end, or the end of the text. */
function endOfLines(text: string, lines: number): number {
  let end = -1
  for (let line = 0; line < lines; line += 1) {
    end = text.indexOf('\n', end + 1)
    if (end < 0) return text.length
  }
  return end
}

function gapBefore(text: string, end: number): number | undefined {
  for (let at = end; at > end - nearLength; at -= 1) if (/\s/.test(text[at] ?? '')) return at
  return undefined
}

/** Letters of many code points, and pairs of surrogates, stay whole. */
function letterBefore(text: string, end: number): number {
  const letter = segmenter.segment(text.slice(0, end + nearLength)).containing(end)
  return letter === undefined || letter.index === 0 ? end : letter.index
}

/** The index of the cut, in UTF-16 units, or undefined where the text is short enough to be shown whole. */
export function foldPoint(text: string): number | undefined {
  if (text.length <= most.length && endOfLines(text, most.lines) === text.length) return undefined
  const end = Math.min(shown.length, endOfLines(text, shown.lines))
  return gapBefore(text, end) ?? letterBefore(text, end)
}
