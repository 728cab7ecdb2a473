/** The log as this room is handed it: constant texts, no names, keys or addresses in the fields. */

type Level = 'debug' | 'info' | 'warn' | 'error'

export type NetLog = (
  level: Level,
  text: string,
  fields?: Readonly<Record<string, string | number | boolean | undefined>>,
) => void
