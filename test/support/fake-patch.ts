/** What a patch makes of a conversation, as the real owner has it: without `mutedUntil` a mute has no end. */

import type { Conversation, ConversationPatch } from '../../protocol/http-conversations.ts'

export function patched({ mutedUntil, ...before }: Conversation, patch: ConversationPatch): Conversation {
  const kept = mutedUntil === undefined || patch.muted !== undefined ? {} : { mutedUntil }
  return { ...before, ...kept, ...patch }
}
