/** The fence of messages: where feeds end, as the counting operations say. */

import type { GroupLog, Placed } from './group-log.ts'
import { rankOf } from './group-rights.ts'
import { valueIn, type GroupStanding } from './group-standing.ts'
import type { DeviceId, PersonId } from './ids.ts'
import type { CutOff, Role } from './operation.ts'

/** The ends of feeds that a counting operation may name: of its victims alone. */
export function cutOffsOf(placed: Placed, log: GroupLog, standing: GroupStanding): readonly CutOff[] {
  const { operation, author, number } = placed
  const ownedBy = (device: DeviceId, may: (person: PersonId) => boolean): boolean =>
    log.people.ownersAt(device, number).some(may)
  const of = (cutOffs: readonly CutOff[], person: PersonId | undefined): readonly CutOff[] =>
    cutOffs.filter(({ device }) => ownedBy(device, (owner) => owner === person))
  // Each end of a `cutOff` was judged with it.
  if (operation?.kind === 'cutOff') return operation.cutOffs
  if (operation?.kind === 'leave') return of(operation.cutOffs, author)
  if (operation?.kind === 'remove') return of(operation.cutOffs, operation.person)
  if (operation?.kind === 'setRole') {
    const mayStillPost = standing.may(operation.role, 'post', number)
    return mayStillPost ? [] : of(operation.cutOffs, operation.person)
  }
  const post = operation?.kind === 'settings' ? (valueIn(placed, 'post') as Role | undefined) : undefined
  if (operation?.kind !== 'settings' || post === undefined) return []
  const loses = (person: PersonId): boolean => rankOf(standing.of(person, number).role) < rankOf(post)
  return operation.cutOffs.filter(({ device }) => ownedBy(device, loses))
}
