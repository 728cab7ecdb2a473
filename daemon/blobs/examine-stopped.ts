/** Looks through the files of a home whose daemon does not run. */

import type { Scope } from '../../protocol/ids.ts'
import type { Store } from '../store/store.ts'
import { Catalogue } from './catalogue.ts'
import { damagedFiles } from './examine-file.ts'

export interface ExamineStoppedOptions {
  /** What is damaged or gone is noted, so that the daemon fetches it from when it starts on. */
  readonly repair: boolean
  readonly signal: AbortSignal
}

/** How many files are damaged or gone, by conversation. Throws the signal's reason, STORE_…. */
export async function examineStopped(
  store: Store,
  conversations: Iterable<Scope>,
  { repair, signal }: ExamineStoppedOptions,
): Promise<ReadonlyMap<Scope, number>> {
  const catalogue = new Catalogue(store)
  await catalogue.load(conversations)
  const shelves = { files: store.files, hashes: catalogue.hashes.bind(catalogue) }
  const damaged = await damagedFiles(catalogue.all(), shelves, signal)
  if (repair)
    for (const record of damaged) await catalogue.change(record, { isWhole: false, isWanted: true, unasked: 0 })
  const byConversation = Map.groupBy(damaged, ({ conversation }) => conversation)
  return new Map([...byConversation].map(([conversation, { length }]) => [conversation, length]))
}
