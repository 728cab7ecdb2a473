/** Who of a group's members wakes one device for what others write: few, and the same as long as it goes. */

import type { PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'

export interface Candidates {
  /** Who was named before. */
  readonly named: readonly PersonId[]
  /** Members who hold a grant. */
  readonly able: readonly PersonId[]
  /** Likely to be there when it matters. */
  readonly isOnline: (person: PersonId) => boolean
}

export function chooseWakers({ named, able, isOnline }: Candidates): PersonId[] {
  const kept = named.filter((person) => able.includes(person))
  const others = able.filter((person) => !kept.includes(person))
  const online = others.filter((person) => isOnline(person))
  const away = others.filter((person) => !isOnline(person))
  return [...kept, ...online, ...away].slice(0, limits.wakers)
}
