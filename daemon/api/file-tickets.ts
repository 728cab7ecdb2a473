/** Addresses by which a browser's `<img>`, `<video>` and downloads fetch files: each stands for one session and one file, for a while. */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'

export interface FileTicketsDeps {
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly random: (bytes: number) => Uint8Array
  /** It was neither revoked nor has it expired. */
  readonly isLive: (session: string) => boolean
}

/** What a ticket lets fetch: a blob, as one conversation refers to it. */
export interface TicketedFile {
  readonly conversation: string
  readonly id: string
}

/** Expiry in base 36, session, HMAC-SHA-256. */
const shape = /^([0-9a-z]{1,12})\.([0-9a-f]{32})\.([\w-]{43})$/

export class FileTickets {
  readonly #deps: FileTicketsDeps
  /** Never leaves the process, and not this memory either. */
  #secret: Uint8Array

  constructor(deps: FileTicketsDeps) {
    this.#deps = deps
    this.#secret = deps.random(32)
  }

  issue(session: string, file: TicketedFile): string {
    const expires = (this.#deps.now() + limits.fileTicketMs).toString(36)
    return `${expires}.${session}.${this.#sign(expires, session, file).toString('base64url')}`
  }

  /** The session that a ticket stands for. Throws NOT_ALLOWED, whatever is wrong with it. */
  check(ticket: string, file: TicketedFile): string {
    const [, expires = '', session = '', mac = ''] = shape.exec(ticket) ?? []
    const expected = this.#sign(expires, session, file)
    const shown = Buffer.from(mac, 'base64url')
    const isOurs = shown.length === expected.length && timingSafeEqual(shown, expected)
    if (!isOurs || Number.parseInt(expires, 36) <= this.#deps.now() || !this.#deps.isLive(session))
      throw new WarrenError('NOT_ALLOWED', 'this address of a file does not count any more')
    return session
  }

  /** The house was locked: no address from before counts again. */
  forgetAll(): void {
    this.#secret = this.#deps.random(32)
  }

  #sign(expires: string, session: string, { conversation, id }: TicketedFile): Buffer {
    return createHmac('sha256', this.#secret)
      .update(['warren/1/file', expires, session, conversation, id].join('\0'))
      .digest()
  }
}
