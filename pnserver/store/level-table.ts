/** A table in LevelDB: one server's rows. Every write is on the disk before it counts. What is sealed cannot be compressed. */

import { Level } from 'level'
import type { Table } from './table.ts'

/** Throws if the folder cannot be written, or another server has it open. */
export async function openLevelTable(folder: string): Promise<Table> {
  const level = new Level<Buffer, Buffer>(folder, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    compression: false,
  })
  await level.open()
  return {
    get: async (key) => await level.get(key),
    put: async (key, value) => {
      await level.put(key, value, { sync: true })
    },
    delete: async (keys) => {
      await level.batch(
        keys.map((key) => ({ type: 'del', key })),
        { sync: true },
      )
    },
    entries: () => level.iterator(),
    close: async () => {
      await level.close()
    },
  }
}
