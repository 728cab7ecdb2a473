/** Files that messages and groups refer to: known from then on, fetched by themselves within bounds, or once they are asked for. */

import { chunkCount, type BlobReference } from '../../protocol/blob.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { BlobFiles } from '../store/blob-files.ts'
import type { Timers } from '../timers.ts'
import { Allowance } from './allowance.ts'
import { sealedBytes, type BlobRecord } from './blob-record.ts'
import { heardOf, type BlobRow } from './blob-row.ts'
import type { Catalogue } from './catalogue.ts'
import { mostBytesOf, type Descriptions } from './descriptions.ts'
import type { Fetches } from './fetches.ts'

export interface ReferredDeps {
  readonly catalogue: Catalogue
  readonly files: BlobFiles
  readonly timers: Timers
  readonly descriptions: Descriptions
  readonly fetches: Pick<Fetches, 'want' | 'drop'>
  readonly publish: (record: BlobRecord) => void
  /** Forgets a file, and takes its bytes away. Throws STORE_…. */
  readonly remove: (record: BlobRecord) => Promise<void>
  readonly fileBytes: number
  readonly autoFetchBytes: number
}

/** What a file of so many bytes may take here: whoever gives it fills its last chunk. */
const roomFor = (size: number): number => chunkCount(size) * sealedBytes

export class Referred {
  readonly #deps: ReferredDeps
  readonly #allowance: Allowance

  constructor(deps: ReferredDeps) {
    this.#deps = deps
    this.#allowance = new Allowance(deps.timers)
  }

  /** What was fetched unasked before counts on; what is wanted is fetched. */
  start(): void {
    const unasked = this.#deps.catalogue.all().filter(({ row }) => row.unasked > 0)
    for (const { conversation, row } of unasked.toSorted((one, other) => one.row.at - other.row.at))
      this.#allowance.took(conversation, { at: row.at, bytes: row.unasked })
    for (const record of this.#deps.catalogue.all()) if (record.row.isWanted) this.#deps.fetches.want(record)
  }

  /** See Blobs.noted(). */
  async noted(conversation: Scope, references: readonly BlobReference[]): Promise<void> {
    for (const reference of references) {
      const record = this.#deps.catalogue.get(conversation, reference.id)
      if (record === undefined) await this.#notedFirst(conversation, reference)
      else await this.#notedAgain(record, reference)
    }
  }

  async #notedFirst(conversation: Scope, reference: BlobReference): Promise<void> {
    const unasked = this.#mayCome(conversation, reference) ? roomFor(reference.size) : 0
    try {
      await this.#know(conversation, reference, { isWanted: unasked > 0, standing: 'posted', unasked })
    } catch (error) {
      // A full disk is tried again and again: that must not use a day's room up.
      this.#allowance.giveBack(conversation, unasked)
      throw error
    }
  }

  #mayCome(conversation: Scope, { size }: BlobReference): boolean {
    return size <= this.#deps.autoFetchBytes && this.#allowance.take(conversation, roomFor(size))
  }

  async #notedAgain(record: BlobRecord, reference: BlobReference): Promise<void> {
    const { standing } = record.row
    if (standing !== 'posted') await this.#deps.catalogue.change(record, { standing: 'posted' })
    if (standing === 'posted' || standing === 'pictured') await this.#describedAgain(record, reference)
  }

  async #describedAgain(record: BlobRecord, reference: BlobReference): Promise<void> {
    const { descriptions, fetches, publish } = this.#deps
    if (!(await descriptions.again(record, reference))) return
    await this.#checkGrown(record)
    if (!record.row.isWanted) fetches.drop(record)
    publish(record)
  }

  /** Another message may say that there is more to fetch. */
  async #checkGrown(record: BlobRecord): Promise<void> {
    const { row, conversation } = record
    if (!row.isWanted || row.unasked === 0) return
    const unasked = roomFor(mostBytesOf(row, this.#deps.autoFetchBytes))
    if (unasked <= row.unasked) return
    const mayCome = this.#allowance.take(conversation, unasked - row.unasked)
    await this.#deps.catalogue.change(record, mayCome ? { unasked } : { isWanted: false })
  }

  /** See Blobs.pictured(). */
  async pictured(conversation: Scope, picture: BlobReference | undefined): Promise<void> {
    const { catalogue } = this.#deps
    for (const record of catalogue.of(conversation))
      if (record.row.standing === 'pictured' && record.id !== picture?.id) await this.#deps.remove(record)
    if (picture === undefined || picture.size > limits.groupPictureBytes) return
    const record = catalogue.get(conversation, picture.id)
    if (record === undefined) await this.#know(conversation, picture, { isWanted: true, standing: 'pictured' })
    else if (record.row.standing === 'added' || record.row.standing === 'posting')
      await catalogue.change(record, { standing: 'pictured' })
    else await this.#describedAgain(record, picture)
  }

  async #know(
    id: Scope,
    reference: BlobReference,
    how: Pick<BlobRow, 'isWanted' | 'standing'> & Partial<BlobRow>,
  ): Promise<void> {
    const { catalogue, timers, publish, fetches } = this.#deps
    const record = await catalogue.add(id, { ...heardOf, reference, ...how, at: timers.now() })
    publish(record)
    if (how.isWanted) fetches.want(record)
  }

  /** See Blobs.want(). */
  async want(conversation: Scope, reference: BlobReference): Promise<void> {
    const { catalogue, fileBytes, publish, fetches } = this.#deps
    if (reference.size > fileBytes)
      throw new WarrenError('TOO_LARGE', `this device takes files of at most ${fileBytes} bytes`)
    const record = catalogue.get(conversation, reference.id)
    if (record === undefined) return await this.#know(conversation, reference, { isWanted: true, standing: 'posted' })
    if (record.row.isWhole || (record.row.isWanted && record.row.unasked === 0)) return
    await catalogue.change(record, { isWanted: true, unasked: 0 })
    publish(record)
    fetches.want(record)
  }

  /** Whether it is still to be fetched: what nobody asked for is not, where the disk has little room. Throws STORE_…. */
  async hasRoom(record: BlobRecord): Promise<boolean> {
    const { unasked } = record.row
    if (unasked === 0 || (await this.#deps.files.room()) >= unasked + limits.autoFetchRoomBytes) return true
    await record.turn
    // The owner asked for it meanwhile.
    if (record.row.unasked === 0) return true
    await this.#deps.catalogue.change(record, { isWanted: false })
    this.#deps.fetches.drop(record)
    this.#deps.publish(record)
    return false
  }

  /** The conversation is gone. */
  forget(conversation: Scope): void {
    this.#allowance.forget(conversation)
  }
}
