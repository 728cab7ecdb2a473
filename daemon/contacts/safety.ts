/** Safety numbers: what the owner and a contact compare, and which contacts the owner has compared them with. */

import { sameBytes } from '../../protocol/bytes.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { DeviceId, PersonId, Scope } from '../../protocol/ids.ts'
import type { PersonState } from '../../protocol/roster.ts'
import type { Run } from '../../protocol/run.ts'
import {
  codeSubject,
  encodeSafetyCode,
  matchSafetyCode,
  readSafetyCode,
  type CodeMatch,
} from '../../protocol/safety-code.ts'
import { readSafetyNumber, safetyHalf, safetyKeys, safetyNumber } from '../../protocol/safety.ts'
import type { ContactBook } from './contact-book.ts'
import { mostDevices, readProof, type ContactRecord } from './contact-record.ts'

export interface SafetyDeps {
  readonly book: ContactBook
  readonly logs: {
    /** See PersonLogs. */
    previewPerson(person: PersonId, log: readonly Run[]): PersonState
    personState(person: PersonId): PersonState
    onAppended(listener: (appended: { readonly scope: Scope }) => void): unknown
  }
  readonly self: { readonly person: PersonId }
  readonly now: () => number
}

/** `changed`: the owner has compared, and since then their recovery key did something that no device of theirs need know of. */
export type Standing = 'unverified' | 'verified' | 'changed'

export interface Comparison {
  /** 60 digits. */
  readonly number: string
  /** What the other device scans from this screen. */
  readonly code: string
  /** Devices of theirs that were not there when the owner last compared; empty if they never did. */
  readonly newDevices: readonly DeviceId[]
}

export interface Scanned {
  readonly match: CodeMatch
  /** Whose device showed the code. */
  readonly shownBy: PersonId
}

/** Halves kept: a number is asked for again with every event of its contact while it is on a screen. */
const mostHalves = 64

export class Safety {
  readonly #deps: SafetyDeps
  readonly #halves = new Map<string, string>()

  constructor(deps: SafetyDeps) {
    this.#deps = deps
    // What was verified may not hold any more when their log says more: every page is told.
    deps.logs.onAppended(({ scope }) => deps.book.tellAgain(scope as PersonId))
  }

  standing(record: ContactRecord): Standing {
    const { verification } = record
    if (verification === undefined) return 'unverified'
    // Their log comes back from their devices if it was lost: until then nothing is known that speaks against it.
    const state = this.#find(record)
    if (state === undefined || sameBytes(verification.keys, safetyKeys(state))) return 'verified'
    return 'changed'
  }

  /** Throws NOT_FOUND, and CONFLICT while their log is not here. */
  compare(person: PersonId): Comparison {
    const record = this.#deps.book.require(person)
    const them = this.#of(record)
    const [theirs, mine] = [codeSubject(them), codeSubject(this.#me())]
    const { verification } = record
    const known = new Set(verification?.devices)
    return {
      number: this.#number(them),
      code: encodeSafetyCode({ shownBy: mine, shownTo: theirs }),
      newDevices: verification === undefined ? [] : [...them.devices.keys()].filter((each) => !known.has(each)),
    }
  }

  /**
   * The owner saw this number on the other side, too: false if it is not the one that counts now, and nothing changes. Throws
   * NOT_FOUND, CONFLICT, BAD_SHAPE.
   */
  async matches(person: PersonId, number: string): Promise<boolean> {
    const them = this.#of(this.#deps.book.require(person))
    if (readSafetyNumber(number) !== this.#number(them)) return false
    await this.#verified(them)
    return true
  }

  /** What a code says that the owner scanned; only `match` changes anything. Throws NOT_FOUND, CONFLICT, BAD_LINK. */
  async scan(person: PersonId, text: string): Promise<Scanned> {
    const them = this.#of(this.#deps.book.require(person))
    const code = readSafetyCode(text)
    const match = matchSafetyCode(code, codeSubject(this.#me()), codeSubject(them))
    if (match === 'match') await this.#verified(them)
    return { match, shownBy: code.shownBy.person }
  }

  /** Takes it back that the owner has compared. Throws NOT_FOUND. */
  async clear(person: PersonId): Promise<void> {
    const { book } = this.#deps
    book.require(person)
    await book.change(person, { verification: undefined })
  }

  async #verified(them: PersonState): Promise<void> {
    const devices = [...them.devices.keys()].slice(0, mostDevices)
    const verification = { at: this.#deps.now(), keys: safetyKeys(them), devices }
    await this.#deps.book.change(them.person, { verification })
  }

  #me(): PersonState {
    return this.#deps.logs.personState(this.#deps.self.person)
  }

  #of(record: ContactRecord): PersonState {
    const state = this.#find(record)
    if (state !== undefined) return state
    throw new WarrenError('CONFLICT', 'their safety number can be made once they have answered')
  }

  /** The person as their log says; undefined while it is not here. */
  #find({ person, proof }: ContactRecord): PersonState | undefined {
    const { logs } = this.#deps
    const state = proof.length === 0 ? logs.personState(person) : logs.previewPerson(person, readProof(proof))
    // Nobody begins without a device, and a log cannot lose its beginning: then it is not here.
    return state.heads.length === 0 ? undefined : state
  }

  #number(them: PersonState): string {
    return safetyNumber(this.#half(this.#me()), this.#half(them))
  }

  #half(state: PersonState): string {
    const keys = safetyKeys(state)
    const name = Buffer.from(keys).toString('latin1')
    const known = this.#halves.get(name)
    if (known !== undefined) return known
    const half = safetyHalf(keys)
    const oldest = this.#halves.keys().next()
    if (this.#halves.size >= mostHalves && oldest.done !== true) this.#halves.delete(oldest.value)
    this.#halves.set(name, half)
    return half
  }
}
