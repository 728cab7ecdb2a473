/** What one command of `warren` is. */

import type { ExamineHome } from '../examine-home.ts'
import type { RestoreHome } from '../restore-home.ts'
import type { RunningDaemon, DaemonOptions } from '../options.ts'
import type { Client } from './client.ts'
import type { Output } from './output.ts'

export interface CommandOption {
  readonly type: 'string' | 'boolean'
  readonly multiple?: boolean
  /** How the value is called in the help, such as `N`. */
  readonly value?: string
  readonly help: string
}

export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

/** One run of a command. */
export interface Call {
  readonly positionals: readonly string[]
  readonly values: Values
  readonly json: boolean
  readonly home: string
  readonly client: Client
  readonly out: Output
  /** Writes text as it is; resolves once it is taken. */
  readonly print: (text: string) => Promise<void>
  readonly input: AsyncIterable<Uint8Array>
  readonly startDaemon: (options: DaemonOptions) => Promise<RunningDaemon>
  readonly examineHome: ExamineHome
  readonly restoreHome: RestoreHome
}

export interface Command {
  readonly name: string
  /** Behind the name: `<who> <text|->`. */
  readonly arguments: string
  /** One line. */
  readonly summary: string
  /** Paragraphs. */
  readonly description: readonly string[]
  readonly options?: Readonly<Record<string, CommandOption>>
  /** Least and most positional arguments. */
  readonly takes: readonly [least: number, most: number]
  /** A command line and what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[]
  run(call: Call): Promise<void>
}

/** A string option, or undefined. */
export const textValue = (values: Values, name: string): string | undefined => {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

/** The argument at `at`; `takes` made sure that it is there. */
export const argument = (call: Call, at: number): string => call.positionals[at] ?? ''
