/** What the rows of one conversation have in common, as they are drawn now. */

import type { Conversation, Message } from '../../protocol/http-conversations.ts'
import type { Contact } from '../../protocol/http-people.ts'
import { personColor, personName } from '../model/person-names.ts'
import type { Row } from '../model/rows.ts'
import { conversationName, groupPicture } from '../text/names.ts'
import type { RowContext } from './message-row.ts'
import { retryKeyOf, waitingKeyOf, wokenIn } from './row-facts.ts'

/** Reads whose names and colours it needs, so that who draws anew draws what is true by then. */
export function rowContext(
  conversation: Conversation | undefined,
  contact: Contact | undefined,
  rows: readonly Row[],
  actions: Pick<RowContext, 'foldingOf' | 'onInfo'>,
): RowContext {
  const { group } = conversation ?? {}
  return {
    name: conversation === undefined ? '' : conversationName(conversation, contact),
    color: group?.color ?? contact?.color ?? '',
    picture: groupPicture(conversation),
    kind: conversation?.kind ?? 'direct',
    description: group?.description ?? '',
    retryKey: retryKeyOf(rows),
    waitingKey: waitingKeyOf(rows, conversation?.kind, contact?.online === true),
    waking: wokenIn(conversation),
    isOnline: contact?.online === true,
    isApart: contact?.state !== 'accepted',
    authorOf: (message: Message) => ({
      name: personName(message.from),
      color: personColor(message.conversation, message.from.id),
    }),
    ...actions,
  }
}
