/** Asks one question on the terminal, in plain sight. */

import { createInterface } from 'node:readline/promises'
import { CommandError } from './command-error.ts'

/** Throws USAGE where there is no terminal. */
export async function askLine(prompt: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new CommandError('USAGE', 'there is no terminal to ask on: compare the words, then use --yes')
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await reader.question(prompt)
  } finally {
    reader.close()
  }
}
