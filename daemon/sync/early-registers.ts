/** Registers that a peer brings; those that come before it is known that it may see their scope as a whole wait for that, a few. */

import type { DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { replaces, type Register } from '../../protocol/register.ts'
import type { SyncLog, SyncRegisters } from './log.ts'

export interface EarlyRegistersDeps {
  readonly device: DeviceId
  readonly log: Pick<SyncLog, 'partFor'>
  readonly registers: Pick<SyncRegisters, 'accept'>
}

export class EarlyRegisters {
  readonly #deps: EarlyRegistersDeps
  /** The newest of each name. */
  readonly #kept = new Map<string, Register>()
  #bytes = 0

  constructor(deps: EarlyRegistersDeps) {
    this.#deps = deps
  }

  async accept(some: readonly Register[]): Promise<void> {
    const { device, log } = this.#deps
    const seen: Register[] = []
    for (const each of some) {
      const part = log.partFor(device, each.scope)
      if (part === 'all') seen.push(each)
      // What shows that the peer may have all may be on its way.
      else if (part === 'roster') this.#park(each)
    }
    await this.#take(seen)
  }

  /** More may be known by now. */
  async retry(): Promise<void> {
    if (this.#kept.size === 0) return
    const { device, log } = this.#deps
    const found = [...this.#kept].filter(([, { scope }]) => log.partFor(device, scope) === 'all')
    for (const [name] of found) this.#drop(name)
    await this.#take(found.map(([, register]) => register))
  }

  async #take(seen: readonly Register[]): Promise<void> {
    if (seen.length > 0) await this.#deps.registers.accept(seen, this.#deps.device)
  }

  /** The oldest make room: the peer tells all anew on its next link. */
  #park(register: Register): void {
    const name = `${register.scope}/${register.device}/${register.key}`
    const before = this.#kept.get(name)
    if (before !== undefined && !replaces(register, before)) return
    this.#drop(name)
    this.#kept.set(name, register)
    this.#bytes += register.value.length
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= limits.earlyRegisters && this.#bytes <= limits.earlyRegisterBytes) return
      this.#drop(oldest)
    }
  }

  #drop(name: string): void {
    this.#bytes -= this.#kept.get(name)?.value.length ?? 0
    this.#kept.delete(name)
  }
}
