/** Daemons in the process of the test, on real sockets and a real disk. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { startDaemon } from '../../daemon/daemon.ts'
import type { DaemonOptions, RunningDaemon } from '../../daemon/options.ts'
import { ownPort } from './own-port.ts'
import { Seat } from './seat.ts'

export interface Here {
  readonly seat: Seat
  readonly daemon: RunningDaemon
  /** For peers, on 127.0.0.1. */
  readonly port: number
}

/** A folder for homes, as short as the path of a unix socket has to be. */
export function folderOf(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'w-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const optionsOf = (home: string, name: string, more: Partial<DaemonOptions> = {}): DaemonOptions => ({
  home,
  name,
  apiPort: 0,
  peerPort: 0,
  listen: ['127.0.0.1'],
  mdns: false,
  announceLoopback: true,
  ui: join(home, 'no-ui'),
  logLevel: 'error',
  version: '0.0.0-test',
  ...more,
})

/** On ports that it finds free again when it comes back to them. */
export async function startHere(t: Test, home: string, name: string, more: Partial<DaemonOptions> = {}): Promise<Here> {
  const ports = { apiPort: more.apiPort ?? (await ownPort()), peerPort: more.peerPort ?? (await ownPort()) }
  const daemon = await startDaemon(optionsOf(home, name, { ...more, ...ports }))
  t.teardown(async () => await daemon.close())
  const seat = new Seat(home)
  seat.follow()
  return { seat, daemon, port: Number(/\/tcp\/(\d+)/.exec(daemon.listen[0] ?? '')?.[1]) }
}
