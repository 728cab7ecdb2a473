/** What the types of content add to a message: edits, reactions, attachments. */

import { blobReferenceValue, readBlobReference, type BlobReference } from './blob.ts'
import { readEach, readText, readUint } from './codec.ts'
import { contentTypes, type Content } from './content.ts'
import { WarrenError } from './errors.ts'
import type { EntryId } from './ids.ts'
import { limits } from './limits.ts'

/** `text` is the new text of `target`, an entry of the same person. */
export const editContent = (target: EntryId, text: string, clientId: string): Content => ({
  type: contentTypes.edit,
  version: 1,
  text,
  clientId,
  references: [target],
  body: [],
})

export interface Reaction {
  readonly target: EntryId
  readonly emoji: string
  /** False takes it back. The last one in order of a person, target and emoji holds. */
  readonly on: boolean
}

export const reactionContent = ({ target, emoji, on }: Reaction, clientId: string): Content => ({
  type: contentTypes.reaction,
  version: 1,
  text: emoji,
  clientId,
  references: [target],
  body: [emoji, on ? 1 : 0],
})

/** The one entry that an edit or a reaction is about. Throws BAD_SHAPE. */
export function targetOf({ references }: Content): EntryId {
  const [target] = references
  if (target === undefined) throw new WarrenError('BAD_SHAPE', 'about no entry')
  return target
}

/** Throws BAD_SHAPE, TOO_LARGE. */
export const readReaction = (content: Content): Reaction => ({
  target: targetOf(content),
  emoji: readText(content.body[0], limits.emojiBytes),
  on: readUint(content.body[1], 1) === 1,
})

/** `text` is the caption. Throws TOO_LARGE. */
export function attachmentsContent(text: string, clientId: string, files: readonly BlobReference[]): Content {
  if (files.length > limits.attachments) throw new WarrenError('TOO_LARGE', `over ${limits.attachments} files`)
  return {
    type: contentTypes.attachments,
    version: 1,
    text,
    clientId,
    references: [],
    body: [files.map(blobReferenceValue)],
  }
}

/** Throws BAD_SHAPE, TOO_LARGE. */
export const readAttachments = (content: Content): BlobReference[] =>
  readEach(content.body[0], limits.attachments, readBlobReference)
