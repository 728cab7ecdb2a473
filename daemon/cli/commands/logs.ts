/** warren logs: what the daemon noted about itself. */

import { CommandError } from '../command-error.ts'
import { textValue, type Call, type Command } from '../command.ts'
import { followLines, newestLines } from '../log-reader.ts'

const usualLimit = 100

function readLimit(call: Call): number {
  const text = textValue(call.values, 'limit') ?? String(usualLimit)
  if (!/^\d{1,7}$/.test(text)) throw new CommandError('USAGE', '--limit is a number')
  return Number(text)
}

/** A line that a crash tore is shown as it is. */
function readLine(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : { text: line }
  } catch {
    return { text: line }
  }
}

function print({ json, out }: Call, line: string): void {
  const { at, level, text, ...fields } = readLine(line)
  if (json) return out.json({ at, level, text, ...fields })
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`)
  const front = typeof at === 'string' && typeof level === 'string' ? [at, level.padEnd(5)] : []
  return out.line([...front, String(text), ...rest].join('  '))
}

async function follow(call: Call, limit: number): Promise<never> {
  try {
    for await (const line of followLines(call.home, limit)) print(call, line)
  } catch (cause) {
    throw new CommandError('NOT_FOUND', 'there is no log in this home yet', { cause })
  }
  throw new CommandError('INTERNAL', 'the log ended')
}

export const command: Command = {
  name: 'logs',
  arguments: '',
  summary: 'read what the daemon noted about itself',
  description: [
    'Prints the newest lines of the log in the home, oldest first, whether or not the daemon runs. For conversations see warren log.',
    'The log holds no names, texts, addresses, ids or keys: it can be put into a report. It does say when links began and ended.',
    'It is kept in five files of 1 MiB at most, below log in the home. warren start --log-level says how much is noted.',
  ],
  options: {
    limit: { type: 'string', value: 'N', help: `how many lines, ${usualLimit} if not given` },
    follow: { type: 'boolean', help: 'go on with lines as they come, until interrupted' },
  },
  takes: [0, 0],
  examples: [
    ['warren logs --limit 20', 'The last twenty lines.'],
    ['warren logs --json --limit 1000000 > warren.jsonl', 'All of it, one JSON object a line.'],
  ],
  async run(call) {
    const limit = readLimit(call)
    if (call.values['follow'] === true) return await follow(call, limit)
    for (const line of await newestLines(call.home, limit)) print(call, line)
    return undefined
  },
}
