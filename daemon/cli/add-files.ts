/** Adds files of this machine to a conversation, to be posted with a message. */

import { open, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Attachment } from '../../protocol/http-files.ts'
import type { Client } from './client.ts'
import { CommandError } from './command-error.ts'
import { sizeText } from './size-text.ts'
import { safeLine } from './terminal.ts'

const chunkBytes = 256 * 1024
const tellEveryMs = 500

/** Types by ending: what the other side is told, which looks for itself. */
const types: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  csv: 'text/csv',
  gif: 'image/gif',
  htm: 'text/html',
  html: 'text/html',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  json: 'application/json',
  md: 'text/markdown',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  ogg: 'audio/ogg',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  wav: 'audio/wav',
  webm: 'video/webm',
  webp: 'image/webp',
  zip: 'application/zip',
}

const typeOf = (name: string): string =>
  types[/\.(\w+)$/.exec(name.toLowerCase())?.[1] ?? ''] ?? 'application/octet-stream'

async function openFile(path: string): Promise<{ file: FileHandle; size: number }> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new CommandError('NOT_FOUND', `there is no file ${path}, or it may not be read`, { cause })
  })
  const stat = await file.stat()
  if (stat.isFile()) return { file, size: stat.size }
  await file.close()
  throw new CommandError('BAD_SHAPE', `${path} is no plain file`)
}

/** Bytes as they are taken; `tell` hears how many. A file that shrinks or grows meanwhile ends where it was. */
async function* chunksOf(file: FileHandle, size: number, tell: (sent: number) => void): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size;) {
    const buffer = new Uint8Array(Math.min(chunkBytes, size - at))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) throw new CommandError('CONFLICT', 'the file became shorter while it was read')
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
    tell(at)
  }
}

/** Says on a terminal how far it is, in one line that is written over. */
function teller(name: string, size: number, isQuiet: boolean): { tell: (sent: number) => void; end: () => void } {
  let at = 0
  let isTold = false
  if (isQuiet || !process.stderr.isTTY) return { tell: () => undefined, end: () => undefined }
  return {
    tell: (sent) => {
      if (Date.now() - at < tellEveryMs && sent < size) return
      at = Date.now()
      isTold = true
      process.stderr.write(`\r\u001b[K${safeLine(name)}: ${sizeText(sent)} of ${sizeText(size)}`)
    },
    end: () => {
      if (isTold) process.stderr.write('\r\u001b[K')
    },
  }
}

async function addFile(client: Client, conversation: string, path: string, isQuiet: boolean): Promise<Attachment> {
  const { file, size } = await openFile(path)
  const name = basename(path)
  const progress = teller(name, size, isQuiet)
  try {
    const query = new URLSearchParams({ conversation, name, type: typeOf(name) })
    const chunks = chunksOf(file, size, progress.tell)
    return await client.upload<Attachment>(`/blobs?${query.toString()}`, chunks, size)
  } finally {
    progress.end()
    await file.close()
  }
}

/** In their order. All are looked for before the first is added. Throws NOT_FOUND, BAD_SHAPE, TOO_LARGE, and what the daemon refuses with. */
export async function addFiles(
  client: Client,
  conversation: string,
  paths: readonly string[],
  isQuiet: boolean,
): Promise<Attachment[]> {
  for (const path of paths) await (await openFile(path)).file.close()
  const added: Attachment[] = []
  for (const path of paths) added.push(await addFile(client, conversation, path, isQuiet))
  return added
}
