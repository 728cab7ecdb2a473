/** Fetches the files that are wanted, some at a time, whenever somebody is linked who may have them. */

import { chunkCount, type BlobReference } from '../../protocol/blob.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import type { DeviceId, PersonId, Scope } from '../../protocol/ids.ts'
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
import { Places } from './places.ts'

/** Streams of one file: of limits.blobPersonFetches no more than a connection has (limits.blobStreams). */
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
  readonly personOf: (device: DeviceId) => PersonId | undefined
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
  /** Who could not be asked, for they gave to too many others: it is tried again once they may. */
  behind: readonly DeviceId[]
}

/** The streams of one file. */
interface Joined {
  readonly works: Set<Promise<void>>
  /** Who could not be asked. */
  readonly behind: DeviceId[]
  failure: unknown
}

export class Fetches {
  readonly #deps: FetchesDeps
  /** By conversation: of many files in one not all are looked at each time. */
  readonly #wanted = new Map<Scope, Map<BlobRecord, Waiting>>()
  readonly #running = new Map<BlobRecord, Promise<void>>()
  readonly #fetches = new Map<BlobRecord, Fetch>()
  readonly #joined = new WeakMap<Fetch, Joined>()
  readonly #places: Places
  readonly #ending = new AbortController()
  #timer: (() => void) | undefined

  constructor(deps: FetchesDeps) {
    this.#deps = deps
    this.#places = new Places(deps.personOf)
  }

  want(record: BlobRecord): void {
    if (this.#ending.signal.aborted || record.isGone) return
    const { conversation } = record
    const own = this.#wanted.get(conversation) ?? new Map<BlobRecord, Waiting>()
    this.#wanted.set(conversation, own)
    own.set(record, { tries: 0, until: 0, behind: [] })
    this.#next()
  }

  /** A device is linked: it may have what others had not. */
  linked(device: DeviceId): void {
    for (const [conversation, own] of this.#wanted) {
      if (!this.#deps.holders(conversation).includes(device)) continue
      for (const [record, waiting] of own) {
        Object.assign(waiting, { tries: 0, until: 0, behind: [] })
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
    const soonest = Math.min(...[...this.#wanted].map(([conversation, own]) => this.#beginIn(conversation, own)))
    this.#timer?.()
    const { timers } = this.#deps
    this.#timer =
      soonest === Infinity ? undefined : timers.after(Math.max(1, soonest - timers.now()), () => this.#next())
  }

  /** Begins what may be fetched of one conversation. Answers when it is to be looked at again: Infinity where something else tells. */
  #beginIn(conversation: Scope, own: Map<BlobRecord, Waiting>): number {
    const holders = this.#deps.holders(conversation)
    if (holders.length === 0) return Infinity
    const now = this.#deps.timers.now()
    let soonest = Infinity
    let free = this.#places.free(holders)
    for (const [record, waiting] of own) {
      if (this.#running.has(record)) continue
      if (waiting.until > now && this.#places.free(waiting.behind).length === 0) {
        soonest = Math.min(soonest, waiting.until)
        continue
      }
      if (free.length === 0) return Math.min(soonest, this.#endTurn(holders))
      this.#begin(record, free)
      free = this.#places.free(holders)
      // The next place is for another conversation.
      this.#wanted.delete(conversation)
      this.#wanted.set(conversation, own)
    }
    return soonest
  }

  /** One that others wait for makes room once its turn is over. Answers when that is. */
  #endTurn(holders: readonly DeviceId[]): number {
    const longest = this.#places.inTheWayOf(holders)
    if (longest === undefined) return Infinity
    const { record, until } = longest
    if (until > this.#deps.timers.now()) return until
    this.#places.endTurn(record)
    this.#fetches.get(record)?.stop(new WarrenError('TIMED_OUT', 'it is the turn of another file'))
    return Infinity
  }

  #forget(record: BlobRecord): void {
    const own = this.#wanted.get(record.conversation)
    own?.delete(record)
    if (own?.size === 0) this.#wanted.delete(record.conversation)
  }

  #begin(record: BlobRecord, devices: readonly DeviceId[]): void {
    this.#places.take(record, devices, this.#deps.timers.now())
    const running = this.#run(record)
      .catch((error: unknown) => {
        const code = errorCode(error)
        if (code !== 'CLOSING' && code !== 'NOT_FOUND' && code !== 'NO_KEY')
          this.#deps.log('warn', 'a file could not be fetched', { code })
      })
      .finally(() => {
        this.#running.delete(record)
        this.#settle(record)
        this.#fetches.delete(record)
        this.#places.leave(record)
        this.#next()
      })
    this.#running.set(record, running)
  }

  #settle(record: BlobRecord): void {
    const own = this.#wanted.get(record.conversation)
    const waiting = own?.get(record)
    if (own === undefined || waiting === undefined) return
    if (record.row.isWhole || record.isGone) {
      this.#forget(record)
      return
    }
    const fetch = this.#fetches.get(record)
    waiting.behind = (fetch === undefined ? undefined : this.#joined.get(fetch)?.behind) ?? []
    if (this.#places.isTurnOver(record)) {
      own.delete(record)
      own.set(record, waiting)
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
      if (this.#places.isTurnOver(record)) return
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

  async #fromAll(fetch: Fetch): Promise<void> {
    const state: Joined = { works: new Set(), behind: [], failure: undefined }
    this.#joined.set(fetch, state)
    const { record } = fetch
    const holders = this.#deps.holders(record.conversation)
    const useful = Math.max(1, Math.min(streams, Math.floor(chunkCount(record.row.reference.size) / chunksPerStream)))
    const each = Math.max(1, Math.floor(useful / Math.max(1, holders.length)))
    for (const device of holders) for (let stream = 0; stream < each; stream += 1) this.#join(fetch, device)
    this.#places.settle(record)
    while (state.works.size > 0) {
      await Promise.race(state.works)
      if (fetch.isWhole || state.failure !== undefined) fetch.stop(new WarrenError('CLOSING', 'it is over'))
    }
    if (state.failure !== undefined) throw state.failure as Error
  }

  #join(fetch: Fetch, device: DeviceId): void {
    const state = this.#joined.get(fetch)
    if (state === undefined || fetch.signal.aborted || state.works.size >= limits.blobGivings) return
    const { record } = fetch
    if (!this.#places.begin(record, device)) {
      state.behind.push(device)
      return
    }
    const work = fetch
      .from(device)
      .catch((error: unknown) => {
        state.failure ??= error
      })
      .finally(() => {
        state.works.delete(work)
        this.#places.end(record, device)
        if (state.works.size > 0) this.#next()
      })
    state.works.add(work)
  }
}
