/** Files of marked people: their names, types and bytes are markers, and so is what they are known by. */

import type { Attachment } from '../../protocol/http-files.ts'
import { idBytes, readBlobId } from '../../protocol/ids.ts'
import type { Described } from './api-words.ts'
import type { MarkedPerson, Markers } from './marked-person.ts'

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}

async function add(markers: Markers, { seat }: MarkedPerson, conversation: string): Promise<Attachment> {
  const name = `${markers.word('file name')}.txt`
  const type = `text/${markers.word('media type')}`
  // Longer than a chunk.
  const bytes = Buffer.from(`${markers.word('words in a file')} `.repeat(4000))
  const query = new URLSearchParams({ conversation, name, type })
  const added = await seat.client.upload<Attachment>(`/blobs?${query.toString()}`, inOne(bytes), bytes.length)
  markers.sent.add('POST /api/v1/blobs')
  markers.bytes('blob id', idBytes(readBlobId(added.id)))
  markers.text('blob id', added.id)
  return added
}

/** Resolves once all of a file is there. */
async function untilWhole({ seat }: MarkedPerson, path: string): Promise<void> {
  await seat.until(async () => {
    // Not noted yet, perhaps.
    const file = await seat.client.ask<Attachment>('GET', path).catch(() => undefined)
    return file?.state === 'whole' ? file : undefined
  }, 'a file is whole')
}

/** Alice sends Bob a file, who gets it; and another one that she takes back. */
export async function shareFiles(
  api: Described,
  markers: Markers,
  [alice, bob]: readonly [MarkedPerson, MarkedPerson],
  conversation: string,
): Promise<void> {
  const { id } = await add(markers, alice, conversation)
  const other = await add(markers, alice, conversation)
  await alice.ask(api, 'DELETE', `/conversations/${conversation}/attachments/${other.id}`)
  const [text, clientId] = [markers.word('caption'), markers.word('client id')]
  await alice.ask(api, 'POST', `/conversations/${conversation}/messages`, { text, clientId, attachments: [id] })
  const path = `/conversations/${conversation}/attachments/${id}`
  await untilWhole(bob, path)
  await bob.ask(api, 'POST', `${path}/fetch`, {})
}
