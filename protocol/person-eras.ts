/**
 * How much devices write into the log of their person. Each rotation of the recovery key begins an era, in which there is room anew:
 * whoever fills a log with a device that they stole does not fill it for whoever comes with the words.
 */

import type { CausalOrder } from './causality.ts'
import type { DeviceId } from './ids.ts'
import { limits } from './limits.ts'
import type { LoggedOperation } from './logged-operation.ts'
import { isClaim, type Recoveries } from './recovery-rules.ts'

export class PersonEras {
  readonly #order: CausalOrder<LoggedOperation>
  readonly #chain: readonly number[]
  readonly #eras = new Map<number, number>()
  readonly #full = new Map<number, boolean>()
  /** Of each era the operations that devices wrote, and who wrote them. */
  readonly #written = new Map<number, { readonly number: number; readonly device: DeviceId }[]>()

  constructor(order: CausalOrder<LoggedOperation>, { chain }: Pick<Recoveries, 'chain'>) {
    this.#order = order
    this.#chain = chain
    for (const [number, each] of order.operations.entries()) {
      if (!isByDevice(each)) continue
      const era = this.of(number)
      const list = this.#written.get(era)
      const written = { number, device: each.header.device }
      if (list === undefined) this.#written.set(era, [written])
      else list.push(written)
    }
  }

  /** How many rotations that hold an operation has seen. */
  of(number: number): number {
    let era = this.#eras.get(number)
    if (era === undefined) {
      era = this.#chain.slice(1).filter((each) => this.#order.hasSeen(number, each)).length
      this.#eras.set(number, era)
    }
    return era
  }

  /** Whether an operation has seen as much of its era as devices may write in one: its own device, or all of them. */
  isFull(number: number, device: DeviceId): boolean {
    let isFull = this.#full.get(number)
    if (isFull === undefined) {
      isFull = this.#hasSeenAll(number, device)
      this.#full.set(number, isFull)
    }
    return isFull
  }

  #hasSeenAll(number: number, device: DeviceId): boolean {
    const written = this.#written.get(this.of(number)) ?? []
    if (written.length < limits.personDeviceOperations) return false
    let [own, all] = [0, 0]
    for (const each of written) {
      if (!this.#order.hasSeen(number, each.number)) continue
      all += 1
      if (each.device === device) own += 1
      if (own >= limits.personDeviceOperations || all >= limits.personEraOperations) return true
    }
    return false
  }
}

/** Whether an operation rests on the device that wrote it. */
export const isByDevice = (logged: LoggedOperation): boolean =>
  logged.operation?.kind !== 'createPerson' && !isClaim(logged)
