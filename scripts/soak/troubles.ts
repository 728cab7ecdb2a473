/** Does what the plan says, one trouble after the other for each member, and ends each of them. */

import type { Member } from './member.ts'
import type { Place } from './place.ts'
import type { Step } from './plan.ts'

const pass = async (ms: number): Promise<void> =>
  await new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

export class Troubles {
  count = 0
  #fail: (error: unknown) => void = () => undefined
  readonly #place: Place
  readonly #members: readonly Member[]
  /** What a member, or the wire between two, is in the middle of. */
  readonly #busy = new Map<string, Promise<void>>()

  constructor(place: Place, members: readonly Member[]) {
    this.#place = place
    this.#members = members
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
    const { who, other, trouble } = step
    const wire = who < other ? `${who}-${other}` : `${other}-${who}`
    const name = trouble === 'part' ? wire : trouble === 'unplug' ? `plug ${who}` : `${who}`
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
    const member = this.#members[who] as Member
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
      case 'part':
        this.#place.part(who, other, false)
        await pass(holdMs)
        return this.#place.part(who, other, true)
      case 'unplug':
        this.#place.unplug(who, false)
        await pass(holdMs)
        return this.#place.unplug(who, true)
    }
  }
}
