/** Five people write to each other while their daemons and the network between them are troubled; then everything must be there. */

import { join } from 'node:path'
import { Backups, type BackupCounts } from './backups.ts'
import { lockable, makeCircle, names, removable } from './circle.ts'
import { settle } from './ends.ts'
import type { FileCounts } from './file-counts.ts'
import { SoakFiles } from './files.ts'
import { Load } from './load.ts'
import { Member, type Handles } from './member.ts'
import { Membership } from './membership.ts'
import { pass } from './pass.ts'
import { createPlace, type Place } from './place.ts'
import { makePlan, type Trouble } from './plan.ts'
import { createRandom } from './random.ts'
import { Troubles } from './troubles.ts'
import type { Counts } from './verdict.ts'

export interface SoakOptions {
  readonly seed: number
  readonly lastsMs: number
  /** Messages a second, all together. */
  readonly rate: number
  readonly folder: string
  readonly report: (line: string) => void
}

export interface SoakReport extends Counts {
  readonly seed: number
  readonly minutes: number
  readonly troubles: Readonly<Record<string, number>>
  /** Times that somebody was removed from the group and came back. */
  readonly removals: number
  /** Posts of people who did not belong at that moment: refused, as they should be. */
  readonly refused: number
  readonly backups: BackupCounts
  /** Files that came with messages; `brokenOff`: attempts to send one that a trouble broke off, and that were made again. */
  readonly files: FileCounts & { readonly brokenOff: number; readonly comparedMs: number }
  /** From the end of all trouble until both ends of every conversation were alike. */
  readonly healedMs: number
  readonly peakRssMegabytes: number
  /** Of the daemon that lived through it all. */
  readonly handles: { readonly before: Handles; readonly after: Handles }
  /** Ends of daemons that nobody had asked for. */
  readonly crashes: readonly string[]
  /** Posts that were refused, and troubles that could not be ended. */
  readonly failures: readonly string[]
  /** Errors that daemons logged, and how often. */
  readonly complaints: Readonly<Record<string, number>>
}

const lanes = 2
/** Until the last files are where they belong: who had none of it is asked again after up to five minutes. */
const mostFilesMs = 330_000
const troubleKinds: readonly Trouble[] = ['kill', 'end', 'freeze', 'lock', 'remove', 'back up']
const wires: readonly Trouble[] = ['part', 'unplug']

export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const place = createPlace(names.length)
  const members = names.map(
    (name, at) =>
      new Member({ name, home: join(options.folder, name), wrapper: place.wrapper(at), flags: place.flags }),
  )
  try {
    await Promise.all(members.map(async (each) => await each.start()))
    return await soak(options, place, members)
  } finally {
    for (const each of members) each.freeze(false)
    await Promise.all(members.map(async (each) => await each.end('SIGKILL')))
    place.remove()
  }
}

async function soak(options: SoakOptions, place: Place, members: readonly Member[]): Promise<SoakReport> {
  const { seed, lastsMs, rate, report } = options
  const random = createRandom(seed)
  const circle = await makeCircle(members)
  const { talks } = circle
  report(`${members.length} daemons, ${talks.length} conversations, seed ${seed}`)
  const steady = members[0] as Member
  const before = steady.handles()
  const plan = makePlan(random, {
    members: members.length,
    lastsMs,
    everyMs: Math.min(2000, lastsMs / 30),
    mostHoldMs: Math.min(25_000, lastsMs / 3),
    troubles: place.hasWires ? [...troubleKinds, ...wires] : troubleKinds,
    befalls: { lock: lockable, remove: removable },
  })
  const files = new SoakFiles(random)
  const load = new Load(random, { pauseMs: (members.length * lanes * 1000) / rate, lanes, files })
  const backups = new Backups(join(options.folder, 'backups'), load)
  const membership = new Membership(circle)
  const troubles = new Troubles({ place, members, membership, backups })
  const sides = talks.flatMap((talk) => talk.sides)
  for (const member of members) load.add(sides.filter((side) => side.member === member))
  const ticking = setInterval(() => report(`${load.count} messages, ${sumOf(troubles.counts)} troubles`), 60_000)
  try {
    await Promise.all([troubles.run(plan), pass(lastsMs)])
    await load.end()
  } finally {
    clearInterval(ticking)
  }
  report(`${load.count} messages were acknowledged; waiting for all to be alike`)
  const healing = performance.now()
  const counts = await settle(talks, load, report)
  const comparing = performance.now()
  const fileCounts = await files.settle(talks, mostFilesMs)
  const filesMs = Math.round(performance.now() - comparing)
  const healedMs = Math.round(performance.now() - healing)
  for (const each of members) each.measure()
  // All that were begun may have been broken off.
  if (backups.counts.made === 0) await backups.make(steady)
  await backups.openNewest(place.flags)
  return {
    seed,
    minutes: lastsMs / 60_000,
    ...counts,
    troubles: troubles.counts,
    removals: membership.count,
    refused: load.refused,
    backups: backups.counts,
    files: { ...fileCounts, brokenOff: files.brokenOff, comparedMs: filesMs },
    healedMs,
    peakRssMegabytes: Math.round(Math.max(...members.map((each) => each.peakRssBytes)) / 1e6),
    handles: { before, after: steady.handles() },
    crashes: members.flatMap(({ crashes, name }) => crashes.map((each) => `${name}: ${each}`)),
    failures: [...load.failures, ...troubles.failures],
    complaints: countOf(members.flatMap(({ complaints }) => complaints)),
  }
}

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, each) => sum + each, 0)

function countOf(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
