/** What is wrong in a simulated group at the end, in words; empty if nothing is. */

import type { GroupRoster } from '../../protocol/group-roster.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import { limits } from '../../protocol/limits.ts'
import { pictureOf } from '../protocol/group-cast.ts'
import type { GroupDevice } from './group-device.ts'
import { fittingEpochs, type GroupSimulation } from './group-simulation.ts'

const operationsOf = ({ held }: GroupDevice): LoggedOperation[] =>
  [...held.values()].flatMap((each) => ('operation' in each ? [each.operation] : []))

/** A roster that gets at once what the root owner's device knows, who never leaves; and who belongs as it says. */
function wholeRoster({ story, devices }: GroupSimulation): { roster: GroupRoster; present: GroupDevice[] } {
  const [first] = devices
  const roster = story.roster(first === undefined ? [] : operationsOf(first))
  return { roster, present: devices.filter(({ device }) => roster.devices.has(device)) }
}

export function faultsOf(simulation: GroupSimulation): string[] {
  const { roster, present } = wholeRoster(simulation)
  return [
    ...differences(simulation, roster, present),
    ...wrongEnds(simulation, roster, present),
    ...leaks(simulation, roster, present),
    ...tooMuchWork(simulation, present),
  ]
}

/** Everybody who belongs holds the same operations, and takes the same from them. */
function differences({ story }: GroupSimulation, whole: GroupRoster, present: readonly GroupDevice[]): string[] {
  const verdicts = (roster: GroupRoster): string =>
    story.operations.map(({ id }) => (roster.counts(id) ? 1 : 0)).join('')
  const sketch = (roster: GroupRoster): string =>
    JSON.stringify([verdicts(roster), roster.root, roster.closed, [...roster.devices].toSorted(), roster.settings])
  const [wanted, picture] = [sketch(whole), JSON.stringify(pictureOf(whole))]
  return present.flatMap(({ roster, device }, at) => [
    ...(sketch(roster) === wanted ? [] : [`${device} sees another group`]),
    // The whole picture is dear: of every 25th.
    ...(at % 25 === 0 && JSON.stringify(pictureOf(roster)) !== picture ? [`${device} has another picture`] : []),
    ...(roster.missing.length === 0 ? [] : [`${device} lacks something`]),
  ])
}

/** Of each feed the same messages count everywhere: as many as the highest end says, where there is one. */
function wrongEnds({ devices }: GroupSimulation, whole: GroupRoster, present: readonly GroupDevice[]): string[] {
  const feeds = new Map(
    devices
      .flatMap(({ posts }) => [...posts.values()])
      .flatMap((feed) => feed.slice(0, 1).map((each) => [each.id, each])),
  )
  return [...feeds.values()].flatMap(({ device, generation }) => {
    const counts = new Set(present.map((each) => each.countingOf(device, generation)))
    const ends = whole.cutOffs.filter((each) => each.device === device && each.generation === generation)
    const author = devices.find((each) => each.device === device)
    const feed = author?.posts.get(`${device}/${generation}`) ?? []
    const named = ends.map(({ last }) => feed.find(({ id }) => id === last)?.seq ?? 0)
    const free = whole.posters.has(device) ? feed.length : 0
    const wanted = ends.length > 0 ? Math.max(...named) : free
    return counts.size === 1 && counts.has(wanted) ? [] : [`of a feed ${[...counts].join()} count and not ${wanted}`]
  })
}

/** Nobody has a key who did not belong when it was made, nobody who is out would be given one, and all who belong have the last. */
function leaks({ devices, network }: GroupSimulation, whole: GroupRoster, present: readonly GroupDevice[]): string[] {
  const outside = devices.filter((each) => !present.includes(each))
  // Who is out asks everybody for everything.
  for (const asker of outside) for (const giver of present) network.giveKeys(giver, asker, whole.epochs.keys())
  const stolen = devices.flatMap(({ device, keys }) =>
    [...keys].filter((epoch) => whole.epochs.has(epoch) && !whole.epochs.get(epoch)?.recipients.has(device)),
  )
  const fitting = fittingEpochs(whole)
  const held = fitting.flatMap(({ epoch }) => outside.filter(({ keys }) => keys.has(epoch)))
  return [
    ...(stolen.length === 0 ? [] : [`${stolen.length} keys are where they do not belong`]),
    ...(held.length === 0 ? [] : ['somebody outside can read on']),
    ...(fitting.some(({ epoch }) => present.every(({ keys }) => keys.has(epoch))) ? [] : ['nobody can write to all']),
  ]
}

/** Nobody passes on more than eight times what there is, nor is sent much more, nor judges everything again for ever. */
function tooMuchWork({ story, devices }: GroupSimulation, present: readonly GroupDevice[]): string[] {
  const items = new Set(devices.flatMap(({ held }) => [...held.keys()])).size
  return present.flatMap(({ work, roster, device }) => [
    ...(work.sent <= limits.pushPartners * items ? [] : [`${device} sent ${work.sent} of ${items}`]),
    ...(work.came <= 4 * limits.pushPartners * items ? [] : [`${device} was sent ${work.came} of ${items}`]),
    ...(roster.work.settled <= story.operations.length ? [] : [`${device} settled ${roster.work.settled} times`]),
  ])
}
