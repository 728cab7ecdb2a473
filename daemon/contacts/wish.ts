/** What a record says to its person's devices, and what it becomes. Pure: the rules of docs/protocol.md, section 14. */

import type { ContactWish } from '../../protocol/hello.ts'
import { limits } from '../../protocol/limits.ts'
import { decidedAt, noProof, type ContactRecord } from './contact-record.ts'

export type RecordChange = Partial<Omit<ContactRecord, 'person'>>

/** What a record of any state becomes once both want contact. */
export const accepted = {
  state: 'accepted',
  refused: false,
  link: '',
  proof: noProof,
  hidden: false,
  former: true,
  shownAt: 0,
} as const satisfies RecordChange

/** What every hello to a device of this record says. */
export function wishOf(record: ContactRecord | undefined): ContactWish {
  switch (record?.state) {
    case 'accepted':
    case 'outgoing':
      return { is: 'contact', note: record.state === 'outgoing' ? record.note : '', number: record.number }
    case 'declined':
    case 'removed':
      return { is: 'declined', upTo: record.answered }
    case 'incoming':
    case 'blocked':
    case 'ended':
    case undefined:
      return nothing
  }
  return nothing
}

const nothing: ContactWish = { is: 'nothing' }

/** The number of a new wish: greater than any that was declined, even if the record was forgotten or the clock went back. */
export const nextNumber = (record: ContactRecord | undefined, now: number): number =>
  Math.max(now, (record?.number ?? 0) + 1)

/** Whether a wish of this number was answered before: its hello asks nothing new. */
export function isAnswered({ state, answered, theirs }: ContactRecord, number: number): boolean {
  if (state === 'declined' || state === 'removed') return number <= answered
  return state === 'ended' && number <= theirs
}

/** Whether what a declined person asks may be put before the owner again. */
export const mayShowAgain = ({ shownAt }: ContactRecord, now: number): boolean =>
  now - shownAt >= limits.requestAgainMs || now < shownAt

/** What their no, or their wishing nothing any more, makes of a record; undefined if nothing. */
export function afterNo(record: ContactRecord, wish: ContactWish, now: number): RecordChange | 'gone' | undefined {
  const isRefusal = wish.is === 'declined' && wish.upTo >= record.number
  switch (record.state) {
    case 'incoming':
      return withdrawn(record, now)
    case 'outgoing':
      if (!isRefusal || record.refused) return undefined
      return { refused: true, number: wish.upTo, changedAt: decidedAt(record, now) }
    case 'accepted':
      // A block says `nothing`: it must not be told from being away.
      return isRefusal ? { state: 'ended', number: wish.upTo, changedAt: decidedAt(record, now) } : undefined
    case 'removed':
      return record.told ? undefined : { told: true }
    case 'declined':
      return record.hidden ? undefined : forgotten
    case 'blocked':
    case 'ended':
      return undefined
  }
  return undefined
}

/** What is left of a record that the owner does not want to see any more. */
export const forgotten = { hidden: true, note: '', link: '', proof: noProof } as const satisfies RecordChange

/** What a request becomes, either way, that was taken back. */
export function withdrawn(record: ContactRecord, now: number): RecordChange | 'gone' {
  const isMine = record.answered > 0 && record.answered >= record.theirs
  if (record.former)
    return {
      state: isMine ? 'removed' : 'ended',
      told: true,
      note: '',
      link: '',
      proof: noProof,
      changedAt: decidedAt(record, now),
    }
  return record.answered === 0 ? 'gone' : { ...forgotten, state: 'declined' }
}
