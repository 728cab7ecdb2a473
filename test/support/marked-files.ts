/** Files of marked people: their names, types and bytes are markers, and so is what they are known by. */

import type { Attachment } from '../../protocol/http-files.ts'
import { idBytes, readBlobId } from '../../protocol/ids.ts'
import type { Described } from './api-words.ts'
import { pngOf } from './sample-files.ts'
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

/** A picture that holds a marker behind its pixels becomes that of a group of hers. */
export async function showPicture(
  api: Described,
  markers: Markers,
  person: MarkedPerson,
  group: string,
): Promise<void> {
  const name = `${markers.word('picture name')}.png`
  const bytes = Buffer.concat([pngOf(64, 64), Buffer.from(`${markers.word('words in a picture')} `.repeat(100))])
  const query = new URLSearchParams({ conversation: group, name, type: 'image/png' })
  const { id } = await person.seat.client.upload<Attachment>(`/blobs?${query.toString()}`, inOne(bytes), bytes.length)
  markers.bytes('id of a picture', idBytes(readBlobId(id)))
  markers.text('id of a picture', id)
  await person.ask(api, 'PATCH', `/conversations/${group}/group`, { picture: id })
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
