/** Which operations of a person's log the next one names. */

import type { CausalOrder } from './causality.ts'
import type { PersonId } from './ids.ts'
import { limits } from './limits.ts'
import type { LoggedOperation } from './logged-operation.ts'
import type { Head } from './operation-parts.ts'

type Order = CausalOrder<LoggedOperation>

/** The newest operations that count: what does not may be kept by one and not by another, who would wait for it. */
export function newestHeads(person: PersonId, order: Order, counting: ReadonlySet<number>): Head[] {
  const { operations } = order
  const seen = new Set<number>()
  for (let number = operations.length - 1; number >= 0; number -= 1) {
    if (!counting.has(number) && !seen.has(number)) continue
    for (const cause of order.causes(number)) seen.add(cause)
  }
  return [...counting]
    .filter((number) => !seen.has(number))
    .toSorted((a, b) => a - b)
    .flatMap((number) => headOf(person, operations[number]))
}

/** What its right rests on (`roots`, by their numbers), whatever else anybody lacks of the log, and then the newest. */
export function headsBehind(
  person: PersonId,
  order: Order,
  counting: ReadonlySet<number>,
  roots: readonly (number | undefined)[],
): Head[] {
  const first = roots.flatMap((at) => (at === undefined ? [] : headOf(person, order.operations[at])))
  const all = [...first, ...newestHeads(person, order, counting)]
  return [...new Map(all.map((each) => [each.id, each])).values()].slice(0, limits.personHeads)
}

const headOf = (person: PersonId, logged: LoggedOperation | undefined): Head[] =>
  logged === undefined ? [] : [{ scope: person, id: logged.id }]
