/** Exports on their way out: the one-use tickets by which a browser fetches them, and the streams that are open. */

import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import type { Log } from '../log.ts'
import type { ExportedFile } from './owner.ts'

export interface ExportAsked {
  /** Undefined on the unix socket. */
  readonly session: string | undefined
  /** Opens the file; what is not there any more is told by what it throws. */
  readonly begin: () => ExportedFile
}

interface Ticket extends ExportAsked {
  readonly expiresAt: number
}

interface Open {
  readonly session: string | undefined
  readonly end: () => void
}

export interface ExportStream {
  readonly name: string
  readonly bytes: ReadableStream<Uint8Array>
}

export interface ExportsDeps {
  readonly log: Log
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly random: (bytes: number) => Uint8Array
}

export class Exports {
  readonly #deps: ExportsDeps
  /** Oldest first. */
  readonly #tickets = new Map<string, Ticket>()
  readonly #open = new Set<Open>()

  constructor(deps: ExportsDeps) {
    this.#deps = deps
  }

  /** A link alone cannot show a session, so a page asks for one that works once. Throws RATE_LIMITED as stream(). */
  issue(asked: ExportAsked): { ticket: string; expiresAt: number } {
    this.#checkRoom()
    const ticket = Buffer.from(this.#deps.random(16)).toString('base64url')
    const expiresAt = this.#deps.now() + limits.exportTicketMs
    this.#tickets.set(ticket, { ...asked, expiresAt })
    for (const oldest of this.#tickets.keys()) {
      if (this.#tickets.size <= limits.exportTickets) break
      this.#tickets.delete(oldest)
    }
    return { ticket, expiresAt }
  }

  /** Begins what a ticket stands for, and uses it up if that throws nothing. Throws NO_SESSION. */
  follow<T>(ticket: string, begin: (asked: ExportAsked) => T): T {
    const found = this.#tickets.get(ticket)
    if (found === undefined || found.expiresAt <= this.#deps.now()) {
      this.#tickets.delete(ticket)
      throw new WarrenError('NO_SESSION', 'this link was used already, or is too old')
    }
    const begun = begin(found)
    this.#tickets.delete(ticket)
    return begun
  }

  /**
   * The bytes of a file, read as they are taken and no further. `cut` ends the connection, so that nobody takes what broke off for
   * the whole. Throws RATE_LIMITED while too many are open.
   */
  stream(session: string | undefined, begin: () => ExportedFile, cut: () => void): ExportStream {
    this.#checkRoom()
    const { name, pieces } = begin()
    return { name, bytes: this.#streamOf(session, pieces, cut) }
  }

  /** A session has ended, and what it was being given with it. */
  forget(session: string): void {
    for (const [ticket, asked] of this.#tickets) if (asked.session === session) this.#tickets.delete(ticket)
    for (const each of this.#open) if (each.session === session) each.end()
  }

  /** Nothing more is given to anybody. */
  endAll(): void {
    this.#tickets.clear()
    for (const each of this.#open) each.end()
  }

  #checkRoom(): void {
    if (this.#open.size < limits.exportsAtOnce) return
    const details = { retryAfterMs: 10_000 }
    throw new WarrenError('RATE_LIMITED', 'too many conversations are being saved at once', { details })
  }

  #streamOf(session: string | undefined, pieces: ExportedFile['pieces'], cut: () => void): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder()
    let idle: NodeJS.Timeout | undefined
    // Nothing of it is asked for: a download that was paused, and may never go on, holds a place that others wait for.
    const rest = (): void => {
      idle = setTimeout(() => {
        this.#deps.log('warn', 'an export that nobody read was ended')
        open.end()
      }, limits.exportIdleMs).unref()
    }
    const open: Open = {
      session,
      end: () => {
        clearTimeout(idle)
        this.#open.delete(open)
        cut()
        // What is being read is waited for; whether that fails is of no interest any more.
        pieces.return(undefined).catch(() => undefined)
      },
    }
    this.#open.add(open)
    rest()
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      clearTimeout(idle)
      const next = await this.#next(open, pieces)
      // It ended meanwhile, or just now: the connection is cut, and the stream with it.
      if (next === undefined || !this.#open.has(open)) return
      if (next.done !== true) {
        rest()
        return controller.enqueue(typeof next.value === 'string' ? encoder.encode(next.value) : next.value)
      }
      this.#open.delete(open)
      return controller.close()
    }
    return new ReadableStream<Uint8Array>({ pull, cancel: open.end }, { highWaterMark: 0 })
  }

  async #next(
    open: Open,
    pieces: ExportedFile['pieces'],
  ): Promise<IteratorResult<string | Uint8Array, unknown> | undefined> {
    try {
      return await pieces.next()
    } catch (error) {
      this.#deps.log('warn', 'an export broke off', { code: errorCode(error) })
      open.end()
      return undefined
    }
  }
}
