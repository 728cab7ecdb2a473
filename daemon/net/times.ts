/** The waits of the net room, from limits.ts; tests shorten some. */

import { limits } from '../../protocol/limits.ts'

/** Milliseconds of a clock that only goes forward. */
export const monotonic = (): number => performance.now()

export const defaultTimes = {
  helloTimeoutMs: limits.helloTimeoutMs,
  dialTimeoutMs: limits.dialTimeoutMs,
  /** Between the starts of dials to several addresses of one device (RFC 8305 proposes 250 ms). */
  dialStaggerMs: 150,
  byeDrainMs: limits.byeDrainMs,
  heartbeatEveryMs: limits.heartbeatEveryMs,
  heartbeatLostMs: limits.heartbeatLostMs,
  penaltyFirstMs: limits.penaltyFirstMs,
  frameTimeoutMs: limits.frameTimeoutMs,
  writeTimeoutMs: limits.writeTimeoutMs,
  /** After the network changed, a link that stays silent this long counts as gone. */
  probeMs: 3000,
  rehandshakeAfterMs: limits.rehandshakeAfterMs,
  rehandshakeJitterMs: limits.rehandshakeJitterMs,
  reconnectFirstMs: limits.reconnectFirstMs,
  reconnectMostMs: limits.reconnectMostMs,
  /** The most where somebody is there whose gate is crowded: how long that lasts is up to others, and waiting longer helps nobody. */
  crowdedMostMs: 2000,
  /** Where the peer turned us away or sent nonsense: the least wait before we try again. */
  refusedMs: 30_000,
  interfacePollMs: 2000,
  mdnsEveryMs: 10_000,
  /** How often it is looked who fell silent. */
  forgetEveryMs: 5000,
  /** A device that mDNS has not shown for so long is no longer nearby. */
  nearbyForgetMs: 60_000,
  /** A device that a person looked at, or that came by itself. */
  lookedForgetMs: 3_600_000,
  /** Before a nearby stranger is asked for its name again. */
  greetAgainMs: 600_000,
  /** All of stop(): byes, then sockets. */
  stopByeMs: 1500,
  stopSocketsMs: 1000,
  /** The same of a stop that hurries. */
  hurriedByeMs: 300,
  hurriedSocketsMs: 300,
}

export type Times = { readonly [Name in keyof typeof defaultTimes]: number }
