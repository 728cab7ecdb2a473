/** Where a command writes: lines for people, or JSON for scripts. */

import { safeJson, safeText, table } from './terminal.ts'

export interface Output {
  /** For people; foreign text is made harmless. */
  line(text: string): void
  rows(rows: readonly (readonly string[])[]): void
  /** One JSON document on one line. */
  json(value: unknown): void
}

export function createOutput(write: (text: string) => void): Output {
  const line = (text: string): void => write(`${safeText(text)}\n`)
  return {
    line,
    rows: (rows) => {
      for (const text of table(rows)) line(text)
    },
    json: (value) => write(`${safeJson(value)}\n`),
  }
}
