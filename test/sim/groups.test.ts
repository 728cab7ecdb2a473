/** Who belongs to a large group is the same everywhere, whatever broke meanwhile; and who is out stays without a key. */

import t from 'tap'
import type { EpochId } from '../../protocol/ids.ts'
import type { GroupDevice } from './group-device.ts'
import { faultsOf } from './group-faults.ts'
import { GroupSimulation } from './group-simulation.ts'

const seeds = Number(process.env['WARREN_CROWD_SEEDS'] ?? 1)
/** A course in which all of it happens: which one that is changes whenever bytes do. */
const first = Number(process.env['WARREN_CROWD_FIRST'] ?? 3)
const steps = Number(process.env['WARREN_CROWD_STEPS'] ?? 20)

const dramatic = ['remove', 'let back in', 'accept', 'remove a device', 'change a role', 'part', 'lie', 'leave', 'say']

t.test('500 devices of 50 persons', { timeout: 900_000 }, async (t) => {
  for (let seed = first; seed < first + seeds; seed += 1) {
    const simulation = new GroupSimulation(seed, { persons: 50, devices: 10 })
    for (let at = 0; at < steps; at += 1) simulation.step()
    const digests = simulation.settle()
    t.comment(`seed ${seed}: ${JSON.stringify([...simulation.done])}, ${digests} digests`)
    t.strictSame(faultsOf(simulation), [], `seed ${seed}`)
    t.strictSame(
      dramatic.filter((each) => !simulation.done.has(each)),
      [],
      'all of it happened',
    )
  }
})

/** A small group at its end, before anything is looked at. */
function smallGroup(): GroupSimulation {
  const simulation = new GroupSimulation(8, { persons: 8, devices: 2 })
  for (let at = 0; at < 60; at += 1) simulation.step()
  simulation.settle()
  return simulation
}

function course(): unknown {
  const { devices, done } = smallGroup()
  return [[...done], devices.map(({ held, keys, work }) => [[...held.keys()], [...keys], work])]
}

t.test('one seed is one course of events', async (t) => {
  t.strictSame(course(), course())
})

type Harm = (simulation: GroupSimulation, one: GroupDevice, outside: GroupDevice) => void

function faultsAfter(harm: Harm): string {
  const simulation = smallGroup()
  const { devices } = simulation
  const [first, second] = devices
  const outside = devices.find(({ device }) => first?.roster.devices.has(device) === false)
  if (first === undefined || second === undefined || outside === undefined) throw new Error('three devices')
  harm(simulation, second, outside)
  return faultsOf(simulation).join()
}

t.test('what would be wrong is found', async (t) => {
  t.equal(
    faultsAfter(() => undefined),
    '',
  )
  t.match(
    faultsAfter(({ story }, one) =>
      one.take([{ operation: story.postFrom(one.actor, { kind: 'close' }, [story.create]) }]),
    ),
    /another (group|picture)/,
  )
  t.match(
    faultsAfter((_, one, outside) => outside.keys.add([...one.keys].at(-1) as EpochId)),
    /do not belong/,
  )
  t.match(
    faultsAfter((_, one) => one.posts.clear()),
    /of a feed/,
  )
  t.match(
    faultsAfter((_, one) => (one.work.sent += 1_000_000)),
    /sent/,
  )
})
