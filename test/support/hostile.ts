/** Two people whose daemons are processes of their own, what an attack costs one of them, and strangers with a person's log. */

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Connection, Stream } from '@libp2p/interface'
import type { Test } from 'tap'
import { startRawPeer, type RawPeer } from '../daemon/net/raw-peer.ts'
import { publicBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import type { Status } from '../../protocol/http.ts'
import { deviceIdOf } from '../../protocol/ids.ts'
import type { PersonId } from '../../protocol/ids.ts'
import { PersonLog, runOf } from '../protocol/cast.ts'
import { pause } from './attacks.ts'
import { shortFolder } from './running-api.ts'
import { Seat } from './seat.ts'
import { startWarren, type WarrenProcess } from './warren-process.ts'

/** What an attack may add to the memory of the daemon that it is aimed at, whatever it is. */
export const memoryBudgetBytes = 128 * 1024 * 1024
/** What an attack may add to the time that a message of an honest contact takes to come and its answer to go, three times of four. */
const roundTripBudgetMs = 1000
/** Whatever else runs on the machine makes every trip longer: so much of a trip in peace, right before, is added. */
const calmTimes = 3

/** How long each attack lasts. */
export const attackMs = Number(process.env['WARREN_ATTACK_MS'] ?? 1500)

export interface House {
  readonly home: string
  readonly seat: Seat
  readonly daemon: WarrenProcess
  /** A multiaddr with PeerId, on 127.0.0.1. */
  readonly address: string
  readonly port: number
  stop(): Promise<void>
}

export async function startHouse(t: Test, name: string, home = shortFolder(t)): Promise<House> {
  const words = ['start', '--name', name, '--json', '--no-open', '--no-mdns', '--listen', '127.0.0.1']
  const daemon = startWarren(t, [...words, '--api-port', '0', '--peer-port', '0'], { home })
  const { listen } = await daemon.json<{ listen: string[] }>()
  const address = listen.find((each) => each.startsWith('/ip4/127.0.0.1/')) ?? ''
  const seat = new Seat(home)
  seat.follow()
  return {
    home,
    seat,
    daemon,
    address,
    port: Number(/\/tcp\/(\d+)/.exec(address)?.[1]),
    async stop() {
      daemon.child.kill('SIGTERM')
      await daemon.ended
    },
  }
}

export async function befriend(a: House, b: House): Promise<string> {
  const { deviceId } = await a.seat.look(b.address)
  await a.seat.client.ask('POST', '/contacts', { deviceId, note: '' })
  const asking = await b.seat.contact('incoming')
  await b.seat.client.ask('PATCH', `/contacts/${asking.id}`, { state: 'accepted' })
  await Promise.all([a.seat.contact('accepted', true), b.seat.contact('accepted', true)])
  return (await a.seat.direct()).id
}

/** A victim and an honest friend of hers. */
export interface Table {
  readonly alice: House
  readonly bob: House
  readonly chat: string
}

export async function table(t: Test): Promise<Table> {
  const [alice, bob] = await Promise.all([startHouse(t, 'alice'), startHouse(t, 'bob')])
  return { alice, bob, chat: await befriend(bob, alice) }
}

/** Resident memory of a process, bytes. */
export function memoryOf({ daemon }: House): number {
  const status = readFileSync(`/proc/${daemon.child.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

export interface Stranger extends RawPeer {
  readonly person: PersonId
}

/** A device of a person of its own, whose hello proves it. */
export async function startStranger(seed: Uint8Array = randomBytes(32), from?: string): Promise<Stranger> {
  const key = signingKeyFromSeed(seed)
  const log = new PersonLog({ key, device: deviceIdOf(publicBytes(key)) })
  const hello = { person: log.person, proof: log.entries.map((each) => runOf([each])) }
  return { ...(await startRawPeer({ seed, hello, ...(from === undefined ? {} : { from }) })), person: log.person }
}

let said = 0

/** A message from `a` to `b` and an answer: how long it took, milliseconds. */
export async function roundTrip(a: House, b: House, conversation: string): Promise<number> {
  said += 1
  const begun = performance.now()
  await a.seat.say(conversation, `ping ${said}`)
  await b.seat.hears(conversation, `ping ${said}`)
  await b.seat.say(conversation, `pong ${said}`)
  await a.seat.hears(conversation, `pong ${said}`)
  return performance.now() - begun
}

/** Comes back until the link stands: meanwhile the other side dials, too, and finds nobody who answers. */
export async function link(
  { seat, address }: House,
  stranger: Stranger,
): Promise<{ readonly connection: Connection; readonly sync: Stream }> {
  const dial = async (): Promise<{ connection: Connection; sync: Stream }> => {
    const connection = await stranger.greet(address)
    return { connection, sync: await stranger.sync(connection) }
  }
  for (;;) {
    const dialled = await dial().catch(() => undefined)
    while (dialled?.sync.status === 'open') {
      const { links } = await seat.client.ask<Status>('GET', '/status')
      if (links.some(({ deviceId }) => deviceId === stranger.device)) return dialled
      await pause(10)
    }
    await pause(10)
  }
}

/** So many round trips tell how long they take, and fewer how busy the machine is: then it counts that they come at all. */
const fairTrips = 8
const servedMs = 10_000

export interface Toll {
  /** Three of four trips took no longer. */
  readonly mostlyMs: number
  /** What they may take. */
  readonly budgetMs: number
  readonly longestMs: number
  readonly addedBytes: number
  readonly trips: number
}

/** How long they took, mostly and at most, and what they may take; `calm`: how long they took in peace, right before. All in milliseconds. */
export function judge(
  trips: readonly number[],
  calm: readonly number[],
): Pick<Toll, 'mostlyMs' | 'budgetMs' | 'longestMs'> {
  const [sorted, middle] = [trips.toSorted((a, b) => a - b), calm.toSorted((a, b) => a - b)[calm.length >> 1] ?? 0]
  const fairMs = roundTripBudgetMs + calmTimes * middle
  return {
    mostlyMs: sorted[Math.ceil(sorted.length * 0.75) - 1] ?? Infinity,
    budgetMs: sorted.length < fairTrips ? Math.max(fairMs, servedMs) : fairMs,
    longestMs: sorted.at(-1) ?? Infinity,
  }
}

/** Lets `attack` go on for attackMs, while `friend` and `victim` talk; says what it cost. */
export async function toll(
  victim: House,
  friend: House,
  conversation: string,
  attack: (signal: AbortSignal) => Promise<unknown>,
): Promise<Toll> {
  const calm: number[] = []
  for (let each = 0; each < 3; each += 1) calm.push(await roundTrip(friend, victim, conversation))
  const before = memoryOf(victim)
  const over = new AbortController()
  let most = before
  const sampling = setInterval(() => {
    most = Math.max(most, memoryOf(victim))
  }, 50)
  const timer = setTimeout(() => over.abort(), attackMs)
  const attacking = attack(over.signal).catch(() => undefined)
  const trips: number[] = []
  try {
    while (!over.signal.aborted) trips.push(await roundTrip(friend, victim, conversation))
    await attacking
  } finally {
    clearInterval(sampling)
    clearTimeout(timer)
    over.abort()
  }
  return { ...judge(trips, calm), addedBytes: most - before, trips: trips.length }
}

/** The victim's owner accepts the stranger, who turns out to be none to be trusted. */
export async function accepted(victim: House, stranger: Stranger): Promise<void> {
  await stranger.greet(victim.address)
  const { id } = await victim.seat.contact('incoming')
  await victim.seat.client.ask('PATCH', `/contacts/${id}`, { state: 'accepted' })
  await victim.seat.until(async () => {
    const asking = (await victim.seat.contacts()).find((each) => each.id === id)
    return asking?.state === 'accepted' ? true : undefined
  }, 'the stranger to be a contact')
}
