/** The rows of a conversation's list: messages and what stands between them. */

import type { Fork, Message } from '../../protocol/http-conversations.ts'
import type { Notice } from '../../protocol/http-groups.ts'
import { dayNumber } from '../text/format-time.ts'
import type { PendingMessage } from './outbox.ts'
import type { TimelineWindow } from './timeline.ts'

/** Where a bubble stands in its group. */
export type Place = 'only' | 'first' | 'middle' | 'last'

export type Row =
  | { kind: 'top'; key: string; older: boolean }
  | { kind: 'day'; key: string; at: number }
  | { kind: 'unread'; key: string }
  | { kind: 'fork'; key: string; fork: Fork }
  | { kind: 'notice'; key: string; message: Message; notice: Notice }
  /** What follows is held here and is outside the conversation. */
  | { kind: 'outside'; key: string }
  | { kind: 'message'; key: string; message: Message; place: Place }
  | { kind: 'pending'; key: string; message: PendingMessage; place: Place }

const groupMs = 5 * 60_000

interface Bubble {
  mine: boolean
  person: string
  at: number
  row: Extract<Row, { kind: 'message' | 'pending' | 'notice' }>
}

const isOutside = (bubble: Bubble | undefined): boolean =>
  bubble?.row.kind === 'message' && bubble.row.message.outside === true

const belongs = (above: Bubble | undefined, below: Bubble): boolean =>
  above !== undefined &&
  above.row.kind !== 'notice' &&
  isOutside(above) === isOutside(below) &&
  above.person === below.person &&
  above.mine === below.mine &&
  Math.abs(below.at - above.at) < groupMs

/** A clock years off must not tear the list apart: its messages stay under the header they are sorted below. */
const startsDay = (day: number | undefined, message: { at: number; clockWrong?: true }): boolean =>
  message.clockWrong !== true && day !== dayNumber(message.at)

/** A message keeps its key from "sending" on: the row stays the same element. */
const messageKey = (message: Message): string => message.clientId ?? message.id

function bubbles(window: TimelineWindow, pending: readonly PendingMessage[]): Bubble[] {
  const there = new Set(window.messages.map((message) => message.clientId))
  const said = window.messages.map((message): Bubble => {
    const { notice } = message
    const row: Bubble['row'] =
      notice === undefined
        ? { kind: 'message', key: messageKey(message), message, place: 'only' }
        : { kind: 'notice', key: message.id, message, notice }
    return { mine: message.mine, person: message.from.id, at: message.at, row }
  })
  if (window.newer) return said
  const person = window.messages.findLast((message) => message.mine && message.notice === undefined)?.from.id ?? ''
  const waiting = pending
    .filter((message) => !there.has(message.clientId))
    .map((message): Bubble => {
      const row: Bubble['row'] = { kind: 'pending', key: message.clientId, message, place: 'only' }
      return { mine: true, person, at: message.at, row }
    })
  return [...said, ...waiting]
}

function close(rows: Row[]): void {
  const last = rows.at(-1)
  if (last?.kind !== 'message' && last?.kind !== 'pending') return
  rows[rows.length - 1] = { ...last, place: last.place === 'first' ? 'only' : 'last' }
}

/** Somebody said something that the owner may not have seen. */
const isNews = (row: Row): row is Extract<Row, { kind: 'message' }> =>
  row.kind === 'message' && !row.message.mine && row.message.outside !== true

export function rowsOf(
  window: TimelineWindow,
  pending: readonly PendingMessage[],
  unreadAfter: string | undefined,
  forks: readonly Fork[] = [],
): readonly Row[] {
  const rows: Row[] = [{ kind: 'top', key: 'top', older: window.older }]
  let day: number | undefined
  let above: Bubble | undefined
  let lineDrawn = unreadAfter === undefined
  for (const bubble of bubbles(window, pending)) {
    const { row } = bubble
    if (startsDay(day, row.message)) {
      close(rows)
      day = dayNumber(bubble.at)
      rows.push({ kind: 'day', key: `day-${day}-${row.key}`, at: bubble.at })
      above = undefined
    }
    if (!lineDrawn && isNews(row) && row.message.order > (unreadAfter ?? '')) {
      close(rows)
      lineDrawn = true
      rows.push({ kind: 'unread', key: 'unread' })
      above = undefined
    }
    if (!belongs(above, bubble)) close(rows)
    if (isOutside(bubble) && !isOutside(above)) rows.push({ kind: 'outside', key: `outside ${row.key}` })
    rows.push(row.kind === 'notice' ? row : { ...row, place: belongs(above, bubble) ? 'middle' : 'first' })
    above = bubble
  }
  close(rows)
  return withForks(rows, window, forks)
}

const orderOf = (row: Row): string => (row.kind === 'message' ? row.message.order : '')

/** Each stands below the last message that counts, if that place is among the pages that are here. */
function withForks(rows: readonly Row[], window: TimelineWindow, forks: readonly Fork[]): readonly Row[] {
  return forks.reduce((all, fork) => {
    const above = all.findLastIndex((row) => orderOf(row) !== '' && orderOf(row) <= fork.after)
    const isElsewhere = above < 0 ? window.older : window.newer && above === all.length - 1
    if (isElsewhere) return all
    const row: Row = { kind: 'fork', key: `fork ${fork.after}`, fork }
    return all.toSpliced(Math.max(above, 0) + 1, 0, row)
  }, rows)
}
