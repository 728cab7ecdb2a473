/** One line of the conversation list. */

import { msg, str } from '@lit/localize'
import { html, nothing, type TemplateResult } from 'lit'
import './warren-avatar.ts'
import { groupPicture } from '../text/names.ts'
import type { Contact } from '../../protocol/http-people.ts'
import type { Conversation, Message } from '../../protocol/http-conversations.ts'
import { icon } from '../icons.ts'
import { isHidden } from '../model/hidden.ts'
import type { PendingMessage } from '../model/outbox.ts'
import { personName } from '../model/person-names.ts'
import { writeRoute } from '../model/route.ts'
import { uploadsShown } from '../model/shown-files.ts'
import { messageWords } from '../text/file-words.ts'
import { fullTime, shortTime } from '../text/format-time.ts'
import { membersWords, standingWords } from '../text/group-standing.ts'
import { conversationName, isolated } from '../text/names.ts'
import { ticks } from './message-ticks.ts'
import { verifiedMark } from './verified-mark.ts'

export interface ConversationRowOptions {
  conversation: Conversation
  contact: Contact | undefined
  /** Empty if nobody is. */
  typing: string
  waiting: PendingMessage | undefined
  draft: string
  current: boolean
  onOpen: () => void
}

const previewCharacters = 160
const oneLine = (text: string): string => text.slice(0, previewCharacters).replaceAll(/\s+/g, ' ')

function beginning({ kind, group }: Conversation, contact: Contact | undefined): string {
  if (kind === 'self') return msg('Only for you')
  if (group !== undefined) return membersWords(group.members)
  return contact?.status || msg('Say hello')
}

const pendingWords = ({ text, uploads }: PendingMessage): string =>
  messageWords({ text, attachments: uploadsShown(uploads) })

/** In a group: whose words these are. The owner's own have a tick. */
const author = (message: Message): string => (message.mine ? '' : `${isolated(personName(message.from))}: `)

function preview({ conversation, contact, typing, waiting, draft }: ConversationRowOptions): TemplateResult {
  if (typing !== '') return html`<span class="typing">${typing}</span>`
  if (draft.trim() !== '') return html`<span class="draft">${msg('Draft:')}</span> <bdi>${oneLine(draft)}</bdi>`
  if (waiting !== undefined) return html`${ticks(waiting.state)}<bdi>${oneLine(pendingWords(waiting))}</bdi>`
  if (contact?.state === 'blocked') return html`${msg('Blocked')}`
  if (contact?.movedTo?.answer === 'open')
    return html`<bdi class="typing">${msg(str`Continues as ${isolated(contact.movedTo.name)}`)}</bdi>`
  return newest(conversation, contact)
}

function newest(conversation: Conversation, contact: Contact | undefined): TemplateResult {
  const { last, group } = conversation
  if (group !== undefined && group.standing !== 'joined' && conversation.former !== true)
    return html`<bdi class=${group.standing === 'invited' ? 'typing' : ''}>${standingWords(group)}</bdi>`
  if (last === undefined) return html`<bdi>${beginning(conversation, contact)}</bdi>`
  if (isHidden(last)) return html`${author(last)}${msg('Hidden: you blocked them.')}`
  if (last.unreadable === true) return html`${msg('Message on its way')}`
  if (last.newer === true && last.text === '') return html`${msg('Made by a newer Warren')}`
  const tick = last.mine && conversation.kind !== 'self' ? ticks(last.state, conversation.kind, last.reached) : nothing
  return html`${tick}<bdi>${group === undefined ? '' : author(last)}${oneLine(messageWords(last))}</bdi>`
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

/** Behind the name: nothing new is said there, or the owner knows who it is. */
const standing = (conversation: Conversation, contact: Contact | undefined): TemplateResult | typeof nothing =>
  conversation.former === true || contact?.movedTo?.answer === 'followed'
    ? html`<span class="former" data-testid="former">${msg('from before')}</span>`
    : verifiedMark(contact)

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
      ?group=${conversation.kind === 'group'}
      .color=${conversation.group?.color ?? contact?.color ?? ''}
      .picture=${groupPicture(conversation)}
      .online=${contact?.online === true}
      .notes=${conversation.kind === 'self'}
    ></warren-avatar>
    <span class="name"
      ><bdi>${name}</bdi
      >${standing(conversation, contact)}${conversation.muted ? icon('bell-off') : nothing}${alarm(contact)}</span
    >
    ${contact?.online === true ? html`<span class="visually-hidden">${msg('online')}</span>` : nothing}
    ${at === undefined ? nothing : html`<time class="time" title=${fullTime(at)}>${shortTime(at)}</time>`}
    <span class="preview">${preview(options)}</span>
    ${badge(conversation)}
  </a>`
}
