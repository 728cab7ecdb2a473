/** What people whom the owner blocked say in a group is not shown, as long as they are blocked. */

import type { Message } from '../../protocol/http-conversations.ts'
import { contacts, conversationOf } from './state.ts'

export const isHidden = ({ conversation, from, mine, notice }: Message): boolean =>
  !mine &&
  notice === undefined &&
  contacts.value.get(from.id)?.state === 'blocked' &&
  conversationOf(conversation)?.kind === 'group'
