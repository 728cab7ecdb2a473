/**
 * What messages say of one file, where they do not agree: any member can refer to the file of somebody else, with another key or size, and
 * be heard first. Which of them is right is known once the file is here.
 */

import { blobReferenceValue, type BlobReference } from '../../protocol/blob.ts'
import { sameBytes } from '../../protocol/bytes.ts'
import { encode } from '../../protocol/codec.ts'
import { errorCode } from '../../protocol/errors.ts'
import type { BlobRecord } from './blob-record.ts'
import type { BlobRow } from './blob-row.ts'
import type { Catalogue } from './catalogue.ts'
import type { Reading } from './reading.ts'

/** Of one file that is not here; and how often one that is here is read because of them. */
const mostOthers = 16

const isSame = (one: BlobReference, other: BlobReference): boolean =>
  sameBytes(encode(blobReferenceValue(one)), encode(blobReferenceValue(other)))

/** Bytes that the file may have by any of them. One that was wanted for being small is not fetched if it is large. */
export const mostBytesOf = ({ reference, others }: BlobRow, autoFetchBytes: number): number =>
  Math.max(reference.size, ...others.map(({ size }) => size).filter((size) => size <= autoFetchBytes))

export class Descriptions {
  readonly #catalogue: Catalogue
  readonly #reading: Reading
  readonly #autoFetchBytes: number

  constructor(catalogue: Catalogue, reading: Reading, autoFetchBytes: number) {
    this.#catalogue = catalogue
    this.#reading = reading
    this.#autoFetchBytes = autoFetchBytes
  }

  /** Another message says what it is. Answers whether that changed anything; it may not be wanted any more. Throws STORE_…, NOT_FOUND. */
  async again(record: BlobRecord, reference: BlobReference): Promise<boolean> {
    if (isSame(record.row.reference, reference)) return false
    const change = record.row.isWhole ? await this.#compared(record, reference) : this.#kept(record.row, reference)
    if (change === undefined) return false
    await this.#catalogue.change(record, change)
    return true
  }

  /** Of a file that is here, what is right; the first if nothing is. Throws STORE_FAILED. */
  async rightOf(record: BlobRecord): Promise<BlobReference> {
    const { reference, others } = record.row
    if (others.length > 0) for (const each of [reference, ...others]) if (await this.#isOf(record, each)) return each
    return reference
  }

  /** Each look reads all of it: what is right is looked at once, and wrong ones not for ever. */
  async #compared(record: BlobRecord, reference: BlobReference): Promise<Partial<BlobRow> | undefined> {
    record.isRight ||= await this.#isOf(record, record.row.reference)
    if (record.isRight || record.looks >= mostOthers) return undefined
    record.looks += 1
    return (await this.#isOf(record, reference)) ? { reference } : undefined
  }

  #kept(row: BlobRow, reference: BlobReference): Partial<BlobRow> | undefined {
    const known = [row.reference, ...row.others]
    if (row.others.length >= mostOthers || known.some((each) => isSame(each, reference))) return undefined
    // It may be large, which nobody asked for: who wants it says so.
    const isLarge = row.reference.size <= this.#autoFetchBytes && reference.size > this.#autoFetchBytes
    return row.isWanted && row.count === 0 && isLarge
      ? { reference, others: [...row.others, row.reference], isWanted: false }
      : { others: [...row.others, reference] }
  }

  async #isOf(record: BlobRecord, reference: BlobReference): Promise<boolean> {
    return await this.#reading.isOf(record, reference).catch((error: unknown) => {
      // It is fetched again.
      if (errorCode(error) === 'STORE_DAMAGED') return false
      throw error
    })
  }
}
