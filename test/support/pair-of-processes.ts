/** Alice and Bob as processes of their own, contacts of each other, whose homes can be harmed while they are down. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { ownPort } from './own-port.ts'
import { Seat } from './seat.ts'
import { WarrenProcess, type Ended } from './warren-process.ts'

const flags = '--no-open --no-mdns --announce-loopback --json --listen 127.0.0.1 --api-port 0'.split(' ')

export interface DaemonOptions {
  readonly home: string
  readonly name: string
  readonly env?: Readonly<Record<string, string>>
  /** A module that runs before the program. */
  readonly preload?: string
}

/** One home, and the process that holds it now. */
export class Daemon {
  readonly seat: Seat
  readonly #options: DaemonOptions
  #process: WarrenProcess | undefined
  #port = 0

  constructor(options: DaemonOptions) {
    this.#options = options
    this.seat = new Seat(options.home)
  }

  get home(): string {
    return this.#options.home
  }

  get port(): number {
    return this.#port
  }

  /** False once it ended, by itself or not. */
  get isRunning(): boolean {
    const { exitCode, signalCode } = this.#process?.child ?? { exitCode: 0, signalCode: null }
    return exitCode === null && signalCode === null
  }

  get pid(): number {
    return this.#process?.child.pid ?? 0
  }

  /** Resolves when it is up, on the port that it had before unless told another; rejects with what it said on stderr. */
  async start(port?: number): Promise<void> {
    const { home, name, env = {}, preload } = this.#options
    this.#port = port ?? (this.#port || (await ownPort()))
    const words = ['start', '--home', home, '--name', name, ...flags, '--peer-port', `${this.#port}`]
    this.#process = new WarrenProcess(words, { home, env, ...(preload === undefined ? {} : { preload }) })
    await this.#process.line()
    this.seat.follow()
  }

  /** What a start says that is expected to fail. */
  async startInVain(): Promise<Ended> {
    const { home, env = {} } = this.#options
    return await new WarrenProcess(['start', '--home', home, ...flags, '--peer-port', '0'], { home, env }).ended
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.child.kill(signal)
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended | undefined> {
    this.signal('SIGCONT')
    this.signal(signal)
    return await this.#process?.ended
  }
}

export interface PairOfProcesses {
  readonly alice: Daemon
  readonly bob: Daemon
  /** Their conversation. */
  readonly chat: string
}

/** Both up and linked; killed with `t`. `special`: where else alice's home lies, or what else she starts with. */
export async function pairOfProcesses(
  t: Test,
  special: { readonly alice?: string } & Pick<DaemonOptions, 'env' | 'preload'> = {},
): Promise<PairOfProcesses> {
  const folder = mkdtempSync(join(tmpdir(), 'warren-'))
  const { alice: home = join(folder, 'alice'), ...more } = special
  const alice = new Daemon({ home, name: 'alice', ...more })
  const bob = new Daemon({ home: join(folder, 'bob'), name: 'bob' })
  t.teardown(async () => {
    await Promise.all([alice.end('SIGKILL'), bob.end('SIGKILL')])
    rmSync(folder, { recursive: true, force: true })
  })
  await Promise.all([alice.start(), bob.start()])
  const peer = await alice.seat.look(`127.0.0.1:${bob.port}`)
  await alice.seat.client.ask('POST', '/contacts', { deviceId: peer.deviceId, note: '' })
  const { id } = await bob.seat.contact('incoming')
  await bob.seat.client.ask('PATCH', `/contacts/${id}`, { state: 'accepted' })
  await linked(alice, bob)
  return { alice, bob, chat: (await alice.seat.direct()).id }
}

/** Resolves once each sees the other online. */
export async function linked(...daemons: readonly Daemon[]): Promise<void> {
  await Promise.all(daemons.map(async ({ seat }) => await seat.contact('accepted', true)))
}
