/** What the message list must know about a row before it is drawn. */

import type { Conversation, ConversationKind, Waking } from '../../protocol/http-conversations.ts'
import type { Row } from '../model/rows.ts'
import { isSeen, uploadsShown } from '../model/shown-files.ts'
import { unfolded } from '../model/unfolded.ts'
import { foldPoint } from '../text/fold.ts'

const lineHeightPx = 22
const foldButtonPx = 30

/** Its words, with the button under what is folded. */
function estimateWords(key: string, text: string, width: number): number {
  const perLine = Math.max(20, Math.min(width * 0.78, 600) / 8)
  const cut = unfolded.value.has(key) ? undefined : foldPoint(text)
  const shown = cut === undefined ? text : text.slice(0, cut)
  const breaks = shown.length < 2000 ? shown.split('\n').length - 1 : 0
  const lines = Math.ceil((shown.length + 8) / perLine) + breaks - 1
  return lines * lineHeightPx + (cut === undefined ? 0 : foldButtonPx)
}

/** A guess at the height in px; the real one is measured once the row is in the document. */
export function estimateRow(row: Row | undefined, width: number): number {
  if (row?.kind === 'top' && !row.older) return 230
  if (row?.kind === 'notice') return 29
  if (row?.kind !== 'message' && row?.kind !== 'pending') return 44
  const files = row.kind === 'pending' ? uploadsShown(row.message.uploads) : (row.message.attachments ?? [])
  const filesPx = files.length === 0 ? 0 : files.some(isSeen) ? 260 : files.length * 54
  return 38 + estimateWords(row.key, row.message.text, width) + filesPx
}

/** The key of the last row, if a message could not be sent yet: one note under all that wait, not one under each. */
export function retryKeyOf(rows: readonly Row[]): string | undefined {
  const isWaiting = rows.some((row) => row.kind === 'pending' && row.message.state === 'waiting')
  return isWaiting ? rows.at(-1)?.key : undefined
}

/** The key of the last message said, if it is the owner's own and waits: for the other person, or in a group for anybody. */
export function waitingKeyOf(
  rows: readonly Row[],
  kind: ConversationKind = 'self',
  isOnline = false,
): string | undefined {
  if (kind === 'self' || (kind === 'direct' && isOnline)) return undefined
  const last = rows.findLast((row) => row.kind === 'message')
  if (last?.kind !== 'message' || !last.message.mine) return undefined
  const { state } = last.message
  return state === 'stored' || (state === 'held' && kind === 'direct') ? last.key : undefined
}

/** Whose devices are being woken for what the owner wrote. */
export const wokenIn = (conversation: Conversation | undefined): readonly Waking[] => conversation?.waking ?? []
