/** Small files that are whole after any crash: written beside, synced, renamed, and the folder synced. */

import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes a rename, a new file or a removal in `folder` durable. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; NTFS journals renames by itself.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Replaces the file at `path` in one step, mode 0600. If it rejects, the old file stands. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}.new`
  try {
    await rm(beside, { force: true })
    const handle = await open(beside, 'wx', 0o600)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** The bytes of a file, or undefined if there is none. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Overwrites a small file, then removes it; one that is not there is no error. Most file systems write in place, but the
 * controller of an SSD may keep the old blocks for a while.
 */
export async function overwriteAndRemove(path: string, noise: (length: number) => Uint8Array): Promise<void> {
  const bytes = await readIfThere(path)
  if (bytes === undefined) return
  const handle = await open(path, 'r+')
  try {
    if (bytes.length > 0) await handle.write(noise(bytes.length), 0, bytes.length, 0)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rm(path)
  await syncFolder(dirname(path))
}
