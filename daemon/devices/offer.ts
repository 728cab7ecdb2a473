/** The old side of a linking: shows a code once, and takes in whoever was told it, once both owners saw the same words. */

import { drawScalar } from '../../protocol/cpace.ts'
import {
  codeDigits,
  codeProofs,
  codeSecret,
  codeShare,
  isSameProof,
  type CodeKind,
  type CodeProofs,
} from '../../protocol/device-code.ts'
import type { DeviceFrame, DeviceRefusal } from '../../protocol/device-frames.ts'
import { nonceCommitment, wordsToCompare, type DevicePair } from '../../protocol/device-words.ts'
import type { DeviceRecord } from '../../protocol/device-record.ts'
import { sameBytes } from '../../protocol/bytes.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { fingerprint, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Card } from '../../protocol/register.ts'
import type { Run } from '../../protocol/run.ts'
import type { Timers } from '../timers.ts'
import { Course, LinkingFailed } from './course.ts'
import { Guesses } from './guesses.ts'
import { inTime } from './in-time.ts'
import type { DeviceTalk } from './talk.ts'

export interface OfferDeps {
  readonly self: { readonly device: DeviceId; readonly person: PersonId }
  readonly timers: Timers
  readonly random: (length: number) => Uint8Array
  /** A link by which a device joins, with this secret and this device's addresses. */
  readonly link: (secret: Uint8Array) => string
  /** Writes that the device belongs. Throws BAD_SIGNATURE, CONFLICT, NOT_ALLOWED. */
  readonly add: (record: DeviceRecord, counterSignature: Uint8Array) => Promise<void>
  /** Takes that back. Throws NOT_FOUND, NOT_ALLOWED. */
  readonly remove: (device: DeviceId) => Promise<void>
  /** Whether it was written of a device. */
  readonly belongs: (device: DeviceId) => boolean
  readonly log: () => Promise<readonly Run[]>
  readonly card: () => Card
  /** Whether a device belongs to anybody who is known here. */
  readonly isKnown: (device: DeviceId) => boolean
  readonly changed: () => void
  /** The daemon stops, or is locked. */
  readonly closing: AbortSignal
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
  readonly #secrets: Readonly<Record<CodeKind, Uint8Array>>
  readonly #guesses: Guesses
  readonly #callOff: () => void
  /** Somebody knew the code: nobody else is listened to. */
  #isTaken = false

  constructor(deps: OfferDeps) {
    this.#deps = deps
    const { timers, random } = deps
    const code = randomCode(random)
    const secret = random(32)
    this.#secrets = { link: secret, digits: codeSecret(code) }
    this.#guesses = new Guesses(() => timers.now())
    const expiresAt = timers.now() + limits.deviceOfferMs
    this.course = new Course({ role: 'old', state: 'waiting', code, link: deps.link(secret), expiresAt }, deps.changed)
    this.#callOff = timers.after(limits.deviceOfferMs, () => this.course.fail('expired'))
    this.course.signal.addEventListener('abort', () => this.#callOff())
  }

  /** Whether a device that asks may still be the one that it is shown for. */
  get isOpen(): boolean {
    return !this.#isTaken && !this.course.isOver
  }

  /** Answers one that asks. Never rejects. */
  async answer(talk: DeviceTalk, ask: Ask): Promise<void> {
    const refuse = (why: DeviceRefusal): void => talk.send({ is: 'refuse', why })
    let isTheOne = false
    try {
      const { self, random, isKnown } = this.#deps
      const pair: DevicePair = { old: self.device, asking: talk.device, joining: ask.record.device }
      if (!this.isOpen || isKnown(pair.joining)) return refuse('unknown')
      const nonce = random(32)
      const verdict = await this.#prove(talk, ask, pair, nonce)
      if (!('asked' in verdict)) return this.#refuse(verdict.why, refuse)
      isTheOne = true
      await this.#takeIn(talk, ask, pair, verdict.asked, nonce)
    } catch (error) {
      // The peer broke off, or broke the rules: who knew the code has spent it.
      if (isTheOne) this.course.failed(error)
      const problem = this.course.shown.problem
      try {
        refuse(problem === 'other-words' ? 'other-words' : 'cancelled')
      } catch {
        // It is gone.
      }
    }
  }

  #refuse(why: DeviceRefusal, refuse: (why: DeviceRefusal) => void): void {
    if (!this.#guesses.isUsedUp) return refuse(why)
    refuse('used-up')
    return this.course.fail('used-up')
  }

  /** One guess. Whoever was right is the one; what is proven to them in turn is not told yet. */
  async #prove(
    talk: DeviceTalk,
    ask: Ask,
    pair: DevicePair,
    nonce: Uint8Array,
  ): Promise<Pick<CodeProofs, 'asked'> | { why: DeviceRefusal }> {
    const { random, timers } = this.#deps
    if (!this.#guesses.begin(talk.source)) return { why: 'busy' }
    try {
      const scalar = drawScalar(random(64))
      const share = codeShare(this.#secrets[ask.by], pair, ask.session, scalar)
      const { asking, asked } = codeProofs(scalar, ask.share, ask, { share, nonce })
      talk.send({ is: 'share', share, nonce })
      const { proof } = await inTime(
        timers,
        limits.deviceProofMs,
        this.course.signal,
        async (signal) => await expect(talk, 'prove', signal),
      )
      // Another one may have been quicker.
      if (!this.isOpen) return { why: 'unknown' }
      if (isSameProof(proof, asking)) {
        this.#isTaken = true
        return { asked }
      }
      this.#guesses.wrong(talk.source)
      return { why: 'wrong-code' }
    } finally {
      this.#guesses.end(talk.source)
    }
  }

  async #takeIn(talk: DeviceTalk, ask: Ask, pair: DevicePair, proof: Uint8Array, nonce: Uint8Array): Promise<void> {
    const { self, add } = this.#deps
    const { course } = this
    talk.send({ is: 'answer', proof, person: self.person })
    const reveal = await expect(talk, 'reveal', course.signal)
    if (!sameBytes(nonceCommitment(pair.joining, reveal.nonce), ask.commitment))
      throw new WarrenError('BAD_HASH', 'that is not the nonce that was promised')
    const words = wordsToCompare(self.person, pair, { joining: reveal.nonce, old: nonce })
    course.show({ state: 'comparing', words, fingerprint: fingerprint(pair.joining) })
    const agree = await expect(talk, 'agree', course.signal)
    // Nobody is taken in who has gone, or thought better of it, before both owners said yes.
    const kept = expect(talk, 'kept', course.signal)
    await Promise.race([course.whenConfirmed, kept])
    await course.whenConfirmed
    await course.bind(async () => {
      await add(ask.record, agree.counterSignature)
      await welcome(this.#deps, talk, ask.record.device, kept)
    })
    this.#callOff()
  }
}

type WelcomeDeps = Pick<OfferDeps, 'self' | 'timers' | 'log' | 'card' | 'remove' | 'closing'>

/**
 * Tells a device that it belongs. Resolves once it has kept that, or cannot be heard: then it asks again. Rejects with LinkingFailed if it
 * could not or would not; that it belongs is taken back then.
 */
export async function welcome(
  { self, timers, log, card, remove, closing }: WelcomeDeps,
  talk: DeviceTalk,
  joining: DeviceId,
  kept: Promise<unknown>,
): Promise<void> {
  try {
    say(talk, { is: 'welcome', person: self.person, log: await log(), card: card() })
    await inTime(timers, limits.deviceProofMs, closing, async () => await kept)
  } catch (error) {
    if (!(error instanceof LinkingFailed)) return
    await remove(joining)
    throw error
  }
}

/** Where it cannot be said any more, what is heard next says why. */
export function say(talk: DeviceTalk, frame: DeviceFrame): void {
  try {
    talk.send(frame)
  } catch (error) {
    if (errorCode(error) !== 'LINK_CLOSED') throw error
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
  if (frame.is === 'refuse') throw refusalError(frame.why)
  throw new WarrenError('BAD_SHAPE', 'a frame out of turn')
}

function refusalError(why: DeviceRefusal): Error {
  if (why === 'busy') return new WarrenError('RATE_LIMITED', 'the other device is asked too often')
  return new LinkingFailed(why === 'unknown' ? 'nobody' : why)
}
