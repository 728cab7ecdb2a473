/** Sees to it that whoever may wake this device has a row at the push server and the grant to it, and nobody else has. */

import { concat } from '../../protocol/bytes.ts'
import { sha256 } from '../../protocol/crypto.ts'
import { errorCode, WarrenError, type ErrorCode } from '../../protocol/errors.ts'
import type { ConversationId, PersonId } from '../../protocol/ids.ts'
import { encodeWake } from '../../protocol/register-values.ts'
import { registerKeys } from '../../protocol/register.ts'
import { encodeGrant, wakeKeysFor, type WakeKeys } from '../../protocol/wake-keys.ts'
import { revokeHashOf, rowIdOf, sealTarget, wakeRows, type WakeTarget } from '../../protocol/wake.ts'
import type { Log } from '../log.ts'
import type { Timers } from '../timers.ts'
import type { Ask } from './ask.ts'
import { retryAfterOf, ServerClient, type NewRow, type RowResult } from './server-client.ts'
import type { WakeBook } from './wake-book.ts'
import { markBytes, mostOwed, type Given, type Owed } from './wake-rows.ts'

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
  readonly nameWakers: (able: ReadonlySet<PersonId>) => Promise<number>
  readonly changed: () => void
}

export const dayMs = 24 * 60 * 60 * 1000
/** What changes close together is done together. */
const gatherMs = 200
const firstRetryMs = 15_000
const mostRetryMs = 60 * 60 * 1000

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error('failed', { cause: error }))
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
const unplaced = { server: '', mark: new Uint8Array(0) } as const

export class Granting {
  readonly #deps: GrantingDeps
  #next: { readonly at: number; readonly callOff: () => void } | undefined
  /** Of each person what their newest revision derives. */
  readonly #derived = new Map<PersonId, { readonly revision: number; readonly keys: WakeKeys }>()
  #running: Promise<void> | undefined
  #isStale = false
  /** To whom it was said durably; undefined before the first look. */
  #handed: ReadonlySet<PersonId> | undefined
  #failures = 0
  #closed = false
  /** Groups in which somebody is named who wakes this device. */
  groups = 0
  /** Why it is not all done, if it is not. */
  problem: ErrorCode | undefined

  constructor(deps: GrantingDeps) {
    this.#deps = deps
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
    this.soon(0)
  }

  /** How many persons were given what wakes this device; of a run before this one those who have a row. */
  get count(): number {
    return this.#handed?.size ?? this.#deps.book.given().filter(({ server }) => server !== '').length
  }

  async close(): Promise<void> {
    this.#closed = true
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
      this.problem = undefined
    } catch (error) {
      if (this.#closed) return
      this.problem = errorCode(error)
      const backOff = Math.min(mostRetryMs, firstRetryMs * 2 ** this.#failures)
      this.#failures = Math.min(this.#failures + 1, 10)
      this.#deps.log('warn', 'the push server could not be told who may wake this device', { code: this.problem })
      this.soon(Math.max(retryAfterOf(error), backOff))
    }
    if (before !== this.#said()) this.#deps.changed()
  }

  #said(): string {
    return `${this.count} ${this.groups} ${this.problem ?? ''}`
  }

  async #settle(): Promise<void> {
    const { book, wakers, nameWakers } = this.#deps
    const { server } = book.registration
    const wanted = server === '' ? [] : wakers().slice(0, wakeRows.anAttestation)
    await this.#takeBack(new Set(wanted))
    const failures = [await this.#revokeOwed()]
    const target = this.#target()
    if (target !== undefined) failures.push(await this.#place(target, wanted).catch(asError))
    // While it is not proven that this device is reached, what was given before stands.
    if (target !== undefined || server === '') {
      const able = new Set<PersonId>()
      for (const person of wanted) {
        // The rest is handed out by whoever opens this next.
        if (this.#closed) return
        if (await this.#hand(book.givenTo(person))) able.add(person)
      }
      this.#handed = able
      this.groups = await nameWakers(able)
    }
    const failed = failures.find((each) => each !== undefined)
    if (failed !== undefined) throw failed
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
    const { book, removed } = this.#deps
    const { server } = book.registration
    const mayKeep = (each: Given): boolean =>
      wanted.has(each.person) && each.server === server && each.removed === removed(each.person)
    const lost = book.given().filter((each) => each.server !== '' && !mayKeep(each))
    // Whoever is interrupted in this says it again.
    for (const { person } of lost) await this.#say(person, undefined)
    await book.give(lost.map((each) => withdrawn(each)))
  }

  /** Resolves with what failed, if something did: one server that is gone keeps nobody from telling the others. */
  async #revokeOwed(): Promise<Error | undefined> {
    const gone = new Map<string, Error>()
    for (const { person, owed } of this.#deps.book.given()) {
      for (const each of owed) {
        if (this.#closed || gone.has(each.server)) continue
        try {
          await this.#revoke(person, each)
        } catch (error) {
          gone.set(each.server, asError(error))
        }
      }
    }
    const [first] = gone.values()
    return first
  }

  async #revoke(person: PersonId, owed: Owed): Promise<void> {
    const { book, secret, ask } = this.#deps
    const { capability, revokeSecret } = wakeKeysFor(secret, person, owed.revision)
    await new ServerClient(ask, owed.server).revoke(rowIdOf(capability), revokeSecret)
    const given = book.givenTo(person)
    await book.give([{ ...given, owed: given.owed.filter((each) => each !== owed) }])
  }

  /** Resolves with what is wrong, if not all rows are there. */
  async #place(target: WakeTarget, wanted: readonly PersonId[]): Promise<Error | undefined> {
    const { book, ask } = this.#deps
    const { server } = book.registration
    const client = new ServerClient(ask, server)
    const open = wanted.filter((person) => {
      const given = book.givenTo(person)
      return given.server !== server || !same(given.mark, this.#markOf(target, this.#keys(given)))
    })
    let refused = false
    for (let at = 0; at < open.length && !this.#closed; at += wakeRows.aCall) {
      const some = open.slice(at, at + wakeRows.aCall).map((person) => this.#toPlace(person))
      const rows = some.map((each) => this.#row(target, each))
      const results = await client.putRows(target, rows)
      await book.give(some.flatMap((given, index) => this.#placed(target, given, results[index]) ?? []))
      if (results.includes('full')) return new WarrenError('TOO_LARGE', 'the push server takes no more rows')
      refused ||= results.includes('refused')
    }
    return refused ? new WarrenError('CONFLICT', 'the push server keeps a row that is not ours') : undefined
  }

  /** What is placed anew keeps what it was measured by: a device that was removed meanwhile counts at the next look. */
  #toPlace(person: PersonId): Given {
    const { book, removed } = this.#deps
    const given = book.givenTo(person)
    return given.server === '' ? { ...given, removed: removed(person) } : given
  }

  #placed(target: WakeTarget, given: Given, result: RowResult | undefined): Given | undefined {
    const { server } = this.#deps.book.registration
    if (result === 'stored') return { ...given, server, mark: this.#markOf(target, this.#keys(given)) }
    // Somebody else's row lies there: what the next revision derives has a place of its own.
    return result === 'refused' ? { ...given, revision: given.revision + 1, ...unplaced } : undefined
  }

  #keys({ person, revision }: Given): WakeKeys {
    const known = this.#derived.get(person)
    if (known?.revision === revision) return known.keys
    const keys = wakeKeysFor(this.#deps.secret, person, revision)
    this.#derived.set(person, { revision, keys })
    return keys
  }

  #markOf({ attestation, token }: WakeTarget, { revokeSecret }: WakeKeys): Uint8Array {
    return sha256(concat(attestation, token, revokeSecret)).slice(0, markBytes)
  }

  #row(target: WakeTarget, given: Given): NewRow {
    const { capability, revokeSecret } = this.#keys(given)
    return {
      id: rowIdOf(capability),
      sealed: sealTarget(capability, target, this.#deps.random(32)),
      revokeHash: revokeHashOf(revokeSecret),
      revokeSecret,
    }
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
      expiresAt === undefined ? [] : [{ server: given.server, grant: encodeGrant(this.#keys(given)), expiresAt }]
    await registers.set(conversation, registerKeys.wake, encodeWake(grants))
    return true
  }
}

/** What was given counts no more: its row is to be revoked, and the next has another revision. */
const withdrawn = ({ person, revision, server, removed, owed }: Given): Given => ({
  person,
  removed,
  revision: revision + 1,
  ...unplaced,
  owed: [...owed, { server, revision }].slice(-mostOwed),
})
