/** What a patch makes of a conversation, as the real owner has it: without `mutedUntil` a mute has no end. */

import type { Contact } from '../../protocol/http-people.ts'
import type { Conversation, ConversationPatch } from '../../protocol/http-conversations.ts'

export function patched({ mutedUntil, ...before }: Conversation, patch: ConversationPatch): Conversation {
  const kept = mutedUntil === undefined || patch.muted !== undefined ? {} : { mutedUntil }
  return { ...before, ...kept, ...patch }
}

/** A contact whose mismatch at an address was put away. */
export function without({ mismatches, ...seen }: Contact, dismiss: string | undefined): Contact {
  const left = mismatches?.filter(({ address }) => address !== dismiss) ?? []
  return left.length === 0 ? seen : { ...seen, mismatches: left }
}
