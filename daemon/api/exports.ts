/** Exports on their way out: the one-use tickets by which a browser fetches them, and the streams that are open. */

import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import type { Log } from '../log.ts'
import { ExportCourses, type ExportCourse } from './export-courses.ts'
import { Outgoing } from './outgoing.ts'
import type { ExportedFile } from './owner.ts'

export interface ExportAsked {
  /** Undefined on the unix socket. */
  readonly session: string | undefined
  /** Opens the file; what is not there any more is told by what it throws. */
  readonly begin: () => ExportedFile
  /** Of a ticket. */
  readonly course?: ExportCourse
}

interface Ticket extends ExportAsked {
  readonly expiresAt: number
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
  readonly courses: ExportCourses
  readonly #deps: ExportsDeps
  /** Oldest first. */
  readonly #tickets = new Map<string, Ticket>()
  readonly #outgoing: Outgoing

  constructor(deps: ExportsDeps) {
    this.#deps = deps
    this.courses = new ExportCourses(deps.now)
    const tooMany = 'too many conversations are being saved at once'
    this.#outgoing = new Outgoing({ log: deps.log, most: limits.exportsAtOnce, tooMany })
  }

  /** A link alone cannot show a session, so a page asks for one that works once. Throws RATE_LIMITED as stream(). */
  issue(asked: ExportAsked): { ticket: string; expiresAt: number } {
    this.#outgoing.checkRoom()
    const ticket = Buffer.from(this.#deps.random(16)).toString('base64url')
    const expiresAt = this.#deps.now() + limits.exportTicketMs
    const course = this.courses.begin(ticket, asked.session, expiresAt)
    this.#tickets.set(ticket, { ...asked, course, expiresAt })
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
  stream({ session, begin, course }: ExportAsked, cut: () => void): ExportStream {
    this.#outgoing.checkRoom()
    const { name, pieces } = begin()
    return { name, bytes: this.#outgoing.stream(session, pieces, cut, course) }
  }

  /** Whoever asked for it wants it no more. Throws NOT_FOUND. */
  end(ticket: string, session: string | undefined): void {
    const course = this.courses.of(ticket, session)
    this.#tickets.delete(ticket)
    course.end()
    if (course.state !== 'done') course.state = 'ended'
  }

  /** A session has ended, and what it was being given with it. */
  forget(session: string): void {
    for (const [ticket, asked] of this.#tickets) if (asked.session === session) this.#tickets.delete(ticket)
    this.#outgoing.forget(session)
    this.courses.forget(session)
  }

  /** Nothing more is given to anybody. */
  endAll(): void {
    this.#tickets.clear()
    this.#outgoing.endAll()
    this.courses.forgetAll()
  }
}
