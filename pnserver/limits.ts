/** Every number that bounds what anybody may do to this server. Bytes and milliseconds unless the name says otherwise. */

import { wakePace } from '../protocol/wake.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
export const dayMs = 24 * hour

/** So many within so long, whenever one begins to count. */
export interface Window {
  readonly ms: number
  readonly most: number
}

export const pace = {
  /** Of one capability. */
  capability: [
    { ms: 10 * minute, most: wakePace.atOnce },
    { ms: hour, most: wakePace.anHour },
    { ms: dayMs, most: wakePace.aDay },
  ],
  /** Of one token, by all of its capabilities. */
  token: [
    { ms: hour, most: 30 },
    { ms: dayMs, most: 200 },
  ],
  /** Codes that are pushed to one token: whoever knows a foreign one can make it ring no more often. */
  code: [
    { ms: hour, most: 3 },
    { ms: dayMs, most: 12 },
  ],
  /** Requests of all kinds from one address; an IPv6 /64 counts as one. */
  address: [{ ms: minute, most: 60 }],
  /** Codes that are asked for from one site: an IPv6 /48, which is what one customer gets, with room for 65,536 addresses that count as one each. */
  site: [{ ms: minute, most: 60 }],
} as const satisfies Readonly<Record<string, readonly Window[]>>

export type PaceName = keyof typeof pace

/** How far back a limit looks. */
export const reachOf = (name: PaceName): number => Math.max(...pace[name].map(({ ms }) => ms))

export const pnLimits = {
  /** One request's headers, and its body where it has JSON; rows are longer. */
  headerBytes: 8 * 1024,
  jsonBytes: 4 * 1024,
  rowsBytes: 160 * 1024,
  /** How long a sender may take: for the headers, and for the whole request. */
  headersMs: 10 * second,
  requestMs: 20 * second,
  /** Without a request a connection is kept so long. */
  keepAliveMs: 30 * second,
  connections: 4096,
  requestsPerConnection: 1000,

  rowsACall: 64,
  rowsAnAttestation: 2048,
  rowDays: 180,
  /** All rows, unless the operator says another number: 2.6 GB. */
  rows: 2_000_000,
  attestationDays: 90,
  /** How long a code may take to come back. */
  codeMs: 10 * minute,

  /** A wake may be so much older or newer than our clock, and its nonce is remembered for longer than both. */
  clockMs: 5 * minute,
  nonceMs: 10 * minute,
  /** Wakes that were answered and wait to be looked at; more are dropped. */
  wakesWaiting: 20_000,
  /** They are looked at by this clock, not as they come: what one costs is not felt by the request behind it. */
  wakeEveryMs: 50,
  /** Those that are looked at side by side. */
  wakesAtOnce: 64,

  /** Pushes under way, and waiting for their turn. */
  pushesAtOnce: 256,
  pushesWaiting: 10_000,
  /** A push that may be tried once more later is, if it is no later than this. */
  pushLaterMs: minute,
  pushTimeoutMs: 30 * second,
  /** All pushes together in a minute, unless the operator says another number: what is beyond is dropped, and an alarm is raised. */
  pushesAMinute: 6000,
  /** Codes are pushed to whatever token a stranger makes up. So they have this part of all pushes, and no more than so many a minute. */
  codesPart: 1 / 6,
  codesAMinute: 6000,

  /** What limits and nonces are kept in memory of: the oldest make room. */
  subjects: 200_000,
} as const
