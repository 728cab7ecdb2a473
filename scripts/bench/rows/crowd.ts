/** One message to everybody in a group of 128 devices that pass it on to each other: how long, how much work, how many bytes. */

import { randomBytes } from 'node:crypto'
import { Bus } from '../../../daemon/bus.ts'
import { Conversations } from '../../../daemon/conversations/conversations.ts'
import { MemoryDisk } from '../../../daemon/store/memory-disk.ts'
import { openMemoryStore } from '../../../daemon/store/memory-store.ts'
import { Sync } from '../../../daemon/sync/sync.ts'
import { systemTimers } from '../../../daemon/timers.ts'
import { aeadKey, aeadSeal, sha256 } from '../../../protocol/crypto.ts'
import { checkSignature } from '../../../protocol/entry.ts'
import { epochCommitment, epochIdFor } from '../../../protocol/epoch.ts'
import type { Scope } from '../../../protocol/ids.ts'
import type { Run } from '../../../protocol/run.ts'
import type { Row } from '../bench.ts'
import { runOf } from '../big-group.ts'
import { Crowd, type CrowdMember } from '../crowd.ts'
import type { Figure } from '../figure.ts'
import { MemoryLink } from '../memory-link.ts'
import { quantile } from '../statistics.ts'

/** That each device makes; about as many are made to it. More than there are partners, so that a choice is made. */
const linksEach = 6
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
const report = (): void => {}
const key = sha256(new TextEncoder().encode('the key of the crowd'))

interface Device {
  readonly conversations: Conversations
  readonly sync: Sync
  readonly links: MemoryLink[]
}

async function openDevice(
  { device, person, key: signingKey, log }: CrowdMember,
  crowd: Crowd,
  gathered: ReadonlyMap<Scope, readonly Run[]>,
): Promise<Device> {
  const { scope, founder } = crowd
  const store = await openMemoryStore(new MemoryDisk(device))
  const deps = { store, bus: new Bus(), log: report, timers: systemTimers, random }
  const conversations = await Conversations.open({ ...deps, self: { device, person, signingKey } }, [runOf(log)])
  const { peers } = conversations
  peers.groups.isAwaited = () => true
  const { is } = await peers.consider(scope, gathered, founder.device)
  if (is !== 'kept') throw new Error('the group was not taken')
  await peers.takeKeys(scope, [{ epoch: epochIdFor(scope, [], epochCommitment(key)), key }])
  const registers = { registers: () => [], accept: async () => await Promise.resolve([]), onChanged: () => () => {} }
  const presence = { linked: () => {}, unlinked: () => {}, live: () => {} }
  const sync = new Sync({ log: peers, registers, presence, report, timers: systemTimers, random: Math.random })
  conversations.linked = () => sync.links().map((link) => link.device)
  return { conversations, sync, links: [] }
}

function link(devices: readonly Device[], { members }: Crowd): void {
  for (const [at, one] of devices.entries()) {
    for (let tries = 0; tries < linksEach; tries += 1) {
      const to = Math.floor(Math.random() * devices.length)
      const [other, here, there] = [devices[to], members[at]?.device, members[to]?.device]
      if (other === undefined || here === undefined || there === undefined || to === at) continue
      if (one.links.some(({ device }) => device === there)) continue
      const [end, otherEnd] = MemoryLink.pair(here, there)
      one.links.push(end)
      other.links.push(otherEnd)
      one.sync.addLink(end)
      other.sync.addLink(otherEnd)
    }
  }
}

/** Resolves once all the others hold as many messages of the group as they are to; with how long each took, ms. */
async function reach(devices: readonly Device[], by: Device, scope: Scope, text: string): Promise<number[]> {
  const took: number[] = []
  const before = performance.now()
  return await new Promise<number[]>((resolve, reject) => {
    const stops = devices.map((each) =>
      each.conversations.peers.onAppended((appended) => {
        if (each === by || appended.scope !== scope) return
        took.push(performance.now() - before)
        if (took.length < devices.length - 1) return
        for (const stop of stops) stop()
        resolve(took)
      }),
    )
    by.conversations.owner.post(scope as never, text, text).catch(reject)
  })
}

/** What no device can do without for one message: its hashes, the check of its signature, one seal of what is stored. */
function neededMs({ sealed, payload, signature }: CrowdMember['log']): number {
  const seal = aeadKey(key)
  const times = 400
  const before = performance.now()
  for (let at = 0; at < times; at += 1) {
    sha256(sealed.bytes)
    sha256(payload)
    checkSignature(sealed, signature)
    aeadSeal(seal, sha256(sealed.bytes).subarray(0, 12), payload, sealed.bytes)
  }
  return (performance.now() - before) / times
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0)

export const crowdRow: Row = {
  name: 'crowd',
  about: 'one message to all of a large group that pass it on, in one process, against one check and one seal for each',
  async run({ scale: { crowd: size } }) {
    const crowd = new Crowd(size.devices, { fromMs: Date.now() - 3_600_000, policy: [['history', 'everything']] })
    crowd.mint(crowd.founder, key)
    const gathered = new Map<Scope, readonly Run[]>([[crowd.scope, crowd.entries.map(runOf)]])
    for (const { person, log } of crowd.members) gathered.set(person, [runOf(log)])
    const devices: Device[] = []
    for (const each of crowd.members) devices.push(await openDevice(each, crowd, gathered))
    // The timers of sync alone would let the process end.
    const awake = setInterval(() => {}, 1000)
    try {
      link(devices, crowd)
      const author = devices[1] as Device
      // Vectors cross, and code is compiled.
      for (let at = 0; at < 3; at += 1) await reach(devices, author, crowd.scope, `first ${at}`)
      await new Promise((resolve) => void setTimeout(resolve, size.restMs))
      const sent = (): number => sum(devices.flatMap(({ links }) => links.map(({ sentBytes }) => sentBytes)))
      const [cpu, bytes] = [process.cpuUsage(), sent()]
      const took: number[] = []
      for (let at = 0; at < size.messages; at += 1)
        took.push(...(await reach(devices, author, crowd.scope, `Message ${at} to everybody, as long as most are`)))
      // What is said about it travels behind it.
      await new Promise((resolve) => void setTimeout(resolve, 300))
      const { user, system } = process.cpuUsage(cpu)
      return figures(size.devices, {
        needed: neededMs(crowd.founder.log),
        took,
        cpuMs: (user + system) / 1000 / size.devices / size.messages,
        bytes: (sent() - bytes) / size.devices / size.messages,
      })
    } finally {
      clearInterval(awake)
      await Promise.all(devices.map(async ({ sync }) => await sync.close()))
    }
  },
}

interface Measured {
  readonly needed: number
  readonly took: readonly number[]
  readonly cpuMs: number
  readonly bytes: number
}

/** An entry of a short message with its signature, once in and once out. */
const entryBytes = 450

function figures(devices: number, { needed, took, cpuMs, bytes }: Measured): Figure[] {
  return [
    {
      name: `${devices} devices on one core, p50`,
      unit: 'ms',
      floor: (needed * devices) / 2,
      measured: quantile(took, 0.5),
      budget: { is: 'most', value: 300 },
    },
    {
      name: `${devices} devices on one core, p99`,
      unit: 'ms',
      floor: needed * devices,
      measured: quantile(took, 0.99),
      budget: { is: 'most', value: 1000 },
    },
    {
      name: 'CPU of one device for one message',
      unit: 'ms',
      floor: needed,
      measured: cpuMs,
      budget: { is: 'most', value: 5 },
    },
    {
      name: 'bytes that one device sends for one message',
      unit: 'B',
      floor: entryBytes,
      measured: bytes,
      budget: { is: 'times', value: 16 },
    },
  ]
}
