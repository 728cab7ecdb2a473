/** What a screen reader is told as it happens: new messages and changes of state. */

import { signal } from '@preact/signals-core'
import { msg, str } from '@lit/localize'
import type { Message } from '../../protocol/http-conversations.ts'
import { conversationOf } from './state.ts'

export const announcement = signal('')

export const announce = (text: string): void => {
  announcement.value = text
}

export function announceMessage(message: Message): void {
  const conversation = conversationOf(message.conversation)
  if (conversation === undefined || conversation.muted) return
  announce(msg(str`${conversation.title}: ${message.text.slice(0, 300)}`))
}
