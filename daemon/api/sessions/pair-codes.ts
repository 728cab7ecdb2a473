/** One-use codes that a browser swaps for a session; they live in memory only. */

import { WarrenError } from '../../../protocol/errors.ts'
import { limits } from '../../../protocol/limits.ts'
import { equalSecrets } from './proof.ts'

export interface PairCodesDeps {
  readonly now: () => number
  readonly random: (bytes: number) => Uint8Array
}

interface Swap {
  /** Of the page that used the code up. */
  readonly nonce: string
  /** The id of the session that it got. */
  readonly session: Promise<string>
}

interface Code {
  readonly text: string
  /** Once swapped: until when the same page may ask again. */
  expiresAt: number
  swap: Swap | undefined
}

const codeBytes = 16
const mostCodes = 32

const badCode = (): WarrenError => new WarrenError('BAD_CODE', 'this code was used or is too old')

export class PairCodes {
  readonly #deps: PairCodesDeps
  #codes: Code[] = []

  constructor(deps: PairCodesDeps) {
    this.#deps = deps
  }

  /** `printed` codes wait for a person to copy a link, others only for a browser to start. */
  issue(printed: boolean): { text: string; expiresAt: number } {
    const expiresAt = this.#deps.now() + (printed ? limits.pairCodePrintedMs : limits.pairCodeMs)
    const code: Code = { text: this.#text(), expiresAt, swap: undefined }
    this.#codes = [...this.#fresh(), code].slice(-mostCodes)
    return { text: code.text, expiresAt }
  }

  /**
   * Uses a code up: `create` makes the session whose id it answers. The same page, known by its nonce, may ask again for a
   * moment: it was reloaded before it could keep the answer. Throws BAD_CODE if the code is unknown, too old, or was used by
   * anyone else.
   */
  async swap(text: string, nonce: string, create: () => Promise<string>): Promise<string> {
    // Every code is compared: the time taken says nothing about which one was near.
    const [code] = this.#fresh().filter((each) => equalSecrets(each.text, text))
    if (code === undefined) throw badCode()
    if (code.swap !== undefined) {
      if (!equalSecrets(code.swap.nonce, nonce)) throw badCode()
      return await code.swap.session
    }
    const { expiresAt } = code
    const swap: Swap = { nonce, session: create() }
    code.swap = swap
    code.expiresAt = this.#deps.now() + limits.pairRepeatMs
    try {
      return await swap.session
    } catch (error) {
      code.swap = undefined // nothing was given for it
      code.expiresAt = expiresAt
      throw error
    }
  }

  #text(): string {
    return Buffer.from(this.#deps.random(codeBytes)).toString('base64url')
  }

  #fresh(): Code[] {
    const now = this.#deps.now()
    this.#codes = this.#codes.filter((code) => code.expiresAt > now)
    return this.#codes
  }
}
