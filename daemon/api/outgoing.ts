/** Files on their way out: read as they are taken and no further, ended with their session, with the house, and when nobody takes them. */

import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import type { Log } from '../log.ts'

const nothing = (): void => undefined

type Pieces = AsyncGenerator<string | Uint8Array>

interface Open {
  readonly session: string | undefined
  readonly end: () => void
}

/** How far one is, for whoever asked for it: kept up to date as it goes. */
export interface OutgoingCourse {
  state: 'waiting' | 'going' | 'done' | 'ended'
  /** Bytes that were given away. */
  given: number
  /** Ends what goes on. */
  end: () => void
}

export interface OutgoingDeps {
  readonly log: Log
  /** So many at a time. */
  readonly most: number
  /** Said to whoever comes when there are as many. */
  readonly tooMany: string
}

export class Outgoing {
  readonly #deps: OutgoingDeps
  readonly #open = new Set<Open>()

  constructor(deps: OutgoingDeps) {
    this.#deps = deps
  }

  /** Throws RATE_LIMITED while too many are open. */
  checkRoom(): void {
    if (this.#open.size < this.#deps.most) return
    throw new WarrenError('RATE_LIMITED', this.#deps.tooMany, { details: { retryAfterMs: 10_000 } })
  }

  /** A session has ended, and what it was being given with it. */
  forget(session: string): void {
    for (const each of this.#open) if (each.session === session) each.end()
  }

  /** Nothing more is given to anybody. */
  endAll(): void {
    for (const each of this.#open) each.end()
  }

  /** `cut` ends the connection, so that nobody takes what broke off for the whole. */
  stream(
    session: string | undefined,
    pieces: Pieces,
    cut: () => void,
    course: OutgoingCourse = { state: 'waiting', given: 0, end: nothing },
  ): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder()
    let idle: NodeJS.Timeout | undefined
    // Nothing of it is asked for: a download that was paused, and may never go on, holds a place that others wait for.
    const rest = (): void => {
      idle = setTimeout(() => {
        this.#deps.log('warn', 'a file that nobody read was ended')
        open.end()
      }, limits.exportIdleMs).unref()
    }
    const open: Open = {
      session,
      end: () => {
        clearTimeout(idle)
        if (this.#open.delete(open)) course.state = 'ended'
        cut()
        // What is being read is waited for; whether that fails is of no interest any more.
        pieces.return(undefined).catch(() => undefined)
      },
    }
    this.#open.add(open)
    Object.assign(course, { state: 'going', end: open.end })
    rest()
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      clearTimeout(idle)
      const next = await this.#next(open, pieces)
      // It ended meanwhile, or just now: the connection is cut, and the stream with it.
      if (next === undefined || !this.#open.has(open)) return
      if (next.done !== true) {
        rest()
        const bytes = typeof next.value === 'string' ? encoder.encode(next.value) : next.value
        course.given += bytes.length
        return controller.enqueue(bytes)
      }
      this.#open.delete(open)
      Object.assign(course, { state: 'done', end: nothing })
      return controller.close()
    }
    return new ReadableStream<Uint8Array>({ pull, cancel: open.end }, { highWaterMark: 0 })
  }

  async #next(open: Open, pieces: Pieces): Promise<IteratorResult<string | Uint8Array, unknown> | undefined> {
    try {
      return await pieces.next()
    } catch (error) {
      this.#deps.log('warn', 'a file on its way out broke off', { code: errorCode(error) })
      open.end()
      return undefined
    }
  }
}
