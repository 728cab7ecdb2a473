/** Says hello where it is wanted: on the connection that stands, else on a new one. */

import { WarrenError } from '../../protocol/errors.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import type { NetBlobTalk } from './blob-talk.ts'
import type { NetDeviceTalk } from './device-talk.ts'
import type { Attempt } from './dialler.ts'
import type { Meeting } from './meeting.ts'
import type { Meetings } from './meetings.ts'
import { inBackground } from './race-signal.ts'
import type { Reach, Way } from './reach.ts'
import type { Target } from './target.ts'
import type { Times } from './times.ts'

export interface CallsDeps {
  readonly reach: Reach
  readonly meetings: Meetings
  /** A device to stay linked with, or to bring a request to. */
  readonly keeps: (device: DeviceId) => boolean
  /** How long a device that misbehaved is left alone. */
  readonly penaltyMs: (device: DeviceId) => number
  readonly times: Times
  /** Ends every call. */
  readonly stopping: AbortSignal
}

export class Calls {
  readonly #deps: CallsDeps

  constructor(deps: CallsDeps) {
    this.#deps = deps
  }

  /** Links with a device, or shows it the wish to. Rejects if nobody is there. */
  async connect(device: DeviceId, signal: AbortSignal): Promise<Attempt> {
    const { reach, meetings, penaltyMs, stopping } = this.#deps
    if (penaltyMs(device) > 0) throw new WarrenError('NOT_ALLOWED', 'it misbehaved and is left alone for a while')
    const ending = AbortSignal.any([signal, stopping])
    const standing = meetings.find(device)
    if (standing !== undefined) {
      try {
        return await this.#hello(standing, ending)
      } catch {
        // It was dead, or closed meanwhile: a new one may work.
        ending.throwIfAborted()
      }
    }
    return await this.#hello(meetings.of(await reach.device(device, ending)), ending)
  }

  /** See Reach.check(). */
  async check(device: DeviceId, address: string): Promise<void> {
    const { reach, times, stopping } = this.#deps
    await reach.check(device, address, AbortSignal.any([stopping, AbortSignal.timeout(times.helloTimeoutMs)]))
  }

  /** A new connection beside the link that stands: the newer one wins. */
  async redial(device: DeviceId): Promise<void> {
    const { reach, meetings, stopping } = this.#deps
    await this.#hello(meetings.of(await reach.device(device, stopping)), stopping)
  }

  /**
   * Says hello to whoever answers where a person said. `reached` is told the way at once: also who then says nothing was
   * found there.
   */
  async look(target: Target, signal: AbortSignal, reached: (meeting: Meeting, way: Way) => void): Promise<Meeting> {
    const { reach, meetings } = this.#deps
    const found = await reach.target(target, signal)
    const meeting = meetings.of(found.connection)
    reached(meeting, found.way)
    await this.#hello(meeting, signal)
    return meeting
  }

  /** Says hello to whoever answers where a person said, and goes on to talk with it. `reached`: see look(). */
  async talk(
    target: Target,
    signal: AbortSignal,
    reached: (meeting: Meeting, way: Way) => void,
  ): Promise<NetDeviceTalk> {
    const { reach, meetings, times, stopping } = this.#deps
    const { connection, way } = await reach.target(target, signal)
    const meeting = meetings.of(connection)
    reached(meeting, way)
    const ending = AbortSignal.any([signal, stopping, AbortSignal.timeout(times.helloTimeoutMs)])
    try {
      await meetings.ask(meeting, ending)
      // Between contacts the link that stood, or the newer one, is what is left.
      const open = meeting.open ? meeting : meetings.find(meeting.device)
      return await meetings.talk(open ?? meeting, ending)
    } catch (error) {
      if (meeting.link === undefined) this.#leave(meeting)
      throw error
    }
  }

  /** Opens a stream for files on the link that stands. Throws LINK_CLOSED, and the signal's reason. */
  async blob(device: DeviceId, signal: AbortSignal): Promise<NetBlobTalk> {
    return await this.#deps.meetings.blob(device, AbortSignal.any([signal, this.#deps.stopping]))
  }

  async #hello(meeting: Meeting, signal: AbortSignal): Promise<Attempt> {
    const { meetings, keeps, times, stopping } = this.#deps
    if (stopping.aborted) throw new WarrenError('UNREACHABLE', 'the network is not started')
    const timeout = AbortSignal.timeout(times.helloTimeoutMs)
    try {
      const verdict = await meetings.ask(meeting, AbortSignal.any([signal, timeout]))
      if (verdict === 'link') return 'linked'
      if (!meeting.inbound && !keeps(meeting.device)) this.#leave(meeting)
      return 'held'
    } catch (error) {
      if (meeting.link === undefined) this.#leave(meeting)
      throw error
    }
  }

  #leave(meeting: Meeting): void {
    inBackground(meeting.leave(this.#deps.times.byeDrainMs), () => undefined)
  }
}
