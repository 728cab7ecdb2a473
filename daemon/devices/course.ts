/** One linking as its owner sees it: where it stands, what they said, and how it ended. */

import type { Linking, LinkingProblem } from '../../protocol/http-devices.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'

const problems: Readonly<Record<string, LinkingProblem>> = {
  TIMED_OUT: 'unreachable',
  REFUSED: 'unreachable',
  UNREACHABLE: 'unreachable',
  HOST_NOT_FOUND: 'unreachable',
  NOT_WARREN: 'unreachable',
  IDENTITY_MISMATCH: 'not-theirs',
  LINK_CLOSED: 'cancelled',
}

/** Ends a linking for a reason that its owner is told. */
export class LinkingFailed extends Error {
  readonly problem: LinkingProblem

  constructor(problem: LinkingProblem) {
    super(problem)
    this.problem = problem
  }
}

export class Course {
  #shown: Linking
  readonly #ending = new AbortController()
  readonly #confirmed = Promise.withResolvers<void>()
  readonly #changed: () => void
  #isBinding = false

  constructor(shown: Linking, changed: () => void) {
    this.#shown = shown
    this.#changed = changed
    this.#confirmed.promise.catch(() => undefined)
    this.#ending.signal.addEventListener('abort', () => this.#confirmed.reject(this.#ending.signal.reason))
    changed()
  }

  get shown(): Linking {
    return this.#shown
  }

  get isOver(): boolean {
    return this.#shown.state === 'done' || this.#shown.state === 'failed'
  }

  /** What is being written cannot be taken back: only its own failing ends it. */
  get isBinding(): boolean {
    return this.#isBinding
  }

  /** Aborted as soon as it failed. */
  get signal(): AbortSignal {
    return this.#ending.signal
  }

  /** The owner said that the words are the same; rejects if it ends before. */
  get whenConfirmed(): Promise<void> {
    return this.#confirmed.promise
  }

  show(change: Partial<Linking>): void {
    if (this.isOver) return
    this.#shown = { ...this.#shown, ...change }
    this.#changed()
  }

  /** Throws CONFLICT unless there are words to compare. */
  confirm(): void {
    const { state } = this.#shown
    if (state === 'confirmed' || state === 'done') return
    if (state !== 'comparing') throw new WarrenError('CONFLICT', 'there are no words to compare')
    this.show({ state: 'confirmed' })
    this.#confirmed.resolve()
  }

  /** Does what binds both sides, and is done then. Rejects with the reason for which it ended before, or with what `work` throws. */
  async bind(work: () => Promise<void>): Promise<void> {
    this.signal.throwIfAborted()
    this.#isBinding = true
    try {
      await work()
      this.show({ state: 'done' })
    } finally {
      this.#isBinding = false
    }
  }

  /** What was thrown, as its owner is told. */
  failed(error: unknown): void {
    this.fail(error instanceof LinkingFailed ? error.problem : (problems[errorCode(error)] ?? 'failed'))
  }

  /** Nothing while it is binding. */
  fail(problem: LinkingProblem): void {
    if (this.isOver || this.#isBinding) return
    const { role } = this.#shown
    this.#shown = { role, state: 'failed', problem }
    this.#ending.abort(new LinkingFailed(problem))
    this.#changed()
  }
}
