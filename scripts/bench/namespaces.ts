/** Two hosts on one wire, as network namespaces. */

import { spawnSync } from 'node:child_process'

export interface Namespaces {
  /** Runs a program inside the first or the second one. */
  readonly inside: readonly [readonly string[], readonly string[]]
  stop(): void
}

const ip = (...words: string[]): boolean => spawnSync('ip', words, { stdio: 'ignore' }).status === 0

function setUp(name: string, device: string, address: string): boolean {
  return (
    ip('-n', name, 'link', 'set', 'lo', 'up') &&
    ip('-n', name, 'addr', 'add', address, 'dev', device) &&
    ip('-n', name, 'link', 'set', device, 'up') &&
    // Without it multicast has nowhere to go, and discovery fails without a word.
    ip('-n', name, 'route', 'add', '224.0.0.0/4', 'dev', device)
  )
}

/** Undefined where this process may not make them. */
export function createNamespaces(): Namespaces | undefined {
  const [a, b] = [`wb${process.pid}a`, `wb${process.pid}b`]
  const stop = (): void => {
    ip('netns', 'del', a)
    ip('netns', 'del', b)
  }
  const made =
    process.getuid?.() === 0 &&
    ip('netns', 'add', a) &&
    ip('netns', 'add', b) &&
    ip('link', 'add', 'eth0', 'netns', a, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', b) &&
    setUp(a, 'eth0', '10.79.0.1/24') &&
    setUp(b, 'eth0', '10.79.0.2/24')
  if (!made) {
    stop()
    return undefined
  }
  return { inside: [inside(a), inside(b)], stop }
}

const inside = (name: string): string[] => ['ip', 'netns', 'exec', name]
