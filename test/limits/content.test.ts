/** Limits of what messages, files and registers hold. */

import t from 'tap'
import { readBlobFrame } from '../../protocol/blob-frames.ts'
import { openChunk, readBlobReference, sealChunk } from '../../protocol/blob.ts'
import { encode, type Value } from '../../protocol/codec.ts'
import * as bodies from '../../protocol/content-bodies.ts'
import * as content from '../../protocol/content.ts'
import { aeadKey } from '../../protocol/crypto.ts'
import { entryIdOf } from '../../protocol/ids.ts'
import * as values from '../../protocol/register-values.ts'
import * as registers from '../../protocol/register.ts'
import { limits } from '../../protocol/limits.ts'
import { phraseOf, seedOfPhrase } from '../../protocol/words.ts'
import { twoContacts } from '../support/device.ts'
import { alice, conversation, fill } from '../protocol/cast.ts'
import { boundary, upTo } from './boundary.ts'
import { sized } from './sized.ts'

const target = entryIdOf(fill(1))
const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item)
/** So many UTF-8 bytes, most of them of letters of two. */
const text = (bytes: number): string => 'ü'.repeat(bytes / 2) + 'x'.repeat(bytes % 2)
const back = (each: content.Content): content.Content => content.readContent(content.encodeContent(each))
const reaction = (emoji: string): content.Content => back(bodies.reactionContent({ target, emoji, on: true }, 'id'))
const read = (changes: Partial<content.Content>): content.Content =>
  back({ ...content.textContent('', ''), ...changes })

t.test('content that comes: text, client id, references, emoji, what is taken back', async (t) => {
  await upTo(t, 'textBytes', (bytes) => read({ text: text(bytes) }))
  await upTo(t, 'clientIdBytes', (bytes) => read({ clientId: text(bytes) }))
  await upTo(t, 'contentReferences', (count) => read({ references: times(count, target) }))
  await upTo(t, 'emojiBytes', (bytes) => bodies.readReaction(reaction(text(bytes))))
  await upTo(t, 'eraseEntries', (count) => content.readErase(content.encodeErase(times(count, target))))
})

t.test('content that is written here', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  await upTo(t, 'textBytes', async (bytes) => await alice.say(chat, text(bytes), 'id'))
  await upTo(t, 'clientIdBytes', async (bytes) => await alice.say(chat, 'x', text(bytes)))
  const { owner } = alice.rooms.conversations
  await upTo(t, 'textBytes', async (bytes) => await owner.patch(chat, { draft: text(bytes) }))
  t.equal(owner.record(chat).draft, text(limits.textBytes))
  await settle()
  t.strictSame(await bob.texts(chat), [text(limits.textBytes), 'x'])
})

const blob = (type: string, name: string): Value => [fill(1), fill(2), 5, type, name, fill(3)]

t.test('files: how many in a message, their names and types', async (t) => {
  const one = readBlobReference(blob('a/b', 'name'))
  await upTo(t, 'attachments', (count) => bodies.attachmentsContent('', 'id', times(count, one)))
  const message = (count: number) => read({ body: [times(count, blob('a/b', 'name'))] })
  await upTo(t, 'attachments', (count) => bodies.readAttachments(message(count)))
  await upTo(t, 'fileNameBytes', (bytes) => readBlobReference(blob('a/b', text(bytes))))
  await upTo(t, 'mediaTypeBytes', (bytes) => readBlobReference(blob(text(bytes), 'name')))
})

/** A frame that this version does not know. */
const newer = (filling: Uint8Array): Uint8Array => encode([99, filling])

t.test('blobs: chunks, hashes of chunks, and frames', async (t) => {
  const key = aeadKey(fill(1))
  await upTo(t, 'chunkBytes', (bytes) => openChunk(key, 0, true, sealChunk(key, 0, true, fill(1, bytes))))
  const tag = 16
  await upTo(t, 'chunkBytes', (bytes) => readBlobFrame(encode([3, 0, fill(1, bytes + tag)])))
  await upTo(t, 'chunkHashes', (count) => readBlobFrame(encode([1, 1, 0, fill(1, count * 32)])))
  await upTo(t, 'blobFrameBytes', (bytes) => readBlobFrame(sized(bytes, newer)))
})

const card = (changes: Partial<registers.Card>): unknown =>
  registers.readCard(registers.encodeCard({ name: 'name', status: '', color: '#12ab34', ...changes }))

t.test('a card: name, status and colour', async (t) => {
  await upTo(t, 'nameCodePoints', (count) => card({ name: '🌱'.repeat(count) }))
  await upTo(t, 'statusCodePoints', (count) => card({ status: '🌱'.repeat(count) }))
  await boundary(
    t,
    'colorBytes',
    () => card({ color: `#${'1'.repeat(limits.colorBytes - 1)}` }),
    () => card({ color: `#${'1'.repeat(limits.colorBytes)}` }),
  )
})

const addresses = (all: string[]): unknown => registers.readAddresses(registers.encodeAddresses(all))

t.test('other registers: addresses, what is held, rights to wake', async (t) => {
  await upTo(t, 'addressesPerDevice', (count) => addresses(times(count, 'x')))
  await upTo(t, 'addressBytes', (bytes) => addresses([text(bytes)]))
  await upTo(t, 'heldTops', (count) => values.readHeld(encode([times(count, [fill(1), fill(1, 8), 1]), []])))
  await upTo(t, 'wakeGrants', (count) => values.readWake(encode([times(count, ['https://x', fill(1), 0])])))
  await upTo(t, 'wakers', (count) => values.readWakers(encode([times(count, fill(1))])))
})

t.test('a register: its key and its value', async (t) => {
  const hlc = { wallMs: 1_800_000_000_000, count: 1 }
  const register = (key: string, value: Uint8Array): unknown =>
    registers.readRegister(
      registers.registerValue(
        registers.signRegister(alice.key, { scope: conversation, device: alice.device, key, hlc, value }),
      ),
    )
  await upTo(t, 'registerKeyBytes', (bytes) => register(text(bytes), fill(1)))
  await upTo(t, 'registerValueBytes', (bytes) => register('held', fill(1, bytes)))
})

t.test('a recovery phrase as it is typed', async (t) => {
  const words = phraseOf(fill(7)).join(' ')
  await upTo(t, 'phraseBytes', (bytes) => seedOfPhrase(words.padEnd(bytes, '\n')))
})
