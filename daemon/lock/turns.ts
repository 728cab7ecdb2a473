/** What opens, shuts or changes a home comes one after the other. */

import { WarrenError } from '../../protocol/errors.ts'

export class Turns {
  #last: Promise<unknown> = Promise.resolve()
  /** Nothing has a turn any more. */
  isOver = false
  /** Only what wakes, locks or ends has one. */
  isAsleep = false

  /** Rejects with CLOSING once it is over, and as the task. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#last.then(async () => {
      if (this.isOver) throw new WarrenError('CLOSING', 'the daemon is stopping')
      return await task()
    })
    this.#last = done.catch(() => undefined)
    return await done
  }

  /** What was asked for and comes to its turn during sleep is refused: nobody is there to hear of it. Rejects as run(). */
  async awake<T>(task: () => Promise<T>): Promise<T> {
    return await this.run(async () => {
      if (this.isAsleep) throw new WarrenError('CLOSING', 'the daemon sleeps')
      return await task()
    })
  }
}
