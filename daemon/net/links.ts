/** The links that stand, one for each device: of two connections both ends keep the same one. */

import type { Connection, Stream } from '@libp2p/interface'
import { byeCodes } from '../../protocol/frames.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import { linkOrder, staysOver, type LinkOrder } from './link-order.ts'
import type { Meeting } from './meeting.ts'
import type { MeetingsDeps } from './meetings-parts.ts'
import { NetLink } from './net-link.ts'
import { inBackground } from './race-signal.ts'
import { Turnstile } from './turnstile.ts'

export interface LinksDeps extends Pick<MeetingsDeps, 'device' | 'gate' | 'times' | 'log' | 'stands' | 'ended'> {
  /** A connection has a link now: it is no stranger's any more. */
  readonly accepts: (connection: Connection) => void
}

export class Links {
  readonly #deps: LinksDeps
  readonly #standing = new Map<DeviceId, { link: NetLink; order: LinkOrder }>()
  readonly #turnstile = new Turnstile()

  constructor(deps: LinksDeps) {
    this.#deps = deps
  }

  all(): NetLink[] {
    return [...this.#standing.values()].map(({ link }) => link)
  }

  of(device: DeviceId): NetLink | undefined {
    return this.#standing.get(device)?.link
  }

  #order({ device, inbound, boot, ourNumber, theirNumber }: Meeting): LinkOrder {
    const us = { device: this.#deps.device, linkNumber: ourNumber }
    const them = { device, linkNumber: theirNumber }
    return inbound ? linkOrder(boot, them, us) : linkOrder(boot, us, them)
  }

  /** Whether a link on this connection would be the one that both ends keep. */
  wouldStay(meeting: Meeting): boolean {
    const current = this.#standing.get(meeting.device)
    return current === undefined || staysOver(this.#order(meeting), current.order)
  }

  /** Makes the link over `stream`; it replaces the one that stands, or is closed if that one stays. */
  stand(meeting: Meeting, stream: Stream): void {
    const { times, log } = this.#deps
    const { device, address, hello, connection } = meeting
    if (hello === undefined) return
    const link = new NetLink({ device, address, hello, connection, stream, turnstile: this.#turnstile, times, log })
    meeting.link = link
    this.#deps.accepts(connection)
    const current = this.#standing.get(device)
    if (!this.wouldStay(meeting)) {
      inBackground(link.close(byeCodes.replaced), () => undefined)
      return
    }
    this.#standing.set(device, { link, order: this.#order(meeting) })
    if (current !== undefined) inBackground(current.link.close(byeCodes.replaced), () => undefined)
    link.closed.addEventListener('abort', () => this.#onEnd(link), { once: true })
    if (link.closed.aborted) this.#onEnd(link)
    else this.#deps.stands(link, meeting)
  }

  #onEnd(link: NetLink): void {
    if (link.misbehaved) this.#deps.gate.offend(link.connection)
    if (this.of(link.device) !== link) return
    this.#standing.delete(link.device)
    this.#deps.ended(link)
  }
}
