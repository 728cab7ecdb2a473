/** Whether the API has anybody to answer for: starting, locked, open or closing. */

import { WarrenError } from '../../protocol/errors.ts'
import type { Health } from '../../protocol/http.ts'
import type { Keys } from './keys.ts'
import type { Owner } from './owner.ts'

export class Door {
  status: Health['status'] = 'starting'
  #keys: Keys | undefined
  #owner: Owner | undefined

  /** Throws NOT_RUNNING before it was handed any. */
  get keys(): Keys {
    if (this.#keys === undefined) throw new WarrenError('NOT_RUNNING', 'the daemon is still starting')
    return this.#keys
  }

  /** Throws LOCKED while the rooms are closed. */
  get owner(): Owner {
    if (this.#owner === undefined) throw new WarrenError('LOCKED', 'the daemon is locked')
    return this.#owner
  }

  /** Undefined while the rooms are closed. */
  get visitor(): Owner | undefined {
    return this.#owner
  }

  /** There is a lock from now on. */
  hang(keys: Keys): void {
    this.#keys = keys
  }

  /** True if somebody can come in now; a closing door stays closed. */
  open(owner: Owner): boolean {
    this.#owner = owner
    if (this.status !== 'locked' && this.status !== 'starting') return false
    this.status = 'ok'
    return true
  }

  lock(): void {
    if (this.status !== 'closing') this.status = 'locked'
    this.#owner = undefined
  }
}
