/** Structured log lines: a constant text, data in fields; never message text, names, keys, tokens or addresses. */

export type Level = 'debug' | 'info' | 'warn' | 'error'

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

declare const brand: unique symbol
/** A short word that the program made itself: a version, a file and its line. */
export type LogWord = string & { readonly [brand]: true }

type Nothing = Readonly<Record<' ', 1>>
/** `never` for whatever could be any string; a constant of the source, one of a closed set and a LogWord pass. */
type Known<T> = T extends LogWord ? T : T extends string ? (Nothing extends Record<T, 1> ? never : T) : T
/** They are the line's own. */
type Taken = { readonly at?: never; readonly level?: never; readonly text?: never; readonly leftOut?: never }

/** Passed into every room. A text or a field that could hold words of the owner or of a peer does not compile. */
export type Log = <Text extends string, const Fields extends LogFields>(
  level: Level,
  text: Known<Text>,
  fields?: Fields & Taken & { readonly [Name in keyof Fields]: Known<Fields[Name]> },
) => void

export interface LogSink {
  /** Lines below it are not written. */
  readonly least: Level
  /** Takes one line with its end; throws nothing. */
  readonly write: (line: string) => void
}

export const levels: readonly Level[] = ['debug', 'info', 'warn', 'error']

/** So many lines of one text a minute: a peer that causes one line after the other must not push out all others. */
export const mostLinesAMinute = 60
const minuteMs = 60_000

/** Only for what the program itself made. Throws on what no such word looks like. */
export function logWord(text: string): LogWord {
  if (!/^[\w.+:-]{1,64}$/.test(text)) throw new TypeError('no word for the log')
  return text as LogWord
}

/** The file and line that threw: no message, which may hold words of the owner, and no folder, which may be named after them. */
export function placeOf(error: unknown): LogWord | undefined {
  const place = error instanceof Error ? /([\w.-]{1,48}:\d{1,7}):\d+\)?$/m.exec(error.stack ?? '')?.[1] : undefined
  return place === undefined ? undefined : logWord(place)
}

interface Spell {
  readonly since: number
  lines: number
  leftOut: number
}

/** Writes one JSON line for each call to every sink of its level. Never throws. */
export function createLog(sinks: readonly LogSink[], now: () => number): Log {
  const spells = new Map<string, Spell>()
  /** How many of this text were left out before this one; undefined if it is one too many itself. */
  const count = (text: string, at: number): number | undefined => {
    const last = spells.get(text)
    if (last !== undefined && at >= last.since && at < last.since + minuteMs) {
      const isOver = last.lines >= mostLinesAMinute
      if (isOver) last.leftOut += 1
      else last.lines += 1
      return isOver ? undefined : 0
    }
    spells.set(text, { since: at, lines: 1, leftOut: 0 })
    return last?.leftOut ?? 0
  }
  return (level, text, fields) => {
    const takers = sinks.filter(({ least }) => levels.indexOf(level) >= levels.indexOf(least))
    if (takers.length === 0) return
    const at = now()
    const leftOut = count(text, at)
    if (leftOut === undefined) return
    const line = { at: new Date(at).toISOString(), level, text, ...fields, ...(leftOut > 0 ? { leftOut } : {}) }
    for (const { write } of takers) write(`${JSON.stringify(line)}\n`)
  }
}
