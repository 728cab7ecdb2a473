/** Files beside the database, for bytes that are sealed before they come: their names are random, and say nothing. */

import type { RandomBytes } from './seal.ts'
import { toBase32 } from '../../protocol/bytes.ts'

/** One open file. Everything throws STORE_FULL or STORE_FAILED. */
export interface BlobFile {
  /** Up to `length` bytes from `at` on: fewer where the file ends. `into`: memory for as many, which is used again. */
  read(at: number, length: number, into?: Uint8Array): Promise<Uint8Array>
  /** Fills all of `places`, one after the other, from `at` on. False where the file ends before. */
  fill(at: number, places: readonly Uint8Array[]): Promise<boolean>
  /** Puts the pieces one after the other, from `at` on; what was left out before reads as zeros. */
  write(at: number, pieces: readonly Uint8Array[]): Promise<void>
  /** What was written is durable when it resolves. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** Everything throws STORE_FULL or STORE_FAILED. */
export interface BlobFiles {
  /** A new file, empty; its name is durable when it resolves. */
  create(name: string): Promise<BlobFile>
  /** Undefined if it is not there. */
  open(name: string): Promise<BlobFile | undefined>
  /** Gone for good when it resolves; one that is not there is no error. */
  remove(name: string): Promise<void>
  names(): Promise<string[]>
  /** Bytes that the disk has room for, as it says. */
  room(): Promise<number>
}

const nameBytes = 16

export const newFileName = (randomBytes: RandomBytes): string => toBase32(randomBytes(nameBytes))

/** What newFileName() makes: nothing else in the folder is ours to open or to remove. */
export const isFileName = (name: string): boolean => /^[a-z2-7]{26}$/.test(name)
