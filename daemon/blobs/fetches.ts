/** Fetches the files that are wanted, some at a time, whenever somebody is linked who may have them. */

import { chunkCount, type BlobReference } from '../../protocol/blob.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import type { DeviceId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Log } from '../log.ts'
import { newFileName, type BlobFile, type BlobFiles } from '../store/blob-files.ts'
import type { Timers } from '../timers.ts'
import type { BlobRecord } from './blob-record.ts'
import type { BlobTalk } from './blob-talk.ts'
import type { Catalogue } from './catalogue.ts'
import { mostBytesOf } from './descriptions.ts'
import { examineFile } from './examine-file.ts'
import { Fetch } from './fetch.ts'

/** Files of one conversation that are fetched at once, and of all: who gives slowly in one holds up no other. */
const filesAtOnce = 3
const filesInAll = 7
/** Streams of one file; one alone while so many come that a connection had no more (limits.blobStreams). */
const streams = 4
/** Nobody had it, or not all of it: asked again so much later, each time twice as late, up to the most. */
const againFirstMs = 5000
const againMostMs = 5 * 60_000
/** A file with fewer chunks gains nothing from more streams to one device. */
const chunksPerStream = 64

export interface FetchesDeps {
  readonly catalogue: Catalogue
  readonly files: BlobFiles
  readonly timers: Timers
  readonly log: Log
  readonly random: (length: number) => Uint8Array
  /** Devices that are linked and belong to the conversation. */
  readonly holders: (conversation: Scope) => DeviceId[]
  readonly open: (device: DeviceId, signal: AbortSignal) => Promise<BlobTalk>
  /** Bytes that a file may have. */
  readonly fileBytes: number
  /** Bytes up to which it is fetched without being asked for. */
  readonly autoFetchBytes: number
  /** Whether it is still to be fetched, right before it begins. */
  readonly mayFetch: (record: BlobRecord) => Promise<boolean>
  /** What of that which messages say of a file is right, once it is here. */
  readonly rightOf: (record: BlobRecord) => Promise<BlobReference>
  /** More of it is here, or all. */
  readonly changed: (record: BlobRecord) => void
}

interface Waiting {
  tries: number
  /** Not before then, unless somebody comes. */
  until: number
}

export class Fetches {
  readonly #deps: FetchesDeps
  /** By conversation: of many files in one not all are looked at each time. */
  readonly #wanted = new Map<Scope, Map<BlobRecord, Waiting>>()
  readonly #running = new Map<BlobRecord, Promise<void>>()
  readonly #fetches = new Map<BlobRecord, Fetch>()
  readonly #ending = new AbortController()
  #timer: (() => void) | undefined

  constructor(deps: FetchesDeps) {
    this.#deps = deps
  }

  want(record: BlobRecord): void {
    if (this.#ending.signal.aborted || record.isGone) return
    const { conversation } = record
    const own = this.#wanted.get(conversation) ?? new Map<BlobRecord, Waiting>()
    this.#wanted.set(conversation, own)
    own.set(record, { tries: 0, until: 0 })
    this.#next()
  }

  /** A device is linked: it may have what others had not. */
  linked(device: DeviceId): void {
    for (const [conversation, own] of this.#wanted) {
      if (!this.#deps.holders(conversation).includes(device)) continue
      for (const [record, waiting] of own) {
        waiting.until = 0
        waiting.tries = 0
        const fetch = this.#fetches.get(record)
        if (fetch !== undefined) this.#join(fetch, device)
      }
    }
    this.#next()
  }

  /** Nothing of it is wanted any more. */
  drop(record: BlobRecord): void {
    this.#forget(record)
    this.#fetches.get(record)?.stop(new WarrenError('NOT_FOUND', 'no such file'))
  }

  async close(): Promise<void> {
    const reason = new WarrenError('CLOSING', 'the daemon is closing')
    this.#ending.abort(reason)
    this.#timer?.()
    for (const fetch of this.#fetches.values()) fetch.stop(reason)
    await Promise.allSettled(this.#running.values())
  }

  #next(): void {
    if (this.#ending.signal.aborted) return
    const now = this.#deps.timers.now()
    let soonest = Infinity
    for (const [conversation, own] of this.#wanted) {
      let places = this.#placesFor(conversation)
      if (places <= 0 || this.#deps.holders(conversation).length === 0) continue
      for (const [record, { until }] of own) {
        if (this.#running.has(record)) continue
        if (until > now) soonest = Math.min(soonest, until)
        else {
          this.#begin(record)
          places -= 1
          if (places === 0) break
        }
      }
    }
    this.#timer?.()
    this.#timer =
      soonest === Infinity ? undefined : this.#deps.timers.after(Math.max(1, soonest - now), () => this.#next())
  }

  #placesFor(conversation: Scope): number {
    const own = [...this.#running.keys()].filter((each) => each.conversation === conversation)
    return Math.min(filesAtOnce - own.length, filesInAll - this.#running.size)
  }

  #forget(record: BlobRecord): void {
    const own = this.#wanted.get(record.conversation)
    own?.delete(record)
    if (own?.size === 0) this.#wanted.delete(record.conversation)
  }

  #begin(record: BlobRecord): void {
    const running = this.#run(record)
      .catch((error: unknown) => {
        const code = errorCode(error)
        if (code !== 'CLOSING' && code !== 'NOT_FOUND' && code !== 'NO_KEY')
          this.#deps.log('warn', 'a file could not be fetched', { code })
      })
      .finally(() => {
        this.#running.delete(record)
        this.#fetches.delete(record)
        this.#settle(record)
        this.#next()
      })
    this.#running.set(record, running)
  }

  #settle(record: BlobRecord): void {
    const waiting = this.#wanted.get(record.conversation)?.get(record)
    if (waiting === undefined) return
    if (record.row.isWhole || record.isGone) {
      this.#forget(record)
      return
    }
    const ms = Math.min(againMostMs, againFirstMs * 2 ** Math.min(30, waiting.tries))
    waiting.tries += 1
    waiting.until = this.#deps.timers.now() + ms
  }

  async #run(record: BlobRecord): Promise<void> {
    if (!(await this.#deps.mayFetch(record))) return
    const file = await this.#open(record)
    try {
      const { catalogue } = this.#deps
      const hashes = catalogue.hashes(record)
      if (hashes !== undefined) record.chunks ??= await examineFile(file, hashes, this.#ending.signal)
      const fetch = new Fetch(this.#fetchDeps(), record, file, hashes)
      this.#fetches.set(record, fetch)
      if (!fetch.isWhole) await this.#fromAll(fetch)
      if (!fetch.isWhole || record.isGone) return
      await file.sync()
      const reference = await this.#deps.rightOf(record)
      await catalogue.change(record, { isWhole: true, isWanted: false, reference })
      record.chunks = undefined
    } finally {
      await file.close()
    }
    this.#deps.changed(record)
  }

  /** What of it was here before, or a new file. */
  async #open(record: BlobRecord): Promise<BlobFile> {
    const { files, random, catalogue } = this.#deps
    const { file: known } = record.row
    const there = known === '' ? undefined : await files.open(known)
    if (there !== undefined) return there
    record.chunks = undefined
    const name = newFileName(random)
    const file = await files.create(name)
    try {
      await catalogue.change(record, { file: name })
    } catch (error) {
      await file.close()
      await files.remove(name)
      throw error
    }
    return file
  }

  #fetchDeps(): ConstructorParameters<typeof Fetch>[0] {
    const { timers, open, catalogue, changed, fileBytes, autoFetchBytes } = this.#deps
    return {
      timers,
      open,
      listed: async (record, hashes) => await catalogue.change(record, { count: hashes.length / 32 }, hashes),
      progress: changed,
      // A file that says it is small is not fetched unasked if it is not.
      mostChunks: ({ row }) => (row.isWanted ? chunkCount(Math.min(fileBytes, mostBytesOf(row, autoFetchBytes))) : 0),
    }
  }

  readonly #joined = new WeakMap<Fetch, { readonly works: Set<Promise<void>>; failure: unknown }>()

  async #fromAll(fetch: Fetch): Promise<void> {
    const state: { readonly works: Set<Promise<void>>; failure: unknown } = { works: new Set(), failure: undefined }
    this.#joined.set(fetch, state)
    const holders = this.#deps.holders(fetch.record.conversation)
    const { size } = fetch.record.row.reference
    const most = this.#running.size > filesAtOnce ? 1 : streams
    const useful = Math.max(1, Math.min(most, Math.floor(chunkCount(size) / chunksPerStream)))
    const each = Math.max(1, Math.floor(useful / Math.max(1, holders.length)))
    for (const device of holders) for (let stream = 0; stream < each; stream += 1) this.#join(fetch, device)
    while (state.works.size > 0) {
      await Promise.race(state.works)
      if (fetch.isWhole || state.failure !== undefined) fetch.stop(new WarrenError('CLOSING', 'it is over'))
    }
    if (state.failure !== undefined) throw state.failure as Error
  }

  #join(fetch: Fetch, device: DeviceId): void {
    const state = this.#joined.get(fetch)
    if (state === undefined || fetch.signal.aborted || state.works.size >= limits.blobGivings) return
    const work = fetch
      .from(device)
      .catch((error: unknown) => {
        state.failure ??= error
      })
      .finally(() => state.works.delete(work))
    state.works.add(work)
  }
}
