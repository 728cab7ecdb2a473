/**
 * Operations that came before something they name: each waits for that, and for nothing else. What waits is bounded, each
 * person by themselves, so that nobody can fill the place of others with operations that name something invented.
 */

import type { EntryId, PersonId } from './ids.ts'
import { limits } from './limits.ts'
import type { LoggedOperation } from './logged-operation.ts'
import type { Head } from './operation-parts.ts'

/** Whose devices an operation counts with: those that are nobody's, as far as is known, share one place. */
export type Party = PersonId | 'nobody'

interface Waiting {
  readonly logged: LoggedOperation
  readonly missing: Head
  readonly party: Party
}

/** What an operation without payload costs, about. */
const bareBytes = 512
const bytesOf = ({ header }: LoggedOperation): number => bareBytes + header.payloadLength

export class GroupArrivals {
  readonly #waiting = new Map<EntryId, Waiting>()
  /** What waits for an operation. */
  readonly #byCause = new Map<EntryId, Set<EntryId>>()
  /** What was let go, by what it would have waited for. */
  readonly #gone = new Map<EntryId, Set<EntryId>>()
  readonly #again: EntryId[]
  readonly #bytes = new Map<Party, number>()
  #allBytes = 0

  /** `again`: what others let go, to be given once more. */
  constructor(again: readonly EntryId[] = []) {
    this.#again = [...again]
  }

  /** What was let go and did not come again. */
  get gone(): EntryId[] {
    return [...this.#again, ...[...this.#gone.values()].flatMap((ids) => [...ids])]
  }

  wait(logged: LoggedOperation, missing: Head, party: Party): void {
    this.#waiting.set(logged.id, { logged, missing, party })
    this.#byCause.set(missing.id, (this.#byCause.get(missing.id) ?? new Set()).add(logged.id))
    this.#account(party, bytesOf(logged))
  }

  /** The operations that waited for this one, which is here now. Those that were let go are to be given again. */
  release(id: EntryId): LoggedOperation[] {
    this.#again.push(...(this.#gone.get(id) ?? []))
    this.#gone.delete(id)
    const released = [...(this.#byCause.get(id) ?? [])].flatMap((each) => this.#waiting.get(each) ?? [])
    for (const each of released) this.#forget(each)
    return released.map(({ logged }) => logged)
  }

  /**
   * Lets go of what is too much, and returns it: of `fresh`, the last first, what goes beyond its party's share; and if all
   * together is too much, everything of the party with most.
   */
  letGo(fresh: readonly LoggedOperation[]): LoggedOperation[] {
    const gone: Waiting[] = []
    for (const { id } of fresh.toReversed()) {
      const each = this.#waiting.get(id)
      if (each === undefined || (this.#bytes.get(each.party) ?? 0) <= limits.groupPersonWaitingBytes) continue
      this.#forget(each)
      gone.push(each)
    }
    while (this.#allBytes > limits.groupWaitingBytes) {
      const [most] = [...this.#bytes].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
      if (most === undefined) break
      const all = [...this.#waiting.values()].filter(({ party }) => party === most[0])
      for (const each of all) this.#forget(each)
      gone.push(...all)
    }
    for (const { logged, missing } of gone) {
      this.#gone.set(missing.id, (this.#gone.get(missing.id) ?? new Set()).add(logged.id))
    }
    return gone.map(({ logged }) => logged)
  }

  /** What was let go and would not wait for the same any more; told once. */
  again(): EntryId[] {
    return this.#again.splice(0)
  }

  #forget({ logged, missing, party }: Waiting): void {
    const others = this.#byCause.get(missing.id)
    others?.delete(logged.id)
    if (others?.size === 0) this.#byCause.delete(missing.id)
    this.#waiting.delete(logged.id)
    this.#account(party, -bytesOf(logged))
  }

  #account(party: Party, bytes: number): void {
    this.#allBytes += bytes
    const sum = (this.#bytes.get(party) ?? 0) + bytes
    if (sum === 0) this.#bytes.delete(party)
    else this.#bytes.set(party, sum)
  }

  /** What is waited for: one cause of each waiting operation. */
  get missing(): Head[] {
    return [...this.#byCause.values()].flatMap((ids) =>
      [...ids].slice(0, 1).flatMap((id) => this.#waiting.get(id)?.missing ?? []),
    )
  }
}
