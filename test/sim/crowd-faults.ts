/** What is wrong in a simulated group over the real rooms, in words; empty if nothing is. Found without asking the rooms that decide it. */

import { kinds, lanes } from '../../protocol/entry.ts'
import { GroupRoster } from '../../protocol/group-roster.ts'
import type { EntryId, EpochId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { loggedOperation, type LoggedOperation } from '../../protocol/logged-operation.ts'
import type { Run } from '../../protocol/run.ts'
import type { CrowdDevice } from './crowd-device.ts'
import type { CrowdSimulation, Said } from './crowd-simulation.ts'

/** Times that what there is may go over the links of one device, with what is asked for and what crosses. */
const mostTimes = 2
/** Of small frames, per virtual minute and link: digests of every scope and what they lead to. */
const mostFramesPerMinute = 120

interface Message {
  readonly id: EntryId
  readonly seq: number
  readonly epoch: EpochId | undefined
  /** Some entries say where a generation ends, and are shown to nobody. */
  readonly isShown: boolean
}

const operationsIn = (runs: readonly Run[]): LoggedOperation[] =>
  runs.flatMap(({ entries }) =>
    entries.flatMap(({ sealed, slot }) =>
      sealed.header.lane === lanes.roster && slot.is === 'held' ? [loggedOperation(sealed, slot.payload)] : [],
    ),
  )

/** All messages that anybody holds who belongs, by feed: what only those hold who are out reaches nobody. */
async function feedsOf(simulation: CrowdSimulation): Promise<Map<string, Map<EntryId, Message>>> {
  const { group } = simulation
  const feeds = new Map<string, Map<EntryId, Message>>()
  for (const each of simulation.present()) {
    for (const { entries } of await each.runs(group)) {
      for (const { sealed } of entries) {
        const { device, lane, generation, seq, epoch, kind } = sealed.header
        if (lane !== lanes.messages) continue
        const name = `${device}/${generation}`
        const feed = feeds.get(name) ?? new Map<EntryId, Message>()
        feeds.set(name, feed.set(sealed.id, { id: sealed.id, seq, epoch, isShown: kind === kinds.content }))
      }
    }
  }
  return feeds
}

/** The roster that follows from what one device holds, made anew. */
async function rosterOf(one: CrowdDevice, { group, persons }: CrowdSimulation): Promise<GroupRoster> {
  const roster = new GroupRoster(group)
  const { peers } = one.conversations
  for (const person of persons) roster.learn(person, operationsIn(await peers.personLog(person)))
  roster.take(operationsIn(await one.runs(group)))
  return roster
}

/** The messages that count: of each feed as far as the highest end of it says, else all by those who may post. */
function counting(roster: GroupRoster, feeds: ReadonlyMap<string, ReadonlyMap<EntryId, Message>>): Set<EntryId> {
  const all = [...feeds].flatMap(([name, feed]) => {
    const ends = roster.cutOffs.filter(({ device, generation }) => `${device}/${generation}` === name)
    const isFree = [...roster.posters].some((device) => name.startsWith(`${device}/`))
    const named = ends.map(({ last }) => (last === undefined ? 0 : (feed.get(last)?.seq ?? 0)))
    const upTo = ends.length > 0 ? Math.max(...named) : isFree ? Infinity : 0
    return [...feed.values()].filter(({ seq, isShown }) => isShown && seq <= upTo).map(({ id }) => id)
  })
  return new Set(all)
}

export async function crowdFaults(simulation: CrowdSimulation): Promise<string[]> {
  const { group, removed } = simulation
  const present = simulation.present()
  const [first] = present
  if (first === undefined) return ['nobody is left']
  const feeds = await feedsOf(simulation)
  const counts = counting(await rosterOf(first, simulation), feeds)
  const steady = present.filter(({ person }) => !removed.has(person))
  const faults = [
    ...simulation.refused,
    ...simulation.devices.flatMap(({ name, complaints }) => complaints.map((each) => `${name}: ${each}`)),
  ]
  const states = new Set(present.map((each) => each.state(group)))
  if (states.size !== 1) faults.push(`${states.size} states of one group`)
  for (const each of steady) faults.push(...(await wrongMessages(each, simulation, counts)))
  for (const each of simulation.devices) faults.push(...(await leaks(each, simulation)))
  faults.push(...givenAway(simulation, feeds), ...tooMuchWork(simulation))
  return faults
}

/** Who belonged all the time shows exactly what counts, and can read it. */
async function wrongMessages(
  one: CrowdDevice,
  { group, said }: CrowdSimulation,
  counts: ReadonlySet<EntryId>,
): Promise<string[]> {
  const shown = (await one.shown(group)).filter(({ outside }) => !outside)
  const ids = new Set(shown.map(({ id }) => id))
  const missing = [...counts].filter((id) => !ids.has(id))
  const extra = [...ids].filter((id) => !counts.has(id))
  const unread = shown.filter(({ unreadable }) => unreadable)
  const texts = new Set(shown.map(({ text }) => text))
  const lost = said.filter(({ id, text }) => id !== undefined && counts.has(id) && !texts.has(text))
  return [
    ...(missing.length === 0 ? [] : [`${one.name} lacks ${missing.length} messages that count`]),
    ...(extra.length === 0 ? [] : [`${one.name} shows ${extra.length} messages beyond their end`]),
    ...(unread.length === 0 ? [] : [`${one.name} cannot read ${unread.length} messages`]),
    ...(lost.length === 0 ? [] : [`${one.name} does not show ${lost.length} texts`]),
  ]
}

const isForbidden = ({ out, by }: Said, one: CrowdDevice): boolean => out.has(one.device) && by !== one

/** Nobody has a text of somebody who knew them to be out. */
async function leaks(one: CrowdDevice, { group, said }: CrowdSimulation): Promise<string[]> {
  if (!one.conversations.owner.has(group)) return []
  const texts = new Set((await one.shown(group)).map(({ text }) => text))
  const read = said.filter((each) => isForbidden(each, one) && texts.has(each.text))
  return read.length === 0 ? [] : [`${one.name} reads ${read.length} texts that are not for them`]
}

/** Nobody who belongs gives a device the key of what was said while its person was out. */
function givenAway(simulation: CrowdSimulation, feeds: ReadonlyMap<string, ReadonlyMap<EntryId, Message>>): string[] {
  const { devices, group, said, removed, takenOut } = simulation
  const epochs = new Map([...feeds.values()].flatMap((feed) => [...feed.values()].map(({ id, epoch }) => [id, epoch])))
  return devices
    .filter((each) => removed.has(each.person) || takenOut.has(each))
    .flatMap((victim) => {
      const shut = said.flatMap((each) =>
        each.id !== undefined && isForbidden(each, victim) ? (epochs.get(each.id) ?? []) : [],
      )
      // Once they were let in again a key may be theirs that was made before others knew.
      const givers = simulation.letIn.has(victim.person) ? [] : simulation.present()
      const given = givers.flatMap((giver) => giver.conversations.peers.keysFor(group, shut, victim.device))
      return given.length === 0 ? [] : [`${victim.name} is given ${given.length} keys of what is not for them`]
    })
}

/** Own messages go to so many at once; what goes over the links of a device is bounded by what there is, and by time. */
function tooMuchWork({ devices, time, begunAt, said, size }: CrowdSimulation): string[] {
  const minutes = (time.now() - begunAt) / 60_000
  // Operations of the group and of all logs, and messages.
  const items = said.length + 8 * size.persons + size.persons * size.devices
  return devices.flatMap(({ name, work }) => {
    const widest = Math.max(0, ...[...work.pushed.values()].map((to) => to.size))
    const mostEntries = mostTimes * limits.pushPartners * items
    const mostFrames = mostFramesPerMinute * minutes * 4 * size.links
    return [
      ...(widest <= limits.pushPartners ? [] : [`${name} pushed a message to ${widest}`]),
      ...(work.entries <= mostEntries ? [] : [`${name} sent ${work.entries} entries, of ${items}`]),
      ...(work.frames <= mostFrames ? [] : [`${name} sent ${work.frames} frames in ${Math.round(minutes)} minutes`]),
    ]
  })
}
