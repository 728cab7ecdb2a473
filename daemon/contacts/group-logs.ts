/** What the contacts room needs to know of groups; conversations implements it. */

import type { Asker, Join, JoinVerdict } from '../../protocol/hello-groups.ts'
import type { ConversationId, DeviceId, PersonId } from '../../protocol/ids.ts'

export interface GroupLogs {
  /** Whether a person, who is not blocked, belongs to a group that is here, or is invited to one. */
  isCoMember(person: PersonId): boolean
  /** Whether a group that is here names a person: they belong to it, did, or were asked to. */
  names(person: PersonId): boolean
  /** For each group that the owner belongs to: the devices of others who have joined. */
  neighbours(): ReadonlyMap<ConversationId, readonly DeviceId[]>
  /** Whether the owner belongs to a group, or is invited to it. */
  belongs(group: ConversationId): boolean
  /** Judges by the group's rules as they are known here; the proof too. */
  judgeJoin(join: Join, asker: Asker): JoinVerdict
  /** Lets a person in whose log is here and who is welcome. Durable when it resolves. */
  admit(join: Join, asker: Asker): Promise<void>
  /** When the owner last left or declined a group, in epoch milliseconds; 0 for never, as far as is known here. */
  lastLeft(group: ConversationId): number
  /** Says in a group that the owner is there, who was let in by a link. Durable when it resolves. */
  appear(group: ConversationId): Promise<void>
}
