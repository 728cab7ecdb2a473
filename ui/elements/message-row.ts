/** One row of the message list, drawn. */

import { msg, str } from '@lit/localize'
import { html, nothing, type TemplateResult } from 'lit'
import type { ConversationKind, Message, Waking } from '../../protocol/http-conversations.ts'
import type { Attachment } from '../../protocol/http-files.ts'
import { icon } from '../icons.ts'
import './warren-attachments.ts'
import './warren-avatar.ts'
import type { ShownPicture } from './warren-avatar.ts'
import { isColor } from '../text/colors.ts'
import { discard, retry, type PendingMessage } from '../model/outbox.ts'
import type { Place, Row } from '../model/rows.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { dayName, fullTime, timeOfDay } from '../text/format-time.ts'
import { isHidden } from '../model/hidden.ts'
import { loneEmoji } from '../text/lone-emoji.ts'
import { isolated } from '../text/names.ts'
import { wakingSentence } from '../text/waking-sentence.ts'
import { forkRow } from './fork-row.ts'
import { words, type Folding } from './message-words.ts'
import { noticeRow, outsideRow } from './notice-row.ts'
import { tickButton, ticks } from './message-ticks.ts'

export interface RowContext {
  /** The other person, as the owner calls them. */
  name: string
  /** Their colour. */
  color: string
  /** Of a group that has one. */
  picture: ShownPicture | undefined
  /** Key of the last own message, if it waits for a person who is away. */
  waitingKey: string | undefined
  /** Names of those whose phones are being woken for it. */
  waking: readonly Waking[]
  /** The two are no contacts now: what waits is not on its way. */
  isApart: boolean
  /** Key of the last row, if something above it waits to be sent. */
  retryKey: string | undefined
  /** Notes to self have nobody to reach: no ticks. In a group every message says whose it is. */
  kind: ConversationKind
  /** Of a direct conversation: the other person is there. */
  isOnline: boolean
  /** Of a group. */
  description: string
  authorOf: (message: Message) => { name: string; color: string }
  /** Whether a long message, by the key of its row, is shown whole, and how that changes. */
  foldingOf: (key: string) => Folding
  /** Asks who has an own message. */
  onInfo: (message: Message) => void
}

const none: readonly never[] = []

/** Who has to be back for a file that is not here. */
function fileWaitingWords({ kind, isOnline, name }: RowContext): string {
  if (kind === 'direct')
    return isOnline ? msg('On its way') : msg(str`Not here yet. It comes when ${isolated(name)} is back.`)
  if (kind === 'self') return msg('Not here yet. It comes when another device of yours that has it is back.')
  return msg('Not here yet. It comes as soon as somebody who has it is online.')
}

/** Files and words: the same elements from the first moment on, whoever has the message by now. */
const content = (files: TemplateResult | typeof nothing, said: TemplateResult | typeof nothing): TemplateResult =>
  html`${files}${said}`

interface Files {
  readonly conversation: string
  readonly files?: readonly Attachment[]
  readonly uploads?: readonly string[]
  readonly client?: string
}

const attachments = (
  { conversation, files = none, uploads = none, client = '' }: Files,
  context: RowContext,
): TemplateResult | typeof nothing =>
  files.length + uploads.length === 0
    ? nothing
    : html`<warren-attachments
        .conversation=${conversation}
        .files=${files}
        .uploads=${uploads}
        .client=${client}
        .waiting=${fileWaitingWords(context)}
      ></warren-attachments>`

function body(message: Message, key: string, context: RowContext): TemplateResult {
  if (isHidden(message)) return html`<span class="notice">${icon('block')}${msg('Hidden: you blocked them.')}</span>`
  if (message.unreadable === true) {
    return html`<span class="notice"
      >${icon('lock')}${msg('This message is on its way; its key has not arrived yet.')}</span
    >`
  }
  if (message.newer === true) {
    const notice = html`<span class="notice"
      >${icon('info')}${msg('Made by a newer Warren. Update to see all of it.')}</span
    >`
    return content(words(message.text, context.foldingOf(key)), notice)
  }
  const { conversation, attachments: files = none, text } = message
  return content(attachments({ conversation, files }, context), words(text, context.foldingOf(key)))
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

function waitingWords({ kind, isApart, name, waking }: RowContext): string {
  if (waking.length > 0) return wakingSentence(waking)
  if (kind === 'group')
    return msg('Only on this device so far. It goes out as soon as somebody of the group is online.')
  return isApart
    ? msg(str`Not delivered: ${isolated(name)} is not a contact`)
    : msg(str`Will be delivered when ${isolated(name)} is back`)
}

const ownLine = (): TemplateResult => html`<span class="visually-hidden" dir="auto">${msg('You:')}</span>`

/** Seen only in groups, above the first of an author's bubbles; heard everywhere. */
function authorLine(message: Message, place: Place, context: RowContext): TemplateResult {
  if (message.mine) return ownLine()
  const opens = place === 'first' || place === 'only'
  const { name, color } = context.kind === 'group' ? context.authorOf(message) : context
  if (context.kind !== 'group' || !opens) return html`<span class="visually-hidden" dir="auto">${name}:</span>`
  return html`<span class="author" .style=${`--author:${isColor(color) ? color : 'currentColor'}`}
    ><bdi>${name}</bdi><span class="visually-hidden">:</span></span
  >`
}

/** Beside the last of an author's bubbles. */
function face(message: Message, place: Place, context: RowContext): TemplateResult | typeof nothing {
  if (context.kind !== 'group' || message.mine || place === 'first' || place === 'middle') return nothing
  const { name, color } = context.authorOf(message)
  return html`<warren-avatar class="by" .name=${name} .color=${color}></warren-avatar>`
}

interface Bubble {
  readonly face?: TemplateResult | typeof nothing
  readonly looks: string
  readonly id?: string
  readonly author: TemplateResult
  readonly body: TemplateResult
  readonly meta: TemplateResult
  readonly after: TemplateResult | typeof nothing
}

/** One template for what waits and for what is stored: the bubble stays, and what is in it. */
const bubble = ({ face: beside = nothing, looks, id, author, body: inside, meta: at, after }: Bubble): TemplateResult =>
  html`${beside}
    <div class="bubble ${looks}" dir="auto" data-testid="message" data-id=${id ?? nothing}>${author}${inside}${at}</div>
    ${after}`

const bigOf = (text: string): string => {
  const big = loneEmoji(text)
  return big > 0 ? `big big-${big}` : ''
}

function messageRow({ message, place, key }: Extract<Row, { kind: 'message' }>, context: RowContext): TemplateResult {
  const isPlain = message.newer !== true && message.unreadable !== true && message.attachments === undefined
  const big = isPlain && !isHidden(message) ? bigOf(message.text) : ''
  const info = (): void => context.onInfo(message)
  const marks = message.mine && context.kind !== 'self' ? tickButton(message, context.kind, info) : nothing
  return bubble({
    face: face(message, place, context),
    looks: `${place} ${big} ${message.outside === true ? 'outside' : ''}`,
    id: message.id,
    author: authorLine(message, place, context),
    body: body(message, key, context),
    meta: meta(message.at, marks, clockMark(message)),
    after:
      key === context.waitingKey
        ? html`<p class="after" data-testid="will-be-delivered">${waitingWords(context)}</p>`
        : nothing,
  })
}

const retryNote = (): TemplateResult =>
  html`<p class="after" role="status" data-testid="waiting-to-send">
    ${msg('Not sent yet. Warren tries again by itself.')}
  </p>`

function failedNote({ clientId, code }: PendingMessage): TemplateResult {
  return html`<div class="after failed" role="alert">
    <span>${msg('Not sent.')} ${code === undefined ? nothing : errorSentence(code)}</span>
    <button type="button" @click=${() => retry(clientId)}>${msg('Try again')}</button>
    <button type="button" @click=${() => discard(clientId)}>${msg('Delete')}</button>
  </div>`
}

function pendingRow({ message, place, key }: Extract<Row, { kind: 'pending' }>, context: RowContext): TemplateResult {
  const { conversation, clientId, text, uploads, at, state } = message
  return bubble({
    looks: `${place} pending ${uploads.length === 0 ? bigOf(text) : ''}`,
    author: ownLine(),
    body: content(
      attachments({ conversation, uploads, client: clientId }, context),
      words(text, context.foldingOf(key)),
    ),
    meta: meta(at, ticks(state), nothing),
    after: html`${state === 'failed' ? failedNote(message) : nothing}
    ${key === context.retryKey ? retryNote() : nothing}`,
  })
}

/** `class` tells whose row it is and whether it opens a group. */
export function rowClass(row: Row, kind: ConversationKind): string {
  if (row.kind === 'notice') return 'row center notice-row'
  if (row.kind !== 'message' && row.kind !== 'pending') return 'row center'
  const mine = row.kind === 'pending' || row.message.mine
  const opens = row.place === 'first' || row.place === 'only'
  return `row ${mine ? 'mine' : 'theirs'} ${opens ? 'opens' : ''} ${kind === 'group' && !mine ? 'faced' : ''}`
}

function beginningWords(kind: ConversationKind): string {
  if (kind === 'self') return msg('Keep here what only you need: thoughts, lists, links. Nobody else can read it.')
  if (kind === 'group') return msg('Only the members of this group can read it.')
  return msg('Your conversation begins here. Only the two of you can read it.')
}

function topRow(older: boolean, context: RowContext): TemplateResult {
  if (older) return html`<span class="loading">${msg('Loading older messages…')}</span>`
  const { name, color, picture, kind, description } = context
  return html`<div class="beginning">
    <warren-avatar
      .name=${name}
      .color=${color}
      .picture=${picture}
      .notes=${kind === 'self'}
      ?group=${kind === 'group'}
    ></warren-avatar>
    <p class="beginning-name"><bdi>${name}</bdi></p>
    ${description === '' ? nothing : html`<p dir="auto">${description}</p>`}
    <p>${beginningWords(kind)}</p>
  </div>`
}

export function drawRow(row: Row, context: RowContext): TemplateResult {
  if (row.kind === 'message') return messageRow(row, context)
  if (row.kind === 'pending') return pendingRow(row, context)
  if (row.kind === 'day') return html`<h2 class="chip">${dayName(row.at)}</h2>`
  if (row.kind === 'fork') {
    return forkRow(row.fork, isolated(context.kind === 'group' ? row.fork.from.name : context.name))
  }
  if (row.kind === 'notice') return noticeRow(row)
  if (row.kind === 'outside') return outsideRow()
  if (row.kind === 'top') return topRow(row.older, context)
  return html`<div class="line" role="separator" data-testid="new-messages"><span>${msg('New messages')}</span></div>`
}
