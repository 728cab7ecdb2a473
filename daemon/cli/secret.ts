/** Reads what nobody may look over a shoulder for: from the terminal without echo, or from stdin; never from arguments, which ps shows. */

import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { CommandError } from './command-error.ts'
import type { Call, CommandOption } from './command.ts'

export const secretOptions = {
  'passphrase-stdin': { type: 'boolean', help: 'read what would be asked for from stdin, a line each' },
  'recovery-key': { type: 'boolean', help: 'give the recovery key in place of the passphrase' },
} as const satisfies Readonly<Record<string, CommandOption>>

/** Asks for one thing after the other. */
export type Ask = (prompt: string) => Promise<string>

async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined> {
  const chunks: Uint8Array[] = []
  for await (const chunk of input) chunks.push(chunk)
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks))
    yield* text.replace(/\r?\n$/, '').split(/\r?\n/)
  } catch (error) {
    throw new CommandError('BAD_SHAPE', 'what came on stdin is not UTF-8 text', { cause: error })
  }
  return undefined
}

/** The terminal shows the prompt and nothing of what is typed. */
async function askTerminal(prompt: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  // A terminal of its own: the kernel echoes nothing, and what readline would echo goes nowhere.
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true, historySize: 0 })
  process.stderr.write(prompt)
  try {
    const typed = once(reader, 'line').then(([line]) => String(line))
    const ended = once(reader, 'close').then((): never => {
      throw new CommandError('USAGE', 'nothing was typed')
    })
    reader.once('SIGINT', () => reader.close())
    return await Promise.race([typed, ended])
  } finally {
    reader.close()
    process.stderr.write('\n')
  }
}

/** How this call asks. Throws USAGE where there is neither a terminal nor --passphrase-stdin. */
export function askerOf(call: Call): Ask {
  if (call.values['passphrase-stdin'] === true) {
    const lines = linesOf(call.input)
    return async (prompt) => {
      const { value } = await lines.next()
      if (value === undefined || value === '')
        throw new CommandError('USAGE', `stdin has no line for: ${prompt.trim()}`)
      return value
    }
  }
  if (!process.stdin.isTTY) {
    throw new CommandError('USAGE', 'there is no terminal to ask on: use --passphrase-stdin')
  }
  return askTerminal
}

/** Asks for what opens the home: the passphrase, or with --recovery-key that. */
export async function askSecret({ values }: Call, ask: Ask): Promise<{ passphrase: string } | { recoveryKey: string }> {
  if (values['recovery-key'] === true) return { recoveryKey: await ask('Recovery key: ') }
  return { passphrase: await ask('Passphrase: ') }
}
