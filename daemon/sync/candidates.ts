/**
 * Scopes that a peer offers and that are not here. Their operations are gathered in memory until it is known whether the owner
 * belongs there; nothing of them is stored before, and one who offers what is none of the owner's is not asked for it again soon.
 */

import type { DeviceId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Run } from '../../protocol/run.ts'
import type { CandidateBook } from './candidate-book.ts'
import { count, feedsOf, isRoster, portions, subtract, within, type Feeds } from './feeds.ts'
import type { SyncFrame } from './link.ts'
import type { SyncLog } from './log.ts'
import { runSize } from './pack.ts'
import { rangesOfRows, SharedScope } from './shared-scope.ts'
import type { Timers } from '../timers.ts'

export interface CandidatesDeps {
  readonly device: DeviceId
  readonly log: Pick<SyncLog, 'isOfInterest' | 'consider' | 'partFor'>
  readonly book: CandidateBook
  readonly timers: Timers
  readonly send: (frame: SyncFrame) => void
}

/** One scope on its way: first what the peer holds of it, then that. */
interface Gathering {
  readonly vector: SharedScope
  lacking: Feeds
  wants: number
  /** Something came since the last want. */
  brought: boolean
  isDone: boolean
  readonly runs: Run[]
}

interface Candidate {
  readonly scope: Scope
  readonly parts: Map<Scope, Gathering>
  /** Scopes that it names and that are still to be asked for. */
  readonly waiting: Scope[]
  operations: number
  bytes: number
  callOff: () => void
}

const patienceMs = 10_000
/** Logs that are asked for at a time. */
const mostUnderWay = 64

type Frame = Exclude<SyncFrame, { is: 'offer' | 'registers' }>

export class Candidates {
  readonly #deps: CandidatesDeps
  /** What the peer offers and is not here. */
  readonly #offered = new Set<Scope>()
  readonly #queue = new Set<Scope>()
  #now: Candidate | undefined
  /** Looks that are left until the next digest; those that are needed do not count. */
  #left: number = limits.candidateScopes
  #closed = false

  constructor(deps: CandidatesDeps) {
    this.#deps = deps
  }

  /** The peer offers scopes that it is not known to share. */
  offered(scopes: readonly Scope[]): void {
    const { book, device } = this.#deps
    for (const scope of scopes) {
      if (this.#offered.size >= limits.offerScopes && !this.#offered.has(scope)) continue
      this.#offered.add(scope)
      if (this.#interestIn(scope) === 'needed' || !book.isRefused(device, scope)) this.#queue.add(scope)
    }
    this.next()
  }

  /** Somebody may need by now what was offered before. */
  renew(isTime: boolean): void {
    if (isTime) this.#left = limits.candidateScopes
    for (const scope of this.#offered) if (this.#interestIn(scope) === 'needed') this.#queue.add(scope)
    this.next()
  }

  /** Begins with the next one, unless one is under way, here or on too many other links. */
  next(): void {
    const { book } = this.#deps
    while (this.#now === undefined && !this.#closed) {
      const scope = this.#pick()
      if (scope === undefined) return
      if (!book.enter(this, scope)) return
      this.#queue.delete(scope)
      if (this.#interestIn(scope) === 'perhaps') this.#left -= 1
      this.#now = { scope, parts: new Map(), waiting: [], operations: 0, bytes: 0, callOff: () => {} }
      this.#ask(this.#now, scope)
      this.#goesOn(this.#now)
    }
  }

  #interestIn(scope: Scope): 'needed' | 'perhaps' | 'no' {
    return this.#deps.log.isOfInterest(scope, this.#deps.device)
  }

  /** The newest offered first: conversations come behind the persons whom they name. */
  #pick(): Scope | undefined {
    const { book, device, log } = this.#deps
    for (const scope of [...this.#queue].toReversed()) {
      const isShared = log.partFor(device, scope) !== undefined
      const interest = isShared ? 'no' : this.#interestIn(scope)
      if (interest === 'no') this.#queue.delete(scope)
      else if (book.isGathered(scope)) book.wait(this)
      else if (interest === 'needed' || this.#left > 0) return scope
    }
    return undefined
  }

  #ask(candidate: Candidate, scope: Scope): void {
    const vector = new SharedScope(scope, 'roster')
    candidate.parts.set(scope, { vector, lacking: [], wants: 0, brought: false, isDone: false, runs: [] })
    // Holding nothing: the peer answers with what it holds.
    this.#deps.send({ is: 'vector', scope, rows: [], more: false })
  }

  #goesOn(candidate: Candidate): void {
    candidate.callOff()
    candidate.callOff = this.#deps.timers.after(patienceMs, () => this.#drop(candidate))
  }

  /** A frame about a scope that the peer is not known to share. */
  async take(frame: Frame): Promise<void> {
    const candidate = this.#now
    const part = candidate?.parts.get(frame.scope)
    if (candidate === undefined || part === undefined || part.isDone) return
    if (frame.is === 'vector') this.#takeVector(candidate, part, frame)
    else if (frame.is === 'entries') this.#takeEntries(candidate, part, frame)
    else return
    if (this.#now !== candidate) return
    this.#goesOn(candidate)
    this.#askMore(candidate)
    if ([...candidate.parts.values()].every(({ isDone }) => isDone)) await this.#judge(candidate)
  }

  #takeVector(candidate: Candidate, part: Gathering, { rows: some, more }: Extract<Frame, { is: 'vector' }>): void {
    const rows = part.vector.gather(some, more)
    if (rows === undefined || part.lacking.length > 0) return
    part.lacking = rangesOfRows(rows).filter(isRoster)
    candidate.operations += count(part.lacking)
    if (candidate.operations > limits.candidateOperations) return this.#drop(candidate)
    this.#want(part)
  }

  #takeEntries(candidate: Candidate, part: Gathering, { runs, done }: Extract<Frame, { is: 'entries' }>): void {
    // Only what was asked for: entries that are pushed meanwhile come again once the scope is kept.
    const isLacking = within(part.lacking)
    const asked = runs.filter((run) => {
      const feeds = feedsOf([run])
      return feeds.every(isRoster) && feeds.every(isLacking)
    })
    candidate.bytes += asked.reduce((bytes, run) => bytes + runSize(run), 0)
    if (candidate.bytes > limits.candidateBytes) return this.#drop(candidate)
    part.runs.push(...asked)
    part.lacking = subtract(part.lacking, feedsOf(asked))
    part.brought ||= asked.length > 0
    if (done) this.#want(part)
  }

  /** Asks for what is lacking, as long as something comes. */
  #want(part: Gathering): void {
    const [feeds] = portions(part.lacking)
    if (feeds === undefined || (part.wants > 0 && !part.brought)) {
      part.isDone = true
      return
    }
    part.wants += 1
    part.brought = false
    this.#deps.send({ is: 'want', scope: part.vector.scope, feeds, budget: limits.wantBytes })
  }

  #askMore(candidate: Candidate): void {
    let open = [...candidate.parts.values()].filter(({ isDone }) => !isDone).length
    for (; open < mostUnderWay && candidate.waiting.length > 0; open += 1)
      this.#ask(candidate, candidate.waiting.pop() as Scope)
  }

  async #judge(candidate: Candidate): Promise<void> {
    const { log, device } = this.#deps
    candidate.callOff()
    const gathered = new Map([...candidate.parts].map(([scope, { runs }]) => [scope, runs]))
    let verdict = await log.consider(candidate.scope, gathered, device)
    if (this.#now !== candidate) return
    if (verdict.is === 'lacking') {
      const lacking = verdict.scopes.filter((scope) => !candidate.parts.has(scope))
      candidate.waiting.push(...lacking.filter((scope) => this.#offered.has(scope)))
      if (candidate.waiting.length > 0) {
        this.#goesOn(candidate)
        return this.#askMore(candidate)
      }
      // The peer does not have these: judged without them.
      for (const scope of lacking) gathered.set(scope, [])
      verdict = await log.consider(candidate.scope, gathered, device)
      if (this.#now !== candidate) return
    }
    if (verdict.is === 'kept') this.#end(candidate)
    else this.#drop(candidate)
  }

  #drop(candidate: Candidate): void {
    const { book, device } = this.#deps
    book.refuse(device, candidate.scope)
    this.#end(candidate)
  }

  #end(candidate: Candidate): void {
    candidate.callOff()
    if (this.#now !== candidate) return
    this.#now = undefined
    this.#deps.book.leave(this)
    this.next()
  }

  /** The link ended. */
  close(): void {
    this.#closed = true
    this.#now?.callOff()
    this.#now = undefined
    this.#deps.book.leave(this)
  }
}
