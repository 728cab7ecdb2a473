/** Where the files of what is told can be fetched, by the one who is told. */

import type { Change } from '../../protocol/events.ts'
import type { Conversation, Message } from '../../protocol/http-conversations.ts'
import type { Attachment } from '../../protocol/http-files.ts'

/** The address of a file of a conversation. */
export type AddressOf = (conversation: string, file: Pick<Attachment, 'id'>) => string

export const addressedFile = (conversation: string, attachment: Attachment, of: AddressOf): Attachment => ({
  ...attachment,
  url: of(conversation, attachment),
})

export function addressedMessage(message: Message, of: AddressOf): Message {
  const { conversation, attachments } = message
  if (attachments === undefined) return message
  return { ...message, attachments: attachments.map((each) => addressedFile(conversation, each, of)) }
}

export function addressedConversation(conversation: Conversation, of: AddressOf): Conversation {
  const { id, group } = conversation
  if (group?.picture === undefined) return conversation
  return { ...conversation, group: { ...group, picture: { ...group.picture, url: of(id, group.picture) } } }
}

export function addressedChange(change: Change, of: AddressOf): Change {
  if (change.type === 'conversation') return { ...change, conversation: addressedConversation(change.conversation, of) }
  if (change.type === 'message') return { ...change, message: addressedMessage(change.message, of) }
  if (change.type !== 'attachment') return change
  return { ...change, attachment: addressedFile(change.conversation, change.attachment, of) }
}
