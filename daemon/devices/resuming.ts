/**
 * The new side of a linking, from its owner's yes on. It is written down before the other device hears of it; so wherever either side
 * is cut off, this one asks again until it knows whether it belongs.
 */

import { publicBytes, signBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import type { DeviceFrame } from '../../protocol/device-frames.ts'
import { resumeMessage } from '../../protocol/device-words.ts'
import { deviceIdOf, fingerprint, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Card } from '../../protocol/register.ts'
import type { PersonState } from '../../protocol/roster.ts'
import type { Run } from '../../protocol/run.ts'
import type { Timers } from '../timers.ts'
import { Course, LinkingFailed } from './course.ts'
import { inTime, pause } from './in-time.ts'
import { expect } from './offer.ts'
import type { DeviceTalk, OpenTalk } from './talk.ts'

/** What the owner of a new device said yes to. */
export interface Intent {
  /** Of the key that this home is to have then. */
  readonly seed: Uint8Array
  readonly person: PersonId
  /** Where a device of that person answered. */
  readonly address: string
  /** When the owner said so, epoch milliseconds. */
  readonly at: number
}

/** What this home becomes. */
export interface Welcome {
  readonly seed: Uint8Array
  readonly person: PersonId
  readonly log: readonly Run[]
  readonly card: Card
}

export interface ResumingDeps {
  readonly self: { readonly device: DeviceId; readonly person: PersonId }
  readonly timers: Timers
  readonly open: OpenTalk
  /** What a log says of a person; nothing is stored. Throws IDENTITY_MISMATCH. */
  readonly preview: (person: PersonId, log: readonly Run[]) => PersonState
  /** Keeps what the owner said yes to, or forgets it; durable when it resolves. */
  readonly intend: (intent: Intent | undefined) => Promise<void>
  /** Durable when it resolves, and nothing is intended any more; then the house opens anew as what it has become. */
  readonly become: (welcome: Welcome) => Promise<void>
  /** The daemon stops, or is locked: what was intended stays so. */
  readonly closing: AbortSignal
  readonly changed: () => void
}

/** Between two times that it asks, and so many times it is told that it does not belong. */
const firstPauseMs = 2_000
const mostPauseMs = 60_000
const mostRefusals = 4

export const deviceOf = ({ seed }: Pick<Intent, 'seed'>): DeviceId => deviceIdOf(publicBytes(signingKeyFromSeed(seed)))

/** Becomes what the other device says. Rejects with LinkingFailed if that is not what was intended, and with what become() throws. */
export async function takeWelcome(
  { preview, become }: ResumingDeps,
  course: Course,
  intent: Intent,
  talk: DeviceTalk,
  welcome: Extract<DeviceFrame, { is: 'welcome' }>,
): Promise<void> {
  const { person, log, card } = welcome
  if (person !== intent.person) throw new LinkingFailed('not-theirs')
  const { devices } = preview(person, log)
  if (!devices.has(deviceOf(intent)) || !devices.has(talk.device)) throw new LinkingFailed('not-theirs')
  await course.bind(async () => await become({ seed: intent.seed, person, log, card }))
  try {
    talk.send({ is: 'kept' })
  } catch {
    // It is gone: then it was not waited for.
  }
}

/** Tells the other side that it came to nothing, where there is one still, after it is sure that it did. */
export async function giveUp(
  { intend, closing }: ResumingDeps,
  talk: DeviceTalk | undefined,
  course: Course,
): Promise<void> {
  if (closing.aborted) return
  await intend(undefined)
  if (talk !== undefined) refuse({ closing }, talk, course)
}

/** Not while the daemon stops: what was intended is taken up again then. */
export function refuse(
  { closing }: Pick<ResumingDeps, 'closing'>,
  talk: DeviceTalk,
  { shown: { problem } }: Course,
): void {
  if (closing.aborted) return
  try {
    if (problem !== undefined) talk.send({ is: 'refuse', why: problem === 'other-words' ? problem : 'cancelled' })
  } catch {
    // It is gone.
  }
}

/** Asks until it is known whether this device belongs. Rejects with LinkingFailed, and what takeWelcome() throws. */
export async function resume(deps: ResumingDeps, course: Course, intent: Intent): Promise<void> {
  const { timers } = deps
  let refusals = 0
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, mostPauseMs)) {
    const answer = await askOnce(deps, course, intent)
    if (answer === 'belongs') return
    if (answer === 'refused') refusals += 1
    if (refusals >= mostRefusals) throw new LinkingFailed('cancelled')
    if (timers.now() - intent.at >= limits.deviceResumeMs) throw new LinkingFailed('expired')
    await pause(timers, pauseMs, course.signal)
  }
}

async function askOnce(deps: ResumingDeps, course: Course, intent: Intent): Promise<'belongs' | 'refused' | 'away'> {
  const { self, open, timers } = deps
  const { person, seed, address } = intent
  let talk: DeviceTalk | undefined
  let welcome: Extract<DeviceFrame, { is: 'welcome' }>
  try {
    talk = await open(address, course.signal)
    const message = resumeMessage(person, { old: talk.device, asking: self.device })
    const signature = signBytes(signingKeyFromSeed(seed), message)
    talk.send({ is: 'resume', joining: deviceOf(intent), signature })
    const from = talk
    welcome = await inTime(
      timers,
      limits.deviceProofMs,
      course.signal,
      async (signal) => await expect(from, 'welcome', signal),
    )
  } catch (error) {
    talk?.end()
    course.signal.throwIfAborted()
    return error instanceof LinkingFailed ? 'refused' : 'away'
  }
  try {
    await takeWelcome(deps, course, intent, talk, welcome)
    return 'belongs'
  } catch (error) {
    course.failed(error)
    await giveUp(deps, talk, course)
    throw error
  } finally {
    talk.end()
  }
}

/** A linking that was cut off, taken up again after a start. */
export class Resuming {
  readonly course: Course

  constructor(deps: ResumingDeps, intent: Intent) {
    const shown = { role: 'new', state: 'confirmed', fingerprint: fingerprint(deviceOf(intent)) } as const
    this.course = new Course(shown, deps.changed)
    void this.#run(deps, intent)
  }

  async #run(deps: ResumingDeps, intent: Intent): Promise<void> {
    try {
      await resume(deps, this.course, intent)
    } catch (error) {
      this.course.failed(error)
      // What cannot be written is tried again at the next start.
      await giveUp(deps, undefined, this.course).catch(() => undefined)
    }
  }
}
