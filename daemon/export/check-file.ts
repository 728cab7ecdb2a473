/** Checks the file of an exported conversation, wherever it came from: without a daemon, in memory that does not grow with it. */

import { open } from 'node:fs/promises'
import { concat, readUtf8, sameBytes, utf8 } from '../../protocol/bytes.ts'
import { WarrenError, type ErrorCode } from '../../protocol/errors.ts'
import { ExportCheck } from '../../protocol/export-check.ts'
import { headBegin } from '../../protocol/export-fields.ts'
import type { ExportReport } from '../../protocol/export-report.ts'
import { limits } from '../../protocol/limits.ts'

const newline = 10
const beginning = utf8(headBegin)

const notAnExport = (): WarrenError => new WarrenError('NOT_AN_EXPORT', 'this is no export of a conversation')

/** Lines without their newlines. Throws TOO_LARGE, BAD_SHAPE for what is not UTF-8, TRUNCATED if the last line has no end. */
async function* linesIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const parts: Uint8Array[] = []
  let length = 0
  const take = (part: Uint8Array): void => {
    length += part.length
    if (length > limits.exportLineBytes)
      throw new WarrenError('TOO_LARGE', 'a line is longer than any that Warren writes')
    // The memory of a chunk is used again for the next one.
    parts.push(part.slice())
  }
  for await (const chunk of chunks) {
    let from = 0
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      take(chunk.subarray(from, at))
      yield readUtf8(concat(...parts.splice(0)))
      length = 0
      from = at + 1
    }
    take(chunk.subarray(from))
  }
  if (length > 0) throw new WarrenError('TRUNCATED', 'this export is cut off: its last line has no end')
}

/** As they are, if they begin as an export does. Throws NOT_AN_EXPORT. */
async function* beginningRight(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let seen = 0
  for await (const chunk of chunks) {
    const here = chunk.subarray(0, Math.max(0, beginning.length - seen))
    if (!sameBytes(here, beginning.subarray(seen, seen + here.length))) throw notAnExport()
    seen += here.length
    yield chunk
  }
  if (seen < beginning.length) throw notAnExport()
}

/** Checks an export as it comes. Throws as ExportCheck.line() and report(); TOO_LARGE, BAD_SHAPE, TRUNCATED. */
export async function checkChunks(chunks: AsyncIterable<Uint8Array>): Promise<ExportReport> {
  const check = new ExportCheck()
  for await (const line of linesIn(beginningRight(chunks))) check.line(line)
  return check.report()
}

/** `line`: where it was found. */
export type ExportVerdict =
  | { readonly valid: true; readonly report: ExportReport }
  | { readonly valid: false; readonly code: ErrorCode; readonly message: string; readonly line?: number }

/** What is to be said of a file: NOT_FOUND if it cannot be read, else as checkChunks(). */
export async function judgeFile(path: string): Promise<ExportVerdict> {
  try {
    return { valid: true, report: await checkFile(path) }
  } catch (error) {
    if (!(error instanceof WarrenError)) throw error
    const { code, message, details } = error
    const line = typeof details === 'object' && details !== null && 'line' in details ? Number(details.line) : undefined
    return { valid: false, code, message, ...(line === undefined ? {} : { line }) }
  }
}

async function checkFile(path: string): Promise<ExportReport> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new WarrenError('NOT_FOUND', 'there is no such file, or it may not be read', { cause })
  })
  try {
    // A pipe is fine; a folder opens, and cannot be read.
    if ((await file.stat()).isDirectory()) throw new WarrenError('NOT_FOUND', 'this is no file')
    return await checkChunks(chunksOf(file))
  } finally {
    await file.close()
  }
}

const chunkBytes = 256 * 1024

async function* chunksOf(file: Awaited<ReturnType<typeof open>>): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(chunkBytes)
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
  }
}
