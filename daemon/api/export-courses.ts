/** How far what was begun by a ticket is, for whoever asked for it: how much was given, and how it ended. */

import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import type { OutgoingCourse } from './outgoing.ts'

export interface ExportCourse extends OutgoingCourse {
  readonly session: string | undefined
  /** Of the ticket. */
  readonly expiresAt: number
}

const nothing = (): void => undefined

export class ExportCourses {
  readonly #now: () => number
  /** Oldest first. */
  readonly #courses = new Map<string, ExportCourse>()

  /** `now`: epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  begin(ticket: string, session: string | undefined, expiresAt: number): ExportCourse {
    const course: ExportCourse = { session, expiresAt, state: 'waiting', given: 0, end: nothing }
    this.#courses.set(ticket, course)
    for (const [oldest, { state }] of this.#courses) {
      if (this.#courses.size <= limits.exportTickets + limits.exportsAtOnce) break
      if (state !== 'going') this.#courses.delete(oldest)
    }
    return course
  }

  /** Throws NOT_FOUND, also for that of another session. */
  of(ticket: string, session: string | undefined): ExportCourse {
    const course = this.#courses.get(ticket)
    if (course === undefined || course.session !== session) throw new WarrenError('NOT_FOUND', 'no such backup')
    if (course.state === 'waiting' && course.expiresAt <= this.#now()) course.state = 'ended'
    return course
  }

  forget(session: string): void {
    for (const [ticket, course] of this.#courses) if (course.session === session) this.#courses.delete(ticket)
  }

  forgetAll(): void {
    this.#courses.clear()
  }
}
