/** What several who answer hold of one person's log, put together: nothing that somebody else wrote to fill it. */

import type { PersonId } from '../../protocol/ids.ts'
import { kinds } from '../../protocol/entry.ts'
import { loggedOperation } from '../../protocol/logged-operation.ts'
import { isByRecovery } from '../../protocol/recovery-rules.ts'
import type { PersonState } from '../../protocol/roster.ts'
import type { Run } from '../../protocol/run.ts'

export interface WholeLog {
  /** The beginning first of all. */
  readonly log: readonly Run[]
  readonly state: PersonState
}

/** Each log with causes first. Throws as `preview`. */
export function wholeLog(
  preview: (person: PersonId, log: readonly Run[]) => PersonState,
  person: PersonId,
  logs: readonly (readonly Run[])[],
): WholeLog {
  const byId = new Map(logs.flat().map((run) => [run.entries[0]?.sealed.id, run]))
  const all = [...byId.values()]
  const said = preview(person, all)
  const log = all.filter((run) => mayEnter(said, run))
  return { log, state: preview(person, log) }
}

/** As a device lets it into a person's log: docs/protocol.md, section 25. */
const mayEnter = (state: PersonState, { entries }: Run): boolean =>
  entries.every(({ sealed, slot }) => {
    const { device, kind } = sealed.header
    if (kind === kinds.createPerson || state.devices.has(device) || state.removed.has(device)) return true
    if (slot.is !== 'held') return false
    const { operation, header } = loggedOperation(sealed, slot.payload)
    return operation !== undefined && isByRecovery(state, header, operation)
  })
