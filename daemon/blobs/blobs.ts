/** The files of all conversations: what is added here, what is read here, and which of them are here. */

import type { BlobReference } from '../../protocol/blob.ts'
import { utf8 } from '../../protocol/bytes.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import type { BlobId, ConversationId, DeviceId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Bus } from '../bus.ts'
import type { Log } from '../log.ts'
import { newFileName } from '../store/blob-files.ts'
import type { Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import type { BlobRecord, BlobStanding } from './blob-record.ts'
import { heardOf, type BlobRow } from './blob-row.ts'
import type { BlobTalk } from './blob-talk.ts'
import { Catalogue } from './catalogue.ts'
import { Descriptions } from './descriptions.ts'
import { damagedFiles } from './examine-file.ts'
import { Fetches } from './fetches.ts'
import { Giving } from './giving.ts'
import { Progress } from './progress.ts'
import { Reading, type Range } from './reading.ts'
import { sealInto, until, type Sealed } from './sealing.ts'

/** What the sender of a file says of it, for display only. */
export interface FileLabel {
  readonly name: string
  readonly type: string
}

export interface BlobsDeps {
  readonly store: Store
  readonly bus: Bus
  readonly log: Log
  readonly timers: Timers
  readonly random: (length: number) => Uint8Array
  /** Whether a device belongs to a conversation, and may read all of it. */
  readonly maySee: (device: DeviceId, conversation: Scope) => boolean
  /** Devices with a link. */
  readonly linked: () => Iterable<DeviceId>
  /** Opens a stream of `/warren/blob/1` to a device that is linked. */
  readonly open: (device: DeviceId, signal: AbortSignal) => Promise<BlobTalk>
}

export interface BlobsOptions {
  /** Bytes that a file may have at most, added or fetched. */
  readonly fileBytes: number
  /** Bytes up to which a file is fetched without being asked for. */
  readonly autoFetchBytes: number
}

const sweepEveryMs = 60 * 60 * 1000

export class Blobs {
  readonly #deps: BlobsDeps
  readonly #options: BlobsOptions
  readonly #catalogue: Catalogue
  readonly #reading: Reading
  readonly #descriptions: Descriptions
  readonly #giving: Giving
  readonly #fetches: Fetches
  readonly #progress: Progress
  /** Names of files that are being written and stand in no row yet. */
  readonly #adding = new Set<string>()
  readonly #ending = new AbortController()
  #sweeping: (() => void) | undefined
  readonly #openedAt: number

  /** Use Blobs.open(). */
  constructor(deps: BlobsDeps, options: BlobsOptions) {
    this.#deps = deps
    this.#options = options
    this.#openedAt = deps.timers.now()
    this.#catalogue = new Catalogue(deps.store)
    this.#reading = new Reading({
      files: deps.store.files,
      hashes: (record) => this.#catalogue.hashes(record),
      damaged: (record) => this.#lost(record),
    })
    this.#descriptions = new Descriptions(this.#catalogue, this.#reading, options.autoFetchBytes)
    const shared = { ...deps, catalogue: this.#catalogue, files: deps.store.files }
    this.#giving = new Giving({ ...shared, damaged: (record) => this.#lost(record), ending: this.#ending.signal })
    this.#fetches = new Fetches({
      ...shared,
      holders: (conversation) => [...deps.linked()].filter((device) => deps.maySee(device, conversation)),
      ...options,
      rightOf: async (record) => await this.#descriptions.rightOf(record),
      changed: (record) => this.#progress.changed(record),
    })
    this.#progress = new Progress({ ...deps, publish: (record) => this.#publish(record) })
  }

  /** The largest file that is taken, bytes. */
  get mostBytes(): number {
    return this.#options.fileBytes
  }

  /** Reads what is known, and takes away what a crash left. Throws STORE_FAILED. */
  static async open(
    deps: BlobsDeps,
    conversations: Iterable<Scope>,
    options: Partial<BlobsOptions> = {},
  ): Promise<Blobs> {
    const { fileBytes, autoFetchBytes } = limits
    const blobs = new Blobs(deps, { fileBytes, autoFetchBytes, ...options })
    await blobs.#start(conversations)
    return blobs
  }

  async #start(conversations: Iterable<Scope>): Promise<void> {
    await this.#catalogue.load(conversations)
    this.#deps.bus.subscribe((event) => {
      if (event.type === 'conversation-gone') this.#forget(event.conversation)
    })
    const names = new Set(await this.#deps.store.files.names())
    for (const record of this.#catalogue.all()) {
      // Nobody can post it any more: the page that added it is gone.
      if (record.row.standing === 'added') await this.#remove(record)
      else if (record.row.isWhole && !names.has(record.row.file)) this.#lost(record)
      else if (record.row.isWanted) this.#fetches.want(record)
    }
    await this.#removeStrays(names)
    this.#sweepLater()
  }

  /** Files that a crash left without a row. */
  async #removeStrays(names: Iterable<string>): Promise<void> {
    // Where a row cannot be read, the file may be the one that it named.
    if (this.#catalogue.isDamaged) return
    const named = new Set(this.#catalogue.all().map(({ row }) => row.file))
    for (const name of names) if (!named.has(name) && !this.#adding.has(name)) await this.#deps.store.files.remove(name)
  }

  #sweepLater(): void {
    this.#sweeping = this.#deps.timers.after(sweepEveryMs, () => {
      this.#sweep().catch((error: unknown) =>
        this.#deps.log('warn', 'files that were not posted could not be removed', { code: errorCode(error) }),
      )
      this.#sweepLater()
    })
  }

  async #sweep(): Promise<void> {
    const before = this.#deps.timers.now() - limits.unpostedFileMs
    for (const record of this.#catalogue.all())
      if (record.row.standing === 'added' && record.row.at < before) await this.#remove(record)
  }

  /**
   * Takes a file in, sealed and durable when it resolves; nothing refers to it until it is posted. One that is not posted is
   * forgotten after a day, and at the next start. Throws NOT_FOUND, TOO_LARGE, RATE_LIMITED, STORE_…, CLOSING, and what `source` throws.
   */
  async add(
    conversation: ConversationId,
    source: AsyncIterable<Uint8Array>,
    { name, type }: FileLabel,
  ): Promise<BlobReference> {
    const { store, random, timers } = this.#deps
    if (utf8(name).length > limits.fileNameBytes) throw new WarrenError('TOO_LARGE', 'the name of the file is too long')
    if (utf8(type).length > limits.mediaTypeBytes) throw new WarrenError('TOO_LARGE', 'the media type is too long')
    if (store.numberOf(conversation) === undefined) throw new WarrenError('NOT_FOUND', 'no such conversation')
    this.#ending.signal.throwIfAborted()
    const file = newFileName(random)
    this.#beginAdding(conversation, file)
    try {
      const { hashes, ...sealed } = await this.#seal(file, source)
      const reference = { ...sealed, type, name }
      const count = hashes.length / 32
      const at = timers.now()
      await this.#catalogue.add(
        conversation,
        { reference, count, file, isWhole: true, isWanted: false, standing: 'added', at, others: [] },
        hashes,
      )
      return reference
    } catch (error) {
      await store.files.remove(file).catch(() => undefined)
      throw error
    } finally {
      this.#adding.delete(file)
    }
  }

  #beginAdding(conversation: Scope, file: string): void {
    const waiting = this.#catalogue.of(conversation).filter(({ row }) => row.standing === 'added')
    if (waiting.length + this.#adding.size >= limits.unpostedFiles)
      throw new WarrenError('RATE_LIMITED', 'too many files wait to be posted')
    this.#adding.add(file)
  }

  async #seal(name: string, source: AsyncIterable<Uint8Array>): Promise<Sealed> {
    const { store, random } = this.#deps
    const file = await store.files.create(name)
    try {
      return await sealInto(file, until(source, this.#ending.signal), {
        key: random(32),
        most: this.#options.fileBytes,
      })
    } finally {
      await file.close()
    }
  }

  /**
   * The references of files that were added, for a message that is about to be written; the message must then be told to noted(). Until
   * then it is not known whether they are posted, and they stay. Throws NOT_FOUND, STORE_….
   */
  async posting(conversation: Scope, ids: readonly BlobId[]): Promise<BlobReference[]> {
    const records = ids.map((id) => this.#whole(conversation, id))
    for (const record of records)
      if (record.row.standing === 'added') await this.#catalogue.change(record, { standing: 'posting' })
      // Tried again after a crash: it is not for settlePosting() any more.
      else if (this.#isLeft(record)) await this.#catalogue.change(record, { at: this.#deps.timers.now() })
    return records.map(({ row }) => row.reference)
  }

  #whole(conversation: Scope, id: BlobId): BlobRecord {
    const record = this.#catalogue.get(conversation, id)
    if (record?.row.isWhole !== true) throw new WarrenError('NOT_FOUND', 'no such file')
    return record
  }

  /** Whether messages with files of this conversation were about to be written when the last run ended. */
  isPosting(conversation: Scope): boolean {
    return this.#catalogue.of(conversation).some((record) => this.#isLeft(record))
  }

  #isLeft({ row }: BlobRecord): boolean {
    return row.standing === 'posting' && row.at < this.#openedAt
  }

  /** All messages were looked at: what is still about to be posted was not. Throws STORE_…. */
  async settlePosting(conversation: Scope): Promise<void> {
    for (const record of this.#catalogue.of(conversation)) if (this.#isLeft(record)) await this.#remove(record)
  }

  /** Takes back what was added and is not posted. Throws NOT_FOUND for anything else, STORE_…. */
  async cancel(conversation: Scope, id: BlobId): Promise<void> {
    const record = this.#catalogue.get(conversation, id)
    if (record?.row.standing !== 'added') throw new WarrenError('NOT_FOUND', 'no such file')
    await this.#remove(record)
  }

  /** A message of the conversation is stored that refers to these files. Small ones are fetched by themselves. Throws STORE_…. */
  async noted(conversation: Scope, references: readonly BlobReference[]): Promise<void> {
    for (const reference of references) {
      const record = this.#catalogue.get(conversation, reference.id)
      if (record === undefined) {
        const isSmall = reference.size <= this.#options.autoFetchBytes
        await this.#know(conversation, reference, { isWanted: isSmall, standing: 'posted' })
      } else await this.#notedAgain(record, reference)
    }
  }

  async #notedAgain(record: BlobRecord, reference: BlobReference): Promise<void> {
    const { standing } = record.row
    if (standing !== 'posted') await this.#catalogue.change(record, { standing: 'posted' })
    if (standing === 'posted' || standing === 'pictured') await this.#describedAgain(record, reference)
  }

  async #describedAgain(record: BlobRecord, reference: BlobReference): Promise<void> {
    if (!(await this.#descriptions.again(record, reference))) return
    if (!record.row.isWanted) this.#fetches.drop(record)
    this.#publish(record)
  }

  /** The picture that the conversation shows now, fetched by itself unless it is too large. The one before goes, unless a message refers to it. Throws NOT_FOUND, STORE_…. */
  async pictured(conversation: Scope, picture: BlobReference | undefined): Promise<void> {
    for (const record of this.#catalogue.of(conversation))
      if (record.row.standing === 'pictured' && record.id !== picture?.id) await this.#remove(record)
    if (picture === undefined || picture.size > limits.groupPictureBytes) return
    const record = this.#catalogue.get(conversation, picture.id)
    if (record === undefined) await this.#know(conversation, picture, { isWanted: true, standing: 'pictured' })
    else if (record.row.standing === 'added' || record.row.standing === 'posting')
      await this.#catalogue.change(record, { standing: 'pictured' })
    else await this.#describedAgain(record, picture)
  }

  async #know(id: Scope, reference: BlobReference, how: Pick<BlobRow, 'isWanted' | 'standing'>): Promise<void> {
    const record = await this.#catalogue.add(id, { ...heardOf, reference, ...how, at: this.#deps.timers.now() })
    this.#publish(record)
    if (how.isWanted) this.#fetches.want(record)
  }

  /** The file is fetched as soon as somebody who has it is linked. Throws TOO_LARGE for one that is larger than this device takes, STORE_…. */
  async want(conversation: Scope, reference: BlobReference): Promise<void> {
    if (reference.size > this.#options.fileBytes)
      throw new WarrenError('TOO_LARGE', `this device takes files of at most ${this.#options.fileBytes} bytes`)
    const record = this.#catalogue.get(conversation, reference.id)
    if (record === undefined) return await this.#know(conversation, reference, { isWanted: true, standing: 'posted' })
    if (record.row.isWhole || record.row.isWanted) return
    await this.#catalogue.change(record, { isWanted: true })
    this.#publish(record)
    this.#fetches.want(record)
  }

  state(conversation: Scope, { id, size }: Pick<BlobReference, 'id' | 'size'>): BlobStanding {
    const record = this.#catalogue.get(conversation, id)
    if (record === undefined) return { state: 'missing', held: 0, size }
    const state = record.row.isWhole ? 'whole' : record.row.isWanted ? 'coming' : 'missing'
    return { state, held: Math.min(size, record.held), size }
  }

  /** The file of this id, as a message of the conversation refers to it, or as it was added. */
  find(conversation: Scope, id: BlobId): BlobReference | undefined {
    return this.#catalogue.get(conversation, id)?.row.reference
  }

  /**
   * What a range of a whole file says, in pieces of at most a chunk; nothing behind its end. Throws NOT_FOUND where it is not whole, and as
   * Reading.read(). Whoever stops early ends the iteration.
   */
  async *read(
    conversation: Scope,
    reference: BlobReference,
    range: Range,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.#reading.read(this.#whole(conversation, reference.id), reference, range)
  }

  /**
   * Reads all files that should be here, some chunks at a time. What is damaged or gone is fetched again. Answers how many those are, by
   * conversation. Throws the signal's reason, STORE_FAILED.
   */
  async examine(signal: AbortSignal): Promise<ReadonlyMap<Scope, number>> {
    const shelves = { files: this.#deps.store.files, hashes: (each: BlobRecord) => this.#catalogue.hashes(each) }
    const damaged = await damagedFiles(this.#catalogue.all(), shelves, signal)
    for (const record of damaged) this.#lost(record)
    const byConversation = Map.groupBy(damaged, ({ conversation }) => conversation)
    return new Map([...byConversation].map(([conversation, { length }]) => [conversation, length]))
  }

  /** A device is linked: what is wanted may be there. */
  linkedWith(device: DeviceId): void {
    this.#fetches.linked(device)
  }

  /** A device asks for files. */
  async heard(talk: BlobTalk): Promise<void> {
    await this.#giving.serve(talk)
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#sweeping?.()
    this.#ending.abort(new WarrenError('CLOSING', 'the daemon is closing'))
    this.#progress.close()
    await this.#fetches.close()
  }

  /** Its bytes are not what they were, or not there: what is left is looked through, and the rest is fetched. */
  #lost(record: BlobRecord): void {
    if (!record.row.isWhole || record.isGone) return
    record.row = { ...record.row, isWhole: false, isWanted: true }
    record.chunks = undefined
    this.#deps.log('warn', 'a file is damaged or gone, and is fetched again')
    this.#publish(record)
    this.#fetches.want(record)
  }

  #publish({ conversation, id }: BlobRecord): void {
    this.#deps.bus.publish({ type: 'blob', conversation: conversation as ConversationId, blob: id })
  }

  async #remove(record: BlobRecord): Promise<void> {
    this.#fetches.drop(record)
    await this.#catalogue.remove(record)
    if (record.row.file !== '') await this.#deps.store.files.remove(record.row.file)
  }

  /** Its key is dropped, which shuts its files for good; that they go, too, makes room. */
  #forget(conversation: Scope): void {
    for (const record of this.#catalogue.forget(conversation)) {
      this.#fetches.drop(record)
      const { file } = record.row
      if (file === '') continue
      this.#deps.store.files.remove(file).catch(() => {
        this.#deps.log('warn', 'a file of a deleted conversation could not be removed; the next start tries again')
      })
    }
  }
}
