/** The owner's own devices: one at a time comes to belong, here or there. */

import { WarrenError } from '../../protocol/errors.ts'
import type { Linking, NewLinking, NoLinking } from '../../protocol/http-devices.ts'
import { inTime } from './in-time.ts'
import { Joining, type JoiningDeps } from './joining.ts'
import { Offer, type OfferDeps } from './offer.ts'
import type { DeviceTalk } from './talk.ts'

export interface DevicesDeps extends OfferDeps, JoiningDeps {
  /** Ends everything that waits. */
  readonly closing: AbortSignal
  /** Whether this device was removed, or another copy of it runs. */
  readonly isShutOut: () => boolean
}

export class Devices {
  readonly #deps: DevicesDeps
  #current: Offer | Joining | undefined

  constructor(deps: DevicesDeps) {
    this.#deps = deps
    deps.closing.addEventListener('abort', () => this.#current?.course.fail('cancelled'))
  }

  get linking(): Linking | NoLinking {
    return this.#current?.course.shown ?? { state: 'none' }
  }

  /** Shows a code, or joins the device that shows this one; what was under way ends. Throws CONFLICT while a device is being taken in or joined, NOT_ALLOWED, BAD_LINK, BAD_SHAPE. */
  begin({ code, address }: NewLinking): Linking {
    if (this.#current?.course.isBinding === true)
      throw new WarrenError('CONFLICT', 'a device is being linked at this moment')
    if (code === undefined && this.#deps.isShutOut())
      throw new WarrenError('NOT_ALLOWED', 'this device cannot take in others any more')
    const next = code === undefined ? new Offer(this.#deps) : new Joining(this.#deps, { code, address })
    this.#current?.course.fail('cancelled')
    this.#current = next
    return next.course.shown
  }

  /** The owner said that the words are the same on both screens. Throws CONFLICT. */
  confirm(): Linking {
    if (this.#current === undefined) throw new WarrenError('CONFLICT', 'nothing is being linked')
    this.#current.course.confirm()
    return this.#current.course.shown
  }

  /** The words differ, or the owner thought better of it; without effect once it is being written down. */
  cancel(differ: boolean): void {
    this.#current?.course.fail(differ ? 'other-words' : 'cancelled')
  }

  /** Another device opened a conversation. Never rejects. */
  async heard(talk: DeviceTalk): Promise<void> {
    const { closing, timers } = this.#deps
    try {
      const first = await inTime(timers, firstFrameMs, closing, async (signal) => await talk.next(signal))
      if (first.is === 'ask' && this.#current instanceof Offer) await this.#current.answer(talk, first)
      else talk.send({ is: 'refuse', why: 'unknown' })
    } catch {
      // It went away, or talks nonsense: the conversation ends.
    } finally {
      talk.end()
    }
  }
}

const firstFrameMs = 10_000
