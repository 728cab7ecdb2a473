/** The new side of a linking: finds the device that shows the code, compares words with it, and takes on the person's identity. */

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
import { nonceCommitment, wordsToCompare, type DevicePair } from '../../protocol/device-words.ts'
import { publicBytes, signBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { deviceIdOf, fingerprint, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { counterMessage } from '../../protocol/operation-proofs.ts'
import type { Card } from '../../protocol/register.ts'
import type { PersonState } from '../../protocol/roster.ts'
import type { Run } from '../../protocol/run.ts'
import type { Timers } from '../timers.ts'
import { Course, LinkingFailed } from './course.ts'
import { firstOf } from './first-of.ts'
import { inTime, pause } from './in-time.ts'
import { expect } from './offer.ts'
import type { DeviceTalk, OpenTalk } from './talk.ts'

/** What this home becomes. */
export interface Welcome {
  readonly seed: Uint8Array
  readonly person: PersonId
  readonly log: readonly Run[]
  readonly card: Card
}

export interface JoiningDeps {
  readonly self: { readonly device: DeviceId; readonly person: PersonId }
  readonly timers: Timers
  readonly random: (length: number) => Uint8Array
  readonly open: OpenTalk
  /** Where devices are that were seen nearby: multiaddrs with PeerId. */
  readonly nearby: () => readonly string[]
  /** What a log says of a person; nothing is stored. Throws IDENTITY_MISMATCH. */
  readonly preview: (person: PersonId, log: readonly Run[]) => PersonState
  /** Durable when it resolves; then the house opens anew as what it has become. */
  readonly become: (welcome: Welcome) => Promise<void>
  readonly changed: () => void
}

export interface Wanted {
  /** Digits or a link. */
  readonly code: string
  readonly address: string | undefined
}

/** A device that was told the same code. */
interface Found {
  readonly talk: DeviceTalk
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
  readonly #addresses: readonly string[]
  readonly #seed: Uint8Array
  readonly #joining: DeviceId

  /** Throws BAD_LINK, BAD_SHAPE. */
  constructor(deps: JoiningDeps, { code, address }: Wanted) {
    this.#deps = deps
    const isLink = /^\s*warren:/i.test(code)
    this.#link = isLink ? readDeviceLink(code) : undefined
    if (!isLink && code.replaceAll(/\D/g, '').length !== codeDigits)
      throw new WarrenError('BAD_SHAPE', `the code has ${codeDigits} digits`)
    this.#by = isLink ? 'link' : 'digits'
    this.#secret = this.#link?.secret ?? codeSecret(code)
    const somewhere = address === undefined ? deps.nearby().slice(0, mostAsked) : [address]
    this.#addresses = isLink ? [code] : somewhere
    this.#seed = deps.random(32)
    this.#joining = deviceIdOf(publicBytes(signingKeyFromSeed(this.#seed)))
    this.course = new Course({ role: 'new', state: 'looking', fingerprint: fingerprint(this.#joining) }, deps.changed)
    const callOff = deps.timers.after(limits.deviceOfferMs, () => this.course.fail('expired'))
    this.course.signal.addEventListener('abort', callOff)
    this.#run().then(callOff, (error: unknown) => this.course.failed(error))
  }

  async #run(): Promise<void> {
    const found = await firstOf<string, Found>(
      {
        ways: this.#addresses,
        atOnce: askedAtOnce,
        attempt: async (address, signal) => await this.#askAt(address, signal),
        leave: ({ talk }) => this.#leave(talk),
        worse: (one, other) => (this.#addresses.length === 1 || isTelling(other) ? other : one),
      },
      new LinkingFailed('nobody'),
      this.course.signal,
    )
    try {
      await this.#join(found)
    } catch (error) {
      this.course.failed(error)
      throw error
    } finally {
      this.#leave(found.talk)
    }
  }

  /** Until this one has an answer. */
  async #askAt(address: string, signal: AbortSignal): Promise<Found> {
    const { open, timers } = this.#deps
    for (;;) {
      const talk = await open(address, signal)
      try {
        return await this.#prove(talk, signal)
      } catch (error) {
        this.#leave(talk)
        if (errorCode(error) !== 'RATE_LIMITED') throw error
      }
      await pause(timers, busyMs, signal)
    }
  }

  /** The other side is told why, where its owner should know. */
  #leave(talk: DeviceTalk): void {
    const { problem } = this.course.shown
    try {
      if (problem !== undefined) talk.send({ is: 'refuse', why: problem === 'other-words' ? problem : 'cancelled' })
    } catch {
      // It is gone.
    }
    talk.end()
  }

  /** Both sides prove that they were told the code; nothing else is said before. */
  async #prove(talk: DeviceTalk, signal: AbortSignal): Promise<Found> {
    const { self, random, timers } = this.#deps
    const link = this.#link
    if (link !== undefined && !namesDevice(link, talk.device)) throw new LinkingFailed('not-theirs')
    const pair = { old: talk.device, asking: self.device, joining: this.#joining }
    const [nonce, session, scalar] = [random(32), random(32), drawScalar(random(64))]
    const commitment = nonceCommitment(this.#joining, nonce)
    const record = { device: this.#joining, deviceClass: 'desktop' } as const
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

  async #join({ talk, pair, person, nonces }: Found): Promise<void> {
    const link = this.#link
    if (link !== undefined && link.person !== person) throw new LinkingFailed('not-theirs')
    if (person === this.#deps.self.person) throw new LinkingFailed('same-person')
    talk.send({ is: 'reveal', nonce: nonces.joining })
    this.course.show({ state: 'comparing', words: wordsToCompare(person, pair, nonces) })
    await this.#agree(talk, person)
  }

  async #agree(talk: DeviceTalk, person: PersonId): Promise<void> {
    const { preview, become } = this.#deps
    const { course } = this
    // Heard at once if the other side gives up while the words are compared.
    const heard = expect(talk, 'welcome', course.signal)
    await Promise.race([course.whenConfirmed, heard.then(() => Promise.reject(new LinkingFailed('failed')))])
    const counterSignature = signBytes(signingKeyFromSeed(this.#seed), counterMessage(person, this.#joining))
    talk.send({ is: 'agree', counterSignature })
    const { person: named, log, card } = await heard
    if (named !== person) throw new LinkingFailed('not-theirs')
    const { devices } = preview(person, log)
    if (!devices.has(this.#joining) || !devices.has(talk.device)) throw new LinkingFailed('not-theirs')
    await course.bind(async () => await become({ seed: this.#seed, person, log, card }))
  }
}

/** Whether it says more than that nobody there shows a code. */
const isTelling = (error: unknown): boolean =>
  error instanceof LinkingFailed ? error.problem !== 'nobody' : errorCode(error) === 'IDENTITY_MISMATCH'
