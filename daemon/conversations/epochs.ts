/** Which key a message is sealed with, and the minting of new ones. */

import { epochCommitment, epochIdFor } from '../../protocol/epoch.ts'
import { compareHlc } from '../../protocol/hlc.ts'
import type { EpochId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Operation, Head } from '../../protocol/operation.ts'
import type { EpochState, RosterState } from '../../protocol/roster.ts'

const newer = (a: EpochState, b: EpochState): number =>
  compareHlc(b.header.hlc, a.header.hlc) || (a.epoch < b.epoch ? -1 : 1)

export interface UsableEpoch {
  readonly epoch: EpochId
  readonly key: Uint8Array
  /** When it was minted, by its author's clock. */
  readonly mintedMs: number
}

/** How long a key is used for new messages. */
export const epochMaxAgeMs = 30 * 24 * 3600 * 1000

/** The newest epoch that fits, and whose key is here. */
export function usableEpoch(roster: RosterState, keys: ReadonlyMap<EpochId, Uint8Array>): UsableEpoch | undefined {
  for (const { epoch, header } of [...roster.epochs.values()].toSorted(newer)) {
    const key = keys.get(epoch)
    if (key !== undefined && roster.fits(epoch)) return { epoch, key, mintedMs: header.hlc.wallMs }
  }
  return undefined
}

/** Epochs that no other epoch names as its parent. */
export function tipsOf(roster: RosterState): EpochId[] {
  const parents = new Set([...roster.epochs.values()].flatMap(({ parents }) => parents))
  return [...roster.epochs.keys()]
    .filter((each) => !parents.has(each))
    .toSorted()
    .slice(0, limits.epochParents)
}

/** A new epoch for the present devices. The conversation's own rules say who may mint. */
export function mintEpoch(
  scope: Scope,
  roster: RosterState,
  heads: readonly Head[],
  key: Uint8Array,
): { epoch: EpochId; operation: Operation } {
  const parents = tipsOf(roster)
  const commitment = epochCommitment(key)
  const epoch = epochIdFor(scope, parents, commitment)
  return { epoch, operation: { kind: 'epoch', heads, epoch, parents, commitment, parentKeys: [] } }
}
