/**
 * What shut somebody out of a group: their removals, and whatever voided what had brought them in. Who hears all of it, with what it has
 * seen, and holds what they had held, comes to the same.
 */

import type { GroupFences } from './group-fences.ts'
import type { GroupLog } from './group-log.ts'
import type { GroupStanding } from './group-standing.ts'
import { GroupSupport } from './group-support.ts'
import type { PersonId } from './ids.ts'

interface Parts {
  readonly log: GroupLog
  readonly standing: GroupStanding
  readonly fences: GroupFences
  /** What never had a right brought nobody in. */
  readonly mayCount: (number: number) => boolean
}

/** Numbers of operations; none of somebody who belongs, is invited, or never was either. */
export function partingsOf(person: PersonId, { log, standing, fences, mayCount }: Parts): number[] {
  if (standing.of(person, undefined).state !== 'none') return []
  const about = log.about.of(person)
  const isRemoval = (each: number): boolean => log.at(each).operation?.kind === 'remove'
  const counts = (each: number): boolean => standing.counting.has(each)
  const removals = about.filter((each) => isRemoval(each) && counts(each))
  const voided = about.filter((each) => !isRemoval(each) && !counts(each) && mayCount(each))
  const rivals = voided.flatMap((each) => rivalsOf(each, log)).filter(counts)
  const against = attackersOf([...removals, ...rivals, ...voided], log, fences)
  return [...new Set([...removals, ...rivals, ...against.filter(counts)])]
}

/** Others who came by the same invite, where that lets in so many only. */
function rivalsOf(number: number, log: GroupLog): readonly number[] {
  const { operation } = log.at(number)
  if (operation?.kind !== 'admit') return []
  const made = log.numberOf(operation.invite)
  const invite = made === undefined ? undefined : log.at(made).operation
  return invite?.kind === 'invite' && invite.uses > 0 ? log.admits.of(operation.invite) : []
}

/** Every fence that could void some operations or what they rest on; those that could void one of these; and so on. */
function attackersOf(operations: readonly number[], log: GroupLog, fences: GroupFences): number[] {
  const support = new GroupSupport(log)
  const hitBy = new Map<number, number[]>()
  for (const fence of fences.armed)
    for (const hit of fences.hitsOf(fence)) hitBy.set(hit, [...(hitBy.get(hit) ?? []), fence])
  const found = new Set<number>()
  const stack = [...operations]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    for (const fence of [...support.of(next)].flatMap((each) => hitBy.get(each) ?? [])) {
      if (found.has(fence)) continue
      found.add(fence)
      stack.push(fence)
    }
  }
  return [...found]
}
