/** Files that go with messages of the load, and a look at what every end has of them once all is over. */

import { createHash, randomBytes } from 'node:crypto'
import type { Message } from '../../protocol/http-conversations.ts'
import type { Attachment } from '../../protocol/http-files.ts'
import { CommandError } from '../../daemon/cli/command-error.ts'
import type { Talk } from './ends.ts'
import { shownBy } from './ends.ts'
import { judgeFiles, noFileCounts, nothing, type FileCounts, type FileEnd, type GivenFile } from './file-counts.ts'
import type { Side } from './load.ts'
import { pass } from './pass.ts'
import { isPassing, persist } from './passing.ts'
import type { Random } from './random.ts'

const kib = 1024
/** Small ones, some of several chunks, and few that take long enough for a trouble to come in the middle of them. */
const sizes = [0, 700, 3 * kib, 30 * kib, 64 * kib, 200 * kib, 500 * kib, 4096 * kib]
const lookMs = 100
const pieceBytes = 64 * kib

/** Which bytes a message of the load brings. */
export interface Enclosed {
  readonly bytes: Buffer
  readonly hash: string
  /** Where they were posted before: once more, without being sent again. */
  readonly again?: string
}

export class SoakFiles {
  /** By conversation. */
  readonly #given = new Map<string, GivenFile[]>()
  /** Attempts that a trouble broke off. */
  brokenOff = 0
  readonly #random: Random
  readonly #last = new Map<Side, Enclosed & { readonly again: string }>()

  constructor(random: Random) {
    this.#random = random
  }

  /** Mostly new bytes, at times those of the file that this side posted last. */
  enclose(side: Side): Enclosed {
    const last = this.#last.get(side)
    if (last !== undefined && this.#random.below(4) === 0) return last
    const bytes = randomBytes(this.#random.pick(sizes))
    return { bytes, hash: createHash('sha256').update(bytes).digest('hex') }
  }

  /** Sends the file and posts the message, until both are acknowledged. Throws as Load.say(). */
  async post(
    side: Side,
    body: { text: string; clientId: string },
    enclosed: Enclosed,
    again: () => void,
  ): Promise<Message> {
    const { member, conversation } = side
    const count = (): void => {
      this.brokenOff += 1
      again()
    }
    for (let known = enclosed.again; ; known = undefined) {
      const id = known ?? (await persist(member, async () => await upload(side, enclosed.bytes), count)).id
      const post = async (): Promise<Message> =>
        await member.client.ask<Message>('POST', `/conversations/${conversation}/messages`, {
          ...body,
          attachments: [id],
        })
      try {
        const stored = await persist(member, post, count)
        this.#posted(side, stored, enclosed)
        return stored
      } catch (error) {
        if (!(error instanceof CommandError)) throw error
        // It ended between the two: what was only added is forgotten.
        if (error.code === 'NOT_FOUND') continue
        await takeBack(side, id)
        throw error
      }
    }
  }

  #posted(side: Side, { text, attachments = [] }: Message, enclosed: Enclosed): void {
    const { conversation, comesAndGoes } = side
    const id = attachments[0]?.id ?? ''
    const own = this.#given.get(conversation) ?? []
    own.push({ text, id, hash: enclosed.hash, ...(comesAndGoes === true ? { comesAndGoes } : {}) })
    this.#given.set(conversation, own)
    this.#last.set(side, { ...enclosed, again: id })
  }

  /** Waits until all who should have a file have it, for so long in all; then compares every byte. */
  async settle(talks: readonly Talk[], mostMs: number): Promise<FileCounts> {
    const sum = noFileCounts()
    const until = performance.now() + mostMs
    for (const { conversation, sides } of talks) {
      const given = this.#given.get(conversation) ?? []
      if (given.length === 0) continue
      const ends: FileEnd[] = []
      for (const side of sides) ends.push(await endOf(side, given, until))
      const counts = judgeFiles(given, ends)
      for (const name of Object.keys(sum) as (keyof FileCounts)[]) sum[name] += counts[name]
    }
    return sum
  }
}

async function upload({ member, conversation }: Side, bytes: Buffer): Promise<Attachment> {
  const query = new URLSearchParams({ conversation, name: 'soak.bin', type: 'application/octet-stream' })
  return await member.client.upload<Attachment>(`/blobs?${query.toString()}`, inPieces(bytes), bytes.length)
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield await Promise.resolve(bytes.subarray(at, at + pieceBytes))
}

/** Its message was refused. So many that nobody posts may wait; one that was posted before stays. */
async function takeBack({ member, conversation }: Side, id: string): Promise<void> {
  try {
    await member.client.ask('DELETE', `/conversations/${conversation}/attachments/${id}`)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
  }
}

async function endOf(side: Side, given: readonly GivenFile[], until: number): Promise<FileEnd> {
  const end = new Map<string, string>()
  const shown = new Map((await shownBy(side)).map((each) => [each.text, each]))
  for (const { text, id } of given) {
    const message = shown.get(text)
    if (message === undefined || message.isOutside) continue
    end.set(text, message.files?.includes(id) === true ? await hashAt(side, id, until) : nothing)
  }
  return end
}

/** Of the bytes that this end has, once it says that it has them; asked for like one that nobody asked for yet. */
async function hashAt({ member, conversation }: Side, id: string, until: number): Promise<string> {
  const path = `/conversations/${conversation}/attachments/${id}`
  for (;;) {
    const { state } = await persist(member, async () => await member.client.ask<Attachment>('GET', path))
    if (state === 'whole') return await hashOf(member, id, conversation)
    if (performance.now() > until) return nothing
    if (state === 'missing') await persist(member, async () => await member.client.ask('POST', `${path}/fetch`, {}))
    await pass(lookMs)
  }
}

async function hashOf(member: Side['member'], id: string, conversation: string): Promise<string> {
  return await persist(member, async () => {
    const hash = createHash('sha256')
    try {
      const { chunks } = await member.client.download(`/blobs/${id}?conversation=${conversation}`)
      for await (const piece of chunks) hash.update(piece)
    } catch (error) {
      // A file that cannot be read to its end is as bad as one with other bytes.
      if (isPassing(error)) throw error
      return 'unreadable'
    }
    return hash.digest('hex')
  })
}
