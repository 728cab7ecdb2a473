/** One home, the daemon process that holds it now, and what is measured of it. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Client } from '../../daemon/cli/client.ts'
import { followEvents } from '../../daemon/cli/follow.ts'
import { pass } from './pass.ts'

const main = fileURLToPath(new URL('../../daemon/cli/main.ts', import.meta.url))
const compileCache = fileURLToPath(new URL('../../build/cache', import.meta.url))
const mostComplaints = 10_000

export interface Handles {
  readonly sockets: number
  /** LevelDB's files: their number grows with history up to a bound of its own. */
  readonly store: number
  readonly others: number
}

export interface MemberOptions {
  readonly home: string
  readonly name: string
  readonly wrapper: readonly string[]
  readonly flags: readonly string[]
}

export class Member {
  readonly client: Client
  /** Texts of errors that it logged. */
  readonly complaints: string[] = []
  /** What it said before it ended though nobody had told it to. */
  readonly crashes: string[] = []
  peakRssBytes = 0
  readonly #options: MemberOptions
  readonly #listeners = new Set<() => void>()
  #child: ChildProcess | undefined
  #exited: Promise<unknown> = Promise.resolve()
  #ending = false
  #peerPort = '0'
  #up = Promise.withResolvers<void>()

  constructor(options: MemberOptions) {
    this.#options = options
    this.client = new Client(options.home)
    mkdirSync(options.home, { recursive: true, mode: 0o700 })
  }

  get name(): string {
    return this.#options.name
  }

  /** Resolves at once while the daemon is up, else once it is. */
  async whenUp(): Promise<void> {
    await this.#up.promise
  }

  async start(): Promise<void> {
    const { home, name, wrapper, flags } = this.#options
    const node = [process.execPath, '--max-semi-space-size=4', '--disable-warning=ExperimentalWarning', main]
    const words = ['start', '--home', home, '--name', name, '--json', '--no-open', '--api-port', '0']
    const [program = '', ...rest] = [...wrapper, ...node, ...words, '--peer-port', this.#peerPort, ...flags]
    const child = spawn(program, rest, {
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: compileCache, TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    this.#ending = false
    this.#exited = once(child, 'exit').then(() => this.#ended())
    createInterface({ input: child.stderr }).on('line', (line) => this.#heard(line))
    const lines = createInterface({ input: child.stdout })
    const first = await Promise.race([once(lines, 'line'), this.#exited.then(() => undefined)])
    if (first === undefined) throw new Error(`${name} did not start: ${this.complaints.slice(-3).join(' | ')}`)
    const { listen } = JSON.parse(String((first as unknown[])[0])) as { listen: string[] }
    this.#peerPort = /\/tcp\/(\d+)/.exec(listen[0] ?? '')?.[1] ?? '0'
    void this.#follow(child)
    this.#up.resolve()
  }

  #heard(line: string): void {
    if (this.complaints.length >= mostComplaints) return
    try {
      const { level, text, code } = JSON.parse(line) as { level: string; text: string; code?: string }
      if (level === 'error') this.complaints.push(code === undefined ? text : `${text} (${code})`)
    } catch {
      this.complaints.push(line)
    }
  }

  #ended(): void {
    if (!this.#ending) this.crashes.push(this.complaints.slice(-5).join(' | '))
    this.#up = Promise.withResolvers<void>()
  }

  /** As long as that process lives: its house may be shut and opened meanwhile. */
  async #follow(child: ChildProcess): Promise<void> {
    while (child.exitCode === null && child.signalCode === null) {
      try {
        for await (const _ of followEvents(this.client)) for (const listener of this.#listeners) listener()
      } catch {
        await pass(100)
      }
    }
  }

  /** Called at every event of the daemon; returns the function that ends it. */
  onEvent(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** Ends the process. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.#child === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.measure()
    this.#ending = true
    this.#child.kill(signal)
    await this.#exited
  }

  freeze(frozen: boolean): void {
    this.#child?.kill(frozen ? 'SIGSTOP' : 'SIGCONT')
  }

  /** Takes the peak memory so far of the process that runs now. */
  measure(): void {
    try {
      const status = readFileSync(`/proc/${this.#child?.pid}/status`, 'utf8')
      const kibibytes = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0)
      this.peakRssBytes = Math.max(this.peakRssBytes, kibibytes * 1024)
    } catch {
      // No /proc, or it is gone.
    }
  }

  /** What the process holds open now; all zero where there is no /proc. */
  handles(): Handles {
    const folder = `/proc/${this.#child?.pid}/fd`
    const store = join(this.#options.home, 'store')
    const counts = { sockets: 0, store: 0, others: 0 }
    try {
      for (const each of readdirSync(folder)) {
        const target = readlinkSync(join(folder, each))
        if (target.startsWith('socket:')) counts.sockets += 1
        else if (target.startsWith(store)) counts.store += 1
        else counts.others += 1
      }
    } catch {
      // One was closed meanwhile, or there is no /proc.
    }
    return counts
  }
}
