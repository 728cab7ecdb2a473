/** The two loops of a session, one that reads frames and one that sends them, and how an error in either ends it or does not. */

import { errorCode } from '../../protocol/errors.ts'
import { byeCodes } from '../../protocol/frames.ts'
import type { Log } from '../log.ts'
import type { Link, SyncFrame } from './link.ts'
import { verdictOf } from './verdict.ts'

export interface SessionLoopsDeps {
  readonly link: Link
  readonly report: Log
  readonly take: (frame: SyncFrame) => Promise<void>
  /** Whom to let go first, before the next frame is read. */
  readonly turn: () => Promise<void> | undefined
  /** Resolves after silence(). */
  readonly send: () => Promise<void>
  readonly silence: () => void
}

export class SessionLoops {
  readonly #deps: SessionLoopsDeps

  constructor(deps: SessionLoopsDeps) {
    this.#deps = deps
  }

  /** Resolves when the link is closed. Never rejects. */
  async run(): Promise<void> {
    await Promise.all([this.#read(), this.#send()])
  }

  /** Lets an error pass that ends the session; of others it only says that a frame was dropped. */
  dropped(is: SyncFrame['is'], error: unknown): void {
    if (verdictOf(error) !== 'drop') throw error
    const code = errorCode(error)
    this.#deps.report(code === 'INTERNAL' ? 'error' : 'debug', 'a frame is dropped', { is, code })
  }

  async #read(): Promise<void> {
    const { link, silence, turn } = this.#deps
    try {
      for await (const frame of link.frames) {
        await this.#handle(frame)
        const others = turn()
        if (others !== undefined) await others
      }
      await link.close(byeCodes.closing)
    } catch (error) {
      await this.end(error)
    }
    silence()
  }

  async #handle(frame: SyncFrame): Promise<void> {
    try {
      await this.#deps.take(frame)
    } catch (error) {
      this.dropped(frame.is, error)
    }
  }

  async #send(): Promise<void> {
    try {
      await this.#deps.send()
    } catch (error) {
      await this.end(error)
    }
  }

  async end(error: unknown): Promise<void> {
    const { link, report } = this.#deps
    const verdict = verdictOf(error)
    const code = errorCode(error)
    report(code === 'INTERNAL' ? 'error' : 'warn', 'a session ends', { code })
    await link.close(verdict === 'drop' ? byeCodes.closing : byeCodes[verdict], code)
  }
}
