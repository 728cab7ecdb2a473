/** Files for tests: their bytes in pieces, and what is read of them. */

import { randomBytes } from 'node:crypto'
import type { BlobReference } from '../../protocol/blob.ts'
import type { ConversationId, Scope } from '../../protocol/ids.ts'
import type { Device } from './device.ts'
import type { Blobs } from '../../daemon/blobs/blobs.ts'

/** `bytes` in pieces of `piece`, none of which fits the chunks. */
export async function* inPieces(bytes: Uint8Array, piece = 50_001): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += piece) {
    await Promise.resolve()
    yield bytes.subarray(at, at + piece)
  }
}

export const label = { name: 'picture.png', type: 'image/png' }

export const someBytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

export async function readAll(
  blobs: Blobs,
  conversation: Scope,
  reference: BlobReference,
  range = { from: 0, to: Number.MAX_SAFE_INTEGER },
): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of blobs.read(conversation, reference, range)) pieces.push(Uint8Array.from(piece))
  return Buffer.concat(pieces)
}

/** A file of random bytes that a message refers to. */
export async function posted(device: Device, conversation: ConversationId, size: number): Promise<BlobReference> {
  const { blobs, conversations } = device.rooms
  const { id } = await blobs.add(conversation, inPieces(someBytes(size)), label)
  const files = await blobs.posting(conversation, [id])
  await conversations.owner.post(conversation, '', `file ${id}`, files)
  return files[0] as BlobReference
}
