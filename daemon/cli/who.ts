/** Finds whom or what somebody means by a petname, a name or the beginning of an id. */

import type { Contact } from '../../protocol/http-people.ts'
import { CommandError } from './command-error.ts'

/** Shorter prefixes would match by accident. */
const leastPrefix = 4

const same = (a: string, b: string): boolean => a.normalize('NFC').toLowerCase() === b.normalize('NFC').toLowerCase()

export const shortId = (id: string): string => id.slice(0, 8)

/** Anything that can be meant: a contact, a member, a group. */
export interface Named {
  readonly id: string
  readonly name: string
  /** Empty if the owner gave none. */
  readonly petname: string
  readonly deviceIds: readonly string[]
}

/** How somebody is called on the terminal. */
export const callName = ({ petname, name, id }: Pick<Named, 'petname' | 'name' | 'id'>): string =>
  petname || name || shortId(id)

export const isSelf = (who: string): boolean => same(who, 'self') || same(who, 'me')

/** Petnames first: nobody else can choose them. */
function candidates<T extends Named>(all: readonly T[], who: string): T[] {
  const tiers: ((each: T) => boolean)[] = [
    (each) => each.id === who || each.deviceIds.includes(who),
    (each) => each.petname !== '' && same(each.petname, who),
    (each) => each.name !== '' && same(each.name, who),
    (each) =>
      who.length >= leastPrefix &&
      (each.id.startsWith(who) || each.deviceIds.some((deviceId) => deviceId.startsWith(who))),
  ]
  for (const matches of tiers) {
    const found = all.filter((each) => matches(each))
    if (found.length > 0) return found
  }
  return []
}

/** Prefers those that are `first`. Throws NOT_FOUND with `missing`, or AMBIGUOUS with the candidates. */
export function findNamed<T extends Named>(
  all: readonly T[],
  who: string,
  first: (each: T) => boolean,
  missing: string,
): T {
  const fitting = candidates(all.filter(first), who)
  const found = fitting.length > 0 ? fitting : candidates(all, who)
  const [only] = found
  if (only === undefined) throw new CommandError('NOT_FOUND', missing)
  if (found.length === 1) return only
  const list = found.map((each) => `${callName(each)} (${shortId(each.id)})`).join(', ')
  throw new CommandError('AMBIGUOUS', `"${who}" may be ${list}: use the id`)
}

/** Prefers contacts in one of `states`. Throws NOT_FOUND, or AMBIGUOUS with the candidates. */
export const findContact = (contacts: readonly Contact[], who: string, states: readonly Contact['state'][]): Contact =>
  findNamed(contacts, who, ({ state }) => states.includes(state), `nobody called "${who}" is among the contacts`)
