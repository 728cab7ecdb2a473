/** The frame of an exported page: one file that fetches nothing and runs nothing. */

import { createHash } from 'node:crypto'

const style = `
:root { color-scheme: light dark; --ground: #f4f5f7; --panel: #fff; --ink: #16181d; --quiet: #565d69; --line: #d9dce2; --mine: #dcecfb; --warn: #8a4b00; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #101216; --panel: #1c1f26; --ink: #eceef2; --quiet: #a4abb8; --line: #343944; --mine: #17344f; --warn: #f0b429; }
}
* { box-sizing: border-box; margin: 0; }
body { background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; padding: 16px; overflow-wrap: anywhere; }
body > * { max-width: 720px; margin-inline: auto; }
header { padding-block: 8px 16px; }
h1 { font-size: 24px; line-height: 1.3; }
header p, footer { color: var(--quiet); font-size: 14px; margin-top: 6px; }
h2 { font-size: 14px; font-weight: 600; color: var(--quiet); text-align: center; padding: 20px 0 10px; }
article { background: var(--panel); border: 1px solid var(--line); border-radius: 12px; padding: 8px 12px; margin: 0 48px 8px 0; }
article.mine { background: var(--mine); margin: 0 0 8px 48px; }
h3 { font-size: 14px; display: flex; flex-wrap: wrap; gap: 0 10px; justify-content: space-between; }
time, .note { font-size: 13px; font-weight: 400; color: var(--quiet); }
.text { white-space: pre-wrap; unicode-bidi: plaintext; isolation: isolate; }
.warn { color: var(--warn); }
.told { text-align: center; font-size: 14px; color: var(--quiet); padding: 4px 12px 12px; }
.outside { border-top: 2px dashed var(--line); margin-top: 24px; }
.outside h2 { color: var(--warn); }
.outside article { border-style: dashed; background: none; }
footer { border-top: 1px solid var(--line); padding: 12px 0 24px; margin-top: 24px; }
@media print {
  :root { color-scheme: light; --ground: #fff; --panel: #fff; --ink: #000; --quiet: #444; --line: #999; --mine: #f2f2f2; --warn: #5c3200; }
  body { padding: 0; font-size: 11pt; }
  body > * { max-width: none; }
  article { break-inside: avoid-page; border-radius: 0; }
  h2 { break-after: avoid-page; }
}
`

const styleHash = createHash('sha256').update(style).digest('base64')
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '\r': '&#13;',
}

// Controls mean nothing on a page, and much on a terminal; tab and newline are text.
const controls = /(?![\t\n\r])\p{Cc}/gu

/** Text as text, in elements and in quoted attributes; control characters are replaced by U+FFFD. */
export const escapeHtml = (text: string): string =>
  text.replace(controls, '\ufffd').replace(/[&<>"'\r]/g, (character) => entities[character] ?? '')

/** `title` and `about` are plain text. */
export const pageHead = (language: string, title: string, about: readonly string[]): string =>
  `<!doctype html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1 dir="auto">${escapeHtml(title)}</h1>
${about.map((text) => `<p>${escapeHtml(text)}</p>`).join('\n')}
</header>
<main>
`

export const pageEnd = (text: string): string => `</main>
<footer>${escapeHtml(text)}</footer>
</body>
</html>
`
