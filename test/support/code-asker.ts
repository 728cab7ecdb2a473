/** The new side of a linking frame by frame, as somebody would speak it who keeps to no rule. */

import { randomBytes } from 'node:crypto'
import type { DeviceTalk } from '../../daemon/devices/talk.ts'
import { drawScalar } from '../../protocol/cpace.ts'
import { publicBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import { codeProofs, codeSecret, codeShare } from '../../protocol/device-code.ts'
import type { DeviceFrame } from '../../protocol/device-frames.ts'
import { nonceCommitment, type DevicePair } from '../../protocol/device-words.ts'
import { deviceIdOf, type DeviceId } from '../../protocol/ids.ts'
import { desk, talkPair, type Desk, type DeskOptions } from './talk-pair.ts'

const random = (length = 32): Uint8Array => new Uint8Array(randomBytes(length))
const never = new AbortController().signal

export class CodeAsker {
  readonly seed = random()
  readonly nonce = random()
  readonly joining: DeviceId = deviceIdOf(publicBytes(signingKeyFromSeed(this.seed)))
  readonly #talk: DeviceTalk
  readonly #pair: DevicePair

  /** `asking`: whom the old device takes it for. */
  constructor(talk: DeviceTalk, asking: DeviceId) {
    this.#talk = talk
    this.#pair = { old: talk.device, asking, joining: this.joining }
  }

  /** Asks with a code, and says what comes back; `prove`: what is shown as proof instead. */
  async ask(code: string, prove = (right: Uint8Array): Uint8Array => right): Promise<DeviceFrame> {
    const [session, scalar] = [random(), drawScalar(random(64))]
    const commitment = nonceCommitment(this.joining, this.nonce)
    const record = { device: this.joining, deviceClass: 'desktop' } as const
    const share = codeShare(codeSecret(code), this.#pair, session, scalar)
    const ask = { record, commitment, by: 'digits', session, share } as const
    this.#talk.send({ is: 'ask', ...ask })
    const theirs = await this.#talk.next(never)
    if (theirs.is !== 'share') return theirs
    this.#talk.send({ is: 'prove', proof: prove(codeProofs(scalar, theirs.share, ask, theirs).asking) })
    return await this.#talk.next(never)
  }
}

export const newDevice = (): DeviceId => deviceIdOf(publicBytes(signingKeyFromSeed(random())))

export const nobody = (): never => {
  throw new Error('nobody is dialled here')
}

/** A device that dials `to`. */
export const dials = (to: Desk, options: DeskOptions = {}): Desk =>
  desk(
    (from) => {
      const [here, there] = talkPair(from, to.device)
      void to.devices.heard(there)
      return here
    },
    [],
    undefined,
    options,
  )

/** What the old device answers to one that asks with this code. `source`: where from; each from a place of its own unless said. */
export async function asks(to: Desk, code: string, source?: string): Promise<DeviceFrame> {
  const asking = newDevice()
  const [here, there] = talkPair(asking, to.device, source)
  const heard = to.devices.heard(there)
  const answer = await new CodeAsker(here, asking).ask(code)
  here.end()
  await heard
  return answer
}
