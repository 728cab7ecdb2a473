/** Real network stacks: discovery on a LAN, dials across a router and through WireGuard, and an interface that goes and comes. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import { deviceOfSeed, startChild, type Child } from './child.ts'
import { cannotRun, cannotTunnel, Hosts } from './hosts.ts'
import type { NodeEvent, NodeOptions } from './node.ts'

/** A child in each host; all want each other. */
async function startAll(hosts: readonly string[], options: Partial<NodeOptions>): Promise<Child[]> {
  const seeds = hosts.map(() => randomBytes(32))
  const wants = seeds.map((seed) => deviceOfSeed(seed))
  const starts = hosts.map((host, at) => startChild(seeds[at] ?? randomBytes(32), { wants, ...options }, host))
  return await Promise.all(starts)
}

const stopAll = async (hosts: Hosts, children: readonly Child[]): Promise<void> => {
  await Promise.all(children.map((each) => each.stop()))
  hosts.stop()
}

t.setTimeout(240_000)

/** Not the end of one of two links that crossed: of the last one. */
const unlinked = (event: NodeEvent): boolean => event.is === 'ended' && event.count === 0

t.test('three hosts find each other by mDNS and link', { skip: cannotRun }, async (t) => {
  const hosts = new Hosts()
  t.teardown(() => hosts.stop())
  const [a = '', b = '', c = ''] = hosts.lan('10.77.0.1/24', '10.77.0.2/24', '10.77.0.3/24')
  const children = await startAll([a, b, c], { mdns: true })
  t.teardown(() => stopAll(hosts, children))
  const waits: number[] = []
  for (const child of children) {
    for (const other of children.filter((each) => each !== child)) {
      const linked = await child.event((event) => event.is === 'link' && event.device === other.device)
      const ready = await Promise.all([child, other].map((each) => each.event(({ is }) => is === 'ready')))
      waits.push(linked.at - Math.max(...ready.map(({ at }) => at)))
    }
  }
  t.comment(`both up -> linked: ${waits.map((each) => Math.round(each)).join(', ')} ms`)
  t.equal(waits.length, 6, 'each with each')
  const seen = await children[0]?.event((event) => event.is === 'seen')
  t.match(seen, { source: 'contact', addresses: [/^\/ip4\/10\.77\.0\.[123]\/tcp\/7718$/] })
})

t.test('a stranger on the LAN is seen with its address, and not linked', { skip: cannotRun }, async (t) => {
  const hosts = new Hosts()
  t.teardown(() => hosts.stop())
  const [a = '', b = ''] = hosts.lan('10.77.0.1/24', '10.77.0.2/24')
  const children = await Promise.all([a, b].map((host) => startChild(randomBytes(32), { mdns: true }, host)))
  t.teardown(() => stopAll(hosts, children))
  const [one, two] = children
  const seen = await one?.event((event) => event.is === 'seen')
  t.match(seen, { device: two?.device, source: 'mdns', addresses: ['/ip4/10.77.0.2/tcp/7718'] })
  t.notOk(one?.events.some(({ is }) => is === 'link'))
})

t.test(
  'a dial by hand crosses a router, and an address that leads nowhere is told apart',
  { skip: cannotRun },
  async (t) => {
    const hosts = new Hosts()
    t.teardown(() => hosts.stop())
    const children = await startAll(hosts.routed(), { mdns: true, times: { dialTimeoutMs: 4000 } })
    t.teardown(() => stopAll(hosts, children))
    const [left, right] = children
    left?.tell({ do: 'look', address: '10.78.2.1' })
    const looked = await left?.event(({ is }) => is === 'looked')
    t.match(looked, { result: right?.device })
    await Promise.all(children.map((each) => each.event(({ is }) => is === 'link')))
    for (const [address, result] of [
      ['10.78.2.1:9', 'REFUSED'],
      ['10.78.2.77', 'UNREACHABLE'],
      ['10.78.9.1', 'UNREACHABLE'],
    ] as const) {
      left?.tell({ do: 'look', address })
      const event = await left?.event((each) => each.is === 'looked' && each.address === address)
      // A router may answer "no such host" only after its own wait.
      const ok = event?.is === 'looked' && [result, 'TIMED_OUT'].includes(event.result)
      t.ok(ok, `${address}: ${event?.is === 'looked' ? event.result : ''}`)
    }
  },
)

t.test('a dial goes through WireGuard in user space', { skip: cannotTunnel }, async (t) => {
  const hosts = new Hosts()
  t.teardown(() => hosts.stop())
  const outer = ['10.77.0.1', '10.77.0.2']
  const [a = '', b = ''] = hosts.lan(...outer.map((each) => `${each}/24`))
  await hosts.tunnel([a, b], outer, ['100.64.7.1', '100.64.7.2'])
  const children = await startAll([a, b], { listen: [], mdns: false })
  t.teardown(() => stopAll(hosts, children))
  const [left, right] = children
  t.match(await left?.event(({ is }) => is === 'ready'), { tailnet: true })
  left?.tell({ do: 'look', address: '100.64.7.2' })
  t.match(await left?.event(({ is }) => is === 'looked'), { result: right?.device })
  const link = await right?.event(({ is }) => is === 'link')
  t.match(link, { address: /^\/ip4\/100\.64\.7\.1\// })
  t.match(await left?.event(({ is }) => is === 'seen'), { source: 'contact' })
})

t.test('an interface that is removed and made again is linked over again', { skip: cannotRun }, async (t) => {
  const hosts = new Hosts()
  t.teardown(() => hosts.stop())
  const [a = '', b = ''] = hosts.lan('10.77.0.1/24', '10.77.0.2/24')
  const times = { heartbeatEveryMs: 500, heartbeatLostMs: 1500 }
  const children = await startAll([a, b], { mdns: true, times })
  t.teardown(() => stopAll(hosts, children))
  const [left, right] = children
  await Promise.all(children.map((each) => each.event(({ is }) => is === 'link')))
  hosts.ip(hosts.bridge, 'link', 'del', 'p1')
  await Promise.all(children.map((each) => each.event(unlinked)))
  t.match(await right?.event(({ is }) => is === 'network'), { addresses: [] })
  const before = left?.events.length ?? 0
  // A new address: nothing that was known leads there.
  hosts.plug(hosts.bridge, b, 1, '10.77.0.9/24')
  const plugged = performance.timeOrigin + performance.now()
  const again = await left?.event(({ is }) => is === 'link', before)
  t.comment(`linked ${Math.round((again?.at ?? 0) - plugged)} ms after the interface came back`)
  t.match(again, { device: right?.device, count: 1 })
})
