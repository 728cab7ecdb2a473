/** Opens the files of all conversations, and joins them to the messages and the groups that refer to them. */

import { errorCode } from '../protocol/errors.ts'
import type { ConversationId } from '../protocol/ids.ts'
import { Blobs, type BlobsDeps, type BlobsOptions } from './blobs/blobs.ts'
import { Notes } from './blobs/notes.ts'
import { Pictures } from './blobs/pictures.ts'
import type { Conversations } from './conversations/conversations.ts'

/** Messages of each conversation that are looked at after a crash: those that came last may not have been. */
const afterCrash = 1000

export interface OpenBlobs {
  readonly blobs: Blobs
  readonly notes: Notes
  close(): Promise<void>
}

export async function openBlobs(
  deps: BlobsDeps & { readonly files?: Partial<BlobsOptions> },
  conversations: Conversations,
): Promise<OpenBlobs> {
  const { owner } = conversations
  const blobs = await Blobs.open(deps, conversations.scopes(), deps.files)
  const notes = new Notes({
    ...deps,
    filesOf: (conversation, order) => owner.message(conversation, order)?.files ?? [],
    page: async (conversation, before, limit) => {
      const { items, older } = await owner.page(conversation, { before, after: undefined, limit })
      const next = older ? items.at(-1)?.order : undefined
      return { files: items.flatMap(({ files }) => files), next }
    },
    noted: async (conversation, files) => await blobs.noted(conversation, files),
  })
  conversations.filesCame = (conversation, order, files) => notes.came({ conversation, order, files })
  const pictures = new Pictures({
    ...deps,
    pictureOf: (conversation) => conversations.ownGroups.pictureOf(conversation),
    pictured: async (conversation, picture) => await blobs.pictured(conversation, picture),
  })
  for (const { scope } of owner.all())
    if (conversations.ownGroups.isGroup(scope)) pictures.lookLater(scope as ConversationId)
  const looking = lookBack(deps, { blobs, notes, pictures }, conversations)
  return {
    blobs,
    notes,
    close: async () => {
      notes.stop()
      await looking
      await notes.close()
      await pictures.close()
      await blobs.close()
    },
  }
}

/** What the end of the last run cut off between a message, or a group's settings, and what is noted of their files. */
async function lookBack(
  { store, log }: BlobsDeps,
  { blobs, notes, pictures }: { readonly blobs: Blobs; readonly notes: Notes; readonly pictures: Pictures },
  { owner }: Conversations,
): Promise<void> {
  for (const { scope } of owner.all()) {
    const conversation = scope as ConversationId
    const isOpen = blobs.isPosting(conversation)
    if (!isOpen && store.closedCleanly) continue
    try {
      const isDone = await notes.look(conversation, isOpen ? Number.MAX_SAFE_INTEGER : afterCrash)
      if (!isOpen || !isDone) continue
      await pictures.look(conversation)
      await blobs.settlePosting(conversation)
    } catch (error) {
      // One that was deleted meanwhile, or is damaged, keeps the others from nothing.
      const code = errorCode(error)
      if (code !== 'NOT_FOUND') log('warn', 'files of messages could not be noted', { code })
    }
  }
}
