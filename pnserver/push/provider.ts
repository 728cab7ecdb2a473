/** What the server wants of a push service, whoever runs it: one message to one target, and what became of it. */

import type { PushPlatform, PushTarget, WakeClass } from '../../protocol/wake.ts'
import type { Rejection } from './rejections.ts'

/** `verify` carries the code that proves who owns the token: its note is that code, of 16 bytes, in place of a sealed one of 160. */
export type PushClass = WakeClass | 'verify'

export interface PushMessage extends PushTarget {
  readonly class: PushClass
  /** For the device alone. */
  readonly note: Uint8Array
}

export type PushOutcome =
  /** The push service took it. */
  | { readonly is: 'delivered' }
  /** The token is no longer one, since then (epoch milliseconds), if that is said. */
  | { readonly is: 'gone'; readonly sinceMs: number | undefined }
  /** The token is one of the other environment, and the push was delivered there. */
  | { readonly is: 'wrongEnvironment' }
  /** This server's own keys or topics are wrong: the operator has to look, and no token is to blame. */
  | { readonly is: 'rejectedConfig'; readonly reason: Rejection }
  /** Not now: it was tried as often as it is worth, or there is too much to send. */
  | { readonly is: 'later'; readonly retryAfterMs: number }

export interface PushProvider {
  readonly platform: PushPlatform
  /** Whether it would send to such a target at all: its topic is served, its host is listed. Asks nobody. */
  accepts(target: PushTarget): boolean
  /** Never throws for what the other side does; an abort through `signal` ends in `later`. */
  send(message: PushMessage, signal: AbortSignal): Promise<PushOutcome>
  /** Ends its connections. Whatever is on its way ends in `later`. */
  close(): Promise<void>
}
