/** Who belongs to a large group is the same everywhere, whatever broke meanwhile; and who is out stays without a key. */

import t from 'tap'
import type { EpochId } from '../../protocol/ids.ts'
import type { GroupDevice } from './group-device.ts'
import { faultsOf } from './group-faults.ts'
import type { GroupScene } from './group-scene.ts'
import { fittingEpochs, GroupSimulation } from './group-simulation.ts'

const seeds = Number(process.env['WARREN_CROWD_SEEDS'] ?? 1)
/** A course in which all of it happens: which one that is changes whenever bytes do. */
const first = Number(process.env['WARREN_CROWD_FIRST'] ?? 3)
const steps = Number(process.env['WARREN_CROWD_STEPS'] ?? 20)

/** Small groups: persons, devices of each, and how much happens. The long form: WARREN_SMALL_CROWD_SEEDS=300. */
const smallSizes = [
  [3, 1, 30],
  [4, 2, 40],
  [4, 3, 40],
  [8, 2, 60],
  [12, 2, 40],
] as const
const smallSeeds = Number(process.env['WARREN_SMALL_CROWD_SEEDS'] ?? 2)

const dramatic = ['remove', 'let back in', 'accept', 'remove a device', 'change a role', 'part', 'lie', 'leave', 'say']

t.test('500 devices of 50 persons', { timeout: 900_000 }, async (t) => {
  for (let seed = first; seed < first + seeds; seed += 1) {
    const simulation = new GroupSimulation(seed, { persons: 50, devices: 10 })
    for (let at = 0; at < steps; at += 1) simulation.step()
    const digests = simulation.settle()
    t.comment(`seed ${seed}: ${JSON.stringify([...simulation.scene.done])}, ${digests} digests`)
    t.strictSame(faultsOf(simulation.scene), [], `seed ${seed}`)
    t.strictSame(
      dramatic.filter((each) => !simulation.scene.done.has(each)),
      [],
      'all of it happened',
    )
  }
})

for (const [persons, devices, much] of smallSizes)
  t.test(`${persons} persons with ${devices} devices`, { timeout: 900_000 }, async (t) => {
    for (let seed = first; seed < first + smallSeeds; seed += 1) {
      const simulation = new GroupSimulation(seed, { persons, devices })
      for (let at = 0; at < much; at += 1) simulation.step()
      simulation.settle()
      t.strictSame(faultsOf(simulation.scene), [], `seed ${seed}`)
    }
  })

/** A small group at its end, before anything is looked at. */
function smallGroup(): GroupSimulation {
  const simulation = new GroupSimulation(8, { persons: 4, devices: 2 })
  for (let at = 0; at < 30; at += 1) simulation.step()
  simulation.settle()
  return simulation
}

function course(): unknown {
  const { devices, done } = smallGroup().scene
  return [[...done], devices.map(({ held, keys, work }) => [[...held.keys()], [...keys], work])]
}

t.test('one seed is one course of events', async (t) => {
  t.strictSame(course(), course())
})

type Harm = (scene: GroupScene, one: GroupDevice, outside: GroupDevice) => void

function faultsAfter(harm: Harm): string {
  const simulation = smallGroup()
  const { devices } = simulation.scene
  const [first, ...others] = devices
  const second = others.find(({ device }) => first?.roster.devices.has(device))
  const outside = devices.find(({ device }) => first?.roster.devices.has(device) === false)
  if (first === undefined || second === undefined || outside === undefined) throw new Error('three devices')
  harm(simulation.scene, second, outside)
  return faultsOf(simulation.scene).join()
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
    faultsAfter((_, one, outside) => outside.keys.add(fittingEpochs(one.roster)[0]?.epoch as EpochId)),
    /do not belong.*can read on/,
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
