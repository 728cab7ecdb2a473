/** A real daemon in a process of its own, with the probe in it, and its local API. */

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from '../../daemon/cli/client.ts'
import { Child, type ChildOptions } from './child.ts'
import type { ProbeJobs } from './probe-jobs.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const program = here('../../daemon/cli/main.ts')

const common = 'start --json --no-open --api-port 0 --peer-port 0'.split(' ')
const onLoopback = '--no-mdns --listen 127.0.0.1 --announce-loopback'.split(' ')
const profiling = (folder: string): string[] => ['--cpu-prof', `--cpu-prof-dir=${folder}`]

export interface DaemonProcessOptions {
  /** Flags of `warren start` beyond home, ports and no browser; none means loopback only. */
  readonly flags?: readonly string[]
  readonly wrapper?: readonly string[]
}

export class DaemonProcess {
  readonly home: string
  readonly client: Client
  readonly child: Child<ProbeJobs>
  /** A multiaddr with PeerId; empty until ready. */
  address = ''

  constructor(home: string, { flags, wrapper }: DaemonProcessOptions = {}) {
    this.home = home
    this.client = new Client(home)
    const profile = process.env['BENCH_CPU_PROF']
    const options: ChildOptions = {
      arguments: [...common, '--home', home, ...(flags ?? onLoopback)],
      nodeOptions: [`--import=${here('probe.ts')}`, ...(profile === undefined ? [] : profiling(profile))],
      ...(wrapper === undefined ? {} : { wrapper }),
    }
    this.child = new Child<ProbeJobs>(program, options)
  }

  /** Resolves when everything is up. */
  async ready(): Promise<this> {
    const said = JSON.parse(await this.child.line()) as { listen: string[] }
    this.address = said.listen[0] ?? ''
    return this
  }

  get socket(): string {
    return join(this.home, 'api.sock')
  }

  async stop(): Promise<void> {
    await this.child.stop()
  }
}
