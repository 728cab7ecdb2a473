/** Two daemons that are contacts. */

import { cpSync } from 'node:fs'
import type { Me } from '../../protocol/http-people.ts'
import type { Bench } from './bench.ts'
import { befriend, online } from './contacts.ts'
import { DaemonProcess, type DaemonProcessOptions } from './daemon-process.ts'

export interface Pair {
  readonly alice: DaemonProcess
  readonly bob: DaemonProcess
  readonly conversation: string
}

/** Starts two new daemons on loopback and links them. */
export async function linkedPair(bench: Bench): Promise<Pair> {
  const [alice, bob] = await Promise.all([startDaemon(bench, bench.path('a')), startDaemon(bench, bench.path('b'))])
  return { alice, bob, conversation: await befriend(alice.client, bob.client) }
}

export async function startDaemon(
  bench: Bench,
  home: string,
  options: DaemonProcessOptions = {},
): Promise<DaemonProcess> {
  return await bench.keep(new DaemonProcess(home, options)).ready()
}

/** A copy of a home whose daemon is not running. */
export function copyHome(bench: Bench, home: string): string {
  const to = bench.path('c')
  cpSync(home, to, { recursive: true, preserveTimestamps: true })
  return to
}

/** Sends one message across, so that roster, epoch and key are there before anything is measured. */
export async function warmUp({ alice, bob, conversation }: Pair): Promise<void> {
  const [{ personId: a }, { personId: b }] = await Promise.all([
    alice.client.ask<Me>('GET', '/me'),
    bob.client.ask<Me>('GET', '/me'),
  ])
  await Promise.all([online(alice.client, b), online(bob.client, a)])
  await alice.child.ask('send', { conversation, count: 3 })
}
