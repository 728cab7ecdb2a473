/** Who has seen what: the partial order of roster operations, from their `prev` and `heads`. */

import type { EntryId, Scope } from './ids.ts'
import type { Head } from './operation-parts.ts'

/** What of an operation says what it had seen. */
export interface Caused {
  readonly scope: Scope
  readonly id: EntryId
  readonly header: { readonly prev: EntryId | undefined }
  readonly operation: { readonly heads: readonly Head[] } | undefined
}

const causesOf = ({ header, operation }: Caused): EntryId[] => {
  const heads = operation?.heads.map(({ id }) => id) ?? []
  return header.prev === undefined ? heads : [header.prev, ...heads]
}

/** Every operation that `from` has seen, directly or not, `from` included. Unknown ids are skipped. */
export function causalPast(operations: ReadonlyMap<EntryId, Caused>, from: Iterable<EntryId>): Set<EntryId> {
  const past = new Set<EntryId>()
  const open = [...from]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const each = operations.get(id)
    if (each === undefined || past.has(id)) continue
    past.add(id)
    open.push(...causesOf(each))
  }
  return past
}

/** The operations that no other of them has seen. */
export function headsOf(operations: readonly Caused[]): Head[] {
  const seen = new Set(operations.flatMap(causesOf))
  return operations.filter(({ id }) => !seen.has(id)).map(({ scope, id }) => ({ scope, id }))
}

/** Operations, each behind all that it has seen, with the number of each and the numbers of all that it has seen. */
export class CausalOrder<Operation extends Caused> {
  readonly operations: readonly Operation[]
  readonly #pasts: readonly ReadonlySet<number>[]

  constructor(operations: readonly Operation[]) {
    const byId = new Map(operations.map((each) => [each.id, each]))
    const numbers = new Map<EntryId, number>()
    const ordered: Operation[] = []
    const pasts: Set<number>[] = []
    // A walk with a stack of its own: the depth of a log is its author's choice, that of the call stack is not ours.
    for (const start of byId.keys()) {
      const open = [start]
      for (let id = open.at(-1); id !== undefined; id = open.at(-1)) {
        const each = byId.get(id)
        const missing = each && !numbers.has(id) ? causesOf(each).filter((x) => byId.has(x) && !numbers.has(x)) : []
        if (missing.length > 0) {
          open.push(...missing)
          continue
        }
        open.pop()
        if (each === undefined || numbers.has(id)) continue
        const past = new Set<number>()
        for (const cause of causesOf(each)) {
          const number = numbers.get(cause)
          if (number === undefined) continue
          past.add(number)
          for (const earlier of pasts[number] ?? []) past.add(earlier)
        }
        numbers.set(id, ordered.length)
        ordered.push(each)
        pasts.push(past)
      }
    }
    this.operations = ordered
    this.#pasts = pasts
  }

  /** The numbers of all that `number` has seen. */
  past(number: number): ReadonlySet<number> {
    return this.#pasts[number] ?? new Set()
  }

  /** True if neither has seen the other. */
  areConcurrent(a: number, b: number): boolean {
    return a !== b && !this.past(a).has(b) && !this.past(b).has(a)
  }
}
