/** Splits plain text into words and safe links: http, https and mailto only, nothing is parsed as markup. */

export type TextPart = string | { href: string; text: string }

const safe = new Set(['http:', 'https:', 'mailto:'])
const longestLink = 2048
const scheme = /^(https?:\/\/|mailto:)/i
const bareWeb = /^www\.[^.\s]+\.\S/i
const mail = /^[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63}){1,8}$/
const opening: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

const count = (text: string, character: string): number => text.split(character).length - 1

/** Where the link ends: sentence marks and unmatched brackets behind it belong to the sentence. */
function linkEnd(word: string): number {
  let end = word.length
  for (; end > 0; end -= 1) {
    const last = word[end - 1] ?? ''
    const open = opening[last]
    if (open !== undefined && count(word.slice(0, end), last) <= count(word.slice(0, end), open)) break
    if (open === undefined && !/[.,;:!?'"»”’]/.test(last)) break
  }
  return end
}

function hrefOf(candidate: string): string | undefined {
  const full = scheme.test(candidate)
    ? candidate
    : bareWeb.test(candidate)
      ? `https://${candidate}`
      : mail.test(candidate)
        ? `mailto:${candidate}`
        : undefined
  if (full === undefined || !URL.canParse(full)) return undefined
  const url = new URL(full)
  // A name before an @ in a web address is there to deceive.
  const isPlain = url.username === '' && url.password === ''
  return safe.has(url.protocol) && isPlain ? full : undefined
}

function linkIn(word: string): { before: string; href: string; text: string; after: string } | undefined {
  if (word.length > longestLink || !/[@:.]/.test(word)) return undefined
  const start = /^[([{<"'«„“]+/.exec(word)?.[0].length ?? 0
  const rest = word.slice(start)
  const end = linkEnd(rest.replace(/>+$/, ''))
  const text = rest.slice(0, end)
  const href = hrefOf(text)
  return href === undefined ? undefined : { before: word.slice(0, start), href, text, after: rest.slice(end) }
}

export function linkify(text: string): TextPart[] {
  const parts: TextPart[] = []
  let plain = ''
  // Word by word: a pattern over all of 64 KiB could be made to run for minutes.
  for (const word of text.split(/(\s+)/)) {
    const link = linkIn(word)
    if (link === undefined) plain += word
    else {
      plain += link.before
      if (plain !== '') parts.push(plain)
      parts.push({ href: link.href, text: link.text })
      plain = link.after
    }
  }
  if (plain !== '') parts.push(plain)
  return parts
}
