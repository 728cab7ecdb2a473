/** Ends the feeds of removed devices, and renews keys, in every conversation: by one of those who may, and what a stop cut off later. */

import { lanes } from '../../protocol/entry.ts'
import { errorCode } from '../../protocol/errors.ts'
import { groupRights, isAtLeast } from '../../protocol/group-rights.ts'
import { generationOf, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { CutOff } from '../../protocol/operation.ts'
import type { Timers } from '../timers.ts'
import type { Batch } from '../store/store.ts'
import type { Core } from './core.ts'
import { endsOfDevice } from './group-ends.ts'
import type { ScopeState } from './scope-state.ts'
import type { Staging } from './staging.ts'
import type { Writer } from './writer.ts'

/** For each device that comes before: so long it may take until what that one wrote is here. */
export const shutOutTurnMs = 30_000
const mostTurns = 120

/** A device that its person removed, and that goes on in a conversation until somebody says where it ends. */
interface Open {
  readonly device: DeviceId
  readonly person: PersonId
}

export class ShutOut {
  readonly #core: Core
  readonly #writer: Writer
  readonly #timers: Timers
  readonly #waiting = new Map<ScopeState, () => void>()
  readonly #running = new Set<Promise<void>>()
  #isStarted = false
  #isOlder = false
  readonly #heard = new WeakSet<ScopeState>()
  #isClosed = false

  constructor(core: Core, writer: Writer, timers: Timers) {
    this.#core = core
    this.#writer = writer
    this.#timers = timers
  }

  /**
   * Goes on with what this device began, and looks after others from now on. Not called where nothing may be written. `isOlder`: others
   * hold what a device said after what is here; it is ended in no conversation of which nobody was heard yet, nor in the turn after that.
   */
  start(isOlder = false): void {
    this.#isStarted = true
    this.#isOlder = isOlder
    for (const scope of this.#core.scopes.all()) this.#look(scope, 0)
  }

  /** Operations of a scope came: of a person or a conversation. Costs nothing but a timer, of which a conversation has one. */
  changed(scope: ScopeState): void {
    if (!this.#isStarted) return
    const concerned = scope.record.kind === 'person' ? this.#core.scopes.all() : [scope]
    for (const each of concerned) this.#lookLater(each, shutOutTurnMs, shutOutTurnMs)
  }

  /** Another device told what it holds of a conversation. */
  heard(scope: ScopeState): void {
    if (!this.#isOlder || this.#heard.has(scope)) return
    this.#heard.add(scope)
    this.changed(scope)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const callOff of this.#waiting.values()) callOff()
    this.#waiting.clear()
    await Promise.allSettled(this.#running)
  }

  /**
   * What an own device wrote up to now counts, and what follows has a key that it is not given: in all conversations, one after the other.
   * One that cannot be written is left to the next look, and the rest goes on.
   */
  async end(device: DeviceId): Promise<void> {
    const { person } = this.#core.self
    for (const scope of this.#core.scopes.all())
      await this.#write(scope, (open) => open.device === device && open.person === person, true)
  }

  #lookLater(scope: ScopeState, afterMs: number, waitedMs: number): void {
    const { kind } = scope.record
    if (kind === 'person' || this.#isClosed || this.#waiting.has(scope)) return
    const callOff = this.#timers.after(afterMs, () => {
      this.#waiting.delete(scope)
      this.#look(scope, waitedMs)
    })
    this.#waiting.set(scope, callOff)
  }

  /** `waitedMs`: since something changed. */
  #look(scope: ScopeState, waitedMs: number): void {
    if (scope.isGone || this.#isClosed || (this.#isOlder && !this.#heard.has(scope))) return
    const open = this.#openIn(scope)
    if (open.length === 0) return
    const turn = Math.min(...open.map((each) => this.#turnOf(scope, each)))
    const left = turn * shutOutTurnMs - waitedMs
    if (left > 0) return this.#lookLater(scope, left, waitedMs + left)
    const writing = this.#write(scope, (each) => this.#turnOf(scope, each) * shutOutTurnMs <= waitedMs)
    this.#running.add(writing)
    void writing.finally(() => this.#running.delete(writing))
    if (open.some((each) => this.#turnOf(scope, each) * shutOutTurnMs > waitedMs))
      this.#lookLater(scope, shutOutTurnMs, waitedMs + shutOutTurnMs)
  }

  /** Never rejects. `renews`: the key of a conversation of one or two too, where there is nothing to end. */
  async #write(scope: ScopeState, isMeant: (open: Open) => boolean, renews = false): Promise<void> {
    const { kind } = scope.record
    const isRenewed = renews && (kind === 'self' || kind === 'direct') && !this.#core.people.isLeft(scope)
    try {
      if (!isRenewed && !this.#openIn(scope).some(isMeant)) return
      await this.#core.commit(scope, undefined, (batch, staging) => {
        const open = this.#openIn(scope).filter(isMeant)
        if (open.length > 0) this.#end(batch, staging, open)
        if (open.length === 0 && !isRenewed) return
        if (scope.keys.size > 0 && !this.#core.people.rosterOf(scope).closed) this.#writer.usableEpoch(batch, staging)
      })
    } catch (error) {
      this.#core.log('warn', 'a removed device could not be shut out yet', { code: errorCode(error) })
    }
  }

  #end(batch: Batch, staging: Staging, open: readonly Open[]): void {
    const { scope } = staging
    const { people, self } = this.#core
    if (scope.record.kind === 'group') {
      const cutOffs = open.flatMap(({ device }) => {
        const ends = endsOfDevice(this.#core, batch, scope, device)
        return ends.length > 0 ? ends : [{ device, generation: noGeneration, last: undefined }]
      })
      const persons = [...new Set(open.map(({ person }) => person))]
      for (let at = 0; at < cutOffs.length; at += limits.operationCutOffs)
        this.#writer.groups.append(
          batch,
          staging,
          { kind: 'cutOff', cutOffs: cutOffs.slice(at, at + limits.operationCutOffs) },
          persons,
        )
    } else {
      const cutOffs = open.flatMap(({ device }) => heldOf(scope, device))
      const heads = [...people.stateOf(self.person).heads, ...people.rosterOf(scope).heads]
      this.#writer.appendOperation(batch, staging, {
        kind: 'cutOff',
        heads: heads.slice(0, limits.operationHeads),
        cutOffs: cutOffs.slice(0, limits.operationCutOffs),
      })
    }
  }

  /** Removed devices that nobody has ended here yet, of those whom the owner may end. */
  #openIn(scope: ScopeState): Open[] {
    const { people, self } = this.#core
    const { kind } = scope.record
    const { devices } = people.stateOf(self.person)
    if (kind === 'person' || scope.isGone || people.isLeft(scope) || !devices.has(self.device)) return []
    const persons = kind === 'group' ? this.#endableIn(scope) : [self.person]
    const removed = persons.flatMap((person) =>
      [...people.stateOf(person).removed].map((device): Open => ({ device, person })),
    )
    if (removed.length === 0) return []
    const ended = new Set(people.rosterOf(scope).cutOffs.map(({ device }) => device))
    // Of one or two: whoever said nothing there is taken for nothing but operations.
    const isThere = ({ device }: Open): boolean => kind === 'group' || heldOf(scope, device).length > 0
    return removed.filter((each) => !ended.has(each.device) && isThere(each))
  }

  /** Persons of a group whose removed devices the owner may end: their own, and as an admin everybody's. */
  #endableIn(scope: ScopeState): PersonId[] {
    const { people, self } = this.#core
    const { members } = people.groupOf(scope).roster
    const own = members.get(self.person)
    if (own?.state !== 'joined') return []
    if (!isAtLeast(own.role, groupRights.raiseCutOffs)) return [self.person]
    return [...members.values()].flatMap(({ person, state }) => (state === 'joined' ? [person] : []))
  }

  /** First who removed it, then the other devices of its person, then those of admins. */
  #turnOf(scope: ScopeState, { device, person }: Open): number {
    const { people, self, scopes } = this.#core
    const log = scopes.get(person)?.operations ?? []
    const remover = log.findLast(({ operation: each }) => each?.kind === 'removeDevice' && each.device === device)
    const theirs = [...people.stateOf(person).devices.keys()].toSorted()
    const first = remover?.header.device
    const order = theirs.toSorted((a, b) => Number(b === first) - Number(a === first))
    const at = order.indexOf(self.device)
    if (at >= 0) return at
    const { members } = people.rosterOf(scope)
    const admins = [...members.values()].filter(
      (each) => each.person !== person && each.state === 'joined' && isAtLeast(each.role, groupRights.raiseCutOffs),
    )
    const others = admins.flatMap((each) => [...people.stateOf(each.person).devices.keys()]).toSorted()
    return Math.min(mostTurns, order.length + others.indexOf(self.device))
  }
}

/** The newest entries that are held of a device's messages. */
const heldOf = (scope: ScopeState, device: DeviceId): CutOff[] =>
  scope
    .feedsOf(device, lanes.messages)
    .flatMap(({ feed: { generation }, staged: { head } }): CutOff[] =>
      head === undefined ? [] : [{ device, generation, last: head }],
    )

/** Names a device without any feed of it. */
const noGeneration = generationOf(new Uint8Array(8))
