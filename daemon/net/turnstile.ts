/** Long frames of all links go through one after the other, a turn of the event loop each: a short one never waits for two. */

export class Turnstile {
  #last: Promise<void> = Promise.resolve()

  /** Resolves in a turn of the event loop in which nobody else goes through. */
  async pass(): Promise<void> {
    const turn = this.#last.then(nextTurn)
    this.#last = turn
    await turn
  }
}

/** Lets everything be read and answered that has come meanwhile. */
export async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve)
  })
}
