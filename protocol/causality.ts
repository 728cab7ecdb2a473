/** Who has seen what: the partial order of roster operations, from their `prev` and `heads`. */

import { CausalIndex } from './causal-index.ts'
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

/** Operations, each behind all that it has seen, by their numbers. */
export class CausalOrder<Operation extends Caused> {
  readonly operations: readonly Operation[]
  readonly #index = new CausalIndex()
  readonly #numbers = new Map<EntryId, number>()

  constructor(operations: readonly Operation[]) {
    const byId = new Map(operations.map((each) => [each.id, each]))
    const numbers = this.#numbers
    const ordered: Operation[] = []
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
        numbers.set(id, this.#index.add([...new Set(causesOf(each).flatMap((cause) => numbers.get(cause) ?? []))]))
        ordered.push(each)
      }
    }
    this.operations = ordered
  }

  numberOf(id: EntryId): number | undefined {
    return this.#numbers.get(id)
  }

  /** The numbers of what an operation names itself, its own feed included. */
  causes(number: number): number[] {
    const each = this.operations[number]
    return each === undefined ? [] : causesOf(each).flatMap((id) => this.#numbers.get(id) ?? [])
  }

  /** Whether `later` has seen `earlier`, directly or not. None has seen itself. */
  hasSeen(later: number, earlier: number): boolean {
    return this.#index.hasSeen(later, earlier)
  }

  /** True if neither has seen the other. */
  areConcurrent(a: number, b: number): boolean {
    return this.#index.areConcurrent(a, b)
  }
}
