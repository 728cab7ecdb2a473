/** Tells the daemon, now and then, that somebody is at this page: it does not lock itself meanwhile. */

const everyMs = 20_000
let toldAt = 0

export function watchActivity(tell: () => void): void {
  const act = (): void => {
    const now = Date.now()
    // A clock that was set back must not silence us.
    if (now >= toldAt && now - toldAt < everyMs) return
    toldAt = now
    tell()
  }
  for (const kind of ['keydown', 'pointerdown', 'wheel', 'touchmove']) {
    addEventListener(kind, act, { capture: true, passive: true })
  }
}
