/** What was told of things that are not here yet: so many at most, the newest. What falls out is told again at the next start. */

export const mostEarly = 1024

export class Early<Key, Value> {
  readonly #kept = new Map<Key, Value>()

  get size(): number {
    return this.#kept.size
  }

  get(key: Key): Value | undefined {
    return this.#kept.get(key)
  }

  set(key: Key, value: Value): void {
    // Said again it is new again.
    this.#kept.delete(key)
    this.#kept.set(key, value)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > mostEarly && oldest !== undefined) this.#kept.delete(oldest)
  }

  /** False if there was none. */
  delete(key: Key): boolean {
    return this.#kept.delete(key)
  }
}
