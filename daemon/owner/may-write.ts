/** Whether the owner may say anything in a conversation, as far as that is known without its rules. */

import { WarrenError } from '../../protocol/errors.ts'
import type { ConversationId } from '../../protocol/ids.ts'
import type { ContactBook } from '../contacts/contact-book.ts'
import type { OwnerView } from '../conversations/owner-view.ts'

interface Deps {
  readonly conversations: Pick<OwnerView, 'record' | 'checkCurrent'>
  readonly book: Pick<ContactBook, 'get'>
}

/** A message to somebody who is no contact would wait for ever; of who this home was before nothing is said. Throws NOT_FOUND, NOT_ALLOWED, BLOCKED. */
export function checkMayWrite({ conversations, book }: Deps, conversation: ConversationId): void {
  const { kind, person } = conversations.record(conversation)
  conversations.checkCurrent(conversation)
  if (kind !== 'direct') return
  const state = book.get(person)?.state
  if (state === 'blocked') throw new WarrenError('BLOCKED', 'that person is blocked: unblock them first')
  if (state !== 'accepted') throw new WarrenError('NOT_ALLOWED', 'that person is not a contact: ask them again')
}
