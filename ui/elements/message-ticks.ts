/** How far an own message has come, as a mark with a name. */

import { msg } from '@lit/localize'
import { html, nothing, type TemplateResult } from 'lit'
import type { ConversationKind, Reached } from '../../protocol/http-conversations.ts'
import { icon } from '../icons.ts'
import { tickCount, tickWords, type Step } from '../text/tick-words.ts'

const pictures: Readonly<Record<Step, string>> = {
  sending: 'clock',
  waiting: 'clock',
  failed: 'alert',
  stored: 'check',
  held: 'check-held',
  delivered: 'check-double',
  read: 'check-read',
}

export function ticks(step: Step, kind: ConversationKind = 'direct', reached?: Reached): TemplateResult {
  const label = tickWords(step, kind, reached)
  const count = tickCount(step, kind, reached)
  return html`<span class="ticks ${step}" role="img" aria-label=${label} title=${label} data-state=${step}
    >${count === '' ? nothing : html`<span class="tick-count" data-count=${count}></span>`}${icon(pictures[step])}</span
  >`
}

/** The same, to be pressed: it leads to who has the message. */
export const tickButton = (
  { state, reached }: { readonly state: Step; readonly reached?: Reached },
  kind: ConversationKind,
  onPress: () => void,
): TemplateResult =>
  html`<button
    type="button"
    class="tick-button"
    aria-haspopup="dialog"
    aria-label=${`${tickWords(state, kind, reached)}. ${msg('Who has this message?')}`}
    data-testid="message-info"
    @click=${onPress}
  >
    ${ticks(state, kind, reached)}
  </button>`
