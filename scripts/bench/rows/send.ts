/** From posting to stored and acknowledged: both ends have written it durably, and the author knows. */

import type { Bench, Row } from '../bench.ts'
import { shownOnly, type Figure } from '../figure.ts'
import { floorPair, type Floor } from '../floors/floor-process.ts'
import { LocalClient } from '../local-client.ts'
import { linkedPair, warmUp, type Pair } from '../pair.ts'
import { median, quantile } from '../statistics.ts'

interface Took {
  readonly floor: number[]
  readonly measured: number[]
}

/** Floors are held against budgets with the cryptography of a message in them, and shown without it. */
interface Compared extends Took {
  readonly bare: number[]
}

/** A step that ends with an event; the event may come before the answer. */
async function untilEvent<T>(
  client: LocalClient,
  step: () => Promise<T>,
  fits: (event: unknown, answered: T) => boolean,
): Promise<number> {
  const before = performance.now()
  const { promise, resolve } = Promise.withResolvers<void>()
  const early: unknown[] = []
  let answered: { readonly is: T } | undefined
  const stop = client.listen((event) => {
    if (answered === undefined) early.push(event)
    else if (fits(event, answered.is)) resolve()
  })
  const is = await step()
  answered = { is }
  if (early.some((event) => fits(event, is))) resolve()
  await promise
  stop()
  return performance.now() - before
}

interface Ticks {
  readonly type: string
  readonly feed: string
  readonly delivered: number
}

async function throughApi(client: LocalClient, conversation: string, count: number): Promise<number[]> {
  const took: number[] = []
  for (let each = 0; each < count; each += 1) {
    const message = { text: 'A message that goes through the local API', clientId: crypto.randomUUID() }
    took.push(
      await untilEvent(
        client,
        async () => (await client.post(`/api/v1/conversations/${conversation}/messages`, message)) as Sent,
        (event, { feed, seq }) => {
          const { type, feed: of, delivered } = event as Ticks
          return type === 'ticks' && of === feed && delivered >= seq
        },
      ),
    )
  }
  return took
}

interface Sent {
  readonly feed: string
  readonly seq: number
}

async function throughBareApi(client: LocalClient, count: number): Promise<number[]> {
  const took: number[] = []
  for (let id = 0; id < count; id += 1) {
    took.push(
      await untilEvent(
        client,
        async () => await client.post('/job', { id, text: 'A message that goes through a bare API' }),
        (event) => (event as { done?: number }).done === id,
      ),
    )
  }
  return took
}

async function clients(bench: Bench, { alice }: Pair, near: Floor, to: string): Promise<[LocalClient, LocalClient]> {
  const api = bench.keep(new LocalClient(alice.socket))
  await api.follow('/api/v1/events', { type: 'auth' })
  const bare = bench.keep(new LocalClient(await near.ask('serveMessages', { to, socket: bench.path('s') })))
  await bare.follow('/events')
  return [api, bare]
}

const figures = (name: string, { floor, measured }: Took): Figure[] => [
  {
    name: `${name}, p50`,
    unit: 'ms',
    floor: median(floor),
    measured: median(measured),
    budget: { is: 'times', value: 1.5 },
  },
  {
    name: `${name}, p99`,
    unit: 'ms',
    floor: quantile(floor, 0.99),
    measured: quantile(measured, 0.99),
    budget: { is: 'most', value: 15 },
  },
]

/** What the floor holds is no secret: the bare one beside it, and what the daemon takes against that. */
const shown = ({ bare, floor, measured }: Compared): Figure[] => [
  {
    name: 'the floor itself, beside a bare one, p50',
    unit: 'ms',
    floor: median(bare),
    measured: median(floor),
    budget: shownOnly,
  },
  {
    name: 'in the daemon, beside the bare one, p50',
    unit: 'ms',
    floor: median(bare),
    measured: median(measured),
    budget: shownOnly,
  },
]

export const send: Row = {
  name: 'send',
  about:
    'one message to stored and acknowledged, fsynced at both ends, against a raw stream echo with the same signature and seals and one put at each end',
  async run(bench) {
    const { rounds, sends } = bench.scale
    const [{ near, to }, pair] = await Promise.all([floorPair(bench), linkedPair(bench)])
    await warmUp(pair)
    const { alice, conversation } = pair
    const inside: Compared = { bare: [], floor: [], measured: [] }
    const outside: Took = { floor: [], measured: [] }
    // The first round warms all of them up.
    const keeps = (round: number): boolean => round > 0 || rounds === 1
    for (let round = 0; round <= rounds; round += 1) {
      const bare = await near.ask('echo', { to, count: sends })
      const floor = await near.ask('message', { to, count: sends })
      const measured = await alice.child.ask('send', { conversation, count: sends })
      if (!keeps(round)) continue
      inside.bare.push(...bare)
      inside.floor.push(...floor)
      inside.measured.push(...measured)
    }
    // A page that is open has its share of the cores: of the daemon's only where the floor has one, too.
    const [api, bareApi] = await clients(bench, pair, near, to)
    for (let round = 0; round <= rounds; round += 1) {
      const floor = await throughBareApi(bareApi, sends)
      const measured = await throughApi(api, conversation, sends)
      if (!keeps(round)) continue
      outside.floor.push(...floor)
      outside.measured.push(...measured)
    }
    return [...figures('in the daemon', inside), ...figures('through the API', outside), ...shown(inside)]
  },
}
