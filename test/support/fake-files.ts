/** A room of files in memory, as the owner's desk asks for one. */

import { createHash, randomBytes } from 'node:crypto'
import { WarrenError } from '../../protocol/errors.ts'
import type { BlobReference } from '../../protocol/blob.ts'
import type { Message } from '../../protocol/http-conversations.ts'
import { blobIdOf, readBlobId, readConversationId, type BlobId, type ConversationId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Bus } from '../../daemon/bus.ts'
import type { FileDesk, FileRoom, FileStanding } from '../../daemon/owner/file-desk.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())

interface Kept {
  readonly reference: BlobReference
  readonly bytes: Uint8Array
  held: number
  isWanted: boolean
}

export class FakeFiles implements FileRoom {
  mostBytes: number = limits.fileBytes
  readonly #bus: Bus
  readonly #kept = new Map<string, Kept>()
  /** How many bytes were read of all of them. */
  readBytes = 0
  isFull = false

  constructor(bus: Bus) {
    this.#bus = bus
  }

  find(conversation: ConversationId, id: BlobId): BlobReference | undefined {
    return this.#kept.get(`${conversation} ${id}`)?.reference
  }

  state(conversation: ConversationId, { id }: BlobReference): FileStanding {
    const { held = 0, isWanted = false, bytes } = this.#kept.get(`${conversation} ${id}`) ?? {}
    return { held, state: held === bytes?.length ? 'whole' : isWanted ? 'coming' : 'missing' }
  }

  async noted(conversation: ConversationId, references: readonly BlobReference[]): Promise<void> {
    if (this.isFull) throw new WarrenError('STORE_FULL', 'the disk is full')
    for (const reference of references)
      this.#kept.set(`${conversation} ${reference.id}`, {
        reference,
        bytes: new Uint8Array(reference.size),
        held: 0,
        isWanted: false,
      })
  }

  async posting(conversation: ConversationId, ids: readonly BlobId[]): Promise<BlobReference[]> {
    return ids.map((id) => {
      const found = this.find(conversation, id)
      if (found === undefined) throw new WarrenError('NOT_FOUND', 'no such file')
      return found
    })
  }

  async notPosted(): Promise<void> {}

  async cancel(conversation: ConversationId, id: BlobId): Promise<void> {
    if (!this.#kept.delete(`${conversation} ${id}`)) throw new WarrenError('NOT_FOUND', 'no such file')
  }

  async add(
    conversation: ConversationId,
    source: AsyncIterable<Uint8Array>,
    about: { readonly name: string; readonly type: string },
  ): Promise<BlobReference> {
    const pieces: Uint8Array[] = []
    let size = 0
    for await (const piece of source) {
      size += piece.length
      if (size > this.mostBytes) throw new WarrenError('TOO_LARGE', 'a file is too long')
      pieces.push(piece)
    }
    return this.#keep(conversation, Buffer.concat(pieces), about, size).reference
  }

  /** A file that somebody else sent, and that is not here. */
  missing(conversation: ConversationId, bytes: Uint8Array, name: string, type: string): BlobReference {
    return this.#keep(conversation, bytes, { name, type }, 0).reference
  }

  #keep(
    conversation: ConversationId,
    bytes: Uint8Array,
    about: { readonly name: string; readonly type: string },
    held: number,
  ): Kept {
    const key = new Uint8Array(randomBytes(32))
    const reference = { id: blobIdOf(sha256(key)), key, size: bytes.length, ...about, hash: sha256(bytes) }
    const kept = { reference, bytes, held, isWanted: false }
    this.#kept.set(`${conversation} ${reference.id}`, kept)
    return kept
  }

  async want(conversation: ConversationId, { id }: BlobReference): Promise<void> {
    const kept = this.#kept.get(`${conversation} ${id}`)
    if (kept !== undefined) kept.isWanted = true
    this.#bus.publish({ type: 'blob', conversation, blob: id })
  }

  /** So much of it has come. */
  arrive(conversation: ConversationId, id: BlobId, held: number): void {
    const kept = this.#kept.get(`${conversation} ${id}`)
    if (kept !== undefined) kept.held = held
    this.#bus.publish({ type: 'blob', conversation, blob: id })
  }

  async *read(
    conversation: ConversationId,
    { id }: BlobReference,
    { from, to }: { readonly from: number; readonly to: number },
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const bytes = this.#kept.get(`${conversation} ${id}`)?.bytes ?? new Uint8Array()
    for (let at = from; at < to; at += limits.chunkBytes) {
      const piece = bytes.subarray(at, Math.min(to, at + limits.chunkBytes))
      this.readBytes += piece.length
      yield piece
      await new Promise((resolve) => void setImmediate(resolve))
    }
  }
}

interface Keeper {
  readonly room: FakeFiles
  readonly files: FileDesk
}

/** A message with its files as they are now. */
export function freshFiles({ room, files }: Keeper, message: Message): Message {
  const conversation = readConversationId(message.conversation)
  const attachments = message.attachments?.map(({ id }) => {
    const reference = room.find(conversation, readBlobId(id))
    return reference === undefined ? [] : [files.shown(conversation, reference)]
  })
  return attachments === undefined ? message : { ...message, attachments: attachments.flat() }
}

/** What a message brings that is posted with these files. */
export async function postedFiles(
  { files }: Keeper,
  id: string,
  attachments: readonly string[],
): Promise<Pick<Message, 'attachments'>> {
  const conversation = readConversationId(id)
  const references = await files.posting(conversation, attachments)
  return references.length === 0 ? {} : { attachments: references.map((each) => files.shown(conversation, each)) }
}
