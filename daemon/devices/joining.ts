/** The new side of a linking: finds the device that shows the code, compares words with it, and becomes a device of that person. */

import { namesDevice, readDeviceLink, type DeviceLink } from '../../protocol/contact-link.ts'
import { drawScalar } from '../../protocol/cpace.ts'
import {
  codeDigits,
  codeProofs,
  codeSecret,
  codeShare,
  isSameProof,
  type CodeKind,
} from '../../protocol/device-code.ts'
import type { DeviceClass } from '../../protocol/device-record.ts'
import type { DeviceFrame } from '../../protocol/device-frames.ts'
import { nonceCommitment, wordsToCompare, type DevicePair } from '../../protocol/device-words.ts'
import { publicBytes, signBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { deviceIdOf, fingerprint, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { counterMessage } from '../../protocol/operation-proofs.ts'
import { Course, LinkingFailed } from './course.ts'
import { firstOf } from './first-of.ts'
import { inTime, pause } from './in-time.ts'
import { expect, say } from './offer.ts'
import { giveUp, refuse, resume, takeWelcome, type Intent, type ResumingDeps } from './resuming.ts'
import type { DeviceTalk } from './talk.ts'

export interface JoiningDeps extends ResumingDeps {
  /** What this device is; a desktop, if it is not said. */
  readonly deviceClass?: DeviceClass | undefined
  readonly random: (length: number) => Uint8Array
  /** Where devices are that were seen nearby, perhaps after a while: multiaddrs with PeerId. */
  readonly nearby: (signal: AbortSignal) => Promise<readonly string[]>
  readonly comesBack: () => ComesBack
}

/**
 * Whether this home may become a device of the person whose it is already: one that was removed `may`, and one that was restored `must`,
 * for it is nobody's but that person's.
 */
export type ComesBack = 'not' | 'may' | 'must'

export interface Wanted {
  /** Digits or a link. */
  readonly code: string
  readonly address: string | undefined
}

type WelcomeFrame = Extract<DeviceFrame, { is: 'welcome' }>

/** A device that was told the same code. */
interface Found {
  readonly talk: DeviceTalk
  readonly address: string
  readonly pair: DevicePair
  readonly person: PersonId
  readonly nonces: { readonly joining: Uint8Array; readonly old: Uint8Array }
}

/** Devices nearby that are asked whether they show a code: each has one guess at it. How many at the same time. */
const mostAsked = 32
const askedAtOnce = 8
/** Before a device is asked again that is asked too often. */
const busyMs = 1_500

export class Joining {
  readonly course: Course
  readonly #deps: JoiningDeps
  readonly #link: DeviceLink | undefined
  readonly #by: CodeKind
  readonly #secret: Uint8Array
  /** Undefined: nearby. */
  readonly #address: string | undefined
  readonly #seed: Uint8Array
  readonly #joining: DeviceId
  readonly #callOff: () => void

  /** Throws BAD_LINK, BAD_SHAPE. */
  constructor(deps: JoiningDeps, { code, address }: Wanted) {
    this.#deps = deps
    const isLink = /^\s*warren:/i.test(code)
    this.#link = isLink ? readDeviceLink(code) : undefined
    if (!isLink && code.replaceAll(/\D/g, '').length !== codeDigits)
      throw new WarrenError('BAD_SHAPE', `the code has ${codeDigits} digits`)
    this.#by = isLink ? 'link' : 'digits'
    this.#secret = this.#link?.secret ?? codeSecret(code)
    this.#address = isLink ? code : address
    this.#seed = deps.random(32)
    this.#joining = deviceIdOf(publicBytes(signingKeyFromSeed(this.#seed)))
    this.course = new Course({ role: 'new', state: 'looking', fingerprint: fingerprint(this.#joining) }, deps.changed)
    this.#callOff = deps.timers.after(limits.deviceOfferMs, () => this.course.fail('expired'))
    this.course.signal.addEventListener('abort', this.#callOff)
    this.#run().then(this.#callOff, (error: unknown) => this.course.failed(error))
  }

  async #run(): Promise<void> {
    const { nearby } = this.#deps
    const { signal: ending } = this.course
    const addresses = this.#address === undefined ? (await nearby(ending)).slice(0, mostAsked) : [this.#address]
    const found = await firstOf<string, Found>(
      {
        ways: addresses,
        atOnce: askedAtOnce,
        attempt: async (address, signal) => await this.#askAt(address, signal),
        leave: ({ talk }) => talk.end(),
        worse: (one, other) => (addresses.length === 1 || isTelling(other) ? other : one),
      },
      new LinkingFailed('nobody'),
      ending,
    )
    try {
      await this.#join(found)
    } catch (error) {
      this.course.failed(error)
      refuse(this.#deps, found.talk, this.course)
      throw error
    } finally {
      found.talk.end()
    }
  }

  /** Until this one has an answer. */
  async #askAt(address: string, signal: AbortSignal): Promise<Found> {
    const { open, timers } = this.#deps
    for (;;) {
      const talk = await open(address, signal)
      try {
        return { address, ...(await this.#prove(talk, signal)) }
      } catch (error) {
        talk.end()
        if (errorCode(error) !== 'RATE_LIMITED') throw error
      }
      await pause(timers, busyMs, signal)
    }
  }

  /** Both sides prove that they were told the code; nothing else is said before. */
  async #prove(talk: DeviceTalk, signal: AbortSignal): Promise<Omit<Found, 'address'>> {
    const { self, random, timers, deviceClass = 'desktop' } = this.#deps
    const link = this.#link
    if (link !== undefined && !namesDevice(link, talk.device)) throw new LinkingFailed('not-theirs')
    const pair = { old: talk.device, asking: self.device, joining: this.#joining }
    const [nonce, session, scalar] = [random(32), random(32), drawScalar(random(64))]
    const commitment = nonceCommitment(this.#joining, nonce)
    const record = { device: this.#joining, deviceClass }
    const share = codeShare(this.#secret, pair, session, scalar)
    const ask = { record, commitment, by: this.#by, session, share }
    talk.send({ is: 'ask', ...ask })
    return await inTime(timers, limits.deviceProofMs, signal, async (either) => {
      const theirs = await expect(talk, 'share', either)
      const { asking, asked } = codeProofs(scalar, theirs.share, ask, theirs)
      talk.send({ is: 'prove', proof: asking })
      const { proof, person } = await expect(talk, 'answer', either)
      if (!isSameProof(proof, asked)) throw new LinkingFailed('wrong-code')
      return { talk, pair, person, nonces: { joining: nonce, old: theirs.nonce } }
    })
  }

  async #join({ talk, address, pair, person, nonces }: Found): Promise<void> {
    const link = this.#link
    if (link !== undefined && link.person !== person) throw new LinkingFailed('not-theirs')
    const { self, comesBack } = this.#deps
    if (person === self.person && comesBack() === 'not') throw new LinkingFailed('same-person')
    if (person !== self.person && comesBack() === 'must') throw new LinkingFailed('other-person')
    talk.send({ is: 'reveal', nonce: nonces.joining })
    this.course.show({ state: 'comparing', words: wordsToCompare(person, pair, nonces) })
    await this.#agree(talk, { seed: this.#seed, person, address, at: 0 })
  }

  async #agree(talk: DeviceTalk, wish: Intent): Promise<void> {
    const { intend, timers } = this.#deps
    const { course } = this
    // Heard at once if the other side gives up while the words are compared.
    const heard = expect(talk, 'welcome', course.signal)
    await Promise.race([course.whenConfirmed, heard.then(() => Promise.reject(new LinkingFailed('failed')))])
    const intent = { ...wish, at: timers.now() }
    await intend(intent)
    // From here on it is the other side's offer that ends.
    this.#callOff()
    const counterSignature = signBytes(signingKeyFromSeed(intent.seed), counterMessage(intent.person, this.#joining))
    try {
      say(talk, { is: 'agree', counterSignature })
      await this.#settle(talk, intent, heard)
    } catch (error) {
      course.failed(error)
      await giveUp(this.#deps, talk, course)
      throw error
    }
  }

  /** Where they are cut off before it is known, it is asked again. */
  async #settle(talk: DeviceTalk, intent: Intent, heard: Promise<WelcomeFrame>): Promise<void> {
    const { course } = this
    let welcome: WelcomeFrame
    try {
      welcome = await heard
    } catch (error) {
      course.signal.throwIfAborted()
      if (errorCode(error) !== 'LINK_CLOSED') throw error
      return await resume(this.#deps, course, intent)
    }
    await takeWelcome(this.#deps, course, intent, talk, welcome)
  }
}

/** Whether it says more than that nobody there shows a code. */
const isTelling = (error: unknown): boolean =>
  error instanceof LinkingFailed ? error.problem !== 'nobody' : errorCode(error) === 'IDENTITY_MISMATCH'
