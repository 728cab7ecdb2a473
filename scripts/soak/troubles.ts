/** Does what the plan says, one trouble at a time for each member, and ends each of them. */

import type { Backups } from './backups.ts'
import { lockFor } from './lock.ts'
import type { Member } from './member.ts'
import type { Membership } from './membership.ts'
import { pass } from './pass.ts'
import type { Place } from './place.ts'
import type { Step, Trouble } from './plan.ts'

export interface TroublesDeps {
  readonly place: Place
  readonly members: readonly Member[]
  readonly membership: Membership
  readonly backups: Backups
}

export class Troubles {
  /** How often each came to pass. */
  readonly counts: Partial<Record<Trouble, number>> = {}
  /** What could not be ended. */
  readonly failures: string[] = []
  readonly #deps: TroublesDeps
  /** What a member, its plug, its place in the group, or the wire between two, is in the middle of. */
  readonly #busy = new Set<string>()

  constructor(deps: TroublesDeps) {
    this.#deps = deps
  }

  /** Resolves when the last trouble is over. */
  async run(plan: readonly Step[]): Promise<void> {
    const began = performance.now()
    const running: Promise<void>[] = []
    for (const step of plan) {
      await pass(Math.max(0, step.atMs - (performance.now() - began)))
      running.push(this.#unlessBusy(step))
    }
    await Promise.all(running)
  }

  /** Nothing is done to whom something is being done: who is never left alone cannot catch up. */
  async #unlessBusy(step: Step): Promise<void> {
    const name = whatItTakes(step)
    if (this.#busy.has(name)) return
    this.#busy.add(name)
    this.counts[step.trouble] = (this.counts[step.trouble] ?? 0) + 1
    await this.#try(step)
    this.#busy.delete(name)
  }

  async #try(step: Step): Promise<void> {
    try {
      await this.#do(step)
    } catch (error) {
      this.failures.push(`${step.trouble}: ${String(error)}`)
    }
  }

  async #do({ trouble, who, other, holdMs }: Step): Promise<void> {
    const { place, members, membership, backups } = this.#deps
    const member = members[who] as Member
    switch (trouble) {
      case 'kill':
      case 'end':
        await member.end(trouble === 'kill' ? 'SIGKILL' : 'SIGTERM')
        await pass(holdMs / 4)
        return await member.start()
      case 'freeze':
        member.freeze(true)
        await pass(holdMs)
        return member.freeze(false)
      case 'lock':
        return await lockFor(member, holdMs / 4)
      case 'part':
        place.part(who, other, false)
        await pass(holdMs)
        return place.part(who, other, true)
      case 'unplug':
        place.unplug(who, false)
        await pass(holdMs)
        return place.unplug(who, true)
      case 'remove':
        return await membership.without(member, holdMs)
      case 'back up':
        return await backups.make(member)
    }
  }
}

/** Two steps of one name exclude each other. */
function whatItTakes({ who, other, trouble }: Step): string {
  switch (trouble) {
    case 'part':
      return who < other ? `${who}-${other}` : `${other}-${who}`
    case 'unplug':
    case 'remove':
    case 'back up':
      return `${trouble} ${who}`
    case 'kill':
    case 'end':
    case 'freeze':
    case 'lock':
      return `${who}`
  }
  return trouble satisfies never
}
