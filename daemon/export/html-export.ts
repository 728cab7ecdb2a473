/** A history as a page to read: on a phone, on paper, in ten years. It proves nothing. */

import type { PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { History, HistoryEntry, HistoryItem } from '../conversations/history.ts'
import { escapeHtml, pageEnd, pageHead } from './html-page.ts'
import { wordsOf, type ExportLanguage, type Words } from './html-words.ts'

export interface HtmlOptions {
  readonly language: ExportLanguage
  /** An IANA name, such as Europe/Berlin. */
  readonly zone: string
  /** Epoch milliseconds. */
  readonly at: number
  /** What the owner calls a person; may be empty. */
  readonly nameOf: (person: PersonId) => string
}

/** No message is older than Warren: an earlier clock is wrong. */
const firstPossibleMs = Date.UTC(2024, 0, 1)

/** A name inside a sentence: it cannot pull the words around it to its own side. */
const isolated = (name: string): string => `\u2068${name}\u2069`

class HtmlWriter {
  readonly #words: Words
  readonly #options: HtmlOptions
  readonly #history: History
  readonly #dayFormat: Intl.DateTimeFormat
  readonly #timeFormat: Intl.DateTimeFormat
  #day = ''
  messages = 0

  constructor(history: History, options: HtmlOptions) {
    this.#history = history
    this.#options = options
    this.#words = wordsOf[options.language]
    const { locale } = this.#words
    const timeZone = options.zone
    this.#dayFormat = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone })
    const time = { hour: '2-digit', minute: '2-digit', timeZone, timeZoneName: 'short' } as const
    this.#timeFormat = new Intl.DateTimeFormat(locale, time)
  }

  head(): string {
    const { at, zone, language } = this.#options
    const words = this.#words
    const [, other] = this.#history.persons
    const title = other === undefined ? words.notes : words.title(isolated(this.#name(other)))
    const time = `${this.#dayFormat.format(at)}, ${this.#timeFormat.format(at)}`
    return pageHead(language, title, [words.made(time, zone), words.about])
  }

  end(): string {
    return `${this.#endDay()}${pageEnd(`${this.#words.messages(this.messages)}. ${this.#words.end}`)}`
  }

  item(item: HistoryItem): string {
    if (item.is === 'entry') return this.#entry(item)
    // For checkers; people are told where that history ends.
    if (item.is === 'proof') return ''
    const name = isolated(this.#name(this.#history.personOf(item.feed.device)))
    if (item.is === 'fork') return this.#told(this.#words.fork(name, item.closed))
    return this.#told(this.#words.gap[item.why](item.last - item.first + 1, name))
  }

  #name(person: PersonId): string {
    return this.#options.nameOf(person) || this.#words.nobody
  }

  #told(text: string): string {
    return `<p class="told">${escapeHtml(text)}</p>\n`
  }

  #entry(entry: HistoryEntry): string {
    const { body } = entry
    // Of no interest to people.
    if (body.is === 'close') return ''
    return this.#article(entry, this.#inside(body))
  }

  #inside(body: Exclude<HistoryEntry['body'], { readonly is: 'close' }>): string {
    if (body.is === 'erase') return this.#note(this.#words.erased(body.entries.length))
    if (body.is !== 'message') return this.#note(this.#words.bare[body.is])
    this.messages += 1
    const text = `<div class="text" dir="auto">${escapeHtml(body.said.text)}</div>\n`
    return text + (body.said.newer ? this.#note(this.#words.fallback) : '')
  }

  #note(text: string, look = ''): string {
    return `<p class="note${look}">${escapeHtml(text)}</p>\n`
  }

  #article({ from, stored, isProven }: HistoryEntry, inside: string): string {
    const { wallMs } = stored.sealed.header.hlc
    const mine = from === this.#history.persons[0] ? ' class="mine"' : ''
    const isWrong = wallMs > stored.storedAt + limits.clockAheadMs || wallMs < firstPossibleMs
    const wrong = isWrong ? ` (${escapeHtml(this.#words.clockWrong)})` : ''
    const time = `<time datetime="${new Date(wallMs).toISOString()}">${escapeHtml(this.#timeFormat.format(wallMs))}${wrong}</time>`
    const doubt = isProven ? '' : this.#note(this.#words.unproven, ' warn')
    return `${this.#beginDay(wallMs)}<article${mine}>
<h3><bdi>${escapeHtml(this.#name(from))}</bdi> ${time}</h3>
${inside}${doubt}</article>\n`
  }

  #beginDay(wallMs: number): string {
    const day = this.#dayFormat.format(wallMs)
    if (day === this.#day) return ''
    const ended = this.#endDay()
    this.#day = day
    return `${ended}<section>\n<h2>${escapeHtml(day)}</h2>\n`
  }

  #endDay(): string {
    return this.#day === '' ? '' : '</section>\n'
  }
}

/** Piece by piece. Throws as History.items(). */
export async function* exportAsHtml(history: History, options: HtmlOptions): AsyncGenerator<string> {
  const writer = new HtmlWriter(history, options)
  yield writer.head()
  for await (const item of history.items()) yield writer.item(item)
  yield writer.end()
}
