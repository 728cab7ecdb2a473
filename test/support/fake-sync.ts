/** One device's sync over a fake log: what sync tests link with each other. */

import type { DeviceId, Scope } from '../../protocol/ids.ts'
import { replaces, type Register } from '../../protocol/register.ts'
import type { Log } from '../../daemon/log.ts'
import type { SyncPresence, SyncRegisters } from '../../daemon/sync/log.ts'
import { Sync, type SyncOptions } from '../../daemon/sync/sync.ts'
import { fakeDevice, type FakeDevice } from './fake-device.ts'
import { FakeLog } from './fake-log.ts'
import { linkPair, type LinkPairOptions, type MemoryLink } from './link-pair.ts'
import type { VirtualTime } from './virtual-time.ts'

export class FakeRegisters implements SyncRegisters {
  readonly kept = new Map<string, Register>()
  readonly #listeners = new Set<(register: Register, from: DeviceId | undefined) => void>()

  registers(scope: Scope): readonly Register[] {
    return [...this.kept.values()].filter((each) => each.scope === scope)
  }

  accept(registers: readonly Register[], from?: DeviceId): Promise<readonly Register[]> {
    const fresh = registers.filter((each) => replaces(each, this.kept.get(`${each.scope}/${each.device}/${each.key}`)))
    for (const each of fresh) {
      this.kept.set(`${each.scope}/${each.device}/${each.key}`, each)
      for (const listener of this.#listeners) listener(each, from)
    }
    return Promise.resolve(fresh)
  }

  onChanged(listener: (register: Register, from: DeviceId | undefined) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}

export class FakePresence implements SyncPresence {
  readonly online = new Set<DeviceId>()
  readonly lives: { readonly scope: Scope; readonly device: DeviceId; readonly what: number }[] = []

  linked(device: DeviceId): void {
    this.online.add(device)
  }

  unlinked(device: DeviceId): void {
    this.online.delete(device)
  }

  live(scope: Scope, device: DeviceId, what: number): void {
    this.lives.push({ scope, device, what })
  }
}

export interface FakeSync {
  readonly device: FakeDevice
  readonly log: FakeLog
  readonly registers: FakeRegisters
  readonly presence: FakePresence
  readonly sync: Sync
  /** Texts of what was reported at `warn` or above. */
  readonly complaints: string[]
}

export function fakeSync(time: VirtualTime, number: number, options: SyncOptions = {}): FakeSync {
  const device = fakeDevice(number)
  const log = new FakeLog(device)
  const registers = new FakeRegisters()
  const presence = new FakePresence()
  const complaints: string[] = []
  const report: Log = (level, text, fields) => {
    if (level === 'warn' || level === 'error') complaints.push(`${text}: ${fields?.['code'] ?? ''}`)
  }
  const sync = new Sync({ log, registers, presence, report, timers: time, random: time.random }, options)
  return { device, log, registers, presence, sync, complaints }
}

/** Shares a scope among all. */
export function shareScope(scope: Scope, ...all: readonly FakeSync[]): void {
  for (const one of all) one.log.share(scope, ...all.filter((other) => other !== one).map(({ device }) => device.id))
}

/** Links two and returns both ends. */
export function linkUp(
  time: VirtualTime,
  [a, b]: readonly [FakeSync, FakeSync],
  options: Partial<LinkPairOptions> = {},
): [MemoryLink, MemoryLink] {
  const ends = linkPair({ timers: time, devices: [a.device.id, b.device.id], ...options })
  a.sync.addLink(ends[0])
  b.sync.addLink(ends[1])
  return ends
}
