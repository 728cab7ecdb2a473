/** A table in memory: for tests, and for trying the server out. */

import type { Table } from './table.ts'

export function memoryTable(): Table {
  const values = new Map<string, Buffer>()
  return {
    get: async (key) => values.get(key.toString('latin1')),
    put: async (key, value) => void values.set(key.toString('latin1'), value),
    delete: async (keys) => {
      for (const key of keys) values.delete(key.toString('latin1'))
    },
    async *entries() {
      for (const [key, value] of values) yield [Buffer.from(key, 'latin1'), value] as const
    },
    close: async () => values.clear(),
  }
}
