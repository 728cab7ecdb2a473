/** Coming back with the 24 words: one attempt at a time. */

import { WarrenError } from '../../protocol/errors.ts'
import type { NewRecovery, NoRecovery, Recovery } from '../../protocol/http-recovery.ts'
import { readDeviceId } from '../../protocol/ids.ts'
import { Recovering, type RecoveringDeps } from './recovering.ts'

export interface RecoveriesDeps extends RecoveringDeps {
  /** Ends what is under way. */
  readonly closing: AbortSignal
  /** Whether this device is becoming another person's by a linking. */
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

  /** Looks for the person; what was under way ends. Throws CONFLICT while something is written down, BAD_SHAPE, TOO_LARGE. */
  begin({ words, address }: NewRecovery): Recovery {
    if (this.#current?.isBinding === true || this.#deps.isLinking())
      throw new WarrenError('CONFLICT', 'this device is becoming one of somebody at this moment')
    const next = new Recovering(this.#deps, { words, address })
    this.#current?.fail('cancelled')
    this.#current = next
    return next.shown
  }

  /** Throws CONFLICT, NOT_FOUND, BAD_SHAPE. */
  finish(remove: readonly string[], askHelper = false): Recovery {
    if (this.#current === undefined || this.#deps.isLinking())
      throw new WarrenError('CONFLICT', 'nobody was found yet whom these words are of')
    return this.#current.finish(
      remove.map((each) => readDeviceId(each)),
      askHelper,
    )
  }

  /** The owner thought better of it; without effect once it is being written down. */
  end(): void {
    this.#current?.fail('cancelled')
  }
}
