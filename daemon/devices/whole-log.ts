/** What several who answer hold of one person's log, put together: nothing that somebody else wrote to fill it. */

import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import { operationsOf } from '../../protocol/logged-operation.ts'
import { joinedItself } from '../../protocol/person-proofs.ts'
import { roomFor } from '../../protocol/person-room.ts'
import type { PersonState } from '../../protocol/roster.ts'
import type { Run } from '../../protocol/run.ts'
import type { Agreed } from './recovery-runs.ts'

export interface WholeLog {
  /** The beginning first of all. */
  readonly log: readonly Run[]
  readonly state: PersonState
}

/** Each log with causes first. What is known of the person here counts as well. Throws as `preview`. */
export function wholeLog(
  preview: (person: PersonId, log: readonly Run[]) => PersonState,
  person: PersonId,
  logs: readonly (readonly Run[])[],
): WholeLog {
  const byId = new Map(logs.flat().map((run) => [run.entries[0]?.sealed.id, run]))
  const all = [...byId.values()]
  // As a device lets it into a person's log.
  const { taken } = roomFor(person, [], operationsOf(all))
  const log = all.filter(({ entries }) => entries.every(({ sealed }) => taken.has(sealed.id)))
  return { log, state: preview(person, log) }
}

/** Of these devices those that said, in this log, that they belong to the person; the one that began the log did not have to. */
export function agreedIn(person: PersonId, log: readonly Run[], devices: readonly DeviceId[]): Agreed[] {
  const found = new Map<DeviceId, Agreed>()
  for (const logged of operationsOf(log)) {
    const { operation } = logged
    if (operation?.kind !== 'addDevice' || !devices.includes(operation.record.device)) continue
    const { record, counterSignature } = operation
    if (joinedItself(person, logged, operation)) found.set(record.device, { record, counterSignature })
  }
  return [...found.values()]
}
