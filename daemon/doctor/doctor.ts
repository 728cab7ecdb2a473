/** One look through all data at a time, while the daemon runs: begun by the owner, followed by whoever asks. */

import { errorCode, WarrenError } from '../../protocol/errors.ts'
import type { Examination, Finding } from '../../protocol/examination.ts'
import type { Log } from '../log.ts'

export interface Look {
  readonly repair: boolean
  readonly signal: AbortSignal
  readonly progress: (checked: number, total: number) => void
}

export interface DoctorDeps {
  readonly look: (look: Look) => Promise<{ readonly findings: readonly Finding[]; readonly waiting: number }>
  readonly log: Log
  readonly now: () => number
}

export const noExamination: Examination = {
  state: 'none',
  repair: false,
  startedAt: 0,
  finishedAt: 0,
  checked: 0,
  total: 0,
  waiting: 0,
  findings: [],
}

/** The database cannot even be mended while it is open. */
const unusable: Finding = { kind: 'database', outcome: 'open', count: 1 }

export class Doctor {
  readonly #deps: DoctorDeps
  readonly #ending = new AbortController()
  #examination: Examination = noExamination
  #running: Promise<void> | undefined

  constructor(deps: DoctorDeps) {
    this.#deps = deps
  }

  /** The look under way, or the last one. */
  get examination(): Examination {
    return this.#examination
  }

  /** Begins a look; `repair`: and mends. Throws CONFLICT while one is under way, CLOSING. */
  begin(repair: boolean): Examination {
    if (this.#ending.signal.aborted) throw new WarrenError('CLOSING', 'the daemon is stopping')
    if (this.#running !== undefined) throw new WarrenError('CONFLICT', 'the data is being checked already')
    this.#examination = { ...noExamination, state: 'running', repair, startedAt: this.#deps.now() }
    this.#running = this.#run(repair)
    return this.#examination
  }

  async #run(repair: boolean): Promise<void> {
    const { look, log, now } = this.#deps
    const progress = (checked: number, total: number): void => {
      this.#examination = { ...this.#examination, checked, total }
    }
    try {
      const { findings, waiting } = await look({ repair, signal: this.#ending.signal, progress })
      this.#examination = { ...this.#examination, state: 'done', findings: [...findings], waiting, finishedAt: now() }
    } catch (error) {
      const isDamaged = errorCode(error) === 'STORE_DAMAGED'
      const state = isDamaged ? 'done' : 'failed'
      const findings = isDamaged ? [unusable] : []
      this.#examination = { ...this.#examination, state, findings, finishedAt: now() }
      if (!this.#ending.signal.aborted) log('error', 'the data could not be checked', { code: errorCode(error) })
    } finally {
      this.#running = undefined
    }
  }

  /** Breaks off what is under way. */
  async close(): Promise<void> {
    this.#ending.abort()
    await this.#running
  }
}
