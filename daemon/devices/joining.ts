/** The new side of a linking: finds the device that shows the code, compares words with it, and takes on the person's identity. */

import { namesDevice, readDeviceLink, type DeviceLink } from '../../protocol/contact-link.ts'
import type { DeviceFrame } from '../../protocol/device-frames.ts'
import { codeDigits, codeProof, codeSecret, nonceCommitment, wordsToCompare } from '../../protocol/device-words.ts'
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

type Answer = Extract<DeviceFrame, { is: 'answer' }>

/** Devices nearby that are asked whether they show a code. */
const mostAsked = 32

export class Joining {
  readonly course: Course
  readonly #deps: JoiningDeps
  readonly #link: DeviceLink | undefined
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
    let problem: unknown = new LinkingFailed('nobody')
    for (const address of this.#addresses) {
      let talk: DeviceTalk | undefined
      try {
        talk = await this.#deps.open(address, this.course.signal)
        await this.#join(talk)
        return
      } catch (error) {
        // Of many that are nearby one shows the code: whoever answers after that is not asked.
        const isElsewhere = this.course.shown.state === 'looking' && this.#addresses.length > 1
        if (!isElsewhere) throw error
        if (isTelling(error)) problem = error
      } finally {
        if (talk !== undefined) this.#leave(talk)
      }
    }
    throw problem
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

  async #join(talk: DeviceTalk): Promise<void> {
    const { self, random } = this.#deps
    const { course } = this
    const { signal } = course
    const pair = { old: talk.device, asking: self.device, joining: this.#joining }
    const nonce = random(32)
    const commitment = nonceCommitment(this.#joining, nonce)
    const record = { device: this.#joining, deviceClass: 'desktop' } as const
    talk.send({ is: 'ask', record, commitment, proof: codeProof(this.#secret, pair, commitment) })
    const answer = await expect(talk, 'answer', signal)
    this.#check(talk, answer)
    talk.send({ is: 'reveal', nonce })
    const words = wordsToCompare(answer.person, pair, { joining: nonce, old: answer.nonce })
    course.show({ state: 'comparing', words })
    await this.#agree(talk, answer.person)
  }

  /** What answers may be somebody in between: then the words differ. This finds out who is merely not the one. */
  #check(talk: DeviceTalk, { person }: Answer): void {
    const link = this.#link
    if (link !== undefined && (link.person !== person || !namesDevice(link, talk.device)))
      throw new LinkingFailed('not-theirs')
    if (person === this.#deps.self.person) throw new LinkingFailed('same-person')
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
