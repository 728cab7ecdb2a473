/** The colours that people and groups are drawn in. */

import { msg } from '@lit/localize'

/** The same that daemons give to people who have not chosen: what one has by chance can be found again. */
export const colors: Readonly<Record<string, () => string>> = {
  '#b3401f': () => msg('Rust'),
  '#8a5a00': () => msg('Amber'),
  '#4d6b1a': () => msg('Olive'),
  '#1f7a4d': () => msg('Green'),
  '#0f7385': () => msg('Teal'),
  '#2f62b5': () => msg('Blue'),
  '#6a4fc0': () => msg('Violet'),
  '#9a3f9e': () => msg('Purple'),
  '#b8325f': () => msg('Rose'),
  '#5c6370': () => msg('Grey'),
}

const all = Object.keys(colors)

/** The same for the same id, always. */
export function colorOf(id: string): string {
  let sum = 0
  for (let at = 0; at < id.length; at += 1) sum = (sum * 31 + id.charCodeAt(at)) % 997
  return all[sum % all.length] ?? '#5c6370'
}

/** What a style may be made of, and nothing else. */
export const isColor = (text: string): boolean => /^#[0-9a-f]{6}$/i.test(text)
