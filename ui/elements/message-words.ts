/**
 * What a message says, with its links. Of a long one only the beginning is shown until more is asked for; the rest is in
 * the document all the same, where the browser's own search finds it and opens it.
 */

import { msg } from '@lit/localize'
import { html, nothing, type TemplateResult } from 'lit'
import { foldPoint } from '../text/fold.ts'
import { linkify, type TextPart } from '../text/linkify.ts'

export interface Folding {
  readonly isOpen: boolean
  /** `button`: the one that was pressed. */
  readonly onFold: (isOpen: boolean, button: HTMLElement) => void
  /** The browser's search has found something in what was folded away, and shows it by itself. */
  readonly onFound: (rest: HTMLElement) => void
}

const drawn = (parts: readonly TextPart[]): (TemplateResult | string)[] =>
  parts.map((part) =>
    typeof part === 'string'
      ? part
      : html`<a href=${part.href} target="_blank" rel="noopener noreferrer">${part.text}</a>`,
  )

const textOf = (part: TextPart): string => (typeof part === 'string' ? part : part.text)

/** A part that lies on both sides of the cut is two: both halves of a link lead to the same place. */
function cutAt(parts: readonly TextPart[], at: number): [head: TextPart[], rest: TextPart[]] {
  const head: TextPart[] = []
  const rest: TextPart[] = []
  let before = 0
  for (const part of parts) {
    const text = textOf(part)
    const inHead = Math.min(Math.max(at - before, 0), text.length)
    const half = (from: number, to?: number): TextPart =>
      typeof part === 'string' ? part.slice(from, to) : { ...part, text: text.slice(from, to) }
    if (inHead > 0) head.push(half(0, inHead))
    if (inHead < text.length) rest.push(half(inHead))
    before += text.length
  }
  return [head, rest]
}

const foldButton = ({ isOpen, onFold }: Folding): TemplateResult =>
  html`<button
    type="button"
    class="fold"
    data-testid="fold"
    aria-expanded=${isOpen ? 'true' : 'false'}
    @click=${(event: Event) => onFold(!isOpen, event.currentTarget as HTMLElement)}
  >
    ${isOpen ? msg('Show less') : msg('Show more')}
  </button>`

export function words(text: string, folding: Folding): TemplateResult | typeof nothing {
  if (text === '') return nothing
  const at = foldPoint(text)
  if (at === undefined) return html`<span class="words">${drawn(linkify(text))}</span>`
  const [head, rest] = cutAt(linkify(text), at)
  const { isOpen, onFound } = folding
  return html`<span class="words"
      ><span class=${isOpen ? 'head' : 'head more'}>${drawn(head)}</span
      ><span
        class="rest"
        hidden=${isOpen ? nothing : 'until-found'}
        @beforematch=${(event: Event) => onFound(event.currentTarget as HTMLElement)}
        >${drawn(rest)}</span
      ></span
    >${foldButton(folding)}`
}
