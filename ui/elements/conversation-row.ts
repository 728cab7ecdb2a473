/** One line of the conversation list. */

import { msg, str } from '@lit/localize'
import { html, nothing, type TemplateResult } from 'lit'
import './warren-avatar.ts'
import type { Contact } from '../../protocol/http-people.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import { icon } from '../icons.ts'
import type { PendingMessage } from '../model/outbox.ts'
import { writeRoute } from '../model/route.ts'
import { fullTime, shortTime } from '../text/format-time.ts'
import { conversationName } from '../text/names.ts'
import { ticks } from './message-ticks.ts'
import { verifiedMark } from './verified-mark.ts'

export interface ConversationRowOptions {
  conversation: Conversation
  contact: Contact | undefined
  typing: boolean
  waiting: PendingMessage | undefined
  draft: string
  current: boolean
  onOpen: () => void
}

const previewCharacters = 160
const oneLine = (text: string): string => text.slice(0, previewCharacters).replaceAll(/\s+/g, ' ')

function preview({ conversation, contact, typing, waiting, draft }: ConversationRowOptions): TemplateResult {
  if (typing) return html`<span class="typing">${msg('typing…')}</span>`
  if (draft.trim() !== '') return html`<span class="draft">${msg('Draft:')}</span> <bdi>${oneLine(draft)}</bdi>`
  if (waiting !== undefined) return html`${ticks(waiting.state)}<bdi>${oneLine(waiting.text)}</bdi>`
  const { last } = conversation
  if (contact?.state === 'blocked') return html`${msg('Blocked')}`
  if (last === undefined) {
    return html`${conversation.kind === 'self' ? msg('Only for you, on this device') : contact?.status || msg('Say hello')}`
  }
  if (last.unreadable === true) return html`${msg('Message on its way')}`
  if (last.newer === true && last.text === '') return html`${msg('Made by a newer Warren')}`
  const tick = last.mine && conversation.kind !== 'self' ? ticks(last.state) : nothing
  return html`${tick}<bdi>${oneLine(last.text)}</bdi>`
}

const badge = ({ unread, muted }: Conversation): TemplateResult | typeof nothing =>
  unread === 0
    ? nothing
    : html`<span class="badge ${muted ? 'muted' : ''}" data-testid="unread"
        ><span aria-hidden="true">${unread > 999 ? '999+' : unread}</span
        ><span class="visually-hidden"
          >${unread === 1 ? msg('1 unread message') : msg(str`${unread} unread messages`)}</span
        ></span
      >`

const alarm = (contact: Contact | undefined): TemplateResult | typeof nothing =>
  contact?.mismatches === undefined
    ? nothing
    : html`<span class="alarm"
        >${icon('alert')}<span class="visually-hidden">${msg('Another device answers at their address')}</span></span
      >`

export function conversationRow(options: ConversationRowOptions): TemplateResult {
  const { conversation, contact, current, onOpen } = options
  const name = conversationName(conversation, contact)
  const at = options.waiting?.at ?? conversation.last?.at
  const open = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return // a new tab is the person's wish
    event.preventDefault()
    onOpen()
  }
  return html`<a
    class="row"
    href=${writeRoute({ name: 'chat', conversation: conversation.id })}
    data-id=${conversation.id}
    data-testid="conversation"
    aria-current=${current ? 'page' : nothing}
    @click=${open}
  >
    <warren-avatar
      .name=${name}
      .color=${contact?.color ?? ''}
      .online=${contact?.online === true}
      .notes=${conversation.kind === 'self'}
    ></warren-avatar>
    <span class="name"
      ><bdi>${name}</bdi
      >${verifiedMark(contact)}${conversation.muted ? icon('bell-off') : nothing}${alarm(contact)}</span
    >
    ${contact?.online === true ? html`<span class="visually-hidden">${msg('online')}</span>` : nothing}
    ${at === undefined ? nothing : html`<time class="time" title=${fullTime(at)}>${shortTime(at)}</time>`}
    <span class="preview">${preview(options)}</span>
    ${badge(conversation)}
  </a>`
}
