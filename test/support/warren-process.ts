/** Runs `warren` as its users do: as a process of its own. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { runCli } from '../../daemon/cli/run-cli.ts'

const main = fileURLToPath(new URL('../../daemon/cli/main.ts', import.meta.url))

export interface WarrenOptions {
  readonly home: string
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  /** Where it runs. */
  readonly cwd?: string
  /** A module that runs before the program. */
  readonly preload?: string
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** An environment in which no browser is found and nothing of the developer's own is used. */
const environment = (home: string, extra: WarrenOptions['env']): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../build/cache', import.meta.url)),
  TZ: 'UTC',
  WARREN_HOME: home,
  ...extra,
})

/** A running command, whose lines are read as they come. */
export class WarrenProcess {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  #stdout = ''
  #stderr = ''
  #read = 0
  #wake: (() => void) | undefined
  #isEnded = false

  constructor(words: readonly string[], { home, input, env, preload, cwd }: WarrenOptions) {
    // As in scripts/warren.
    const flags = ['--max-semi-space-size=4', '--disable-warning=ExperimentalWarning']
    const before = [...flags, ...(preload === undefined ? [] : ['--import', preload])]
    // As people run it: what the test runner loads into every node takes memory and time, and ends it at signals that node ignores.
    const bare = ['-u', 'NODE_OPTIONS', process.execPath]
    this.child = spawn('env', [...bare, ...before, main, ...words], {
      env: environment(home, env),
      ...(cwd === undefined ? {} : { cwd }),
    })
    // A character may come in two pieces.
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
      this.#wake?.()
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.child.stdin?.on('error', () => undefined)
    this.child.stdin?.end(input)
    this.ended = once(this.child, 'close').then(([code]) => {
      this.#isEnded = true
      this.#wake?.()
      return { code: code as number | null, stdout: this.#stdout, stderr: this.#stderr }
    })
  }

  /** The next line on stdout; throws with what stderr said if there is none. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#stdout.indexOf('\n', this.#read)
      if (end >= 0) {
        const line = this.#stdout.slice(this.#read, end)
        this.#read = end + 1
        return line
      }
      if (this.#isEnded) throw new Error(`no more lines: ${this.#stderr}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async json<T>(): Promise<T> {
    return JSON.parse(await this.line()) as T
  }
}

/** Runs to the end. */
export const warren = async (words: readonly string[], options: WarrenOptions): Promise<Ended> =>
  await new WarrenProcess(words, options).ended

/** The same without a process of its own: for what does not need one. */
export async function runLine(words: readonly string[]): Promise<Ended> {
  let [stdout, stderr] = ['', '']
  const code = await runCli(words, {
    write: (text, done) => {
      stdout += text
      done?.()
    },
    writeError: (text) => {
      stderr += text
    },
    input: Readable.from([]),
    startDaemon: async () => await Promise.reject(new Error('no daemon starts here')),
    examineHome: async () => await Promise.reject(new Error('no home is looked at here')),
    restoreHome: async () => await Promise.reject(new Error('no home is restored here')),
  })
  return { code, stdout, stderr }
}

/** The same, on that home. */
export const linesOn =
  (home: string) =>
  async (...[command = '', ...words]: readonly string[]): Promise<Ended> =>
    await runLine([command, '--home', home, ...words])

/** Runs until the test is over. */
export function startWarren(t: Test, words: readonly string[], options: WarrenOptions): WarrenProcess {
  const running = new WarrenProcess(words, options)
  t.teardown(async () => {
    running.child.kill('SIGKILL')
    await running.ended
  })
  return running
}
