/** What linked peers hold of some devices' messages and is lacking here: asked of all at once, fetched as usual, waited for shortly. */

import { lanes } from '../../protocol/entry.ts'
import type { FeedRanges } from '../../protocol/frames.ts'
import type { DeviceId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { VectorRow } from '../../protocol/vector.ts'
import type { Link } from './link.ts'
import type { SyncLog } from './log.ts'
import type { Timers } from '../timers.ts'

/** A session, as seen by who asks. */
export interface Asked {
  readonly device: DeviceId
  readonly link: Pick<Link, 'send'>
}

interface Question {
  readonly scope: Scope
  readonly of: ReadonlySet<DeviceId>
  /** Who has not answered. */
  readonly open: Set<DeviceId>
  /** The newest entries that they say they hold, one a row. */
  readonly claimed: FeedRanges[]
  readonly answer: () => void
}

export class Tops {
  readonly #log: Pick<SyncLog, 'lacking'>
  readonly #timers: Timers
  readonly #questions = new Set<Question>()

  constructor(log: Pick<SyncLog, 'lacking'>, timers: Timers) {
    this.#log = log
    this.#timers = timers
  }

  /**
   * Resolves once all of them answered and the newest entries that they named are held here, taken and checked like any other, or
   * after limits.topsTimeoutMs. Of what is only claimed nothing is told to who asks: it may be made up.
   */
  async gather(scope: Scope, of: Iterable<DeviceId>, peers: readonly Asked[]): Promise<void> {
    if (peers.length === 0) return
    await new Promise<void>((resolve) => {
      const open = new Set(peers.map(({ device }) => device))
      const question: Question = { scope, of: new Set(of), open, claimed: [], answer: () => end() }
      const callOff = this.#timers.after(limits.topsTimeoutMs, () => end())
      const end = (): void => {
        callOff()
        this.#questions.delete(question)
        resolve()
      }
      this.#questions.add(question)
      // Nobody holds what has this digest: each answers with its vector, which is fetched from like any vector.
      for (const { link } of peers) link.send({ is: 'offer', scopes: [{ scope, digest: new Uint8Array(16) }] })
    })
  }

  /** A peer said what it holds. */
  heard(scope: Scope, device: DeviceId, rows: readonly VectorRow[]): void {
    for (const question of this.#questions) {
      if (question.scope !== scope || !question.open.delete(device)) continue
      for (const { device: author, lane, generation, ranges } of rows) {
        const top = ranges.at(-1)?.[1]
        if (lane === lanes.messages && top !== undefined && question.of.has(author))
          question.claimed.push({ device: author, lane, generation, ranges: [[top, top]] })
      }
    }
    this.arrived(scope)
  }

  /** Entries of the scope are held that were not. */
  arrived(scope: Scope): void {
    for (const question of this.#questions) {
      if (question.scope !== scope || question.open.size > 0) continue
      if (this.#log.lacking(scope, question.claimed).length === 0) question.answer()
    }
  }
}
