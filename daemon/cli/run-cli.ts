/** Runs one command line and answers its exit code. */

import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { ExamineHome } from '../examine-home.ts'
import type { RestoreHome } from '../restore-home.ts'
import { chooseHome, programVersion, surroundings, type StartDaemon } from '../options.ts'
import { Client } from './client.ts'
import { CommandError } from './command-error.ts'
import type { Command, Values } from './command.ts'
import { commands } from './commands.ts'
import { commonOptions, manual, overview } from './help.ts'
import { createOutput } from './output.ts'
import { safeLine } from './terminal.ts'

export interface CliDeps {
  /** `done` is called once it is taken. */
  readonly write: (text: string, done?: () => void) => void
  readonly writeError: (text: string) => void
  readonly input: AsyncIterable<Uint8Array>
  readonly startDaemon: StartDaemon
  readonly examineHome: ExamineHome
  readonly restoreHome: RestoreHome
}

interface Parsed {
  readonly values: Values
  readonly positionals: string[]
}

/** What Node says of a wrong line, of which it makes several where a value begins with a dash. */
function usageText(message: string): string {
  const option = /^Option '(--[a-z-]+)[^']*' argument is ambiguous/.exec(message)?.[1]
  return option === undefined
    ? message
    : `${option} has no value: write ${option}=VALUE for one that begins with a dash`
}

function parse(command: Command, words: readonly string[]): Parsed {
  const options: NonNullable<ParseArgsConfig['options']> = {}
  for (const [name, { type, multiple }] of Object.entries({ ...command.options, ...commonOptions })) {
    options[name] = { type, multiple: multiple ?? false }
  }
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new CommandError('USAGE', error instanceof Error ? usageText(error.message) : 'wrong usage', { cause: error })
  }
}

function checkCount(command: Command, count: number): void {
  const [least, most] = command.takes
  if (count < least || count > most) {
    throw new CommandError('USAGE', `usage: warren ${command.name} ${command.arguments}`.trimEnd())
  }
}

async function load(name: string): Promise<Command> {
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (found === undefined) throw new CommandError('USAGE', `there is no command "${name}": see warren --help`)
  return (await found()).command
}

async function runCommand(name: string, words: readonly string[], deps: CliDeps): Promise<void> {
  const command = await load(name)
  const { values, positionals } = parse(command, words)
  if (values['help'] === true) return deps.write(`${manual(command)}\n`)
  checkCount(command, positionals.length)
  const home = chooseHome(typeof values['home'] === 'string' ? values['home'] : undefined, surroundings())
  return await command.run({
    positionals,
    values,
    json: values['json'] === true,
    home,
    client: new Client(home),
    out: createOutput(deps.write),
    print: async (text) => await new Promise<void>((resolve) => deps.write(text, resolve)),
    input: deps.input,
    startDaemon: deps.startDaemon,
    examineHome: deps.examineHome,
    restoreHome: deps.restoreHome,
  })
}

async function runLine(words: readonly string[], deps: CliDeps): Promise<void> {
  const [name, ...rest] = words
  if (name === undefined) throw new CommandError('USAGE', 'usage: warren <command>: see warren --help')
  if (name === '--version') return deps.write(`warren ${programVersion()}\n`)
  if (name === '--help' || name === 'help') {
    if (rest[0] !== undefined) return deps.write(`${manual(await load(rest[0]))}\n`)
    const all = await Promise.all(Object.keys(commands).map(async (each) => await load(each)))
    return deps.write(`${overview(all)}\n`)
  }
  return await runCommand(name, rest, deps)
}

/** 0, 1 or 2; one line on stderr unless 0. */
export async function runCli(words: readonly string[], deps: CliDeps): Promise<0 | 1 | 2> {
  try {
    await runLine(words, deps)
    return 0
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    deps.writeError(`warren: ${safeLine(message)}\n`)
    return error instanceof CommandError ? error.exitCode : 1
  }
}
