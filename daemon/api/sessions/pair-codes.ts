/** One-use codes that a browser swaps for a session; they live in memory only. */

import { WarrenError } from '../../../protocol/errors.ts'
import { limits } from '../../../protocol/limits.ts'
import { equalSecrets } from './proof.ts'

export interface PairCodesDeps {
  readonly now: () => number
  readonly random: (bytes: number) => Uint8Array
}

interface Code {
  readonly text: string
  readonly expiresAt: number
}

const codeBytes = 16
const mostCodes = 32

export class PairCodes {
  readonly #deps: PairCodesDeps
  #codes: Code[] = []

  constructor(deps: PairCodesDeps) {
    this.#deps = deps
  }

  /** `printed` codes wait for a person to copy a link, others only for a browser to start. */
  issue(printed: boolean): Code {
    const expiresAt = this.#deps.now() + (printed ? limits.pairCodePrintedMs : limits.pairCodeMs)
    const code = { text: Buffer.from(this.#deps.random(codeBytes)).toString('base64url'), expiresAt }
    this.#codes = [...this.#fresh(), code].slice(-mostCodes)
    return code
  }

  /** Uses a code up. Throws BAD_CODE if it is unknown, was used or is too old. */
  take(text: string): void {
    const fresh = this.#fresh()
    // Every code is compared: the time taken says nothing about which one was near.
    const left = fresh.filter((code) => !equalSecrets(code.text, text))
    this.#codes = left
    if (left.length === fresh.length) throw new WarrenError('BAD_CODE', 'this code was used or is too old')
  }

  #fresh(): Code[] {
    const now = this.#deps.now()
    return this.#codes.filter((code) => code.expiresAt > now)
  }
}
