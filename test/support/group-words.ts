/** Which words of a group somebody may read by the text of the protocol, found without asking the rooms that decide it. */

import { causalPast } from '../../protocol/causality.ts'
import { lanes } from '../../protocol/entry.ts'
import { GroupRoster } from '../../protocol/group-roster.ts'
import type { ConversationId, EntryId, PersonId } from '../../protocol/ids.ts'
import { loggedOperation, type LoggedOperation } from '../../protocol/logged-operation.ts'
import { orderKey } from '../../protocol/order.ts'
import type { Run } from '../../protocol/run.ts'
import type { Device } from './device.ts'

const operationsIn = (runs: readonly Run[]): LoggedOperation[] =>
  runs.flatMap(({ entries }) =>
    entries.flatMap(({ sealed, slot }) =>
      sealed.header.lane === lanes.roster && slot.is === 'held' ? [loggedOperation(sealed, slot.payload)] : [],
    ),
  )

/**
 * The messages that `device` holds and that count, oldest first, of which `person` may have the key where history is kept from
 * newcomers: they had joined in what one of the operations that name the epoch had seen.
 */
export async function wordsFor(device: Device, group: ConversationId, person: PersonId): Promise<EntryId[]> {
  const { peers } = device.rooms.conversations
  const feeds = peers.vector(group).map(({ lane, generation, ranges, ...row }) => ({
    device: row.device,
    lane,
    generation,
    ranges,
  }))
  const { runs } = await peers.read(group, feeds, 10_000_000)
  const operations = operationsIn(runs)
  const byId = new Map(operations.map((each) => [each.id, each]))
  const logs = await Promise.all(
    peers.persons().map(async (each) => [each, operationsIn(await peers.personLog(each))] as const),
  )
  const hadJoined = ({ id }: LoggedOperation): boolean => {
    const roster = new GroupRoster(group)
    for (const [each, log] of logs) roster.learn(each, log)
    roster.take([...causalPast(byId, [id])].flatMap((each) => byId.get(each) ?? []))
    return roster.members.get(person)?.state === 'joined'
  }
  const epochs = new Set(
    operations.flatMap((each) => (each.operation?.kind === 'epoch' && hadJoined(each) ? [each.operation.epoch] : [])),
  )
  const words = runs.flatMap(({ entries }) =>
    entries.flatMap(({ sealed }) =>
      sealed.header.epoch !== undefined && epochs.has(sealed.header.epoch) ? [sealed] : [],
    ),
  )
  return words
    .map(({ id, header }) => ({ id, order: orderKey(header) }))
    .toSorted((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ id }) => id)
}
