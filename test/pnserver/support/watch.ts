/** Waits for a state of something that says when it changed. */

export class Watch {
  readonly #waiting: (() => void)[] = []

  changed(): void {
    for (const look of this.#waiting.splice(0)) look()
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }
}
