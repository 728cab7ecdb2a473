/** Five people write to each other while their daemons and the network between them are troubled; then everything must be there. */

import { join } from 'node:path'
import type { MessagePage } from '../../protocol/http-conversations.ts'
import { befriend } from '../bench/contacts.ts'
import { Load, type Side } from './load.ts'
import { Member, type Handles } from './member.ts'
import { createPlace, type Place } from './place.ts'
import { makePlan, type Step, type Trouble } from './plan.ts'
import { createRandom } from './random.ts'
import { Troubles } from './troubles.ts'
import { add, judge, noCounts, type Counts } from './verdict.ts'

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
  /** From the end of all trouble until both ends of every conversation were alike. */
  readonly healedMs: number
  readonly peakRssMegabytes: number
  /** Of the daemon that lived through it all. */
  readonly handles: { readonly before: Handles; readonly after: Handles }
  /** Ends of daemons that nobody had asked for. */
  readonly crashes: readonly string[]
  /** Posts that were refused. */
  readonly failures: readonly string[]
  /** Errors that daemons logged, and how often. */
  readonly complaints: Readonly<Record<string, number>>
}

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const lanes = 2
const mostHealMs = 180_000
const deadly: readonly Trouble[] = ['kill', 'end', 'freeze']
const wires: readonly Trouble[] = ['part', 'unplug']

type Pair = readonly [Side, Side]

const nothing = (): void => undefined

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
  const pairs = await acquaint(members)
  report(`${members.length} daemons, ${pairs.length} conversations, seed ${seed}`)
  const steady = members[0] as Member
  const before = steady.handles()
  const plan = makePlan(random, {
    members: members.length,
    lastsMs,
    everyMs: Math.min(2000, lastsMs / 30),
    mostHoldMs: Math.min(25_000, lastsMs / 3),
    troubles: place.hasWires ? [...deadly, ...wires] : deadly,
  })
  const load = new Load(random, { pauseMs: (members.length * lanes * 1000) / rate, lanes })
  const troubles = new Troubles(place, members)
  for (const member of members) load.add(pairs.flat().filter((side) => side.member === member))
  const ticking = setInterval(() => report(`${load.count} messages, ${troubles.count} troubles`), 60_000)
  try {
    await Promise.all([troubles.run(plan), pass(lastsMs)])
    await load.end()
  } finally {
    clearInterval(ticking)
  }
  report(`${load.count} messages were acknowledged; waiting for all to be alike`)
  const healing = performance.now()
  const counts = await settle(pairs, load)
  const healedMs = Math.round(performance.now() - healing)
  for (const each of members) each.measure()
  return {
    seed,
    minutes: lastsMs / 60_000,
    ...counts,
    troubles: countOf(plan.map((step: Step) => step.trouble)),
    healedMs,
    peakRssMegabytes: Math.round(Math.max(...members.map((each) => each.peakRssBytes)) / 1e6),
    handles: { before, after: steady.handles() },
    crashes: members.flatMap(({ crashes, name }) => crashes.map((each) => `${name}: ${each}`)),
    failures: load.failures,
    complaints: countOf(members.flatMap(({ complaints }) => complaints)),
  }
}

const pass = async (ms: number): Promise<void> =>
  await new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

function countOf(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

async function acquaint(members: readonly Member[]): Promise<Pair[]> {
  const pairs: Pair[] = []
  for (const [at, a] of members.entries()) {
    for (const b of members.slice(at + 1)) {
      const conversation = await befriend(a.client, b.client)
      pairs.push([
        { member: a, conversation },
        { member: b, conversation },
      ])
    }
  }
  return pairs
}

async function textsOf({ member, conversation }: Side): Promise<string[]> {
  const texts: string[] = []
  for (let before = ''; ;) {
    const path = `/conversations/${conversation}/messages?limit=200${before === '' ? '' : `&before=${before}`}`
    const { items, older } = await member.client.ask<MessagePage>('GET', path)
    texts.push(...items.map(({ text }) => text))
    before = items.at(-1)?.order ?? ''
    if (!older || before === '') return texts.toReversed()
  }
}

/** Looks at both ends of every conversation, again at each event, until nothing is wrong or too much time went by. */
async function settle(pairs: readonly Pair[], load: Load): Promise<Counts> {
  const sum = noCounts()
  const end = AbortSignal.timeout(mostHealMs)
  for (const pair of pairs) add(sum, await settlePair(pair, load, end))
  return sum
}

async function settlePair([a, b]: Pair, load: Load, end: AbortSignal): Promise<Counts> {
  const said = load.said.get(a.conversation) ?? []
  let wake = nothing
  const stops = [a, b].map(({ member }) => member.onEvent(() => wake()))
  const onEnd = (): void => wake()
  end.addEventListener('abort', onEnd)
  try {
    for (;;) {
      const event = new Promise<void>((resolve) => {
        wake = resolve
      })
      const counts = judge(said, [await textsOf(a), await textsOf(b)])
      if (counts.lost + counts.doubled + counts.reordered === 0 || end.aborted) return counts
      await event
    }
  } finally {
    end.removeEventListener('abort', onEnd)
    for (const stop of stops) stop()
  }
}
