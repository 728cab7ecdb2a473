/** The old side of a linking: shows a code once, and takes in whoever was told it, once both owners saw the same words. */

import type { DeviceFrame, DeviceRefusal } from '../../protocol/device-frames.ts'
import {
  codeDigits,
  codeProof,
  codeSecret,
  isSameProof,
  nonceCommitment,
  wordsToCompare,
  type DevicePair,
} from '../../protocol/device-words.ts'
import type { DeviceRecord } from '../../protocol/device-record.ts'
import { sameBytes } from '../../protocol/bytes.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { fingerprint, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Card } from '../../protocol/register.ts'
import type { Run } from '../../protocol/run.ts'
import type { Timers } from '../timers.ts'
import { Course, LinkingFailed } from './course.ts'
import type { DeviceTalk } from './talk.ts'

export interface OfferDeps {
  readonly self: { readonly device: DeviceId; readonly person: PersonId }
  readonly timers: Timers
  readonly random: (length: number) => Uint8Array
  /** A link by which a device joins, with this secret and this device's addresses. */
  readonly link: (secret: Uint8Array) => string
  /** Writes that the device belongs. Throws BAD_SIGNATURE, CONFLICT, NOT_ALLOWED. */
  readonly add: (record: DeviceRecord, counterSignature: Uint8Array) => Promise<void>
  readonly log: () => Promise<readonly Run[]>
  readonly card: () => Card
  /** Whether a device belongs to anybody who is known here. */
  readonly isKnown: (device: DeviceId) => boolean
  readonly changed: () => void
}

type Ask = Extract<DeviceFrame, { is: 'ask' }>

/** Eight digits without bias: of 2^32 numbers the last few are not taken. */
function randomCode(random: (length: number) => Uint8Array): string {
  const range = 10 ** codeDigits
  for (;;) {
    const bytes = random(4)
    const number = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
    if (number < Math.floor(2 ** 32 / range) * range) return String(number % range).padStart(codeDigits, '0')
  }
}

export class Offer {
  readonly course: Course
  readonly #deps: OfferDeps
  readonly #secrets: readonly Uint8Array[]
  readonly #callOff: () => void
  #wrong = 0
  /** Somebody knew the code: nobody else is listened to. */
  #isTaken = false

  constructor(deps: OfferDeps) {
    this.#deps = deps
    const code = randomCode(deps.random)
    const secret = deps.random(32)
    this.#secrets = [secret, codeSecret(code)]
    const expiresAt = deps.timers.now() + limits.deviceOfferMs
    this.course = new Course({ role: 'old', state: 'waiting', code, link: deps.link(secret), expiresAt }, deps.changed)
    this.#callOff = deps.timers.after(limits.deviceOfferMs, () => this.course.fail('expired'))
    this.course.signal.addEventListener('abort', () => this.#callOff())
  }

  /** Whether a device that asks may still be the one that it is shown for. */
  get isOpen(): boolean {
    return !this.#isTaken && !this.course.isOver
  }

  /** Answers one that asks. Never rejects. */
  async answer(talk: DeviceTalk, ask: Ask): Promise<void> {
    const refuse = (why: DeviceRefusal): void => talk.send({ is: 'refuse', why })
    try {
      const { self, isKnown } = this.#deps
      const pair: DevicePair = { old: self.device, asking: talk.device, joining: ask.record.device }
      if (!this.isOpen || isKnown(pair.joining)) return refuse('unknown')
      if (!this.#secrets.some((secret) => isSameProof(codeProof(secret, pair, ask.commitment), ask.proof)))
        return this.#guessed(refuse)
      this.#isTaken = true
      await this.#takeIn(talk, ask, pair)
    } catch (error) {
      // The peer broke off, or broke the rules: either way the code is spent.
      if (this.#isTaken) this.course.failed(error)
      const problem = this.course.shown.problem
      try {
        refuse(problem === 'other-words' ? 'other-words' : 'cancelled')
      } catch {
        // It is gone.
      }
    }
  }

  /** So that eight digits are not tried until they fit. */
  #guessed(refuse: (why: DeviceRefusal) => void): void {
    this.#wrong += 1
    if (this.#wrong < limits.deviceTries) return refuse('wrong-code')
    refuse('used-up')
    return this.course.fail('used-up')
  }

  async #takeIn(talk: DeviceTalk, ask: Ask, pair: DevicePair): Promise<void> {
    const { self, random, add, log, card } = this.#deps
    const { course } = this
    const nonce = random(32)
    talk.send({ is: 'answer', person: self.person, nonce })
    const reveal = await expect(talk, 'reveal', course.signal)
    if (!sameBytes(nonceCommitment(pair.joining, reveal.nonce), ask.commitment))
      throw new WarrenError('BAD_HASH', 'that is not the nonce that was promised')
    const words = wordsToCompare(self.person, pair, { joining: reveal.nonce, old: nonce })
    course.show({ state: 'comparing', words, fingerprint: fingerprint(pair.joining) })
    const [agree] = await Promise.all([expect(talk, 'agree', course.signal), course.whenConfirmed])
    await course.bind(async () => {
      await add(ask.record, agree.counterSignature)
      talk.send({ is: 'welcome', person: self.person, log: await log(), card: card() })
    })
    this.#callOff()
  }
}

/** The next frame, if it is of this kind. Throws LinkingFailed if the other side goes no further, BAD_SHAPE for anything else. */
export async function expect<Is extends DeviceFrame['is']>(
  talk: DeviceTalk,
  is: Is,
  signal: AbortSignal,
): Promise<Extract<DeviceFrame, { is: Is }>> {
  const frame = await talk.next(signal)
  if (frame.is === is) return frame as Extract<DeviceFrame, { is: Is }>
  if (frame.is === 'refuse') throw new LinkingFailed(frame.why === 'unknown' ? 'nobody' : frame.why)
  throw new WarrenError('BAD_SHAPE', 'a frame out of turn')
}
