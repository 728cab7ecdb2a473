/**
 * Up to where feeds of a conversation are not taken any more, since their author was blocked. Unlike a floor this is told to
 * nobody: what is held below goes on to be given, and what is not held was not delivered.
 */

import { decode, encode, readArray, readBytes, readUint } from '../../protocol/codec.ts'
import { feedKey, type Feed, type Lane } from '../../protocol/entry.ts'
import { deviceBytes, deviceIdOf, generationOf, idBytes, scopeOf } from '../../protocol/ids.ts'
import { tables, type Batch, type Key, type Store } from '../store/store.ts'
import { feedName } from './rows.ts'

export interface SilentFeed {
  readonly feed: Feed
  readonly seq: number
  /** The end of the silence after which its author said where the feed stood; 0: not yet. See silence.ts. */
  readonly settled: number
}

/** By feedKey(). */
export type Silences = Map<string, SilentFeed>

/** Rows beside those of floors. */
const beside = 1

const silenceRow = ({ feed, seq, settled }: SilentFeed): Uint8Array =>
  encode([idBytes(feed.scope), deviceBytes(feed.device), feed.lane, idBytes(feed.generation), seq, settled])

function readSilenceRow(row: Uint8Array): SilentFeed {
  const f = readArray(decode(row), 6)
  return {
    feed: {
      scope: scopeOf(readBytes(f[0], 32)),
      device: deviceIdOf(readBytes(f[1], 32)),
      lane: readUint(f[2], 1) as Lane,
      generation: generationOf(readBytes(f[3], 8)),
    },
    seq: readUint(f[4]),
    settled: readUint(f[5]),
  }
}

/** Of the rows of the table of floors, by the numbers of their keys. */
export const isSilenceRow = (at: readonly number[]): boolean => at[2] === beside

interface Silent {
  readonly number: number
  readonly silences: Silences
}

/** Reads them into the scopes that have this number. */
export async function loadSilences(store: Store, scopes: readonly Silent[]): Promise<void> {
  const byNumber = new Map(scopes.map(({ number, silences }) => [number, silences]))
  for (const { at, value } of await store.range(tables.floor)) {
    const silent = isSilenceRow(at) ? readSilenceRow(value) : undefined
    if (silent !== undefined) byNumber.get(at[0] ?? 0)?.set(feedKey(silent.feed), silent)
  }
}

export function putSilence(batch: Batch, store: Store, conversation: number, silent: SilentFeed): void {
  const key: Key = { table: tables.floor, at: [conversation, store.numberFor(batch, feedName(silent.feed)), beside] }
  batch.put(key, silenceRow(silent))
}
