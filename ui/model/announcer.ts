/** What a screen reader is told as it happens: new messages and changes of state. */

import { signal } from '@preact/signals-core'
import { msg, str } from '@lit/localize'
import type { Message } from '../../protocol/http-conversations.ts'
import type { Notice } from '../../protocol/http-groups.ts'
import { messageWords } from '../text/file-words.ts'
import { noticeSentence } from '../text/notice-sentence.ts'
import { isHidden } from './hidden.ts'
import { personName } from './person-names.ts'
import { route } from './route.ts'
import { conversationOf } from './state.ts'

export const announcement = signal('')

export const announce = (text: string): void => {
  announcement.value = text
}

export function announceMessage(message: Message): void {
  const conversation = conversationOf(message.conversation)
  if (conversation === undefined || conversation.muted || message.outside === true || isHidden(message)) return
  if (message.notice !== undefined) return announceNotice(message.conversation, message.notice)
  const text = messageWords(message).slice(0, 300)
  if (conversation.kind !== 'group') return announce(msg(str`${conversation.title}: ${text}`))
  announce(msg(str`${conversation.title}, ${personName(message.from)}: ${text}`))
}

/** Only of the group that is open: elsewhere it can wait. */
function announceNotice(conversation: string, notice: Notice): void {
  if ('conversation' in route.value && route.value.conversation === conversation) announce(noticeSentence(notice))
}
