/** Sees to it that whoever may wake this device has a row at the push server and the grant to it, and nobody else has. */

import { errorCode, type ErrorCode } from '../../protocol/errors.ts'
import type { ConversationId, PersonId } from '../../protocol/ids.ts'
import { encodeWake } from '../../protocol/register-values.ts'
import { registerKeys } from '../../protocol/register.ts'
import { encodeGrant } from '../../protocol/wake-keys.ts'
import { wakeRows, type WakeTarget } from '../../protocol/wake.ts'
import type { Log } from '../log.ts'
import type { Timers } from '../timers.ts'
import type { Ask } from './ask.ts'
import { Placing } from './placing.ts'
import { Revoking } from './revoking.ts'
import { Troubles, type Trouble } from './troubles.ts'
import type { WakeBook } from './wake-book.ts'
import { mostOwed, unplaced, type Given } from './wake-rows.ts'

/** In how many groups somebody is named who wakes this device, and in how many there is nobody who could be. */
export interface NamedGroups {
  readonly named: number
  readonly without: number
}

export interface GrantingDeps {
  readonly book: WakeBook
  /** Of this device, 32 bytes; never given away. */
  readonly secret: Uint8Array
  readonly ask: Ask
  readonly timers: Timers
  readonly log: Log
  readonly random: (length: number) => Uint8Array
  /** Who may wake this device now, those first who matter most. */
  readonly wakers: () => readonly PersonId[]
  /** How many devices that saw what a person was given, theirs and the owner's, were removed so far: whoever has one of them could go on waking. */
  readonly removed: (person: PersonId) => number
  /** What is said in it is for the two alone. */
  readonly directWith: (person: PersonId) => ConversationId | undefined
  readonly registers: { set(scope: ConversationId, key: string, value: Uint8Array): Promise<void> }
  /** Names in each group who of these wakes this device. */
  readonly nameWakers: (able: ReadonlySet<PersonId>) => Promise<NamedGroups>
  readonly changed: () => void
}

export const dayMs = 24 * 60 * 60 * 1000
/** What changes close together is done together. */
const gatherMs = 200
const firstRetryMs = 15_000
const mostRetryMs = 60 * 60 * 1000

/** A push server that is not used any more, at which rows are left to be taken back. */
export interface FormerServer {
  readonly server: string
  readonly rows: number
  readonly trouble: Trouble | undefined
}

export class Granting {
  readonly #deps: GrantingDeps
  #next: { readonly at: number; readonly callOff: () => void } | undefined
  #running: Promise<void> | undefined
  #isStale = false
  /** To whom it was said durably; undefined before the first look. */
  #handed: ReadonlySet<PersonId> | undefined
  #failures = 0
  #closed = false
  groups: NamedGroups = { named: 0, without: 0 }
  readonly troubles: Troubles
  readonly #placing: Placing
  readonly #revoking: Revoking
  /** Why what is to be done here was not, if it was not. */
  #problem: ErrorCode | undefined
  /** The server that is used has all rows. */
  #isPlaced = true

  constructor(deps: GrantingDeps) {
    this.#deps = deps
    this.troubles = new Troubles(deps)
    this.#placing = new Placing({ ...deps, troubles: this.troubles })
    this.#revoking = new Revoking({ ...deps, troubles: this.troubles })
  }

  /** Why it is not all done with the server that is used, if it is not. */
  get problem(): ErrorCode | undefined {
    return this.#problem ?? this.troubles.of(this.#deps.book.registration.server)?.problem
  }

  former(): FormerServer[] {
    const { server: used } = this.#deps.book.registration
    return [...this.#revoking.owed()]
      .filter(([server]) => server !== used)
      .map(([server, rows]) => ({ server, rows, trouble: this.troubles.of(server) }))
  }

  /** Something changed that may matter here. */
  soon(afterMs: number = gatherMs): void {
    const { timers } = this.#deps
    const at = timers.now() + afterMs
    if (this.#closed || (this.#next !== undefined && this.#next.at <= at)) return
    this.#next?.callOff()
    const callOff = timers.after(afterMs, () => {
      this.#next = undefined
      this.#begin()
    })
    this.#next = { at, callOff }
  }

  /** Everything is to be left at the server anew. */
  anew(): void {
    this.#handed = new Set()
    this.again()
  }

  /** Servers that were to be left alone are asked once more, at once. */
  again(): void {
    this.troubles.retry()
    this.soon(0)
  }

  /** How many persons were given what wakes this device; of a run before this one those who have a row. */
  get count(): number {
    return this.#handed?.size ?? this.#deps.book.given().filter(({ server }) => server !== '').length
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#placing.close()
    this.#revoking.close()
    this.#next?.callOff()
    await this.#running
  }

  #begin(): void {
    if (this.#running !== undefined) {
      this.#isStale = true
      return
    }
    this.#running = this.#run().finally(() => {
      this.#running = undefined
      if (this.#isStale) this.soon()
      this.#isStale = false
    })
  }

  async #run(): Promise<void> {
    const before = this.#said()
    try {
      await this.#settle()
      this.#failures = 0
      this.#problem = undefined
      if (!this.#closed) this.#retryLater()
    } catch (error) {
      if (this.#closed) return
      this.#problem = errorCode(error)
      const backOff = Math.min(mostRetryMs, firstRetryMs * 2 ** this.#failures)
      this.#failures = Math.min(this.#failures + 1, 10)
      this.#deps.log('warn', 'who may wake this device could not be noted', { code: this.#problem })
      this.soon(backOff)
    }
    if (!this.#closed && before !== this.#said()) this.#deps.changed()
  }

  /** What is left to do waits for the first server that may be asked again. */
  #retryLater(): void {
    const { timers } = this.#deps
    const servers = [...this.#revoking.owed().keys(), ...(this.#isPlaced ? [] : [this.#deps.book.registration.server])]
    const times = servers.flatMap((server) => this.troubles.of(server)?.notBefore ?? [])
    if (times.length > 0) this.soon(Math.max(gatherMs, Math.min(...times) - timers.now()))
  }

  #said(): string {
    return JSON.stringify([this.count, this.groups, this.problem, this.former()])
  }

  /** Rejects with what went wrong here; what goes wrong at servers is kept for each. */
  async #settle(): Promise<void> {
    const { book, wakers, nameWakers } = this.#deps
    const { server } = book.registration
    const wanted = server === '' ? [] : wakers().slice(0, wakeRows.anAttestation)
    await this.#takeBack(new Set(wanted))
    const owing = new Set([...this.#revoking.owed().keys()].filter((each) => this.troubles.mayAsk(each)))
    const failed = new Map(await this.#revoking.settle())
    const target = this.#target()
    this.#isPlaced = true
    if (target !== undefined && !failed.has(server)) {
      const open = this.#placing.open(server, target, wanted)
      const error = open.length === 0 ? undefined : await this.#placing.place(server, target, open)
      this.#isPlaced = this.#placing.open(server, target, wanted).length === 0
      if (error !== undefined) failed.set(server, error)
      else if (open.length > 0 && this.#isPlaced) owing.add(server)
    }
    await this.#note(failed, owing)
    // While it is not proven that this device is reached, what was given before stands.
    if (target !== undefined || server === '') {
      const able = new Set<PersonId>()
      for (const person of wanted) {
        // The rest is handed out by whoever opens this next.
        if (this.#closed) return
        if (await this.#hand(book.givenTo(person))) able.add(person)
      }
      this.#handed = able
      const groups = await nameWakers(able)
      this.groups = target === undefined ? { named: 0, without: 0 } : groups
    }
  }

  /** What became of the servers that were asked. */
  async #note(failed: ReadonlyMap<string, unknown>, asked: ReadonlySet<string>): Promise<void> {
    // One that is being shut asks nobody: that says nothing of any server.
    if (this.#closed) return
    for (const server of asked) if (!failed.has(server)) await this.troubles.answered(server)
    for (const [server, error] of failed) {
      await this.troubles.failed(server, error)
      this.#deps.log('warn', 'a push server could not be told who may wake this device', { code: errorCode(error) })
    }
  }

  /** What rows are made of; undefined while this device is registered nowhere. */
  #target(): WakeTarget | undefined {
    const { server, target, attested } = this.#deps.book.registration
    if (server === '' || target === undefined || attested === undefined) return undefined
    return (attested.expiresDay + 1) * dayMs <= this.#deps.timers.now()
      ? undefined
      : { ...target, attestation: attested.bytes }
  }

  /** Those who may not any more lose what they have: first for them and here, then at the server. */
  async #takeBack(wanted: ReadonlySet<PersonId>): Promise<void> {
    const { book, removed, timers } = this.#deps
    const { server } = book.registration
    const mayKeep = (each: Given): boolean =>
      wanted.has(each.person) && each.server === server && each.removed === removed(each.person)
    const lost = book.given().filter((each) => each.server !== '' && !mayKeep(each))
    // Whoever is interrupted in this says it again.
    for (const { person } of lost) await this.#say(person, undefined)
    await book.give(lost.map((each) => withdrawn(each, timers.now())))
  }

  /** True if the person can wake now, or will once this reaches them. */
  async #hand(given: Given): Promise<boolean> {
    const { server, attested } = this.#deps.book.registration
    if (given.server === '' || given.server !== server || attested === undefined) return false
    return await this.#say(given.person, (attested.expiresDay + 1) * dayMs)
  }

  /** Without `expiresAt`: nothing wakes any more. */
  async #say(person: PersonId, expiresAt: number | undefined): Promise<boolean> {
    const { directWith, registers, book } = this.#deps
    const conversation = directWith(person)
    if (conversation === undefined) return false
    const given = book.givenTo(person)
    const grants =
      expiresAt === undefined
        ? []
        : [{ server: given.server, grant: encodeGrant(this.#placing.keys(given)), expiresAt }]
    await registers.set(conversation, registerKeys.wake, encodeWake(grants))
    return true
  }
}

/** What was given counts no more: its row is to be revoked, and the next has another revision. */
const withdrawn = ({ person, revision, server, removed, owed }: Given, now: number): Given => ({
  person,
  removed,
  revision: revision + 1,
  ...unplaced,
  owed: [...owed, { server, revision, since: now }].slice(-mostOwed),
})
