/** What happens to whom and when, decided by the seed before anything starts. */

import type { Random } from './random.ts'

export type Trouble = 'kill' | 'end' | 'freeze' | 'lock' | 'part' | 'unplug' | 'remove' | 'back up'

export interface Step {
  /** Since the load began. */
  readonly atMs: number
  readonly trouble: Trouble
  readonly who: number
  /** Whom `who` cannot reach, for `part`. */
  readonly other: number
  /** How long it lasts. */
  readonly holdMs: number
}

export interface PlanOptions {
  readonly members: number
  readonly lastsMs: number
  readonly everyMs: number
  /** No trouble lasts longer. */
  readonly mostHoldMs: number
  readonly troubles: readonly Trouble[]
  /** Whom a trouble befalls; where nothing is said, everybody. */
  readonly befalls?: Partial<Record<Trouble, readonly number[]>>
}

/** The first member is never killed nor ended: what leaks shows in a process that lives on. */
export function makePlan(random: Random, options: PlanOptions): Step[] {
  const { members, lastsMs, everyMs, mostHoldMs, troubles, befalls = {} } = options
  const everybody = Array.from({ length: members }, (_, at) => at)
  const steps: Step[] = []
  for (let atMs = everyMs * random.fraction(); atMs < lastsMs; atMs += 2 * everyMs * random.fraction()) {
    const trouble = random.pick(troubles)
    const isDeadly = trouble === 'kill' || trouble === 'end'
    const who = random.pick(befalls[trouble] ?? (isDeadly ? everybody.slice(1) : everybody))
    const other = (who + 1 + random.below(members - 1)) % members
    // Mostly short, now and then longer than a lost heartbeat takes to show.
    steps.push({ atMs, trouble, who, other, holdMs: mostHoldMs * random.fraction() ** 3 })
  }
  return steps
}
