/** Fetches one file from all who have it: its list of hashes first, then its chunks, each checked as it comes. */

import { blobIdFor } from '../../protocol/blob.ts'
import type { BlobFrame } from '../../protocol/blob-frames.ts'
import { concat } from '../../protocol/bytes.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { BlobFile } from '../store/blob-files.ts'
import type { Timers } from '../timers.ts'
import { Chunks, type BlobRecord } from './blob-record.ts'
import type { BlobTalk } from './blob-talk.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { Claims, type Claim } from './claims.ts'
import { Waits } from './in-time.ts'
import { isChunk } from './reading.ts'

/** Chunks of one ask, and asks that are under way on one stream: the giver need not wait for us, nor we for it. */
const claimChunks = 16
const asksUnderWay = 3

export interface FetchDeps {
  readonly timers: Timers
  /** Opens a stream to a device that is linked. */
  readonly open: (device: DeviceId, signal: AbortSignal) => Promise<BlobTalk>
  /** The list came, and is what its file is named by: durable when it resolves. */
  readonly listed: (record: BlobRecord, hashes: Uint8Array) => Promise<void>
  /** More chunks are here. */
  readonly progress: (record: BlobRecord) => void
  /** Chunks that a file may have. */
  readonly mostChunks: (record: BlobRecord) => number
}

/** One stream to one device, and what is waited for on it. */
interface Asking {
  readonly talk: BlobTalk
  readonly waits: Waits
}

interface Underway {
  readonly claim: Claim
  /** Chunks of it that came. */
  came: number
}

export class Fetch {
  readonly record: BlobRecord
  readonly #deps: FetchDeps
  readonly #file: BlobFile
  readonly #ending: AbortController
  #hashes: Uint8Array | undefined
  #claims: Claims | undefined
  /** One stream fetches the list, for all. */
  #listing: Promise<void> | undefined
  #news = Promise.withResolvers<void>()

  /** `hashes`: if they are here; record.chunks then says which chunks are. */
  constructor(deps: FetchDeps, record: BlobRecord, file: BlobFile, hashes: Uint8Array | undefined) {
    this.#deps = deps
    this.record = record
    this.#file = file
    this.#hashes = hashes
    this.#ending = new AbortController()
    if (hashes !== undefined) this.#begin(hashes)
  }

  get isWhole(): boolean {
    const { chunks } = this.record
    return chunks !== undefined && chunks.count === chunks.all
  }

  /** Aborted once it is over: no stream goes on. */
  get signal(): AbortSignal {
    return this.#ending.signal
  }

  stop(reason: WarrenError): void {
    this.#ending.abort(reason)
    this.#tell()
  }

  #begin(hashes: Uint8Array): void {
    this.#hashes = hashes
    this.record.chunks ??= new Chunks(hashes.length / 32)
    this.#claims = new Claims(this.record.chunks, claimChunks)
  }

  /** Takes what one device gives, on one stream, until all is here, or it gives no more. Throws STORE_…, NOT_FOUND once the file is gone. */
  async from(device: DeviceId): Promise<void> {
    let talk: BlobTalk
    try {
      talk = await this.#deps.open(device, this.signal)
    } catch {
      return
    }
    const waits = new Waits(this.#deps.timers, limits.blobStallMs, this.signal)
    try {
      const asking = { talk, waits }
      if (await this.#hasList(asking)) await this.#chunksFrom(asking)
      talk.end()
    } catch (error) {
      const code = errorCode(error)
      if (code === 'BAD_HASH' || code === 'BAD_SHAPE' || code === 'TOO_LARGE') talk.offend()
      else talk.end()
      if (code.startsWith('STORE_') || code === 'NOT_FOUND') throw error
    } finally {
      waits.close()
    }
  }

  async #hasList(asking: Asking): Promise<boolean> {
    while (this.#hashes === undefined) {
      if (this.signal.aborted) return false
      if (this.#listing === undefined) {
        this.#listing = this.#list(asking)
        try {
          await this.#listing
        } finally {
          this.#listing = undefined
        }
        return this.#hashes !== undefined
      }
      // Another device is asked: if it does not have it, this one is.
      await this.#listing.catch(() => undefined)
    }
    return true
  }

  async #list(asking: Asking): Promise<void> {
    const { talk } = asking
    const { conversation: scope, id: blob } = this.record
    const parts: Uint8Array[] = []
    let count = 1
    for (let from = 0; from < count;) {
      talk.send({ is: 'ask-list', scope, blob, from })
      const frame = await this.#next(asking)
      if (frame?.is !== 'list') return refusedOr(frame)
      if (from === 0) count = frame.count
      const given = frame.hashes.length / 32
      const isNext = frame.count === count && frame.from === from && given > 0 && from + given <= count
      if (!isNext) throw new WarrenError('BAD_SHAPE', 'a list that does not go on')
      // What comes is bounded by what the list's first part says, and that by what the file may have.
      if (count > this.#deps.mostChunks(this.record)) return
      parts.push(Uint8Array.from(frame.hashes))
      from += given
    }
    const hashes = concat(...parts)
    if (blobIdFor(hashes) !== blob) throw new WarrenError('BAD_HASH', 'a list of another file')
    await this.#deps.listed(this.record, hashes)
    this.#begin(hashes)
  }

  /** The next answer, in time, however much else comes. */
  async #next({ talk, waits }: Asking): Promise<BlobFrame | undefined> {
    return await waits.for(async (signal) => {
      for (let others = 0; others < limits.blobRefusals; others += 1) {
        const frame = await talk.next(signal)
        if (frame?.is !== 'unknown') return frame
      }
      return undefined
    })
  }

  async #chunksFrom(asking: Asking): Promise<void> {
    const { talk } = asking
    const underWay: Underway[] = []
    const writer = new ChunkWriter(this.#file, (from, count) => this.#written(from, count))
    try {
      while (!this.isWhole && !this.signal.aborted) {
        // From before it looks: what is given back while it writes is news, too.
        const news = this.#news.promise
        this.#ask(talk, underWay)
        const [first] = underWay
        if (first === undefined) {
          await writer.flush()
          // All is asked of others: if one of them fails, this one goes on.
          if (!this.isWhole && !this.signal.aborted) await news
          continue
        }
        const frame = await this.#next(asking)
        if (frame?.is !== 'chunk') return refusedOr(frame)
        await this.#take(writer, first, frame)
        if (first.came === first.claim.count) underWay.shift()
      }
    } finally {
      await writer.flush()
      for (const { claim } of underWay) this.#claims?.giveBack(talk.device, claim)
      this.#tell()
    }
  }

  #ask(talk: BlobTalk, underWay: Underway[]): void {
    const { conversation: scope, id: blob } = this.record
    while (underWay.length < asksUnderWay) {
      const claim = this.#claims?.take(talk.device)
      if (claim === undefined) return
      underWay.push({ claim, came: 0 })
      talk.send({ is: 'ask', scope, blob, from: claim.from, to: claim.from + claim.count - 1 })
    }
  }

  async #take(
    writer: ChunkWriter,
    first: Underway,
    { number, bytes }: Extract<BlobFrame, { is: 'chunk' }>,
  ): Promise<void> {
    const { chunks, isGone } = this.record
    if (isGone) throw new WarrenError('NOT_FOUND', 'no such file')
    if (number !== first.claim.from + first.came) throw new WarrenError('BAD_SHAPE', 'not the chunk that was asked for')
    if (this.#hashes === undefined || !isChunk(this.#hashes, number, bytes))
      throw new WarrenError('BAD_HASH', 'a chunk of another file')
    first.came += 1
    // Two were asked for it.
    if (chunks?.has(number) !== true) await writer.put(number, bytes)
  }

  #written(from: number, count: number): void {
    for (let number = from; number < from + count; number += 1) this.record.chunks?.add(number)
    if (this.isWhole) this.#tell()
    this.#deps.progress(this.record)
  }

  /** Streams that have nothing to do look again. */
  #tell(): void {
    this.#news.resolve()
    this.#news = Promise.withResolvers<void>()
  }
}

/** It does not have the file, has no time, or ended: nobody's fault. Throws BAD_SHAPE for anything else. */
function refusedOr(frame: BlobFrame | undefined): void {
  if (frame !== undefined && frame.is !== 'refuse') throw new WarrenError('BAD_SHAPE', 'not an answer')
}
