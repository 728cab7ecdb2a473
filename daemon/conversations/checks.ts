/** What a received run must satisfy before anything of it is stored. */

import { lanes, kinds, type SealedHeader } from '../../protocol/entry.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { readOperation, type Operation } from '../../protocol/operation.ts'
import type { Run } from '../../protocol/run.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import type { PersonState, RosterState } from '../../protocol/roster.ts'

/** Operations are each signed and travel one by one, so that any of them can be fetched alone. Throws BAD_SHAPE. */
export function checkOperationRun(run: Run): void {
  if (run.entries.length !== 1 || run.signature === undefined) {
    throw new WarrenError('BAD_SHAPE', 'an operation travels alone and signed')
  }
}

/** The operation of a lane-0 entry, if its payload is there. Throws BAD_SHAPE, TOO_LARGE. */
export function operationOf(run: Run): Operation | undefined {
  const entry = run.entries[0]
  if (entry?.slot.is !== 'held' || entry.sealed.header.lane !== lanes.roster) return undefined
  return readOperation(entry.sealed.header.kind, entry.slot.payload)
}

/** Whether an entry may enter a person's log: by a device of the person, or by one that adds itself with the recovery key. */
export function mayEnterPersonLog(
  state: PersonState,
  { header }: SealedHeader,
  operation: Operation | undefined,
): boolean {
  if (header.lane !== lanes.roster) return false
  if (header.kind === kinds.createPerson) return true
  if (state.devices.has(header.device) || state.removed.has(header.device)) return true
  return operation?.kind === 'addDevice' && operation.record.device === header.device
}

/** Whether a device's entries may enter a conversation. */
export const mayEnter = (roster: RosterState, device: DeviceId): boolean => roster.devices.has(device)
