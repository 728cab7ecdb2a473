/** Starts the program of node.ts, in a network namespace perhaps, and waits for what it tells. */

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { publicBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import { deviceIdOf, type DeviceId } from '../../protocol/ids.ts'
import type { NodeCommand, NodeEvent, NodeOptions } from './node.ts'

const program = fileURLToPath(new URL('node.ts', import.meta.url))

export const deviceOfSeed = (seed: Uint8Array): DeviceId => deviceIdOf(publicBytes(signingKeyFromSeed(seed)))

export interface Child {
  readonly device: DeviceId
  readonly pid: number
  readonly events: readonly NodeEvent[]
  tell(command: NodeCommand): void
  /** The first event so far, or from now on, for which `wanted` holds; `from` skips earlier ones. */
  event(wanted: (event: NodeEvent) => boolean, from?: number): Promise<NodeEvent>
  /** Sends bye and waits for the end. */
  stop(): Promise<void>
  kill(signal: NodeJS.Signals): void
}

export async function startChild(seed: Uint8Array, options: Partial<NodeOptions>, namespace?: string): Promise<Child> {
  const all: NodeOptions = {
    seed: Buffer.from(seed).toString('hex'),
    wants: [],
    listen: [],
    port: 7718,
    mdns: false,
    ...options,
  }
  const args = [program, JSON.stringify(all)]
  const stdio = ['pipe', 'pipe', 'inherit'] as const
  const running =
    namespace === undefined
      ? spawn(process.execPath, args, { stdio: [...stdio] })
      : spawn('ip', ['netns', 'exec', namespace, process.execPath, ...args], { stdio: [...stdio] })
  const events: NodeEvent[] = []
  const waiting = new Set<() => void>()
  const ended = Promise.withResolvers<void>()
  running.on('exit', () => ended.resolve())
  createInterface({ input: running.stdout }).on('line', (line) => {
    events.push(JSON.parse(line) as NodeEvent)
    for (const each of waiting) each()
  })
  const child: Child = {
    device: deviceOfSeed(seed),
    pid: running.pid ?? 0,
    events,
    tell: (order) => void running.stdin.write(`${JSON.stringify(order)}\n`),
    async event(wanted, from = 0) {
      const { promise, resolve } = Promise.withResolvers<NodeEvent>()
      const check = (): void => {
        const found = events.slice(from).find(wanted)
        if (found !== undefined) resolve(found)
      }
      waiting.add(check)
      check()
      const found = await promise
      waiting.delete(check)
      return found
    },
    async stop() {
      running.kill('SIGCONT')
      running.stdin.end()
      await ended.promise
    },
    kill: (signal) => void running.kill(signal),
  }
  await Promise.race([
    child.event(({ is }) => is === 'ready'),
    ended.promise.then(() => {
      throw new Error('the program ended before it was ready')
    }),
  ])
  return child
}
