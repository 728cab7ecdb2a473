/** What sync asks of the log, the registers and the keys; conversations and registers implement it. */

import type { DeviceId, EntryId, EpochId, Scope } from '../../protocol/ids.ts'
import type { FeedRanges } from '../../protocol/frames.ts'
import type { Register } from '../../protocol/register.ts'
import type { Run } from '../../protocol/run.ts'
import type { VectorRow } from '../../protocol/vector.ts'

/** Entries that became durable here: what sync offers to links that may see the scope. */
export interface Appended {
  readonly scope: Scope
  /** Newest first in each run, one run per feed, as for the wire. */
  readonly runs: readonly Run[]
  /** The device that brought them; undefined for own entries. */
  readonly from: DeviceId | undefined
}

export interface Accepted {
  /** What of the runs is now held durably, new or not: the content of `have`. */
  readonly held: readonly FeedRanges[]
  /** Ranges below unsigned or gapped runs that are still lacking, to be wanted from this peer. */
  readonly lacking: readonly FeedRanges[]
}

/** How much of a scope a device may see: `roster` is operations alone, for who was invited and has not answered. */
export type Part = 'roster' | 'all'

/** A scope that a peer offered and that was not here: kept now, nothing for the owner, or to be looked at again with these logs. */
export type Considered =
  | { readonly is: 'kept' }
  | { readonly is: 'foreign' }
  | { readonly is: 'lacking'; readonly scopes: readonly Scope[] }

/** What a device that was removed from a conversation has to know of that. */
export interface Farewell {
  readonly scope: Scope
  readonly ids: readonly EntryId[]
}

export type GivenKeys = readonly { readonly epoch: EpochId; readonly key: Uint8Array }[]

export interface SyncLog {
  /** The scopes that `device` may see: person logs of both sides and shared conversations. Persons come first. */
  scopesFor(device: DeviceId): readonly Scope[]
  /** False is answered exactly like a scope that does not exist. */
  maySee(device: DeviceId, scope: Scope): boolean
  /** As maySee(), and how much of it; undefined is nothing. */
  partFor(device: DeviceId, scope: Scope): Part | undefined
  /** `all` unless said. */
  vector(scope: Scope, part?: Part): readonly VectorRow[]
  /** vectorDigest() of vector(), kept until the scope changes. */
  digest(scope: Scope, part?: Part): Uint8Array
  /**
   * Held entries of the ranges as runs, lane 0 first, then newest first, within about `budget` bytes but at least one entry. A run
   * of messages goes unsigned where its top is not signed here: who asks for a range either holds the entry above its end, or the
   * end is the top of a range that this device said it holds, and such tops are signed. `done`: nothing was left out.
   */
  read(scope: Scope, feeds: readonly FeedRanges[], budget: number): Promise<{ runs: readonly Run[]; done: boolean }>
  /**
   * The one door for received entries: checks membership, chains and payload rules, appends, resolves when durable. A run that is
   * neither signed nor below a held entry is left out: what it hangs on may have been dropped here before. Rejects with
   * BAD_HASH or BAD_SIGNATURE (ends the session), NOT_A_MEMBER (the frame is dropped), STORE_… (the session ends, the peer keeps its entries).
   * Listeners are told of messages once it has resolved.
   */
  accept(scope: Scope, runs: readonly Run[], from: DeviceId): Promise<Accepted>
  /** `device` says that it holds these durably, by `have` or by its vector. */
  peerHolds(scope: Scope, device: DeviceId, feeds: readonly FeedRanges[]): void
  /**
   * What of the ranges that a peer says to hold is lacking here and wanted: minus held, floors and feeds without the right to be
   * here. Asked with the rows of a vector, and again with what it answered.
   */
  lacking(scope: Scope, feeds: readonly FeedRanges[]): readonly FeedRanges[]
  /**
   * Compares a peer's rows for the own feeds of this device, before anything is pushed: adopts entries that were lost here or
   * begins a new generation. Resolves when own writing is safe again.
   */
  recoverOwn(scope: Scope, rows: readonly VectorRow[], device: DeviceId): Promise<readonly FeedRanges[]>
  /** Epochs that the roster names or entries use and whose keys are not here. */
  missingKeys(scope: Scope): readonly EpochId[]
  /** The keys among `asked` that are here, if the roster entitles `device` to them. */
  keysFor(scope: Scope, asked: readonly EpochId[], device: DeviceId): GivenKeys
  /** Checks each key against its epoch's id and keeps it durably. Wrong keys reject with BAD_HASH. */
  takeKeys(scope: Scope, given: readonly { epoch: EpochId; key: Uint8Array }[]): Promise<void>
  /** What the operations of a scope name and is not here. */
  missing(scope: Scope): readonly { readonly scope: Scope; readonly id: EntryId }[]
  /** Operations by their ids, as far as they are here and the device may have them, one to a run. */
  operations(scope: Scope, ids: readonly EntryId[], device: DeviceId): Promise<readonly Run[]>
  /**
   * What a device whose person was removed brings of a conversation: of that only what removes the owner, and what such operations name and is
   * not here. Resolves with what is lacking then; undefined for any other scope.
   */
  acceptParted(
    scope: Scope,
    runs: readonly Run[],
    from: DeviceId,
  ): Promise<readonly { readonly scope: Scope; readonly id: EntryId }[] | undefined>
  /** What the device is to be told of conversations that it was removed from. */
  farewells(device: DeviceId): readonly Farewell[]
  /** Whether a scope that is not here, and that this device offers, is worth a look; at once where it is needed. */
  isOfInterest(scope: Scope, device: DeviceId): 'needed' | 'perhaps' | 'no'
  /**
   * Judges a scope that is not here by its operations, and by those of other scopes that it names, as a peer gave them: keeps it
   * if the owner belongs there, or needs it.
   */
  consider(scope: Scope, gathered: ReadonlyMap<Scope, readonly Run[]>, from: DeviceId): Promise<Considered>
  /** Own and foreign entries as they become durable. Returns the function that ends the subscription. */
  onAppended(listener: (appended: Appended) => void): () => void
  /** A scope came or went for some device (a contact was accepted, blocked, removed). `gone`: that one went for all, with all that was held. */
  onScopesChanged(listener: (gone?: Scope) => void): () => void
}

export interface SyncRegisters {
  /** Registers of a scope that a device which may see the scope may have. */
  registers(scope: Scope): readonly Register[]
  /** Keeps those that are newer; resolves when durable with those kept. */
  accept(registers: readonly Register[], from: DeviceId): Promise<readonly Register[]>
  /** Own and foreign registers as they become durable. */
  onChanged(listener: (register: Register, from: DeviceId | undefined) => void): () => void
}

export interface SyncPresence {
  linked(device: DeviceId): void
  unlinked(device: DeviceId): void
  /** A live frame from a device that may see the scope. */
  live(scope: Scope, device: DeviceId, what: number): void
}
