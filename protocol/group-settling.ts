/** Which operations count: all are judged again and again, until the fences that void each other are decided. */

import { circlesOf } from './circles.ts'
import type { GroupFences } from './group-fences.ts'
import type { GroupJudge } from './group-judge.ts'
import type { GroupLog } from './group-log.ts'
import { rankOf } from './group-rights.ts'
import type { GroupStanding } from './group-standing.ts'
import { GroupSupport } from './group-support.ts'

interface Parts {
  readonly log: GroupLog
  readonly standing: GroupStanding
  readonly judge: GroupJudge
  readonly fences: GroupFences
}

export class GroupSettling {
  readonly #log: GroupLog
  readonly #standing: GroupStanding
  readonly #judge: GroupJudge
  readonly #fences: GroupFences
  readonly #support: GroupSupport
  /** Fences that hold, whatever is decided after them. */
  readonly #holding = new Set<number>()
  /** Fences that lost against one that holds. */
  readonly #lost = new Set<number>()
  #voided = new Set<number>()

  constructor({ log, standing, judge, fences }: Parts) {
    this.#log = log
    this.#standing = standing
    this.#judge = judge
    this.#fences = fences
    this.#support = new GroupSupport(log)
  }

  /** Judges one operation that has seen no fence fall: all else stays as it is. */
  judgeOne(number: number): void {
    const fencesThatHold = [...this.#holding].filter((each) => this.#fences.hitsOf(each).has(number))
    if (fencesThatHold.length > 0) this.#voided.add(number)
    if (this.#counts(number)) this.#standing.counting.add(number)
  }

  /** Judges all operations anew. */
  settle(): void {
    this.#holding.clear()
    this.#lost.clear()
    // A linear order that respects causes and is the same everywhere: only invites with few uses depend on it.
    const { index, all } = this.#log
    const order = all
      .toSorted((a, b) => index.sizeOf(a.number) - index.sizeOf(b.number) || (a.id < b.id ? -1 : 1))
      .map(({ number }) => number)
    for (;;) {
      this.#pass(order)
      const open = this.#fences.armed.filter((each) => this.#isOpen(each))
      if (open.length === 0) return
      const losing = open.filter((each) => this.#isAgainstHolding(each))
      for (const each of losing) this.#lost.add(each)
      if (losing.length === 0) for (const each of this.#nextOf(open)) this.#holding.add(each)
    }
  }

  #pass(order: readonly number[]): void {
    this.#voided = new Set([...this.#holding].flatMap((each) => [...this.#fences.hitsOf(each)]))
    this.#standing.counting.clear()
    this.#standing.rootBefore.clear()
    this.#standing.answers.clear()
    for (const number of order) if (this.#counts(number)) this.#standing.counting.add(number)
  }

  #counts(number: number): boolean {
    if (this.#lost.has(number)) return false
    if (!this.#holding.has(number)) return !this.#voided.has(number) && this.#judge.hasRight(this.#log.at(number))
    // What holds stays, though a circle may have voided what it rests on; a transfer is judged for its place in the line.
    if (this.#log.at(number).operation?.kind === 'transfer') this.#judge.hasRight(this.#log.at(number))
    return true
  }

  #isOpen(fence: number): boolean {
    if (this.#holding.has(fence) || !this.#standing.counting.has(fence)) return false
    const placed = this.#log.at(fence)
    return placed.operation?.kind !== 'setRole' || this.#judge.isLowering(placed)
  }

  #isAgainstHolding(fence: number): boolean {
    return [...this.#fences.hitsOf(fence)].some((each) => this.#holding.has(each))
  }

  /** Those that no other open fence could void; if there are none, the first in rank of each circle that no other reaches. */
  #nextOf(open: readonly number[]): readonly number[] {
    const attackers = this.#attackersAmong(open)
    const free = open.filter((each) => attackers.get(each)?.length === 0)
    if (free.length > 0) return free
    return circlesOf(attackers).flatMap((circle) => circle.toSorted((a, b) => this.#compareRank(a, b)).slice(0, 1))
  }

  /** For each of the open fences, which others could void it or what it rests on. */
  #attackersAmong(open: readonly number[]): Map<number, number[]> {
    const hitBy = new Map<number, number[]>()
    for (const fence of open) {
      for (const hit of this.#fences.hitsOf(fence)) {
        const others = hitBy.get(hit)
        if (others === undefined) hitBy.set(hit, [fence])
        else others.push(fence)
      }
    }
    const attackersOf = (fence: number): number[] => {
      const found = new Set([...this.#support.of(fence)].flatMap((each) => hitBy.get(each) ?? []))
      found.delete(fence)
      return [...found]
    }
    return new Map(open.map((fence) => [fence, attackersOf(fence)]))
  }

  /** Negative if `a` comes before `b`: the root owner, higher roles, the longer-standing, the lower id. */
  #compareRank(a: number, b: number): number {
    const [x, y] = [this.#rank(a), this.#rank(b)]
    return y.root - x.root || y.role - x.role || x.since - y.since || (x.id < y.id ? -1 : 1)
  }

  #rank(number: number): { root: number; role: number; since: number; id: string } {
    const { author, id } = this.#log.at(number)
    if (author === undefined) return { root: 0, role: -1, since: Infinity, id }
    const { role, since } = this.#standing.of(author, number)
    return { root: this.#standing.isRoot(author, number) ? 1 : 0, role: rankOf(role), since, id }
  }
}
