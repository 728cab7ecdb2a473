/** Recorded frames of files, changed, into live streams: from who asks, and from who gives. Everybody else gets their files. */

import t from 'tap'
import { encodeBlobFrame, readBlobFrame } from '../../protocol/blob-frames.ts'
import type { BlobReference } from '../../protocol/blob.ts'
import { encode } from '../../protocol/codec.ts'
import { sha256 } from '../../protocol/crypto.ts'
import { errorCode } from '../../protocol/errors.ts'
import type { ConversationId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { SaidBlobFrame } from '../../daemon/blobs/blob-talk.ts'
import type { BlobTalkEnd } from '../support/blob-talk-pair.ts'
import type { Device } from '../support/device.ts'
import { posted, readAll } from '../support/files.ts'
import { onStreams } from '../support/slow-giver.ts'
import { three, type Three } from '../support/three.ts'
import { seededRandom } from '../support/virtual-time.ts'
import { Mutator } from './mutate.ts'

/** Frames fed to each end; `make fuzz` feeds many more. */
const cases = Math.ceil(Number(process.env['WARREN_FUZZ_CASES'] ?? 60_000) / 40)
const seed = Number(process.env['WARREN_FUZZ_SEED'] ?? 1)
t.setTimeout(3_600_000)

const internal: string[] = []
process.on('unhandledRejection', (error) => internal.push(errorCode(error)))

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

interface Recorded extends Three {
  readonly frames: readonly Uint8Array[]
  /** Hashes of the chunks of a file that bob may not have. */
  readonly secrets: ReadonlySet<string>
}

/** All frames of files that went to and fro, bob and carol fetching from alice; and asks for one that is not for bob. */
async function recorded(t: Parameters<typeof three>[0]): Promise<Recorded> {
  const world = await three(t)
  const { alice, carol, group, place, settle } = world
  const frames: Uint8Array[] = []
  const secrets = new Set<string>()
  place.tamper = (frame) => {
    frames.push(encodeBlobFrame(frame))
    return [frame]
  }
  for (const size of [0, 100, 3 * limits.chunkBytes + 1]) await posted(alice, group, size)
  await settle(3000)
  place.tamper = (frame) => {
    if (frame.is === 'ask' || frame.is === 'ask-list') frames.push(encodeBlobFrame(frame))
    if (frame.is === 'chunk') secrets.add(textOf(sha256(frame.bytes)))
    return [frame]
  }
  await posted(alice, alice.conversationWith(carol), 2 * limits.chunkBytes)
  await settle(3000)
  place.tamper = (frame) => [frame]
  frames.push(encodeBlobFrame({ is: 'refuse', code: 0 }), encode([99, 'new']))
  // Those of few bytes: long ones cost time and say no more.
  const short = frames.filter(({ length }) => length < 200)
  return { ...world, frames: [...frames, ...short, ...short, ...short], secrets }
}

const isFrame = (bytes: Uint8Array): boolean => {
  try {
    readBlobFrame(bytes)
    return true
  } catch {
    return false
  }
}

const isQuestion = (bytes: Uint8Array): boolean => ['ask', 'ask-list', 'unknown'].includes(readBlobFrame(bytes).is)

const isWholeAt = (device: Device, chat: ConversationId, file: BlobReference): boolean =>
  device.rooms.blobs.state(chat, file).state === 'whole'

t.test('who gives takes whatever is asked', async (t) => {
  const { alice, bob, carol, group, place, settle, time, frames, secrets } = await recorded(t)
  const asks = frames.filter(isQuestion)
  const mutator = new Mutator(seededRandom(seed), asks)
  const answers = { chunk: 0, list: 0, refuse: 0, other: 0 }
  let leaked = 0
  const read = async (talk: BlobTalkEnd): Promise<void> => {
    for (;;) {
      const frame = await talk.next(new AbortController().signal)
      if (frame === undefined) return
      answers[frame.is === 'chunk' || frame.is === 'list' || frame.is === 'refuse' ? frame.is : 'other'] += 1
      if (frame.is === 'chunk' && secrets.has(textOf(sha256(frame.bytes)))) leaked += 1
    }
  }
  const honest: BlobReference[] = []
  let talk: BlobTalkEnd | undefined
  let [streams, most] = [0, 0]
  for (let done = 0; done < cases; done += 1) {
    if (talk === undefined || talk.isOver || mutator.below(60) === 0) {
      talk?.end()
      talk = place.openBlob(bob, alice.id)
      streams += 1
      // Some take nothing.
      if (mutator.below(4) > 0) void read(talk)
    }
    // What is no question ends the stream.
    const said = mutator.below(40) === 0 ? frames : asks
    const bytes = mutator.below(2) === 0 ? mutator.pick(said) : mutator.next()
    // Most of these only end the stream: enough of them, so that others are taken.
    if (!isFrame(bytes) && mutator.below(10) > 0) continue
    talk.sendBytes(bytes)
    if (done % 4 === 0) await time.pass(20)
    most = Math.max(most, talk.unread)
    if (done % Math.ceil(cases / 8) === 0) honest.push(await posted(alice, group, 2 * limits.chunkBytes))
  }
  await settle(10_000)
  t.comment(`seed ${seed}: ${streams} streams, ${JSON.stringify(answers)}, ${most} bytes waited`)
  t.ok(Math.min(streams - 1, answers.chunk, answers.list, answers.refuse) > 0, 'all kinds of answers')
  t.equal(answers.other, 0)
  t.equal(leaked, 0, 'nothing that is not for the asker')
  t.ok(most > 0 && most < 2 ** 21, 'no more waits than one ask brings')
  for (const file of honest) t.ok(isWholeAt(carol, group, file), 'who asks honestly gets it')
  t.strictSame([...alice.complaints, ...carol.complaints], [])
  t.strictSame(internal, [], 'nothing but codes')
})

t.test('who fetches takes whatever is given', async (t) => {
  const { alice, bob, carol, group, place, settle, frames } = await recorded(t)
  const mutator = new Mutator(seededRandom(seed + 1), frames)
  const direct = alice.conversationWith(bob)
  // Each costs about four times as much as one that is asked.
  const most = Math.ceil(cases / 4)
  const count = { given: 0, changed: 0, blamed: 0 }
  const change = (frame: SaidBlobFrame): readonly Uint8Array[] => {
    const bytes = encodeBlobFrame(frame)
    count.given += 1
    if (count.given > most || mutator.below(3) > 0) return [bytes]
    count.changed += 1
    switch (mutator.below(6)) {
      case 0:
        return []
      case 1:
        return [bytes, bytes]
      case 2:
        return [mutator.pick(frames), bytes]
      case 3:
        return [mutator.next()]
      case 4: {
        // Of a chunk, or of the hashes of a list.
        const flipped = Uint8Array.from(bytes)
        flipped[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
        return [flipped]
      }
      default:
        return [mutator.inside(bytes)]
    }
  }
  onStreams(place, (there) => {
    if (there.device !== alice.id) return
    const offend = there.other?.offend.bind(there.other)
    if (there.other !== undefined && offend !== undefined)
      there.other.offend = () => {
        count.blamed += 1
        offend()
      }
    const isBobs = place.talks.at(-1)?.device === bob.id
    if (isBobs)
      there.send = (frame) => {
        for (const each of change(frame)) there.sendBytes(each)
      }
  })
  const sizes = [0, 100, 3 * limits.chunkBytes, 20 * limits.chunkBytes + 1]
  const [hostile, honest]: [BlobReference[], BlobReference[]] = [[], []]
  for (let round = 0; round < most && count.given < most; round += 1) {
    if (round < 12) hostile.push(await posted(bob, direct, sizes[round % sizes.length] ?? 0))
    if (round % 4 === 0 && round < 40) honest.push(await posted(carol, group, 2 * limits.chunkBytes))
    await settle(2000)
    // What is whole comes no more: there must be something to fetch.
    if (hostile.every((file) => isWholeAt(alice, direct, file))) hostile.push(await posted(bob, direct, 100))
    alice.rooms.blobs.linkedWith(bob.id)
  }
  // Who was asked for the list first may say nothing, and is waited for.
  await settle(3 * limits.blobStallMs)
  for (const file of honest) t.ok(isWholeAt(alice, group, file), 'who gives honestly is taken from')
  count.given = most
  alice.rooms.blobs.linkedWith(bob.id)
  await settle(60_000)
  t.comment(
    `seed ${seed}: ${count.given} frames, ${count.changed} changed, ${place.talks.length} streams, ${count.blamed} held against him`,
  )
  t.ok(count.changed > 0 && count.blamed > 0)
  for (const file of hostile) {
    const isRight = isWholeAt(alice, direct, file) && sha256(await readAll(alice.rooms.blobs, direct, file))
    t.ok(
      isRight !== false && Buffer.from(file.hash).equals(isRight),
      'once nothing is changed all of it comes, as it was',
    )
  }
  t.strictSame([...alice.complaints, ...carol.complaints], [])
  t.strictSame(internal, [], 'nothing but codes')
})
