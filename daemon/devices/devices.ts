/** The owner's own devices: one at a time comes to belong, here or there. */

import type { DeviceFrame } from '../../protocol/device-frames.ts'
import { isSignedBy } from '../../protocol/device-key.ts'
import { resumeMessage } from '../../protocol/device-words.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { isFindFrame } from '../../protocol/find-frames.ts'
import type { Linking, NewLinking, NoLinking } from '../../protocol/http-devices.ts'
import { deviceBytes } from '../../protocol/ids.ts'
import type { Finder } from './finder.ts'
import { inTime } from './in-time.ts'
import { Joining, type JoiningDeps } from './joining.ts'
import { expect, Offer, welcome, type OfferDeps } from './offer.ts'
import { Resuming, type Intent } from './resuming.ts'
import type { DeviceTalk } from './talk.ts'

export interface DevicesDeps extends OfferDeps, JoiningDeps {
  /** What the owner said yes to, and was cut off from. */
  readonly intent?: Intent | undefined
  /** Whether this device was removed, or another copy of it runs. */
  readonly isShutOut: () => boolean
  /** Answers those who look for a person with a recovery phrase. */
  readonly finder: Pick<Finder, 'answer'>
  /** Whether this home is becoming another with the 24 words at this moment. */
  readonly isRecovering: () => boolean
}

export class Devices {
  readonly #deps: DevicesDeps
  #current: Offer | Joining | Resuming | undefined

  constructor(deps: DevicesDeps) {
    this.#deps = deps
    if (deps.intent !== undefined) this.#current = new Resuming(deps, deps.intent)
    deps.closing.addEventListener('abort', () => this.#current?.course.fail('cancelled'))
  }

  /** Whether this device is being made one of somebody, or is taking one in, at this moment. */
  get isBinding(): boolean {
    return this.#current?.course.isBinding === true
  }

  /** As isBinding, and from when the owner said yes to joining a person: it may be so at any moment then. */
  get isAgreed(): boolean {
    const { course } = this.#current ?? {}
    return course?.isBinding === true || (course?.shown.role === 'new' && course.shown.state === 'confirmed')
  }

  get linking(): Linking | NoLinking {
    return this.#current?.course.shown ?? { state: 'none' }
  }

  /** Shows a code, or joins the device that shows this one; what was under way ends. Throws CONFLICT while a device is being taken in or joined, NOT_ALLOWED, BAD_LINK, BAD_SHAPE. */
  begin({ code, address }: NewLinking): Linking {
    if (this.isBinding) throw new WarrenError('CONFLICT', 'a device is being linked at this moment')
    this.#checkFree()
    if (code === undefined && this.#deps.comesBack() === 'must')
      throw new WarrenError('NOT_ALLOWED', 'this is a backup: a device of yours shows a code, which is typed here')
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
    this.#checkFree()
    this.#current.course.confirm()
    return this.#current.course.shown
  }

  /** Throws CONFLICT. */
  #checkFree(): void {
    if (this.#deps.isRecovering())
      throw new WarrenError('CONFLICT', 'this device is becoming one of somebody at this moment')
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
      else if (first.is === 'resume') await this.#resumed(talk, first)
      else if (isFindFrame(first)) await this.#deps.finder.answer(talk, first)
      else talk.send({ is: 'refuse', why: 'unknown' })
    } catch {
      // It went away, or talks nonsense: the conversation ends.
    } finally {
      talk.end()
    }
  }

  /** A device that was cut off asks whether it belongs. */
  async #resumed(talk: DeviceTalk, { joining, signature }: Extract<DeviceFrame, { is: 'resume' }>): Promise<void> {
    const { self, belongs, isShutOut, closing } = this.#deps
    const message = resumeMessage(self.person, { old: self.device, asking: talk.device })
    const isTheirs = belongs(joining) && isSignedBy(deviceBytes(joining), message, signature)
    if (isTheirs && !isShutOut()) await welcome(this.#deps, talk, joining, expect(talk, 'kept', closing))
    else talk.send({ is: 'refuse', why: 'unknown' })
  }
}

const firstFrameMs = 10_000
