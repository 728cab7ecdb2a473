/** With which devices a link stands. */

import type { DeviceId } from '../../protocol/ids.ts'

/** Links by device, from when they stand until they are closed: what is said to one that is being closed does not arrive. */
export class StandingLinks {
  readonly #links = new Map<DeviceId, Set<AbortSignal>>()

  add(device: DeviceId, closed: AbortSignal): void {
    const links = this.#links.get(device) ?? new Set()
    if (!closed.aborted) this.#links.set(device, links.add(closed))
  }

  remove(device: DeviceId, closed: AbortSignal): void {
    const links = this.#links.get(device)
    links?.delete(closed)
    if (links?.size === 0) this.#links.delete(device)
  }

  get isEmpty(): boolean {
    return this.#links.size === 0
  }

  has(device: DeviceId): boolean {
    return this.#links.has(device)
  }
}
