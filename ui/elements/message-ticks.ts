/** How far an own message has come, as a mark with a name. */

import { msg } from '@lit/localize'
import { html, type TemplateResult } from 'lit'
import type { ConversationKind, MessageState } from '../../protocol/http-conversations.ts'
import { icon } from '../icons.ts'
import type { PendingMessage } from '../model/outbox.ts'

type Step = MessageState | PendingMessage['state']

const pictures: Readonly<Record<Step, string>> = {
  sending: 'clock',
  waiting: 'clock',
  failed: 'alert',
  stored: 'check',
  held: 'check-held',
  delivered: 'check-double',
  read: 'check-read',
}

const words: Readonly<Record<Step, () => string>> = {
  sending: () => msg('Sending'),
  waiting: () => msg('Waiting to be sent'),
  failed: () => msg('Not sent'),
  stored: () => msg('Saved on this device'),
  held: () => msg('Held by another device'),
  delivered: () => msg('Delivered'),
  read: () => msg('Read'),
}

/** In a group the others are many: the first of them counts. */
const wordsInGroups: Readonly<Partial<Record<Step, () => string>>> = {
  delivered: () => msg('Delivered to at least one member'),
  read: () => msg('Read by at least one member'),
}

export function ticks(step: Step, kind: ConversationKind = 'direct'): TemplateResult {
  const label = ((kind === 'group' ? wordsInGroups[step] : undefined) ?? words[step])()
  return html`<span class="ticks ${step}" role="img" aria-label=${label} title=${label} data-state=${step}
    >${icon(pictures[step])}</span
  >`
}
