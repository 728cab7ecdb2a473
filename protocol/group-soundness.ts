/**
 * Whether nobody but its recipients can have been given the key of an epoch. A member gives a key by what it knows; whoever belonged at
 * some time, or did so in the eyes of somebody who had not heard of everything, may hold it. So an epoch has to have seen all of that.
 */

import type { GroupFences } from './group-fences.ts'
import type { GroupLog } from './group-log.ts'
import type { GroupStanding } from './group-standing.ts'

interface Parts {
  readonly log: GroupLog
  readonly standing: GroupStanding
  readonly fences: GroupFences
  readonly mayCount: (number: number) => boolean
}

/** Whether the operation `number`, an epoch, has seen all that may have shown its key to others. */
export function isSound(number: number, parts: Parts): boolean {
  const { log, fences } = parts
  const hasSeen = (each: number): boolean => log.index.hasSeen(number, each)
  return (
    endingsIn(parts).every(hasSeen) &&
    fences.armed.every(hasSeen) &&
    racesIn(parts).every(hasSeen) &&
    seesGone(number, parts)
  )
}

/** What ended a membership: while it lasted, keys from before it may have been given too. */
const endingsIn = ({ log, standing }: Parts): number[] =>
  [...log.ofKind.of('remove'), ...log.ofKind.of('leave')].filter((each) => standing.counting.has(each))

/** Admissions by invites that let in too many: who of them came first may look otherwise to others. */
function racesIn({ log, mayCount }: Parts): number[] {
  return [...log.admits.keys()].flatMap((invite) => {
    const made = log.numberOf(invite)
    const operation = made === undefined ? undefined : log.at(made).operation
    if (operation?.kind !== 'invite' || operation.uses === 0) return []
    const admits = log.admits.of(invite).filter(mayCount)
    return admits.length > operation.uses ? admits : []
  })
}

/** Whether it has seen what took devices away from those who joined: a device may ask for keys from before it came. */
function seesGone(number: number, { log, standing }: Parts): boolean {
  const joined = standing.persons().filter((person) => standing.of(person, undefined).state === 'joined')
  return joined.every((person) => log.people.seesEndings(person, number))
}
