/** Reads the file of a backup from its beginning to its end, and proves every byte of it. */

import { createReadStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { AeadKey } from '../../protocol/crypto.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { concat } from '../../protocol/bytes.ts'
import type { Secret } from '../store/slot-opener.ts'
import type { BackupFacts } from './contents.ts'
import { frontBytes, headerBodyBytes, openHeader, readHeader, type BackupHeader } from './header.ts'
import { readContents, type ContentsRead, type ContentsReader } from './read-contents.ts'
import { readRecords } from './records.ts'
import { openStream } from './stream-seal.ts'

export interface OpenedBackup {
  readonly path: string
  readonly header: BackupHeader
  readonly key: AeadKey
  /** Of the file. */
  readonly bytes: number
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (cause) {
    const code = codeOf(cause)
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new WarrenError('NOT_FOUND', `there is no file ${path}`, { cause })
    throw new WarrenError('STORE_FAILED', `${path} cannot be read`, { cause })
  }
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await file.read(bytes, 0, length, at)
  return bytes.subarray(0, bytesRead)
}

/** The header alone, which proves nothing yet. Rejects with NOT_FOUND, STORE_FAILED, BAD_SHAPE, TRUNCATED, STORE_NEWER. */
async function readFront(path: string): Promise<{ header: BackupHeader; bytes: number }> {
  const file = await openFile(path)
  try {
    const front = await readAt(file, 0, frontBytes)
    const length = headerBodyBytes(front)
    const body = await readAt(file, frontBytes, length)
    if (body.length < length) throw new WarrenError('TRUNCATED', 'the backup breaks off before its end')
    return { header: readHeader(concat(front, body)), bytes: (await file.stat()).size }
  } finally {
    await file.close()
  }
}

/** Rejects with WRONG_PASSPHRASE, and as readFront(). */
export async function openBackup(path: string, secret: Secret): Promise<OpenedBackup> {
  const { header, bytes } = await readFront(path)
  return { path, header, key: await openHeader(header, secret), bytes }
}

export interface ReadOptions {
  readonly signal: AbortSignal
  /** Bytes of the file that were read so far. */
  readonly progress: (bytes: number) => void
}

/** Hands over all of it. Rejects with TRUNCATED, CANNOT_DECRYPT, BAD_SHAPE, STORE_NEWER; until it resolves the rest is not proven. */
export async function readBackup(
  { path, header, key }: OpenedBackup,
  reader: ContentsReader,
  { signal, progress }: ReadOptions,
): Promise<ContentsRead> {
  const start = header.bytes.length
  let read = start
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of createReadStream(path, { start, highWaterMark: 1024 * 1024, signal })) {
      read += (chunk as Uint8Array).length
      progress(read)
      yield chunk as Uint8Array
    }
  }
  try {
    return await readContents(readRecords(openStream(key, chunks())), reader)
  } catch (cause) {
    signal.throwIfAborted()
    throw cause
  }
}

export interface CheckedBackup extends ContentsRead, BackupFacts {
  readonly conversations: number
}

/** Proves all of it and keeps nothing. Rejects as readBackup(). */
export async function checkBackup(backup: OpenedBackup, options: ReadOptions): Promise<CheckedBackup> {
  let facts: BackupFacts | undefined
  let conversations = 0
  const read = await readBackup(
    backup,
    {
      facts: (found) => {
        facts = found
      },
      keys: ({ conversationKeys }) => {
        conversations = conversationKeys.size
      },
      row: () => undefined,
      piece: () => undefined,
      fileEnd: () => undefined,
    },
    options,
  )
  const { madeAt, hasFiles } = backup.header
  if (facts?.madeAt !== madeAt || hasFiles !== (read.files !== undefined))
    throw new WarrenError('BAD_SHAPE', 'the backup contradicts itself')
  return { ...read, ...facts, conversations }
}
