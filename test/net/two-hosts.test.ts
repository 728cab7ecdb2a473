import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'

const canRun = process.getuid?.() === 0 && process.platform === 'linux'
const ip = (...words: string[]): void => {
  execFileSync('ip', words, { stdio: 'pipe' })
}

/** Hosts on one Ethernet: a bridge in a namespace of its own, a namespace a host. */
function network(id: string, hosts: readonly string[]): () => void {
  const bridge = `${id}sw`
  ip('netns', 'add', bridge)
  ip('-n', bridge, 'link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0')
  ip('-n', bridge, 'link', 'set', 'br0', 'up')
  for (const [at, host] of hosts.entries()) {
    const name = `${id}${host}`
    ip('netns', 'add', name)
    ip('-n', bridge, 'link', 'add', `p${at}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
    ip('-n', bridge, 'link', 'set', `p${at}`, 'master', 'br0')
    ip('-n', bridge, 'link', 'set', `p${at}`, 'up')
    ip('-n', name, 'link', 'set', 'lo', 'up')
    ip('-n', name, 'addr', 'add', `10.88.0.${at + 1}/24`, 'dev', 'eth0')
    ip('-n', name, 'link', 'set', 'eth0', 'up')
    ip('-n', name, 'route', 'add', 'default', 'via', '10.88.0.254', 'dev', 'eth0')
  }
  return () => {
    for (const each of [...hosts.map((host) => `${id}${host}`), bridge]) ip('netns', 'del', each)
  }
}

class Host {
  readonly #namespace: string
  readonly #home: string
  readonly #children: ChildProcess[] = []

  constructor(namespace: string, home: string) {
    this.#namespace = namespace
    this.#home = home
  }

  /** Starts a command in the namespace and yields the JSON lines that it prints. */
  async *#lines(...words: string[]): AsyncGenerator<Record<string, unknown>> {
    const all = ['netns', 'exec', this.#namespace, 'scripts/warren', ...words, '--home', this.#home, '--json']
    const child = spawn('ip', all, { stdio: ['ignore', 'pipe', 'ignore'] })
    this.#children.push(child)
    for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line) as Record<string, unknown>
  }

  async start(name: string): Promise<void> {
    const first: IteratorResult<Record<string, unknown>, unknown> = await this.#lines(
      'start',
      '--name',
      name,
      '--no-open',
    ).next()
    if (first.done === true || first.value['ready'] !== true) throw new Error(`${name} did not start`)
  }

  /** The first event that fits, from a snapshot on. */
  async event(fits: (event: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    for await (const event of this.#lines('events')) if (fits(event)) return event
    throw new Error('the events ended')
  }

  async run<T>(...words: string[]): Promise<T> {
    for await (const value of this.#lines(...words)) return value as T
    throw new Error(`${words.join(' ')} printed nothing`)
  }

  async end(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    }
    rmSync(this.#home, { recursive: true, force: true })
  }
}

const named = (list: unknown, name: string): boolean =>
  Array.isArray(list) && list.some((each: { name?: string }) => each.name === name)
const tells =
  (kind: 'peer' | 'contact', name: string, more: (each: Record<string, unknown>) => boolean = () => true) =>
  (event: Record<string, unknown>): boolean => {
    const all =
      event['type'] === 'snapshot'
        ? (event[`${kind}s`] as Record<string, unknown>[])
        : [event[kind] as Record<string, unknown>]
    return all.some((each) => each?.['name'] === name && more(each))
  }

t.test(
  'two hosts that were only started see each other by name, become contacts and chat from the shell',
  canRun ? {} : { skip: 'network namespaces need root and Linux' },
  async (t) => {
    const id = `w${process.pid}`
    const remove = network(id, ['a', 'b'])
    const alice = new Host(`${id}a`, mkdtempSync(join(tmpdir(), 'warren-a-')))
    const bob = new Host(`${id}b`, mkdtempSync(join(tmpdir(), 'warren-b-')))
    t.teardown(async () => {
      await Promise.all([alice.end(), bob.end()])
      remove()
    })
    await Promise.all([alice.start('alice'), bob.start('bob')])
    await Promise.all([alice.event(tells('peer', 'bob')), bob.event(tells('peer', 'alice'))])
    const peers = await alice.run<{ deviceId: string; source: string }[]>('peers')
    t.ok(named(peers, 'bob'))
    t.equal(peers[0]?.source, 'mdns')

    await alice.run('add', '10.88.0.2')
    await bob.event(tells('contact', 'alice', ({ state }) => state === 'incoming'))
    await bob.run('accept', 'alice')
    await alice.event(tells('contact', 'bob', ({ state, online }) => state === 'accepted' && online === true))
    const sent = await alice.run<{ state: string }>('send', 'bob', 'hi bob \u{1f44b}\u{1f3fd}')
    t.match(sent.state, /stored|delivered/)
    await bob.event(
      (event) => ['snapshot', 'message'].includes(String(event['type'])) && JSON.stringify(event).includes('hi bob'),
    )
    const log = await bob.run<{ text: string; from: { name: string } }[]>('log', 'alice')
    t.match(log, [{ text: 'hi bob \u{1f44b}\u{1f3fd}', from: { name: 'alice' } }])
  },
)
