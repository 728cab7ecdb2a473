/** A process that writes until it is killed, and says on stdout what was acknowledged: `writer number` lines. */

import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { openStore } from '../../../daemon/store/level-store.ts'
import { tables, type Key, type Store } from '../../../daemon/store/store.ts'

export const writers = 8
/** Each writer puts its rows under a conversation key of its own, made anew for each block of so many rows. */
const rowsPerKey = 100

export const conversationOf = (writer: number, at: number): number => 1 + writer + writers * Math.floor(at / rowsPerKey)
const headKey = (writer: number): Key => ({ table: tables.feed, at: [writer] })
export const rowKey = (writer: number, at: number): Key => ({
  table: tables.entry,
  at: [writer, at],
  under: conversationOf(writer, at),
})
/** From nothing to 4 KiB, so that logs and tables fill up. */
export const rowValue = (writer: number, at: number): Buffer => Buffer.alloc((at * 37) % 4096, `${writer}/${at};`)

export function headOf(store: Pick<Store, 'get'>, writer: number): number {
  const head = store.get(headKey(writer))
  return head === undefined ? 0 : Number(Buffer.from(head).toString())
}

async function write(store: Store, writer: number): Promise<never> {
  await store.createConversationKey(conversationOf(writer, headOf(store, writer)))
  for (;;) {
    const at = await store.commit((batch) => {
      const at = headOf(batch, writer)
      batch.put(rowKey(writer, at), rowValue(writer, at))
      batch.put(headKey(writer), Buffer.from(String(at + 1)))
      return at
    })
    writeSync(1, `${writer} ${at}\n`)
    if ((at + 1) % rowsPerKey === 0) await store.createConversationKey(conversationOf(writer, at + 1))
  }
}

if (import.meta.main) {
  const store = await openStore(process.argv[2] ?? '', {}, { randomBytes })
  writeSync(1, 'open\n')
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(store, writer)))
}
