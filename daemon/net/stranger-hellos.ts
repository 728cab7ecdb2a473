/** Which hellos are read: each costs the check of up to 32 signatures, and anybody can say one. */

import type { DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Meeting } from './meeting.ts'
import { TokenBucket } from './token-bucket.ts'

/** A stranger may say hello so often on one connection. */
const mostOnOne = 16
/** Under way at a time on one connection. */
const mostAtOnce = 2

export class StrangerHellos {
  readonly #isKept: (device: DeviceId) => boolean
  readonly #all = new TokenBucket(limits.strangerHellos, limits.strangerHellosPerSecond, performance.now())

  /** `isKept`: a device to stay linked with, or to bring a request to. */
  constructor(isKept: (device: DeviceId) => boolean) {
    this.#isKept = isKept
  }

  /** Counts one that begins. */
  admits({ device, link, asked, answering }: Meeting): boolean {
    if (answering > mostAtOnce) return false
    if (link !== undefined) return true
    return asked <= mostOnOne && (this.#isKept(device) || this.#all.take(1, performance.now()))
  }
}
