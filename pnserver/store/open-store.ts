/** Opens the store that the operator chose. */

import { join } from 'node:path'
import { openLevelTable } from './level-table.ts'
import { MemoryLimits } from './memory-limits.ts'
import { memoryTable } from './memory-table.ts'
import { connectRedis } from './redis-client.ts'
import { RedisLimits } from './redis-limits.ts'
import { RedisRows } from './redis-rows.ts'
import type { PushStore } from './store.ts'
import { TableRows } from './table.ts'

export interface StoreOptions {
  /** `memory`, `level` or a URL of Redis. */
  readonly store: string
  /** Where LevelDB lies. */
  readonly folder: string
  readonly passwordFile?: string
  /** Keeps what limits are counted by from being worked out. */
  readonly secret: Uint8Array
  readonly onError: () => void
}

/** Throws what the database says if it cannot be opened. */
export async function openStore({ store, folder, passwordFile, secret, onError }: StoreOptions): Promise<PushStore> {
  if (store === 'memory') return { rows: new TableRows(memoryTable()), limits: new MemoryLimits(secret) }
  if (store === 'level') {
    return { rows: new TableRows(await openLevelTable(join(folder, 'rows'))), limits: new MemoryLimits(secret) }
  }
  const client = await connectRedis({ url: store, ...(passwordFile === undefined ? {} : { passwordFile }), onError })
  return { rows: new RedisRows(client), limits: new RedisLimits(client, secret) }
}
