/** What the operations in an exported group say: who belongs, with which role, and which messages count. */

import { WarrenError } from './errors.ts'
import { GroupEnds } from './group-ends.ts'
import { GroupRoster } from './group-roster.ts'
import type { ConversationId, EntryId, PersonId } from './ids.ts'
import type { LoggedOperation } from './logged-operation.ts'
import type { Role } from './operation.ts'

/** What an exported group says of itself. */
export interface ExportedGroup {
  readonly name: string
  readonly closed: boolean
  readonly members: readonly { readonly person: PersonId; readonly role: Role; readonly state: 'invited' | 'joined' }[]
}

/** The roster of all that is exported; what too much of waits is let go, and given once more when what it names is there. */
export function exportedRoster(
  group: ConversationId,
  operations: readonly LoggedOperation[],
  logs: ReadonlyMap<PersonId, readonly LoggedOperation[]>,
): GroupRoster {
  const roster = new GroupRoster(group)
  for (const [person, log] of logs) roster.learn(person, log)
  const known = new Map(operations.map((each) => [each.id, each]))
  for (let next = operations; next.length > 0; next = roster.again().flatMap((id) => known.get(id) ?? []))
    roster.take(next)
  return roster
}

/** The group as its roster says. Throws BAD_HASH if it was never made: its id is the hash of the operation that makes it. */
export function judgedGroup(
  group: ConversationId,
  roster: GroupRoster,
): { readonly about: ExportedGroup; readonly ends: GroupEnds } {
  if (!roster.counts(group as string as EntryId))
    throw new WarrenError('BAD_HASH', 'nothing says that this group was made')
  const { settings, closed, members } = roster
  return {
    about: { name: settings.name, closed, members: [...members.values()] },
    ends: new GroupEnds(roster),
  }
}
