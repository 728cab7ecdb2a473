/** Gives files to devices that belong to their conversation, and tells nobody else that there are any. */

import { blobRefusals, type BlobFrame } from '../../protocol/blob-frames.ts'
import { concat } from '../../protocol/bytes.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import type { DeviceId, PersonId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Log } from '../log.ts'
import type { BlobFiles } from '../store/blob-files.ts'
import type { Timers } from '../timers.ts'
import type { BlobRecord } from './blob-record.ts'
import type { BlobTalk } from './blob-talk.ts'
import type { Catalogue } from './catalogue.ts'
import { GivenFile } from './given-file.ts'
import { inTime } from './in-time.ts'

type Ask = Extract<BlobFrame, { is: 'ask' }>
type AskList = Extract<BlobFrame, { is: 'ask-list' }>

export interface GivingDeps {
  readonly catalogue: Catalogue
  readonly files: BlobFiles
  readonly timers: Timers
  readonly log: Log
  /** Whether a device belongs to a conversation, with all rights to read. */
  readonly maySee: (device: DeviceId, scope: Scope) => boolean
  readonly personOf: (device: DeviceId) => PersonId | undefined
  readonly damaged: (record: BlobRecord) => void
  readonly ending: AbortSignal
}

/** Bytes that may wait for the transport before more is read from the disk. */
const waitingBytes = 256 * 1024

export class Giving {
  readonly #deps: GivingDeps
  readonly #talks = new Set<BlobTalk>()

  constructor(deps: GivingDeps) {
    this.#deps = deps
  }

  /** Answers what a device asks, until either side ends it. */
  async serve(talk: BlobTalk): Promise<void> {
    if (!this.#hasPlace(talk)) {
      talk.send({ is: 'refuse', code: blobRefusals.busy })
      return talk.end()
    }
    this.#talks.add(talk)
    const given = new GivenFile(this.#deps)
    try {
      await this.#answerAll(talk, given)
      talk.end()
    } catch (error) {
      this.#ended(talk, errorCode(error))
    } finally {
      await given.close().catch(() => undefined)
      this.#talks.delete(talk)
    }
  }

  /** However many devices a person has, others have places, too. */
  #hasPlace({ device }: BlobTalk): boolean {
    if (this.#talks.size >= limits.blobGivings) return false
    const { personOf } = this.#deps
    const person = personOf(device)
    const theirs = [...this.#talks].filter((each) => each.device === device || personOf(each.device) === person)
    return theirs.length < limits.blobPersonGivings
  }

  #ended(talk: BlobTalk, code: ReturnType<typeof errorCode>): void {
    // Bytes that are no frames, or no questions.
    if (code === 'BAD_SHAPE' || code === 'TOO_LARGE') return talk.offend()
    if (code === 'INTERNAL' || code.startsWith('STORE_')) this.#deps.log('warn', 'a file could not be given', { code })
    talk.end()
  }

  async #answerAll(talk: BlobTalk, given: GivenFile): Promise<void> {
    for (let refusals = 0; refusals < limits.blobRefusals;) {
      const frame = await this.#question(talk)
      if (frame === undefined) return
      const isGiven = frame.is === 'ask' ? await this.#give(talk, frame, given) : await this.#list(talk, frame)
      if (isGiven) continue
      refusals += 1
      talk.send({ is: 'refuse', code: blobRefusals.unknown })
    }
  }

  /** The next one, in time, however much else comes; undefined where none comes. Throws TIMED_OUT, BAD_SHAPE, TOO_LARGE. */
  async #question(talk: BlobTalk): Promise<Ask | AskList | undefined> {
    const { timers, ending } = this.#deps
    return await inTime(timers, limits.blobIdleMs, ending, async (signal) => {
      for (let others = 0; others < limits.blobRefusals; others += 1) {
        const frame = await talk.next(signal)
        if (frame === undefined || frame.is === 'ask' || frame.is === 'ask-list') return frame
        // Of newer versions.
        if (frame.is !== 'unknown') throw new WarrenError('BAD_SHAPE', 'an answer that nobody asked for')
      }
      return undefined
    })
  }

  /** One that messages refer to, and that the asker may have. */
  #find(talk: BlobTalk, { scope, blob }: Ask | AskList): BlobRecord | undefined {
    if (!this.#deps.maySee(talk.device, scope)) return undefined
    const record = this.#deps.catalogue.get(scope, blob)
    return record === undefined || record.row.standing === 'added' ? undefined : record
  }

  async #list(talk: BlobTalk, ask: AskList): Promise<boolean> {
    const record = this.#find(talk, ask)
    if (record === undefined || ask.from >= record.row.count) return false
    const part = this.#hashesFrom(record, ask.from)
    if (part === undefined) return false
    talk.send({ is: 'list', count: record.row.count, from: ask.from, hashes: part })
    // A short ask has a long answer: they must not pile up for who takes none.
    await this.#taken(talk)
    return true
  }

  /** As many as one frame has, or all that are left. */
  #hashesFrom(record: BlobRecord, from: number): Uint8Array | undefined {
    const { catalogue } = this.#deps
    const part = Math.floor(from / limits.chunkHashes)
    const skipped = (from % limits.chunkHashes) * 32
    const hashes = catalogue.hashesOf(record, part)
    if (hashes === undefined || skipped === 0) return hashes
    const next = catalogue.hashesOf(record, part + 1) ?? new Uint8Array(0)
    return concat(hashes.subarray(skipped), next.subarray(0, skipped))
  }

  async #give(talk: BlobTalk, ask: Ask, given: GivenFile): Promise<boolean> {
    const record = this.#find(talk, ask)
    if (record === undefined || !holds(record, ask)) return false
    for (let from = ask.from; from <= ask.to;) {
      const count = await given.give(talk, record, from, ask.to)
      if (count === 0) {
        this.#deps.damaged(record)
        return false
      }
      from += count
      await this.#taken(talk)
      if (record.isGone || !this.#deps.maySee(talk.device, ask.scope)) return false
    }
    return true
  }

  /** The asker takes what was sent, or is given up. */
  async #taken(talk: BlobTalk): Promise<void> {
    const { timers, ending } = this.#deps
    await inTime(timers, limits.writeTimeoutMs, ending, async (signal) => {
      const { promise: over, reject } = Promise.withResolvers<never>()
      const onAbort = (): void => reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      await Promise.race([talk.drained(waitingBytes), over])
    })
  }
}

/** Whether all chunks of an ask are here, and no more are asked for than may be. */
function holds({ row, chunks }: BlobRecord, { from, to }: Ask): boolean {
  if (to >= row.count || to - from >= limits.askChunks) return false
  if (row.isWhole) return true
  for (let number = from; number <= to; number += 1) if (chunks?.has(number) !== true) return false
  return true
}
