/** What is kept of a file of a conversation: under the conversation's own key, at numbers that do not say which file it is. */

import { blobReferenceValue, readBlobReference, type BlobReference } from '../../protocol/blob.ts'
import { decode, encode, readArray, readText, readUint } from '../../protocol/codec.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { idBytes, type BlobId } from '../../protocol/ids.ts'
import { tables, type Key, type Store } from '../store/store.ts'

/**
 * `posting`: a message with it was about to be written; whether it was is looked for after a crash. `pictured`: no message refers to it,
 * and it is the picture of its group.
 */
const standings = ['added', 'posting', 'posted', 'pictured'] as const
export type Standing = (typeof standings)[number]

export interface BlobRow {
  /** As some message has it. What it says beside the id is its sender's word. */
  readonly reference: BlobReference
  /** Chunks, as the list of their hashes says; 0 until it is here. */
  readonly count: number
  /** Of its bytes; empty while there is none. */
  readonly file: string
  /** All of its bytes were here, verified and durable. */
  readonly isWhole: boolean
  /** It is to be fetched. */
  readonly isWanted: boolean
  readonly standing: Standing
  /** As other messages have it, where they say something else; looked at once it is whole. */
  readonly others: readonly BlobReference[]
  /** When it was added or first heard of, epoch ms. */
  readonly at: number
  /** Bytes that it may take, sealed, without anybody having asked for it; 0 where it was asked for, or is not to be fetched. */
  readonly unasked: number
}

/** Of a file that a message refers to, and of which nothing is here. */
export const heardOf = { count: 0, file: '', isWhole: false, standing: 'posted', others: [], unasked: 0 } as const

type UnderKey = Key & { readonly under: number }

const namesOf = (store: Store, id: BlobId): readonly [number, number] => store.nameNumbers(idBytes(id))

export const blobKey = (store: Store, conversation: number, id: BlobId): UnderKey => ({
  table: tables.blob,
  at: [conversation, ...namesOf(store, id)],
  under: conversation,
})

/** Of the `part`th row of hashes, counted from 0. */
export const chunksKey = (store: Store, conversation: number, id: BlobId, part: number): UnderKey => ({
  table: tables.chunks,
  at: [conversation, ...namesOf(store, id), part],
  under: conversation,
})

export const blobRow = ({
  reference,
  count,
  file,
  isWhole,
  isWanted,
  standing,
  at,
  others,
  unasked,
}: BlobRow): Uint8Array =>
  encode([
    blobReferenceValue(reference),
    count,
    file,
    isWhole ? 1 : 0,
    isWanted ? 1 : 0,
    standings.indexOf(standing),
    at,
    others.map(blobReferenceValue),
    unasked,
  ])

/** Throws STORE_DAMAGED. */
export function readBlobRow(bytes: Uint8Array): BlobRow {
  try {
    const f = readArray(decode(bytes), 7)
    const standing = standings[readUint(f[5], standings.length - 1)] ?? 'posted'
    return {
      reference: readBlobReference(f[0]),
      count: readUint(f[1]),
      file: readText(f[2], 64),
      isWhole: readUint(f[3], 1) === 1,
      isWanted: readUint(f[4], 1) === 1,
      standing,
      at: readUint(f[6]),
      others: f[7] === undefined ? [] : readArray(f[7]).map(readBlobReference),
      unasked: f[8] === undefined ? 0 : readUint(f[8]),
    }
  } catch (cause) {
    throw new WarrenError('STORE_DAMAGED', 'a row of a file cannot be read', { cause })
  }
}
