/** The files of all conversations: what is added here, what is read here, and which of them are here. */

import type { BlobReference } from '../../protocol/blob.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import type { BlobId, ConversationId, DeviceId, PersonId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Bus } from '../bus.ts'
import type { Log } from '../log.ts'
import type { Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import { Adding, type FileLabel } from './adding.ts'
import type { BlobRecord, BlobStanding } from './blob-record.ts'
import type { BlobTalk } from './blob-talk.ts'
import { Catalogue } from './catalogue.ts'
import { Descriptions } from './descriptions.ts'
import { damagedFiles } from './examine-file.ts'
import { Fetches } from './fetches.ts'
import { Giving } from './giving.ts'
import { Progress } from './progress.ts'
import { Reading, type Range } from './reading.ts'
import { Referred } from './referred.ts'
import { savedFiles, type SavedFile } from './saving.ts'

export interface BlobsDeps {
  readonly store: Store
  readonly bus: Bus
  readonly log: Log
  readonly timers: Timers
  readonly random: (length: number) => Uint8Array
  /** Whether a device belongs to a conversation, and may read all of it. */
  readonly maySee: (device: DeviceId, conversation: Scope) => boolean
  readonly personOf: (device: DeviceId) => PersonId | undefined
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

export class Blobs {
  readonly #deps: BlobsDeps
  readonly #options: BlobsOptions
  readonly #catalogue: Catalogue
  readonly #reading: Reading
  readonly #descriptions: Descriptions
  readonly #giving: Giving
  readonly #fetches: Fetches
  readonly #progress: Progress
  readonly #adding: Adding
  readonly #referred: Referred
  readonly #ending = new AbortController()

  /** Use Blobs.open(). */
  constructor(deps: BlobsDeps, options: BlobsOptions) {
    this.#deps = deps
    this.#options = options
    this.#catalogue = new Catalogue(deps.store)
    const catalogue = this.#catalogue
    const { files } = deps.store
    const hashes = (record: BlobRecord): Uint8Array | undefined => catalogue.hashes(record)
    this.#reading = new Reading({ files, hashes, damaged: (record) => this.#lost(record) })
    this.#descriptions = new Descriptions(catalogue, this.#reading, options.autoFetchBytes)
    const shared = { ...deps, ...options, catalogue, files, ending: this.#ending.signal }
    this.#giving = new Giving({ ...shared, damaged: (record) => this.#lost(record) })
    this.#fetches = new Fetches({
      ...shared,
      holders: (conversation) => [...deps.linked()].filter((device) => deps.maySee(device, conversation)),
      mayFetch: async (record) => await this.#referred.hasRoom(record),
      rightOf: async (record) => await this.#descriptions.rightOf(record),
      changed: (record) => this.#progress.changed(record),
    })
    const remove = async (record: BlobRecord): Promise<void> => await this.#remove(record)
    const publish = (record: BlobRecord): void => this.#publish(record)
    this.#progress = new Progress({ ...deps, publish })
    this.#adding = new Adding({ ...shared, remove })
    this.#referred = new Referred({
      ...shared,
      descriptions: this.#descriptions,
      fetches: this.#fetches,
      publish,
      remove,
    })
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
    await this.#adding.start()
    const names = new Set(await this.#deps.store.files.names())
    for (const record of this.#catalogue.all())
      if (record.row.isWhole && !names.has(record.row.file)) this.#lost(record)
    this.#referred.start()
    await this.#removeStrays(names)
  }

  /** Files that a crash left without a row, or whose row, with the key, a damaged disk took. */
  async #removeStrays(names: Iterable<string>): Promise<void> {
    // Where a row cannot be read, the file may be the one that it named.
    if (this.#catalogue.isDamaged) return
    const named = new Set(this.#catalogue.all().map(({ row }) => row.file))
    const strays = [...names].filter((name) => !named.has(name))
    for (const name of strays) await this.#deps.store.files.remove(name)
    if (strays.length > 0) this.#deps.log('info', 'files that nothing refers to were removed', { count: strays.length })
  }

  /**
   * Takes a file in, sealed and durable when it resolves; nothing refers to it until it is posted. One that is not posted is
   * forgotten after a day, and at the next start. Throws NOT_FOUND, TOO_LARGE, RATE_LIMITED, STORE_…, CLOSING, and what `source` throws.
   */
  async add(conversation: ConversationId, source: AsyncIterable<Uint8Array>, label: FileLabel): Promise<BlobReference> {
    return await this.#adding.add(conversation, source, label)
  }

  /**
   * The references of files that were added, for a message that is about to be written; the message must then be told to noted(). Until
   * then it is not known whether they are posted, and they stay. Throws NOT_FOUND, STORE_….
   */
  async posting(conversation: Scope, ids: readonly BlobId[]): Promise<BlobReference[]> {
    return await this.#adding.posting(conversation, ids)
  }

  /** The message of posting() was refused, for certain: they are as they were before. Throws STORE_…. */
  async notPosted(conversation: Scope, ids: readonly BlobId[]): Promise<void> {
    await this.#adding.notPosted(conversation, ids)
  }

  /** Whether messages with files of this conversation were about to be written when the last run ended. */
  isPosting(conversation: Scope): boolean {
    return this.#adding.isLeft(conversation)
  }

  /** All messages were looked at: what the last run was about to post was not posted. Throws STORE_…. */
  async settlePosting(conversation: Scope): Promise<void> {
    await this.#adding.settle(conversation)
  }

  /** Takes back what was added and is not posted. Throws NOT_FOUND for anything else, STORE_…. */
  async cancel(conversation: Scope, id: BlobId): Promise<void> {
    await this.#adding.cancel(conversation, id)
  }

  /**
   * A message of the conversation is stored that refers to these files. Small ones are fetched by themselves, so many of them in a day as
   * limits.autoFetchDayBytes lets. Throws STORE_….
   */
  async noted(conversation: Scope, references: readonly BlobReference[]): Promise<void> {
    await this.#referred.noted(conversation, references)
  }

  /** The picture that the conversation shows now, fetched by itself unless it is too large. The one before goes, unless a message refers to it. Throws NOT_FOUND, STORE_…. */
  async pictured(conversation: Scope, picture: BlobReference | undefined): Promise<void> {
    await this.#referred.pictured(conversation, picture)
  }

  /** The file is fetched as soon as somebody who has it is linked. Throws TOO_LARGE for one that is larger than this device takes, STORE_…. */
  async want(conversation: Scope, reference: BlobReference): Promise<void> {
    await this.#referred.want(conversation, reference)
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
    yield* this.#reading.read(this.#catalogue.whole(conversation, reference.id), reference, range)
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

  /** The files that are whole at this moment, to be saved. */
  whole(): SavedFile[] {
    return savedFiles(this.#catalogue.all(), {
      files: this.#deps.store.files,
      hashes: (record) => this.#catalogue.hashes(record),
      damaged: (record) => this.#lost(record),
      ending: this.#ending.signal,
    })
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
    this.#adding.close()
    this.#ending.abort(new WarrenError('CLOSING', 'the daemon is closing'))
    this.#progress.close()
    await this.#fetches.close()
  }

  /** Its bytes are not what they were, or not there: what is left is looked through, and the rest is fetched. */
  #lost(record: BlobRecord): void {
    if (!record.row.isWhole || record.isGone) return
    const change = { isWhole: false, isWanted: true, unasked: 0 }
    record.row = { ...record.row, ...change }
    record.chunks = undefined
    this.#deps.log('warn', 'a file is damaged or gone, and is fetched again')
    this.#publish(record)
    this.#fetches.want(record)
    // So that it is known after the next start, too.
    this.#catalogue.change(record, change).catch((error: unknown) => {
      const code = errorCode(error)
      if (code !== 'NOT_FOUND' && code !== 'CLOSING')
        this.#deps.log('warn', 'that a file is damaged could not be noted', { code })
    })
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
    this.#referred.forget(conversation)
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
