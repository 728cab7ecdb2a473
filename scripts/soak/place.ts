/** Where the daemons live: a network namespace each on one bridge, where this process may make them, else one loopback. */

import { spawnSync } from 'node:child_process'

export interface Place {
  /** Puts a program into the host of a member. */
  wrapper(at: number): readonly string[]
  /** Flags of `warren start`. */
  readonly flags: readonly string[]
  /** Whether part() and unplug() are there. */
  readonly hasWires: boolean
  /** Nothing goes between two members any more; true takes it back. */
  part(a: number, b: number, healed: boolean): void
  /** The cable of a member is out; true plugs it in again. */
  unplug(at: number, healed: boolean): void
  remove(): void
}

const ip = (...words: string[]): void => {
  const { status, stderr } = spawnSync('ip', words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr}`)
}

const mayMakeHosts = (): boolean =>
  process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('ip', ['-V']).status === 0

class Bridge implements Place {
  readonly flags = []
  readonly hasWires = true
  readonly #name = `ws${process.pid.toString(36)}`
  readonly #members: number

  constructor(members: number) {
    this.#members = members
    const hub = this.#hub
    ip('netns', 'add', hub)
    ip('-n', hub, 'link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0')
    ip('-n', hub, 'link', 'set', 'br0', 'up')
    for (let at = 0; at < members; at += 1) this.#add(hub, at)
  }

  get #hub(): string {
    return `${this.#name}sw`
  }

  #host(at: number): string {
    return `${this.#name}h${at}`
  }

  #address(at: number): string {
    return `10.81.0.${at + 1}`
  }

  #add(hub: string, at: number): void {
    const host = this.#host(at)
    ip('netns', 'add', host)
    ip('-n', host, 'link', 'set', 'lo', 'up')
    ip('-n', hub, 'link', 'add', `p${at}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host)
    ip('-n', hub, 'link', 'set', `p${at}`, 'master', 'br0')
    ip('-n', hub, 'link', 'set', `p${at}`, 'up')
    ip('-n', host, 'addr', 'add', `${this.#address(at)}/24`, 'dev', 'eth0')
    ip('-n', host, 'link', 'set', 'eth0', 'up')
    this.#route(at)
  }

  /** Without it multicast has nowhere to go, and the route is gone with every unplugging. */
  #route(at: number): void {
    ip('-n', this.#host(at), 'route', 'replace', '224.0.0.0/4', 'dev', 'eth0')
  }

  wrapper(at: number): readonly string[] {
    return ['ip', 'netns', 'exec', this.#host(at)]
  }

  part(a: number, b: number, healed: boolean): void {
    const word = healed ? 'del' : 'add'
    ip('-n', this.#host(a), 'route', word, 'blackhole', `${this.#address(b)}/32`)
    ip('-n', this.#host(b), 'route', word, 'blackhole', `${this.#address(a)}/32`)
  }

  unplug(at: number, healed: boolean): void {
    ip('-n', this.#host(at), 'link', 'set', 'eth0', healed ? 'up' : 'down')
    if (healed) this.#route(at)
  }

  remove(): void {
    for (let at = 0; at < this.#members; at += 1) spawnSync('ip', ['netns', 'del', this.#host(at)])
    spawnSync('ip', ['netns', 'del', this.#hub])
  }
}

const loopback: Place = {
  flags: '--no-mdns --listen 127.0.0.1 --announce-loopback'.split(' '),
  hasWires: false,
  wrapper: () => [],
  part: () => undefined,
  unplug: () => undefined,
  remove: () => undefined,
}

export const createPlace = (members: number): Place => (mayMakeHosts() ? new Bridge(members) : loopback)
