/** Saves what comes in pieces as a file of its own: whole or not at all, for nobody else to read. */

import { randomBytes } from 'node:crypto'
import { link, lstat, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CommandError } from './command-error.ts'

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''

/** What a person can do about it. */
function explain(path: string, cause: unknown): unknown {
  switch (codeOf(cause)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new CommandError('NOT_FOUND', `there is no folder for ${path}`, { cause })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new CommandError('NOT_ALLOWED', `${path} may not be written`, { cause })
    case 'ENOSPC':
    case 'EDQUOT':
      return new CommandError('STORE_FULL', 'the disk is full', { cause })
    default:
      return cause
  }
}

const taken = (path: string): CommandError =>
  new CommandError('CONFLICT', `${path} is there already: choose another name, or add --force`)

/** Throws CONFLICT for what must not be overwritten. */
async function checkFree(path: string, force: boolean): Promise<void> {
  const there = await lstat(path).catch(() => undefined)
  if (there === undefined) return
  if (!force) throw taken(path)
  if (!there.isFile()) throw new CommandError('CONFLICT', `${path} is no plain file`)
}

/** Gives the whole file its name. Without `force` nothing that came there meanwhile is overwritten. */
async function name(beside: string, path: string, force: boolean): Promise<void> {
  if (force) return await rename(beside, path)
  try {
    await link(beside, path)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw taken(path)
    // A file system that knows no second names.
    await checkFree(path, false)
    return await rename(beside, path)
  }
  return await rm(beside)
}

/** Answers how many bytes it has. Throws CONFLICT, NOT_FOUND, NOT_ALLOWED, STORE_FULL, and what `chunks` throw; nothing is left then. */
export async function saveFile(path: string, chunks: AsyncGenerator<Uint8Array>, force: boolean): Promise<number> {
  const beside = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomBytes(6).toString('hex')}.part`)
  let bytes = 0
  try {
    await checkFree(path, force)
    const file = await open(beside, 'wx', 0o600)
    try {
      for await (const chunk of chunks) {
        await file.writeFile(chunk)
        bytes += chunk.length
      }
      await file.sync()
    } finally {
      await file.close()
    }
    await name(beside, path, force)
    return bytes
  } catch (error) {
    await chunks.return(undefined)
    await rm(beside, { force: true }).catch(() => undefined)
    throw explain(path, error)
  }
}
