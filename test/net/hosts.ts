/** Hosts for tests: Linux network namespaces on a bridge, behind a router, or joined by WireGuard. Needs root and iproute2. */

import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const has = (program: string): boolean =>
  ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/bin'].some((folder) => existsSync(join(folder, program)))

/** Why these tests cannot run here, or false. CI runs as root with all of it, and counts what was skipped. */
export const cannotRun: string | false =
  process.platform === 'linux' && process.getuid?.() === 0 && has('ip')
    ? false
    : 'needs Linux, root and iproute2 for network namespaces'

export const cannotTunnel: string | false =
  cannotRun !== false
    ? cannotRun
    : has('wireguard-go') && has('wg') && existsSync('/dev/net/tun')
      ? false
      : 'needs wireguard-go, wireguard-tools and /dev/net/tun'

/** Test files run side by side: the process in the name keeps them apart. */
const mark = process.pid.toString(36)
let networks = 0

export class Hosts {
  /** At most 12 characters, for interfaces are named after it. */
  readonly #name: string
  readonly #namespaces: string[] = []
  readonly #programs: ChildProcess[] = []
  readonly #folder = mkdtempSync(join(tmpdir(), 'warren-net-'))

  constructor() {
    networks += 1
    this.#name = `w${mark}${networks}`
  }

  run(program: string, ...words: string[]): string {
    return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }

  /** `ip`, inside a host. */
  ip(host: string, ...words: string[]): void {
    this.run('ip', '-n', host, ...words)
  }

  add(name: string): string {
    const host = `${this.#name}${name}`
    this.run('ip', 'netns', 'add', host)
    this.#namespaces.push(host)
    this.ip(host, 'link', 'set', 'lo', 'up')
    return host
  }

  /** An Ethernet with a host at each address (`10.77.0.1/24`); multicast works on it. */
  lan(...addresses: string[]): string[] {
    const bridge = this.add('sw')
    this.ip(bridge, 'link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0')
    this.ip(bridge, 'link', 'set', 'br0', 'up')
    return addresses.map((address, at) => {
      const host = this.add(`h${at}`)
      this.plug(bridge, host, at, address)
      return host
    })
  }

  /** A cable from the bridge to a host's eth0. */
  plug(bridge: string, host: string, at: number, address: string): void {
    this.ip(bridge, 'link', 'add', `p${at}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host)
    this.ip(bridge, 'link', 'set', `p${at}`, 'master', 'br0')
    this.ip(bridge, 'link', 'set', `p${at}`, 'up')
    this.ip(host, 'addr', 'add', address, 'dev', 'eth0')
    this.ip(host, 'link', 'set', 'eth0', 'up')
    // Without a route for it multicast fails silently; a default route would do as well.
    this.ip(host, 'route', 'add', '224.0.0.0/4', 'dev', 'eth0')
  }

  /** The bridge of lan(). */
  get bridge(): string {
    return `${this.#name}sw`
  }

  /** Two hosts in two networks with a router in between: no multicast crosses it. */
  routed(): [left: string, right: string] {
    const router = this.add('rt')
    this.run('ip', 'netns', 'exec', router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
    const [left, right] = [this.add('l'), this.add('r')]
    for (const [host, net] of [
      [left, '10.78.1'],
      [right, '10.78.2'],
    ] as const) {
      const port = `p${net.at(-1)}`
      this.ip(router, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host)
      this.ip(router, 'addr', 'add', `${net}.254/24`, 'dev', port)
      this.ip(router, 'link', 'set', port, 'up')
      this.ip(host, 'addr', 'add', `${net}.1/24`, 'dev', 'eth0')
      this.ip(host, 'link', 'set', 'eth0', 'up')
      this.ip(host, 'route', 'add', 'default', 'via', `${net}.254`)
    }
    return [left, right]
  }

  /** Joins two hosts of a LAN by WireGuard in user space; the inner addresses are those given. */
  async tunnel(hosts: readonly [string, string], outer: readonly string[], inner: readonly string[]): Promise<void> {
    const keys = hosts.map(() => this.run('wg', 'genkey').trim())
    const publicKeys = keys.map((key) => execFileSync('wg', ['pubkey'], { input: key, encoding: 'utf8' }).trim())
    for (const [at, host] of hosts.entries()) {
      // The control sockets of all namespaces share one folder: the name must be unlike all others.
      const device = `${this.#name}g${at}`
      this.#programs.push(
        spawn('ip', ['netns', 'exec', host, 'wireguard-go', '-f', device], {
          stdio: 'ignore',
          env: { ...process.env, LOG_LEVEL: 'error' },
        }),
      )
      await this.#control(device)
      const keyFile = join(this.#folder, device)
      writeFileSync(keyFile, keys[at] ?? '', { mode: 0o600 })
      const other = 1 - at
      const peer = [
        'peer',
        publicKeys[other] ?? '',
        'allowed-ips',
        `${inner[other]}/32`,
        'endpoint',
        `${outer[other]}:51820`,
      ]
      this.run(
        'ip',
        'netns',
        'exec',
        host,
        'wg',
        'set',
        device,
        'listen-port',
        '51820',
        'private-key',
        keyFile,
        ...peer,
      )
      this.ip(host, 'addr', 'add', `${inner[at]}/24`, 'dev', device)
      this.ip(host, 'link', 'set', device, 'mtu', '1420', 'up')
    }
  }

  /** The control socket tells that the device is there; no event does. */
  async #control(device: string): Promise<void> {
    for (let tries = 0; tries < 100 && !existsSync(`/var/run/wireguard/${device}.sock`); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** Removes everything, in whatever state it is. */
  stop(): void {
    for (const program of this.#programs) program.kill()
    for (const name of this.#namespaces.toReversed()) {
      try {
        this.run('ip', 'netns', 'del', name)
      } catch {
        // It was never made.
      }
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
