/** The IP addresses at which contacts are expected: where they are linked from, and where they were or may be reached. */

import type { DeviceId } from '../../protocol/ids.ts'
import { tryAddress } from './address.ts'
import type { AddressBook } from './address-book.ts'

export interface ExpectedDeps {
  readonly book: AddressBook
  /** Devices to stay linked with. */
  readonly kept: () => Iterable<DeviceId>
  readonly links: () => readonly { readonly address: string }[]
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
}

/** A look through all addresses for each of a thousand knocks a second would be a flood's best help. */
const freshMs = 1000

export class Expected {
  readonly #deps: ExpectedDeps
  #hosts = new Set<string>()
  #lookedAt = -Infinity

  constructor(deps: ExpectedDeps) {
    this.#deps = deps
  }

  has(host: string): boolean {
    const now = this.#deps.now()
    if (now - this.#lookedAt >= freshMs) {
      this.#hosts = new Set([...this.#addresses()].flatMap((each) => tryAddress(each)?.host ?? []))
      this.#lookedAt = now
    }
    return this.#hosts.has(host)
  }

  *#addresses(): Generator<string, void> {
    const { book, kept, links } = this.#deps
    for (const device of kept()) for (const { address } of book.of(device)) yield address
    for (const { address } of links()) yield address
  }
}
