/** The newest entries of some devices' feeds that linked peers hold: asked of all at once, waited for shortly. */

import { lanes } from '../../protocol/entry.ts'
import type { DeviceId, EntryId, Generation, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { VectorRow } from '../../protocol/vector.ts'
import type { Link } from './link.ts'
import type { Timers } from '../timers.ts'

/** The newest entry of a feed of messages. */
export interface Top {
  readonly device: DeviceId
  readonly generation: Generation
  readonly id: EntryId
}

/** A session, as seen by who asks. */
export interface Asked {
  readonly device: DeviceId
  readonly link: Pick<Link, 'send'>
}

interface Question {
  readonly scope: Scope
  readonly of: ReadonlySet<DeviceId>
  readonly open: Set<DeviceId>
  readonly tops: Map<EntryId, Top>
  readonly answer: () => void
}

export class Tops {
  readonly #timers: Timers
  readonly #questions = new Set<Question>()

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Resolves once all of them answered, or after limits.topsTimeoutMs with what is known by then. */
  async ask(scope: Scope, of: Iterable<DeviceId>, peers: readonly Asked[]): Promise<Top[]> {
    const tops = new Map<EntryId, Top>()
    if (peers.length === 0) return []
    await new Promise<void>((resolve) => {
      const open = new Set(peers.map(({ device }) => device))
      const question: Question = { scope, of: new Set(of), open, tops, answer: () => end() }
      const callOff = this.#timers.after(limits.topsTimeoutMs, () => end())
      const end = (): void => {
        callOff()
        this.#questions.delete(question)
        resolve()
      }
      this.#questions.add(question)
      // Nobody holds what has this digest: each answers with its vector.
      for (const { link } of peers) link.send({ is: 'offer', scopes: [{ scope, digest: new Uint8Array(16) }] })
    })
    return [...tops.values()]
  }

  /** A peer said what it holds. */
  heard(scope: Scope, device: DeviceId, rows: readonly VectorRow[]): void {
    for (const question of this.#questions) {
      if (question.scope !== scope || !question.open.delete(device)) continue
      for (const { device: author, lane, generation, head } of rows)
        if (lane === lanes.messages && head !== undefined && question.of.has(author))
          question.tops.set(head, { device: author, generation, id: head })
      if (question.open.size === 0) question.answer()
    }
  }
}
