/** The steps from older versions of the rows, in order. A version once released stays for ever. */

import { decode, encode, readArray } from '../../protocol/codec.ts'
import type { Engine, Operation } from './engine.ts'
import { operation, type Migration } from './schema.ts'
import { tables } from './store.ts'

/** What is kept of a conversation, its registers too, moves under the conversation's own key, so that it can be deleted with it. */
async function underOwnKeys(engine: Engine): Promise<Operation[]> {
  const out: Operation[] = []
  for (const { at, value } of await engine.range(tables.conversation, {})) {
    const [number = 0] = at
    const [scope = null, kind = 0, person = null, generations = [], ...rest] = readArray(decode(value), 9)
    const [unread = 0, readUpTo = '', lastOrder = '', muted = 0, draft = ''] = rest
    if (!engine.hasKey(number)) continue
    const state = [generations, unread, readUpTo, lastOrder, muted, draft, 1]
    out.push(
      operation({ table: tables.conversation, at }, encode([scope, kind, person, 0, muted])),
      operation({ table: tables.state, at, under: number }, encode(state)),
    )
  }
  for (const { at, value } of await engine.range(tables.register, {})) {
    const [number = 0] = at
    const has = engine.hasKey(number)
    out.push(operation({ table: tables.register, at, ...(has ? { under: number } : {}) }, has ? value : undefined))
  }
  return out
}

export const migrations: readonly Migration[] = [{ to: 2, run: underOwnKeys }]
