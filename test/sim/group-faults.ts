/** What is wrong in a simulated group at the end, in words; empty if nothing is. */

import { GroupRoster } from '../../protocol/group-roster.ts'
import type { EpochId } from '../../protocol/ids.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import { limits } from '../../protocol/limits.ts'
import { pictureOf } from '../protocol/group-cast.ts'
import type { GroupDevice, Item } from './group-device.ts'
import type { GroupScene } from './group-scene.ts'
import { fittingEpochs } from './group-simulation.ts'

const operationsOf = ({ held }: GroupDevice): LoggedOperation[] => operationsIn([...held.values()])

const operationsIn = (items: readonly Item[]): LoggedOperation[] =>
  items.flatMap((each) => ('operation' in each ? [each.operation] : []))

function rosterOf(operations: readonly LoggedOperation[], { story }: GroupScene): GroupRoster {
  const roster = new GroupRoster(story.scope)
  for (const { person } of story.people) roster.learn(person, operations)
  roster.take(operations)
  return roster
}

/** A roster that gets at once what the root owner's device knows, who never leaves; and who belongs as it says. */
function wholeRoster(scene: GroupScene): { roster: GroupRoster; present: GroupDevice[] } {
  const { devices } = scene
  const [first] = devices
  const roster = rosterOf(first === undefined ? [] : operationsOf(first), scene)
  return { roster, present: devices.filter(({ device }) => roster.devices.has(device)) }
}

export function faultsOf(scene: GroupScene): string[] {
  const { roster, present } = wholeRoster(scene)
  return [
    ...differences(scene, roster, present),
    ...wrongEnds(roster, present),
    ...leaks(scene, roster, present),
    ...tooMuchWork(scene, present),
  ]
}

/** Everybody who belongs holds the same operations, and takes the same from them. */
function differences({ story }: GroupScene, whole: GroupRoster, present: readonly GroupDevice[]): string[] {
  const verdicts = (roster: GroupRoster): string =>
    story.operations.map(({ id }) => (roster.counts(id) ? 1 : 0)).join('')
  const sketch = (roster: GroupRoster): string =>
    JSON.stringify([verdicts(roster), roster.root, roster.closed, [...roster.devices].toSorted(), roster.settings])
  const [wanted, picture] = [sketch(whole), JSON.stringify(pictureOf(whole))]
  return present.flatMap(({ roster, device }, at) => [
    ...(sketch(roster) === wanted ? [] : [`${device} sees another group`]),
    // The whole picture is dear: of every 25th.
    ...(at % 25 === 0 && JSON.stringify(pictureOf(roster)) !== picture ? [`${device} has another picture`] : []),
    // What is named by a lie, or by somebody who left and took it along, is nowhere.
    ...(roster.missing.some(({ id }) => present.some(({ held }) => held.has(id))) ? [`${device} lacks something`] : []),
  ])
}

/** Of each feed the same messages count everywhere: as many as the highest end says that anybody holds, where there is one. */
function wrongEnds(whole: GroupRoster, present: readonly GroupDevice[]): string[] {
  const feeds = new Map(present.flatMap(({ posts }) => posts.bottoms().map((each) => [each.id, each])))
  return [...feeds.values()].flatMap((feed) => {
    const { device, generation } = feed
    const counts = new Set(present.map(({ posts }) => posts.counting(feed)))
    const ends = whole.cutOffs.filter((each) => each.device === device && each.generation === generation)
    const held = present.flatMap(({ posts }) => posts.of(feed))
    const named = held.filter(({ id }) => ends.some(({ last }) => last === id))
    // Where nobody holds an end that is named, all keep what they have: nobody can tell what lies below it.
    if (named.length === 0 && ends.some(({ last }) => last !== undefined)) return []
    const free = whole.posters.has(device) ? held : []
    const wanted = Math.max(0, ...(ends.length > 0 ? named : free).map(({ seq }) => seq))
    return counts.size === 1 && counts.has(wanted) ? [] : [`of a feed ${[...counts].join()} count and not ${wanted}`]
  })
}

/** Nobody has a key who did not belong when it was made, nobody who is out would be given one, and all who belong have the last. */
function leaks(scene: GroupScene, whole: GroupRoster, present: readonly GroupDevice[]): string[] {
  const { devices, network } = scene
  const outside = devices.filter((each) => !present.includes(each))
  // Who is out asks everybody for everything.
  for (const asker of outside) for (const giver of present) network.giveKeys(giver, asker, whole.epochs.keys())
  const stolen = devices.flatMap((each) =>
    [...each.keys].filter(
      (epoch) => whole.epochs.get(epoch)?.recipients.has(each.device) === false && !wasOwed(scene, each, epoch),
    ),
  )
  const fitting = fittingEpochs(whole)
  const held = fitting.flatMap(({ epoch }) => outside.filter(({ keys }) => keys.has(epoch)))
  return [
    ...(stolen.length === 0 ? [] : [`${stolen.length} keys are where they do not belong`]),
    ...(held.length === 0 ? [] : ['somebody outside can read on']),
    ...(fitting.some(({ epoch }) => present.every(({ keys }) => keys.has(epoch))) ? [] : ['nobody can write to all']),
  ]
}

/** Whether whoever gave a key to a device was right to, by what it knew then: a removal may have been void for it, and counts since. */
function wasOwed(scene: GroupScene, to: GroupDevice, epoch: EpochId): boolean {
  return scene.network.gifts.some(({ epoch: given, asker, giver, known }) => {
    if (given !== epoch || asker !== to) return false
    const then = rosterOf(operationsIn([...giver.held.values()].slice(0, known)), scene)
    const recipients = then.epochs.get(epoch)?.recipients ?? new Set()
    // Devices that come later are given what their person could read.
    const had = scene.devices.some(({ owner, device }) => owner === to.owner && recipients.has(device))
    return had && then.devices.has(to.device)
  })
}

/** Nobody passes on more than eight times what there is, nor is sent much more, nor judges everything again for ever. */
function tooMuchWork({ story, devices }: GroupScene, present: readonly GroupDevice[]): string[] {
  const items = new Set(devices.flatMap(({ held }) => [...held.keys()])).size
  return present.flatMap(({ work, roster, device }) => [
    ...(work.sent <= limits.pushPartners * items ? [] : [`${device} sent ${work.sent} of ${items}`]),
    ...(work.came <= 4 * limits.pushPartners * items ? [] : [`${device} was sent ${work.came} of ${items}`]),
    ...(roster.work.settled <= story.operations.length ? [] : [`${device} settled ${roster.work.settled} times`]),
  ])
}
