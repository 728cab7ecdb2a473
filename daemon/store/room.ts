/** Whether a disk takes what LevelDB writes to open. Asked by writing: quotas, thin disks and failing ones say that they have room. */

import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { storageError } from './storage-error.ts'

const blockBytes = 1024 * 1024

/** Writes so many bytes into `folder`, durably, and takes them away again. Throws STORE_FULL or STORE_FAILED. */
export async function checkRoom(folder: string, bytes: number): Promise<void> {
  const path = join(folder, 'room')
  try {
    const handle = await open(path, 'w', 0o600)
    try {
      const block = new Uint8Array(blockBytes)
      for (let written = 0; written < bytes; written += blockBytes) await handle.write(block)
      await handle.sync()
    } finally {
      await handle.close()
      await rm(path, { force: true })
    }
  } catch (cause) {
    throw storageError(cause)
  }
}
