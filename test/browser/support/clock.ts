/** Puts the clock of all daemons of this process back, so that a history can have happened on other days. */

const present = Date.now.bind(Date)
const minuteMs = 60_000
let backMs = 0

/** Say earlier days first: no device believes that time runs backwards. */
export function setClockBack(minutes: number): void {
  backMs = minutes * minuteMs
  Date.now = () => present() - backMs
}
