/** Does what the plan says, one trouble after the other for each member, and ends each of them. */

import type { Backups } from './backups.ts'
import { lockFor } from './lock.ts'
import type { Member } from './member.ts'
import type { Membership } from './membership.ts'
import { pass } from './pass.ts'
import type { Place } from './place.ts'
import type { Step } from './plan.ts'

export interface TroublesDeps {
  readonly place: Place
  readonly members: readonly Member[]
  readonly membership: Membership
  readonly backups: Backups
}

export class Troubles {
  count = 0
  #fail: (error: unknown) => void = () => undefined
  readonly #deps: TroublesDeps
  /** What a member, its plug, its place in the group, or the wire between two, is in the middle of. */
  readonly #busy = new Map<string, Promise<void>>()

  constructor(deps: TroublesDeps) {
    this.#deps = deps
  }

  /** Resolves when the last trouble is over; rejects with the first that could not be ended. */
  async run(plan: readonly Step[]): Promise<void> {
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject
    })
    await Promise.race([this.#runAll(plan), failed])
  }

  async #runAll(plan: readonly Step[]): Promise<void> {
    const began = performance.now()
    const running: Promise<void>[] = []
    for (const step of plan) {
      await pass(Math.max(0, step.atMs - (performance.now() - began)))
      running.push(this.#after(step))
    }
    await Promise.all(running)
  }

  async #after(step: Step): Promise<void> {
    const name = whatItTakes(step)
    const before = this.#busy.get(name) ?? Promise.resolve()
    const doing = before.then(async () => await this.#try(step))
    this.#busy.set(name, doing)
    await doing
  }

  async #try(step: Step): Promise<void> {
    try {
      await this.#do(step)
    } catch (error) {
      this.#fail(error)
    }
  }

  async #do({ trouble, who, other, holdMs }: Step): Promise<void> {
    const { place, members, membership, backups } = this.#deps
    const member = members[who] as Member
    this.count += 1
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
        return await lockFor(member, holdMs)
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

/** Two steps of the same name come one after the other. */
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
