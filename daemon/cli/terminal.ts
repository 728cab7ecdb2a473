/** Makes text of others harmless on a terminal: it must not move the cursor, change colours or turn the reading order. */

// Control characters, bidi marks, embeddings, overrides and isolates, line and paragraph separators, soft hyphen, BOM.
const unsafe = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\u00ad\ufeff]/gu

const escape = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`

/** Several lines: newlines and tabs stay. */
export const safeText = (text: string): string =>
  text.replace(unsafe, (character) => (character === '\n' || character === '\t' ? character : escape(character)))

/** One line: a name with a newline cannot fake a line of its own. */
export const safeLine = (text: string): string => text.replace(unsafe, escape)

const jsonEscape = (character: string): string => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`

/** The same value to every reader of JSON; what JSON.stringify leaves raw, such as C1 controls, is escaped. */
export const safeJson = (value: unknown): string => JSON.stringify(value).replace(unsafe, jsonEscape)

const two = (number: number): string => String(number).padStart(2, '0')

/** Local time, such as 2026-11-20 10:58. */
export function timeText(epochMs: number): string {
  const at = new Date(epochMs)
  if (Number.isNaN(at.getTime())) return 'unknown time    '
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`
}

/** Lines with aligned columns, two blanks between them. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length)
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
