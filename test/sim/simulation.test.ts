/** Nothing is lost, doubled or out of order, whatever breaks: many seeds of a simulation, and replays of one log. */

import t from 'tap'
import type { Appended } from '../../daemon/sync/log.ts'
import type { Run } from '../../protocol/run.ts'
import { Rooms } from '../support/rooms.ts'
import { seededRandom, VirtualTime } from '../support/virtual-time.ts'
import { Simulation } from './simulation.ts'

const seeds = Number(process.env['WARREN_SIM_SEEDS'] ?? 20)
const first = Number(process.env['WARREN_SIM_FIRST'] ?? 1)

t.test('devices that post, part, crash and come back end up the same', async (t) => {
  for (let seed = first; seed < first + seeds; seed += 1) {
    const simulation = new Simulation(seed, 3 + (seed % 2))
    await simulation.begin()
    for (let steps = 0; steps < 120; steps += 1) await simulation.step()
    await simulation.settle()
    t.same(await simulation.faults(), [], `seed ${seed}`)
    t.ok(simulation.said.some(({ acknowledged }) => acknowledged))
    await simulation.stop()
  }
})

async function course(seed: number): Promise<string[]> {
  const simulation = new Simulation(seed, 3)
  await simulation.begin()
  for (let steps = 0; steps < 60; steps += 1) await simulation.step()
  await simulation.settle()
  const texts = await Promise.all(simulation.pairs.map(({ first: one, id }) => one.texts(id)))
  const digests = simulation.pairs.map(({ first: one, id }) => one.digest(id))
  await simulation.stop()
  return [...texts.flat(), ...digests, String(simulation.time.now())]
}

t.test('one seed is one course of events', async (t) => {
  t.same(await course(99), await course(99))
})

const isExpected = (fault: string): boolean => fault.includes('own entries came back')

t.test('a log replayed once, twice, reversed or shuffled gives the same', async (t) => {
  const time = new VirtualTime(5)
  const [alice, bob] = [new Rooms(time, 'alice'), new Rooms(time, 'bob')]
  await Promise.all([alice.start(), bob.start()])
  const id = await alice.meet(bob)
  await bob.meet(alice)
  const begun = bob.backUp()
  const history: Run[] = []
  alice.conversations.peers.onAppended((appended: Appended) => {
    if (appended.scope === id) history.push(...appended.runs)
  })
  for (let post = 0; post < 40; post += 1) {
    await alice.conversations.owner.post(id, `text ${post}`, `client ${post}`)
    await time.pass(1)
  }
  const random = seededRandom(3)
  const orders: Record<string, readonly Run[]> = {
    once: history,
    twice: [...history, ...history],
    reversed: history.toReversed(),
    shuffled: history
      .map((run) => ({ run, draw: random() }))
      .toSorted((a, b) => a.draw - b.draw)
      .map(({ run }) => run),
  }
  const expected = { texts: await alice.texts(id), digest: alice.digest(id) }
  t.equal(expected.texts.length, 40)
  for (const [order, runs] of Object.entries(orders)) {
    bob.crash(false)
    bob.restore(begun)
    await bob.start()
    const { peers } = bob.conversations
    const roster = runs.filter(({ entries }) => entries[0]?.sealed.header.lane === 0)
    for (const run of [...roster, ...runs]) await peers.accept(id, [run], alice.device)
    await peers.takeKeys(id, alice.conversations.peers.keysFor(id, peers.missingKeys(id), bob.device))
    t.same({ texts: await bob.texts(id), digest: bob.digest(id) }, expected, order)
  }
  await Promise.all([alice.stop(), bob.stop()])
})

// Beyond 1,024 lost entries the peer's newest run and the place where the chains part are not in one answer.
for (const texts of [1, 10, 900, 2500]) {
  t.test(`a home put back by ${texts} texts gets back what its peer holds, and loses nothing new`, async (t) => {
    const simulation = new Simulation(texts, 2)
    await simulation.begin()
    const [pair] = simulation.pairs
    if (pair === undefined) throw new Error('no pair')
    const say = (times: number): void => {
      for (let text = 0; text < times; text += 1) simulation.post(pair, pair.first)
    }
    simulation.link(pair)
    say(3)
    await simulation.time.pass(1000)
    const old = pair.first.backUp()
    say(texts)
    await simulation.time.pass(30_000)
    simulation.crash(pair.first)
    pair.first.restore(old)
    await pair.first.start()
    say(2)
    await simulation.time.pass(1000)
    await simulation.settle()
    const faults = (await simulation.faults()).filter((fault) => !isExpected(fault))
    t.same(faults.slice(0, 5), [])
    t.equal((await pair.first.texts(pair.id)).length, 5 + texts)
    await simulation.stop()
  })
}
