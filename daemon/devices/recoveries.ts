/** Coming back with the 24 words: one attempt at a time. */

import { WarrenError } from '../../protocol/errors.ts'
import type { NewRecovery, NoRecovery, Recovery } from '../../protocol/http-recovery.ts'
import { readDeviceId } from '../../protocol/ids.ts'
import { Recovering, type RecoveringDeps } from './recovering.ts'

export interface RecoveriesDeps extends RecoveringDeps {
  /** Ends what is under way. */
  readonly closing: AbortSignal
  /** Whether this device is taking in another, or its owner agreed that it joins a person; see Devices.isAgreed. */
  readonly isLinking: () => boolean
}

export class Recoveries {
  readonly #deps: RecoveriesDeps
  #current: Recovering | undefined

  constructor(deps: RecoveriesDeps) {
    this.#deps = deps
    deps.closing.addEventListener('abort', () => this.#current?.fail('cancelled'))
  }

  get shown(): Recovery | NoRecovery {
    return this.#current?.shown ?? { state: 'none' }
  }

  /** Whether this home is becoming another: nothing else may make it one. */
  get isBinding(): boolean {
    return this.#current?.isBinding === true
  }

  /** Looks for the person; what was under way ends. Throws CONFLICT while something is written down, BAD_SHAPE, TOO_LARGE. */
  begin({ words, address }: NewRecovery): Recovery {
    this.#checkFree()
    const next = new Recovering(this.#deps, { words, address })
    this.#current?.fail('cancelled')
    this.#current = next
    return next.shown
  }

  /** Throws CONFLICT, NOT_FOUND, BAD_SHAPE. */
  finish(remove: readonly string[], askHelper = false, alone = false): Recovery {
    if (this.#current === undefined) throw new WarrenError('CONFLICT', 'nobody was found yet whom these words are of')
    this.#checkFree()
    return this.#current.finish(
      remove.map((each) => readDeviceId(each)),
      askHelper,
      alone,
    )
  }

  /** Throws CONFLICT. */
  #checkFree(): void {
    if (this.isBinding) throw new WarrenError('CONFLICT', 'this device is becoming one of somebody at this moment')
    if (this.#deps.isLinking()) throw new WarrenError('CONFLICT', 'this device is being linked: end that first')
  }

  /** The owner thought better of it; without effect once it is being written down. */
  end(): void {
    this.#current?.fail('cancelled')
  }
}
