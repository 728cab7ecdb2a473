/** A real daemon in a process of its own, with the probe in it, and its local API. */

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from '../../daemon/cli/client.ts'
import { Child, type ChildOptions } from './child.ts'
import type { ProbeJobs } from './probe-jobs.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const program = here('../../daemon/cli/main.ts')
/** What `make build` makes and people run. */
const bundle = here('../../build/package/daemon/main.js')
/** As in scripts/warren. */
const nodeOptions = ['--max-semi-space-size=4']

const common = 'start --json --no-open --api-port 0 --peer-port 0'.split(' ')
const onLoopback = '--no-mdns --listen 127.0.0.1 --announce-loopback'.split(' ')
const profiling = (folder: string): string[] => ['--cpu-prof', `--cpu-prof-dir=${folder}`]

export interface DaemonProcessOptions {
  /** Flags of `warren start` beyond home, ports and no browser; none means loopback only. */
  readonly flags?: readonly string[]
  readonly wrapper?: readonly string[]
  /** The bundle, without the probe: what it costs is what people pay, and it can be asked nothing but its API. */
  readonly bundled?: boolean
}

export class DaemonProcess {
  readonly home: string
  readonly client: Client
  readonly child: Child<ProbeJobs>
  /** A multiaddr with PeerId; empty until ready. */
  address = ''

  constructor(home: string, { flags, wrapper, bundled = false }: DaemonProcessOptions = {}) {
    this.home = home
    this.client = new Client(home)
    const profile = process.env['BENCH_CPU_PROF']
    const options: ChildOptions = {
      arguments: [...common, '--home', home, ...(flags ?? onLoopback)],
      nodeOptions: [
        ...nodeOptions,
        ...(bundled ? [] : [`--import=${here('probe.ts')}`]),
        ...(profile === undefined ? [] : profiling(profile)),
      ],
      ...(wrapper === undefined ? {} : { wrapper }),
    }
    this.child = new Child<ProbeJobs>(bundled ? bundle : program, options)
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
