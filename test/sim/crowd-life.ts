/** What happens to a simulated group: it talks, parts, removes on both sides, comes together, takes out a device, lets somebody in again. */

import type { CrowdDevice } from './crowd-device.ts'
import type { CrowdSimulation } from './crowd-simulation.ts'

const isAdmin = (each: CrowdDevice, { group }: CrowdSimulation): boolean =>
  ['owner', 'admin'].includes(each.conversations.ownGroups.group(group).role)

/** Somebody of a side who may remove, and somebody who may be removed, not the same person. */
function pair(simulation: CrowdSimulation, side: number): [CrowdDevice, CrowdDevice] {
  const { group, removed } = simulation
  const present = simulation.present()
  const admin = simulation.pick(present.filter((each) => each.side === side && isAdmin(each, simulation)))
  const plain = present.filter(
    (each) => !removed.has(each.person) && each.conversations.ownGroups.group(group).role === 'member',
  )
  const victim = simulation.pick(plain)
  if (admin === undefined || victim === undefined) throw new Error('nobody to remove, or nobody who may')
  return [admin, victim]
}

/** Two sides that do not hear each other: each removes somebody, who goes on talking on the other one. */
async function apart(simulation: CrowdSimulation): Promise<void> {
  simulation.part(2)
  await simulation.talk(simulation.devices.length / 4)
  for (const side of [0, 1]) {
    const [admin, victim] = pair(simulation, side)
    await simulation.remove(admin, victim.person)
    const theirs = simulation.of(victim.person)
    await simulation.talk(theirs.length, theirs)
    await simulation.talk(simulation.devices.length / 8)
  }
}

/** A person takes one of their devices out. */
async function removeDevice(simulation: CrowdSimulation): Promise<void> {
  const { removed } = simulation
  const present = simulation.present().filter(({ person }) => !removed.has(person))
  const first = simulation.pick(present.filter(({ name }) => name.endsWith('.0')))
  const other = first && present.find((each) => each.person === first.person && each !== first)
  if (first === undefined || other === undefined) throw new Error('nobody with two devices')
  await simulation.takeOut(first, other)
}

/** All of it, by the seed; in how many virtual minutes the two sides came to one state. */
export async function live(simulation: CrowdSimulation, seed: number): Promise<number> {
  await simulation.begin(seed)
  await simulation.talk(simulation.devices.length / 2)
  await apart(simulation)
  simulation.part(1)
  const minutes = await simulation.settle()
  await removeDevice(simulation)
  await simulation.talk(simulation.devices.length / 8)
  const [back] = [...simulation.removed]
  const admin = simulation.present().find((each) => isAdmin(each, simulation))
  if (back === undefined || admin === undefined) throw new Error('nobody to let in')
  await simulation.letBackIn(admin, back)
  await simulation.talk(simulation.devices.length / 8)
  await simulation.settle()
  return minutes
}
