/** What a session is handed by the room it is part of. */

import type { DeviceId, Scope } from '../../protocol/ids.ts'
import type { VectorRow } from '../../protocol/vector.ts'
import type { Log } from '../log.ts'
import type { Timers } from '../timers.ts'
import type { CandidateBook } from './candidate-book.ts'
import type { Feeds } from './feeds.ts'
import type { Fetches } from './fetches.ts'
import type { SyncLog, SyncPresence, SyncRegisters } from './log.ts'
import type { OwnerFirst } from './owner-first.ts'

/** A session that brought entries. */
export interface Giver {
  have(scope: Scope, feeds: Feeds): void
}

export interface SessionHost {
  readonly log: SyncLog
  readonly registers: SyncRegisters
  readonly presence: SyncPresence
  readonly report: Log
  readonly timers: Timers
  readonly random: () => number
  readonly fetches: Fetches
  readonly candidates: CandidateBook
  readonly ownerFirst: Pick<OwnerFirst, 'turn'>
  /** Entries that `giver` brought are durable here. */
  kept(scope: Scope, feeds: Feeds, giver: Giver): void
  /** `device` holds `feeds`. */
  told(scope: Scope, device: DeviceId, feeds: Feeds): void
  keysTaken(scope: Scope): void
  /** `device` says that it holds these. */
  rows(scope: Scope, device: DeviceId, rows: readonly VectorRow[]): void
  /** Some scope of some session opened or went. */
  changed(): void
}
