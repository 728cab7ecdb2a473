/** Looks at addresses that the owner gives: who answers there, and devices of one person that find together. */

import { WarrenError } from '../../protocol/errors.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import type { AddressBook } from './address-book.ts'
import type { Calls } from './calls.ts'
import type { NetDeviceTalk } from './device-talk.ts'
import { lookError } from './dial-error.ts'
import type { Meeting } from './meeting.ts'
import type { Nearby } from './nearby.ts'
import type { Look } from './net-parts.ts'
import { givenByHand, readDeviceTarget, readTarget, type Target } from './target.ts'

export interface LooksDeps {
  /** Throws UNREACHABLE while the network is not started. */
  readonly calls: () => Calls
  readonly book: AddressBook
  readonly nearby: Nearby
  readonly isLinked: (device: DeviceId) => boolean
  readonly isContact: (meeting: Meeting) => boolean
  readonly stopping: AbortSignal
}

type Found = Parameters<Calls['look']>[2]

export class Looks {
  readonly #deps: LooksDeps

  constructor(deps: LooksDeps) {
    this.#deps = deps
  }

  /**
   * Looks who is there: dials, says hello, and closes unless it is a contact or kept. Throws HOST_NOT_FOUND, REFUSED,
   * TIMED_OUT, UNREACHABLE, NOT_WARREN, IDENTITY_MISMATCH, SELF, BAD_LINK or BAD_SHAPE, or the signal's reason.
   */
  async look(address: string, signal: AbortSignal): Promise<Look> {
    const { calls, nearby, isContact, isLinked } = this.#deps
    return await this.#trying(readTarget(address), signal, async (target, ending, found) => {
      const meeting = await calls().look(target, ending, found)
      const { source, device } = meeting
      if (meeting.hello === undefined) throw new WarrenError('NOT_WARREN', 'no hello came')
      const known = { source: isContact(meeting) ? ('contact' as const) : source, address: meeting.address }
      return { ...nearby.met(device, meeting.hello, known), linked: isLinked(device) }
    })
  }

  /**
   * Opens the stream on which devices of one person find together, with whoever answers there: an address, a link, or a device that
   * was seen. Throws as look().
   */
  async talk(address: string, signal: AbortSignal): Promise<NetDeviceTalk> {
    return await this.#trying(
      readDeviceTarget(address),
      signal,
      async (target, ending, found) => await this.#deps.calls().talk(target, ending, found),
    )
  }

  /** What answered is noted, under what was given and under where it was found. */
  async #trying<T>(
    target: Target,
    signal: AbortSignal,
    attempt: (target: Target, ending: AbortSignal, found: Found) => Promise<T>,
  ): Promise<T> {
    const { book, stopping } = this.#deps
    const ending = AbortSignal.any([signal, stopping])
    try {
      return await attempt(target, ending, ({ device, source }, way) => {
        for (const each of givenByHand(target, way.given)) book.learn(device, each, source)
        book.learn(device, way.text, 'contact')
      })
    } catch (error) {
      ending.throwIfAborted()
      throw lookError(error)
    }
  }
}
