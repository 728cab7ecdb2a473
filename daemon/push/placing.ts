/** Leaves a row at the push server for everybody who may wake this device. */

import { concat } from '../../protocol/bytes.ts'
import { sha256 } from '../../protocol/crypto.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { PersonId } from '../../protocol/ids.ts'
import { wakeKeysFor, type WakeKeys } from '../../protocol/wake-keys.ts'
import { revokeHashOf, rowIdOf, sealTarget, wakeRows, type WakeTarget } from '../../protocol/wake.ts'
import type { Ask } from './ask.ts'
import { ServerClient, type NewRow, type RowResult } from './server-client.ts'
import type { Troubles } from './troubles.ts'
import type { WakeBook } from './wake-book.ts'
import { markBytes, unplaced, type Given } from './wake-rows.ts'

export interface PlacingDeps {
  readonly book: WakeBook
  readonly secret: Uint8Array
  readonly ask: Ask
  readonly random: (length: number) => Uint8Array
  readonly removed: (person: PersonId) => number
  readonly troubles: Troubles
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error('failed', { cause: error }))
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

export class Placing {
  readonly #deps: PlacingDeps
  /** Of each person what their newest revision derives. */
  readonly #derived = new Map<PersonId, { readonly revision: number; readonly keys: WakeKeys }>()
  #closed = false

  constructor(deps: PlacingDeps) {
    this.#deps = deps
  }

  close(): void {
    this.#closed = true
  }

  /** Those of the wanted whose rows are not what they are to be. */
  open(server: string, target: WakeTarget, wanted: readonly PersonId[]): readonly PersonId[] {
    const { book } = this.#deps
    return wanted.filter((person) => {
      const given = book.givenTo(person)
      return given.server !== server || !same(given.mark, this.#markOf(target, this.keys(given)))
    })
  }

  /**
   * Resolves with what went wrong at the server, or what it refused; undefined if all is there, and of a server that is to be left alone, which
   * is not asked. Rejects with STORE_….
   */
  async place(server: string, target: WakeTarget, open: readonly PersonId[]): Promise<unknown> {
    const { book, troubles } = this.#deps
    if (!troubles.mayAsk(server)) return undefined
    let refused = false
    for (let at = 0; at < open.length && !this.#closed; at += wakeRows.aCall) {
      const some = open.slice(at, at + wakeRows.aCall).map((person) => this.#toPlace(person))
      const results = await this.#put(server, target, some)
      if (results instanceof Error) return results
      await book.give(some.flatMap((given, index) => this.#placed(server, target, given, results[index]) ?? []))
      if (results.includes('full')) return new WarrenError('TOO_LARGE', 'the push server takes no more rows')
      refused ||= results.includes('refused')
    }
    return refused ? new WarrenError('CONFLICT', 'the push server keeps a row that is not ours') : undefined
  }

  async #put(server: string, target: WakeTarget, some: readonly Given[]): Promise<RowResult[] | Error> {
    const rows = some.map((each) => this.#row(target, each))
    return await new ServerClient(this.#deps.ask, server).putRows(target, rows).catch(asError)
  }

  /** What is placed anew keeps what it was measured by: a device that was removed meanwhile counts at the next look. */
  #toPlace(person: PersonId): Given {
    const { book, removed } = this.#deps
    const given = book.givenTo(person)
    return given.server === '' ? { ...given, removed: removed(person) } : given
  }

  /** `server`: where the row is, also if another one was chosen meanwhile: it is to be taken back there then. */
  #placed(server: string, target: WakeTarget, given: Given, result: RowResult | undefined): Given | undefined {
    if (result === 'stored') return { ...given, server, mark: this.#markOf(target, this.keys(given)) }
    // Somebody else's row lies there: what the next revision derives has a place of its own.
    return result === 'refused' ? { ...given, revision: given.revision + 1, ...unplaced } : undefined
  }

  /** What the newest revision of somebody derives. */
  keys({ person, revision }: Given): WakeKeys {
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
    const { capability, revokeSecret } = this.keys(given)
    return {
      id: rowIdOf(capability),
      sealed: sealTarget(capability, target, this.#deps.random(32)),
      revokeHash: revokeHashOf(revokeSecret),
      revokeSecret,
    }
  }
}
