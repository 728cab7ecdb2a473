/** Counts the requests for whose answers an owner waits. */

export class FakeAsking {
  now = 0
  most = 0

  /** Returns what is to be called with the answer. */
  begin(): () => void {
    this.now += 1
    this.most = Math.max(this.most, this.now)
    return () => {
      this.now -= 1
    }
  }
}
