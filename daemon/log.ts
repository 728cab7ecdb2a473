/** Structured log lines on stderr: a constant text, data in fields; never message text, names, keys, tokens or addresses. */

export type Level = 'debug' | 'info' | 'warn' | 'error'

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** Passed into every room. */
export type Log = (level: Level, text: string, fields?: LogFields) => void

const order: readonly Level[] = ['debug', 'info', 'warn', 'error']

/** Writes one JSON line for each call at `least` or above. */
export function createLog(write: (line: string) => void, least: Level, now: () => number): Log {
  return (level, text, fields = {}) => {
    if (order.indexOf(level) < order.indexOf(least)) return
    write(`${JSON.stringify({ at: new Date(now()).toISOString(), level, text, ...fields })}\n`)
  }
}
