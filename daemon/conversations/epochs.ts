/** Which key a message is sealed with, and the minting of new ones. */

import { epochCommitment, epochIdFor } from '../../protocol/epoch.ts'
import { compareHlc } from '../../protocol/hlc.ts'
import type { EpochId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Operation, Head } from '../../protocol/operation.ts'
import { personHeads, type EpochState, type RosterState } from '../../protocol/roster.ts'
import type { Core } from './core.ts'

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
function tipsOf(roster: RosterState): EpochId[] {
  const parents = new Set([...roster.epochs.values()].flatMap(({ parents }) => parents))
  return [...roster.epochs.keys()]
    .filter((each) => !parents.has(each))
    .toSorted()
    .slice(0, limits.epochParents)
}

/**
 * What an epoch of one or two persons names. Of more than an operation may name, which takes somebody who means it, first what the own
 * right rests on, then the newest of each person's log in turn, and of the conversation what is left: an operation that nobody can
 * read would be no epoch, and what is said under it words that nobody can read.
 */
export function mintHeads(
  { people, self, scopes }: Pick<Core, 'people' | 'self' | 'scopes'>,
  roster: RosterState,
): Head[] {
  const logs = [...roster.members.keys()].map((person) => people.stateOf(person).heads)
  const all = [...logs.flat(), ...roster.heads]
  if (all.length <= limits.operationHeads) return all
  const own = personHeads(self.person, scopes.get(self.person)?.operations ?? [], self.device)
  const longest = Math.max(...logs.map(({ length }) => length))
  const inTurn = Array.from({ length: longest }, (_, at) => logs.flatMap((each) => each.at(-1 - at) ?? [])).flat()
  const byId = new Map([...own, ...inTurn, ...roster.heads].map((each) => [each.id, each]))
  return [...byId.values()].slice(0, limits.operationHeads)
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
