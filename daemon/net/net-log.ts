/** The log as this room is handed it: constant texts, no names, keys or addresses in the fields. */

type Level = 'debug' | 'info' | 'warn' | 'error'

type Nothing = Readonly<Record<' ', 1>>
type Constant<T> = T extends string ? (Nothing extends Record<T, 1> ? never : T) : T

/** A text or a field that could be any string does not compile. */
export type NetLog = <
  Text extends string,
  const Fields extends Readonly<Record<string, string | number | boolean | undefined>>,
>(
  level: Level,
  text: Constant<Text>,
  fields?: { readonly [Name in keyof Fields]: Constant<Fields[Name]> },
) => void
