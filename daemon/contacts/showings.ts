/** Who asks, withdraws and asks again: counted in memory, so that nobody fills the owner's screen that way. */

import type { PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'

/** People remembered; the oldest are forgotten first. */
const mostPeople = 1024

export class Showings {
  /** When each person's requests were shown, newest last. */
  readonly #shown = new Map<PersonId, readonly number[]>()

  #recent(person: PersonId, now: number): number[] {
    return (this.#shown.get(person) ?? []).filter((at) => at <= now && now - at < limits.requestAgainMs)
  }

  /** Whether a new request of this person may be shown now. */
  may(person: PersonId, now: number): boolean {
    return this.#recent(person, now).length < limits.requestShowings
  }

  note(person: PersonId, now: number): void {
    const recent = [...this.#recent(person, now), now]
    this.#shown.delete(person)
    this.#shown.set(person, recent)
    const oldest = this.#shown.keys().next()
    if (this.#shown.size > mostPeople && oldest.done !== true) this.#shown.delete(oldest.value)
  }
}
