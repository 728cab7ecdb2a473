/** A history as a page to read: on a phone, on paper, in ten years. It proves nothing. */

import type { PersonId } from '../../protocol/ids.ts'
import { orderKey } from '../../protocol/order.ts'
import { limits } from '../../protocol/limits.ts'
import type { History, HistoryEntry, HistoryItem } from '../conversations/history.ts'
import type { GroupNotice } from '../conversations/notices.ts'
import { noticeText } from './html-notices.ts'
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
  /** What a group is called; of no use for other conversations. */
  readonly title: string
  readonly isBlocked: (person: PersonId) => boolean
}

/** No message is older than Warren: an earlier clock is wrong. */
const firstPossibleMs = Date.UTC(2024, 0, 1)

/** A name inside a sentence: it cannot pull the words around it to its own side. */
const isolated = (name: string): string => `\u2068${name}\u2069`

/** What its sender calls a file, in one line; empty if that is nothing. */
function shownName(name: string): string {
  const line = name.replaceAll(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, '').trim()
  return line === '' ? '' : isolated(line)
}

class HtmlWriter {
  readonly #words: Words
  readonly #options: HtmlOptions
  readonly #history: History
  readonly #dayFormat: Intl.DateTimeFormat
  readonly #timeFormat: Intl.DateTimeFormat
  /** What is still to be told of a group. */
  readonly #notices: GroupNotice[]
  #day = ''
  messages = 0
  /** What the owner may not read, since they joined later. */
  #before = 0

  constructor(history: History, options: HtmlOptions) {
    this.#history = history
    this.#options = options
    this.#notices = [...(history.group?.notices ?? [])]
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
    const time = `${this.#dayFormat.format(at)}, ${this.#timeFormat.format(at)}`
    return pageHead(language, this.#title(), [...this.#members(), words.made(time, zone), words.about])
  }

  #title(): string {
    const [, other] = this.#history.persons
    if (this.#history.group !== undefined) return this.#words.group(isolated(this.#options.title))
    return other === undefined ? this.#words.notes : this.#words.title(isolated(this.#name(other)))
  }

  #members(): string[] {
    const members = [...(this.#history.group?.roster.members.values() ?? [])]
    const joined = members.filter(({ state }) => state === 'joined').map(({ person }) => isolated(this.#name(person)))
    return joined.length === 0 ? [] : [this.#words.members(joined, members.length - joined.length)]
  }

  /** Behind the last entry. */
  rest(): string {
    const told = this.#noticesUpTo('g')
    const before = this.#before === 0 ? '' : this.#told(this.#words.before(this.#before))
    const ended = `${told}${before}${this.#endDay()}`
    this.#day = ''
    return ended
  }

  outsideHead(): string {
    return `<section class="outside">\n<h2>${escapeHtml(this.#words.outside)}</h2>\n${this.#told(this.#words.aboutOutside)}`
  }

  /** What is no part of the conversation, marked as such. */
  outside(item: HistoryItem): string {
    if (item.is !== 'entry' || !item.outside || item.body.is === 'close') return ''
    return this.#article(
      item,
      this.#inside(item, item.body),
      this.#dayFormat.format(item.stored.sealed.header.hlc.wallMs),
    )
  }

  end(): string {
    return pageEnd(`${this.#words.messages(this.messages)}. ${this.#words.end}`)
  }

  item(item: HistoryItem): string {
    if (item.is === 'entry') return item.outside ? '' : this.#entry(item)
    // For checkers; people are told where that history ends.
    if (item.is === 'proof') return ''
    const name = isolated(this.#name(this.#history.personOf(item.feed.device)))
    if (item.is === 'fork') return this.#told(this.#words.fork(name, item.closed))
    return this.#told(this.#words.gap[item.why](item.last - item.first + 1, name))
  }

  /** In a group several may have no name. */
  #name(person: PersonId): string {
    const nobody =
      this.#history.group === undefined ? this.#words.nobody : `${this.#words.nobody} ${person.slice(0, 8)}`
    return this.#options.nameOf(person) || nobody
  }

  /** Lines that tell what happened to a group before this place. */
  #noticesUpTo(order: string): string {
    let told = ''
    const called = (person: PersonId): string => isolated(this.#name(person))
    for (let next = this.#notices[0]; next !== undefined && next.order < order; next = this.#notices[0]) {
      this.#notices.shift()
      const { wallMs } = next.logged.header.hlc
      const text = noticeText(this.#options.language, next.happening, called(next.by), { called, quoted: isolated })
      told += this.#beginDay(wallMs) + this.#told(text)
    }
    return told
  }

  #told(text: string): string {
    return `<p class="told">${escapeHtml(text)}</p>\n`
  }

  #entry(entry: HistoryEntry): string {
    const { body } = entry
    // Of no interest to people.
    if (body.is === 'close') return ''
    const { header } = entry.stored.sealed
    if (this.#history.group?.isKeptFromOwner(header.epoch) === true) {
      this.#before += 1
      return ''
    }
    const told = this.#noticesUpTo(orderKey(header))
    const inside = this.#inside(entry, body)
    return `${told}${this.#beginDay(header.hlc.wallMs)}${this.#article(entry, inside)}`
  }

  #inside(entry: HistoryEntry, body: Exclude<HistoryEntry['body'], { readonly is: 'close' }>): string {
    if (this.#history.group !== undefined && this.#options.isBlocked(entry.from)) return this.#note(this.#words.blocked)
    if (body.is === 'erase') return this.#note(this.#words.erased(body.entries.length))
    if (body.is !== 'message') return this.#note(this.#words.bare[body.is])
    if (!entry.outside) this.messages += 1
    const { text, files } = body.said
    const said = text === '' && files.length > 0 ? '' : `<div class="text" dir="auto">${escapeHtml(text)}</div>\n`
    const told = files.map(({ name, size }) => this.#note(this.#words.file(shownName(name), size)))
    return said + told.join('') + (body.said.newer ? this.#note(this.#words.fallback) : '')
  }

  #note(text: string, look = ''): string {
    return `<p class="note${look}">${escapeHtml(text)}</p>\n`
  }

  /** `day`: where it does not stand under one. */
  #article({ from, stored, isProven }: HistoryEntry, inside: string, day = ''): string {
    const { wallMs } = stored.sealed.header.hlc
    const mine = from === this.#history.persons[0] ? ' class="mine"' : ''
    const isWrong = wallMs > stored.storedAt + limits.clockAheadMs || wallMs < firstPossibleMs
    const wrong = isWrong ? ` (${escapeHtml(this.#words.clockWrong)})` : ''
    const time = `<time datetime="${new Date(wallMs).toISOString()}">${escapeHtml(`${day === '' ? '' : `${day}, `}${this.#timeFormat.format(wallMs)}`)}${wrong}</time>`
    const doubt = isProven ? '' : this.#note(this.#words.unproven, ' warn')
    return `<article${mine}>
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
  yield writer.rest()
  if (history.group?.hasOutside === true) {
    yield writer.outsideHead()
    for await (const item of history.items()) yield writer.outside(item)
    yield '</section>\n'
  }
  yield writer.end()
}
