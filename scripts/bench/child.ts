/** A child process that is asked to do jobs, and its end. */

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Answer, Jobs } from './jobs.ts'

export interface ChildOptions {
  readonly arguments?: readonly string[]
  readonly nodeOptions?: readonly string[]
  /** A program that starts node, such as `ip netns exec …`. */
  readonly wrapper?: readonly string[]
}

/** As scripts/warren does it: types are stripped once. */
export const compileCache = fileURLToPath(new URL('../../build/cache', import.meta.url))
export const builtPage = fileURLToPath(new URL('../../build/ui', import.meta.url))
const stopMs = 5000
/** What takes longer will never come. */
const answerMs = 90_000
const mostErrorText = 4000

export class Child<J extends Jobs> {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, { resolve: (answers: unknown) => void; reject: (error: Error) => void }>()
  #asked = 0
  #errors = ''
  #output = ''
  readonly #lines: ((line: string) => void)[] = []
  readonly #exited: Promise<unknown>

  constructor(program: string, options: ChildOptions = {}) {
    const [wrapper, ...wrapped] = options.wrapper ?? []
    const nodeOptions = ['--disable-warning=ExperimentalWarning', ...(options.nodeOptions ?? [])]
    const execArgv = wrapper === undefined ? nodeOptions : [...wrapped, process.execPath, ...nodeOptions]
    this.#process = fork(program, options.arguments ?? [], {
      execPath: wrapper ?? process.execPath,
      execArgv,
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache, WARREN_UI: builtPage },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#exited = once(this.#process, 'exit')
    this.#process.on('message', (message) => this.#onAnswer(message as Answer))
    this.#process.stdout?.on('data', (data: Buffer) => this.#onOutput(data.toString('utf8')))
    this.#process.stderr?.on('data', (data: Buffer) => {
      this.#errors = (this.#errors + data.toString('utf8')).slice(-mostErrorText)
    })
    this.#process.once('exit', (code) => this.#onExit(code))
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** Throws if the job does, or if the process ends first. */
  async ask<K extends keyof J & string>(is: K, asks: J[K]['asks']): Promise<J[K]['answers']> {
    const id = (this.#asked += 1)
    const late = setTimeout(() => this.#fail(id, new Error(`no answer to ${is} in ${answerMs / 1000} s`)), answerMs)
    return await new Promise<J[K]['answers']>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#process.send({ id, is, asks }, (error) => {
        if (error !== null) this.#fail(id, error)
      })
    }).finally(() => clearTimeout(late))
  }

  /** The next whole line on stdout. */
  async line(): Promise<string> {
    return await new Promise<string>((resolve, reject) => {
      this.#lines.push(resolve)
      void this.#exited.then(() => reject(new Error(`a process ended before its line: ${this.#errors}`)))
    })
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    if (this.#process.connected) this.#process.disconnect()
    const kill = setTimeout(() => this.#process.kill('SIGKILL'), stopMs)
    await this.#exited
    clearTimeout(kill)
  }

  #onOutput(text: string): void {
    this.#output += text
    for (let end = this.#output.indexOf('\n'); end >= 0; end = this.#output.indexOf('\n')) {
      this.#lines.shift()?.(this.#output.slice(0, end))
      this.#output = this.#output.slice(end + 1)
    }
  }

  #onAnswer({ id, answers, failed }: Answer): void {
    if (failed !== undefined) return this.#fail(id, new Error(failed))
    this.#waiting.get(id)?.resolve(answers)
    this.#waiting.delete(id)
  }

  #fail(id: number, error: Error): void {
    this.#waiting.get(id)?.reject(error)
    this.#waiting.delete(id)
  }

  #onExit(code: number | null): void {
    for (const id of this.#waiting.keys()) {
      this.#fail(id, new Error(`a process ended with ${code} while it was asked: ${this.#errors}`))
    }
  }
}
