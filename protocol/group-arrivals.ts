/** Operations that came before something they name: each waits for that, and for nothing else. */

import type { EntryId } from './ids.ts'
import type { LoggedOperation } from './logged-operation.ts'
import type { Head } from './operation-parts.ts'

interface Waiting {
  readonly logged: LoggedOperation
  readonly missing: Head
}

export class GroupArrivals {
  readonly #waiting = new Map<EntryId, Waiting[]>()

  wait(logged: LoggedOperation, missing: Head): void {
    const others = this.#waiting.get(missing.id)
    if (others === undefined) this.#waiting.set(missing.id, [{ logged, missing }])
    else others.push({ logged, missing })
  }

  /** The operations that waited for this one, which is here now. */
  release(id: EntryId): LoggedOperation[] {
    const found = this.#waiting.get(id) ?? []
    this.#waiting.delete(id)
    return found.map(({ logged }) => logged)
  }

  /** What is waited for: one cause of each waiting operation. */
  get missing(): Head[] {
    return [...this.#waiting.values()].flatMap(([first]) => first?.missing ?? [])
  }
}
