/** Files of the owner's own, on their way from the page to a message: added, about to be posted, posted, or taken back. */

import type { BlobReference } from '../../protocol/blob.ts'
import { utf8 } from '../../protocol/bytes.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import type { BlobId, ConversationId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Log } from '../log.ts'
import { newFileName } from '../store/blob-files.ts'
import type { Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import type { BlobRecord } from './blob-record.ts'
import { heardOf } from './blob-row.ts'
import type { Catalogue } from './catalogue.ts'
import { sealInto, until, type Sealed } from './sealing.ts'

/** What the sender of a file says of it, for display only. */
export interface FileLabel {
  readonly name: string
  readonly type: string
}

export interface AddingDeps {
  readonly store: Store
  readonly log: Log
  readonly timers: Timers
  readonly random: (length: number) => Uint8Array
  readonly catalogue: Catalogue
  /** Forgets a file, and takes its bytes away. Throws STORE_…. */
  readonly remove: (record: BlobRecord) => Promise<void>
  readonly ending: AbortSignal
  /** Bytes that a file may have. */
  readonly fileBytes: number
}

const sweepEveryMs = 60 * 60 * 1000

export class Adding {
  readonly #deps: AddingDeps
  /** Names of files that are being written and stand in no row yet. */
  readonly #writing = new Set<string>()
  #sweeping: (() => void) | undefined

  constructor(deps: AddingDeps) {
    this.#deps = deps
  }

  /** What the last run left: nobody can post what was only added, for the page that added it is gone. Throws STORE_…. */
  async start(): Promise<void> {
    for (const record of this.#deps.catalogue.all())
      if (record.row.standing === 'added') await this.#deps.remove(record)
      else if (record.row.standing === 'posting') record.isLeft = true
    this.#sweepLater()
  }

  close(): void {
    this.#sweeping?.()
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
    for (const record of this.#deps.catalogue.all())
      if (isUnposted(record) && record.row.at < before) await this.#deps.remove(record)
  }

  /** See Blobs.add(). */
  async add(
    conversation: ConversationId,
    source: AsyncIterable<Uint8Array>,
    { name, type }: FileLabel,
  ): Promise<BlobReference> {
    const { store, random, timers, catalogue, ending } = this.#deps
    if (utf8(name).length > limits.fileNameBytes) throw new WarrenError('TOO_LARGE', 'the name of the file is too long')
    if (utf8(type).length > limits.mediaTypeBytes) throw new WarrenError('TOO_LARGE', 'the media type is too long')
    if (store.numberOf(conversation) === undefined) throw new WarrenError('NOT_FOUND', 'no such conversation')
    ending.throwIfAborted()
    const file = newFileName(random)
    this.#begin(conversation, file)
    try {
      const { hashes, ...sealed } = await this.#seal(file, source)
      const reference = { ...sealed, type, name }
      const count = hashes.length / 32
      const row = { ...heardOf, reference, count, file, isWhole: true, isWanted: false, at: timers.now() }
      await catalogue.add(conversation, { ...row, standing: 'added' }, hashes)
      return reference
    } catch (error) {
      await store.files.remove(file).catch(() => undefined)
      throw error
    } finally {
      this.#writing.delete(file)
    }
  }

  #begin(conversation: Scope, file: string): void {
    const waiting = this.#deps.catalogue.of(conversation).filter(({ row }) => row.standing === 'added')
    if (waiting.length + this.#writing.size >= limits.unpostedFiles)
      throw new WarrenError('RATE_LIMITED', 'too many files wait to be posted')
    this.#writing.add(file)
  }

  async #seal(name: string, source: AsyncIterable<Uint8Array>): Promise<Sealed> {
    const { store, random, ending, fileBytes } = this.#deps
    const file = await store.files.create(name)
    try {
      return await sealInto(file, until(source, ending), { key: random(32), most: fileBytes })
    } finally {
      await file.close()
    }
  }

  /** See Blobs.posting(). */
  async posting(conversation: Scope, ids: readonly BlobId[]): Promise<BlobReference[]> {
    const records = ids.map((id) => this.#deps.catalogue.whole(conversation, id))
    const begun: BlobId[] = []
    try {
      for (const record of records) {
        begun.push(record.id)
        // Tried again after a crash: it is not for settle() any more, and a message of the last run may have it.
        record.posts += record.isLeft ? 2 : 1
        record.isLeft = false
        if (record.row.standing === 'added') await this.#deps.catalogue.change(record, { standing: 'posting' })
      }
    } catch (error) {
      // The message is not written. Where the disk is full, their rows say so no more, but what is known here does.
      for (const id of begun) await this.notPosted(conversation, [id]).catch(() => undefined)
      throw error
    }
    return records.map(({ row }) => row.reference)
  }

  /** See Blobs.notPosted(). */
  async notPosted(conversation: Scope, ids: readonly BlobId[]): Promise<void> {
    for (const id of ids) {
      const record = this.#deps.catalogue.get(conversation, id)
      if (record === undefined || record.posts === 0) continue
      record.posts -= 1
      // Of another message with it nothing is known yet.
      if (record.posts === 0 && record.row.standing === 'posting')
        await this.#deps.catalogue.change(record, { standing: 'added' })
    }
  }

  /** See Blobs.isPosting(). */
  isLeft(conversation: Scope): boolean {
    return this.#deps.catalogue.of(conversation).some(isLeft)
  }

  /** See Blobs.settlePosting(). */
  async settle(conversation: Scope): Promise<void> {
    for (const record of this.#deps.catalogue.of(conversation)) if (isLeft(record)) await this.#deps.remove(record)
  }

  /** See Blobs.cancel(). */
  async cancel(conversation: Scope, id: BlobId): Promise<void> {
    const record = this.#deps.catalogue.get(conversation, id)
    if (record === undefined || !isUnposted(record)) throw new WarrenError('NOT_FOUND', 'no such file')
    await this.#deps.remove(record)
  }
}

/** No message has it, for certain, nor is one with it about to be written. */
const isUnposted = ({ row, posts, isLeft: left }: BlobRecord): boolean =>
  posts === 0 && !left && (row.standing === 'added' || row.standing === 'posting')

const isLeft = ({ isLeft: left, row }: BlobRecord): boolean => left && row.standing === 'posting'
