/** How far many have come on one road, each at one place: so that one step of one of them costs the same among few and among many. */

export class Watermarks {
  /** Where somebody stands, ascending, and how many; most stand together near the end. */
  readonly #places: number[] = []
  readonly #counts: number[] = []
  /** Places that were looked at: work is counted, not timed. */
  looks = 0

  /** Where the last of them stands; 0 for nobody. */
  get lowest(): number {
    return this.#places[0] ?? 0
  }

  /** Where the first of them stands; 0 for nobody. */
  get highest(): number {
    return this.#places.at(-1) ?? 0
  }

  /** How many stand at `place` or further on. */
  atLeast(place: number): number {
    let count = 0
    for (let at = this.#places.length - 1; at >= 0; at -= 1) {
      this.looks += 1
      if ((this.#places[at] ?? 0) < place) break
      count += this.#counts[at] ?? 0
    }
    return count
  }

  add(place: number): void {
    const at = this.#find(place)
    if (this.#places[at] === place) this.#counts[at] = (this.#counts[at] ?? 0) + 1
    else {
      this.#places.splice(at, 0, place)
      this.#counts.splice(at, 0, 1)
    }
  }

  /** One of those who stand at `from` goes on to `to`. */
  move(from: number, to: number): void {
    if (from === to) return
    const at = this.#find(from)
    const left = (this.#counts[at] ?? 0) - 1
    if (left > 0) this.#counts[at] = left
    else {
      this.#places.splice(at, 1)
      this.#counts.splice(at, 1)
    }
    this.add(to)
  }

  /** Where a place is, or would be. */
  #find(place: number): number {
    let [low, high] = [0, this.#places.length]
    while (low < high) {
      this.looks += 1
      const middle = (low + high) >> 1
      if ((this.#places[middle] ?? 0) < place) low = middle + 1
      else high = middle
    }
    return low
  }
}
