/** One row of the message list, drawn. */

import { msg, str } from '@lit/localize'
import { html, nothing, type TemplateResult } from 'lit'
import type { Message } from '../../protocol/http-conversations.ts'
import { icon } from '../icons.ts'
import './warren-avatar.ts'
import { discard, retry, type PendingMessage } from '../model/outbox.ts'
import type { Row } from '../model/rows.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { dayName, fullTime, timeOfDay } from '../text/format-time.ts'
import { linkify } from '../text/linkify.ts'
import { loneEmoji } from '../text/lone-emoji.ts'
import { isolated } from '../text/names.ts'
import { forkRow } from './fork-row.ts'
import { ticks } from './message-ticks.ts'

export interface RowContext {
  /** The other person, as the owner calls them. */
  name: string
  /** Their colour. */
  color: string
  /** Key of the last own message, if it waits for a person who is away. */
  waitingKey: string | undefined
  /** The two are no contacts now: what waits is not on its way. */
  isApart: boolean
  /** Key of the last row, if something above it waits to be sent. */
  retryKey: string | undefined
  /** Notes to self have nobody to reach: no ticks. */
  isSelf: boolean
}

const words = (text: string): (TemplateResult | string)[] =>
  linkify(text).map((part) =>
    typeof part === 'string'
      ? part
      : html`<a href=${part.href} target="_blank" rel="noopener noreferrer">${part.text}</a>`,
  )

function body(message: Message): TemplateResult {
  if (message.unreadable === true) {
    return html`<span class="notice"
      >${icon('lock')}${msg('This message is on its way; its key has not arrived yet.')}</span
    >`
  }
  if (message.newer === true) {
    const notice = html`<span class="notice"
      >${icon('info')}${msg('Made by a newer Warren. Update to see all of it.')}</span
    >`
    return message.text === '' ? notice : html`<span class="words">${words(message.text)}</span>${notice}`
  }
  return html`<span class="words">${words(message.text)}</span>`
}

const clockMark = (message: Message): TemplateResult | typeof nothing =>
  message.clockWrong === true
    ? html`<span
        class="clock"
        role="img"
        aria-label=${msg('The sender’s clock is wrong')}
        title=${msg('The sender’s clock is wrong')}
        >${icon('clock-alert')}</span
      >`
    : nothing

const meta = (
  at: number,
  marks: TemplateResult | typeof nothing,
  clock: TemplateResult | typeof nothing,
): TemplateResult =>
  html`<span class="meta" dir="ltr">${clock}<time title=${fullTime(at)}>${timeOfDay(at)}</time>${marks}</span>`

function messageRow({ message, place, key }: Extract<Row, { kind: 'message' }>, context: RowContext): TemplateResult {
  const big = message.newer === true || message.unreadable === true ? 0 : loneEmoji(message.text)
  const marks = message.mine && !context.isSelf ? ticks(message.state) : nothing
  return html`<div
      class="bubble ${place} ${big > 0 ? `big big-${big}` : ''}"
      dir="auto"
      data-testid="message"
      data-id=${message.id}
    >
      <span class="visually-hidden" dir="auto">${message.mine ? msg('You:') : `${context.name}:`}</span
      >${body(message)}${meta(message.at, marks, clockMark(message))}
    </div>
    ${
      key === context.waitingKey
        ? html`<p class="after" data-testid="will-be-delivered">
            ${
              context.isApart
                ? msg(str`Not delivered: ${isolated(context.name)} is not a contact`)
                : msg(str`Will be delivered when ${isolated(context.name)} is back`)
            }
          </p>`
        : nothing
    }`
}

const retryNote = (): TemplateResult =>
  html`<p class="after" role="status" data-testid="waiting-to-send">
    ${msg('Not sent yet. Warren tries again by itself.')}
  </p>`

function failedNote(message: PendingMessage): TemplateResult {
  return html`<div class="after failed" role="alert">
    <span>${msg('Not sent.')} ${errorSentence(message.code ?? 'INTERNAL')}</span>
    <button type="button" @click=${() => retry(message.clientId)}>${msg('Try again')}</button>
    <button type="button" @click=${() => discard(message.clientId)}>${msg('Delete')}</button>
  </div>`
}

function pendingRow({ message, place, key }: Extract<Row, { kind: 'pending' }>, context: RowContext): TemplateResult {
  const big = loneEmoji(message.text)
  return html`<div class="bubble ${place} pending ${big > 0 ? `big big-${big}` : ''}" dir="auto" data-testid="message">
      <span class="visually-hidden" dir="auto">${msg('You:')}</span
      ><span class="words">${words(message.text)}</span>${meta(message.at, ticks(message.state), nothing)}
    </div>
    ${message.state === 'failed' ? failedNote(message) : nothing} ${key === context.retryKey ? retryNote() : nothing}`
}

/** `class` tells whose row it is and whether it opens a group. */
export function rowClass(row: Row): string {
  if (row.kind !== 'message' && row.kind !== 'pending') return 'row center'
  const mine = row.kind === 'pending' || row.message.mine
  const opens = row.place === 'first' || row.place === 'only'
  return `row ${mine ? 'mine' : 'theirs'} ${opens ? 'opens' : ''}`
}

function topRow(older: boolean, context: RowContext): TemplateResult {
  if (older) return html`<span class="loading">${msg('Loading older messages…')}</span>`
  const { name, color, isSelf } = context
  return html`<div class="beginning">
    <warren-avatar .name=${name} .color=${color} .notes=${isSelf}></warren-avatar>
    <p class="beginning-name"><bdi>${name}</bdi></p>
    <p>
      ${
        isSelf
          ? msg('Keep here what only you need: thoughts, lists, links. Nobody else can read it.')
          : msg('Your conversation begins here. Only the two of you can read it.')
      }
    </p>
  </div>`
}

export function drawRow(row: Row, context: RowContext): TemplateResult {
  if (row.kind === 'message') return messageRow(row, context)
  if (row.kind === 'pending') return pendingRow(row, context)
  if (row.kind === 'day') return html`<h2 class="chip">${dayName(row.at)}</h2>`
  if (row.kind === 'fork') return forkRow(row.fork, isolated(context.name))
  if (row.kind === 'top') return topRow(row.older, context)
  return html`<div class="line" role="separator" data-testid="new-messages"><span>${msg('New messages')}</span></div>`
}
