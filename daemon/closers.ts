/** Everything opened so far, closed in reverse. */

export class Closers {
  readonly #closers: (() => Promise<void> | void)[] = []
  #closing: Promise<void> | undefined

  add(close: () => Promise<void> | void): void {
    this.#closers.push(close)
  }

  /** Closes all, whatever fails on the way; the first failure is thrown once all are done. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll()
    return this.#closing
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = []
    for (const close of this.#closers.toReversed()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0] as Error
  }
}
