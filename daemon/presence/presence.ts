/** Who is online, and who is typing: known from links alone, never stored but for "last seen". */

import { liveTyping } from '../../protocol/frames.ts'
import type { ConversationId, DeviceId, PersonId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Bus } from '../bus.ts'

export interface PresenceDeps {
  readonly bus: Bus
  readonly now: () => number
  readonly personOf: (device: DeviceId) => PersonId | undefined
  /** False for the log of a person. */
  readonly isConversation: (scope: Scope) => boolean
  /** The person was here until now. */
  readonly seen: (person: PersonId, at: number) => void
}

export class Presence {
  readonly #deps: PresenceDeps
  readonly #linked = new Map<PersonId, Set<DeviceId>>()
  /** Whose device it was when its link came up: their log may say something else by the time it goes. */
  readonly #owners = new Map<DeviceId, PersonId>()

  constructor(deps: PresenceDeps) {
    this.#deps = deps
  }

  isOnline(person: PersonId): boolean {
    return (this.#linked.get(person)?.size ?? 0) > 0
  }

  linked(device: DeviceId): void {
    const person = this.#deps.personOf(device)
    if (person === undefined) return
    const devices = this.#linked.get(person) ?? new Set()
    this.#linked.set(person, devices.add(device))
    this.#owners.set(device, person)
    if (devices.size === 1) this.#deps.bus.publish({ type: 'contact', person })
  }

  unlinked(device: DeviceId): void {
    const person = this.#owners.get(device)
    if (person === undefined) return
    this.#owners.delete(device)
    const devices = this.#linked.get(person)
    devices?.delete(device)
    if (devices !== undefined && devices.size > 0) return
    this.#linked.delete(person)
    this.#deps.seen(person, this.#deps.now())
    this.#deps.bus.publish({ type: 'contact', person })
  }

  /** A live frame of a device that belongs to the scope. Unknown kinds are a newer Warren's. */
  live(scope: Scope, device: DeviceId, what: number): void {
    const person = this.#deps.personOf(device)
    if (what !== liveTyping || person === undefined || !this.#deps.isConversation(scope)) return
    const until = this.#deps.now() + limits.typingShownMs
    this.#deps.bus.publish({ type: 'typing', conversation: scope as ConversationId, person, until })
  }
}
