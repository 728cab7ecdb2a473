/**
 * Says in a register up to where this device holds what others wrote, for authors who were away when it came: members pass registers
 * on. Who has a link with this device hears it there, and needs no register.
 */

import { feedKey, lanes, type Feed } from '../../protocol/entry.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { DeviceId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { registerKeys } from '../../protocol/register.ts'
import { encodeHeld, readHeld, type HeldTop } from '../../protocol/register-values.ts'
import type { Log } from '../log.ts'
import type { Timers } from '../timers.ts'
import type { Registers } from './registers.ts'

export interface HeldTopsDeps {
  readonly registers: Pick<Registers, 'get' | 'set'>
  readonly self: { readonly device: DeviceId; readonly cannotSign?: boolean }
  readonly timers: Timers
  readonly log: Log
  /** From 0 up to 1. */
  readonly random: () => number
  /** How many devices belong to a conversation; 0 if it is none, or gone. */
  readonly devices: (scope: Scope) => number
  readonly isLinked: (device: DeviceId) => boolean
  /** Up to which number a feed of messages is held without a gap. */
  readonly topOf: (feed: Feed) => number
}

/** What comes close together is told together; in a large circle each device hears this from all others. */
const tellAfterMs = 2000
const tellBeyondAfterMs = 10 * 60_000

const nameOf = ({ device, generation }: HeldTop): string => `${device}/${generation}`

/** The tops to tell: those that moved come behind the others, and only the last ones fit. */
export function toldTops(before: readonly HeldTop[], moved: readonly HeldTop[], devices: number): readonly HeldTop[] {
  const tops = new Map(before.map((top) => [nameOf(top), top]))
  for (const top of moved) {
    const name = nameOf(top)
    const known = tops.get(name)
    if (known?.seq === top.seq) continue
    tops.delete(name)
    tops.set(name, top)
  }
  return [...tops.values()].slice(-(devices > limits.heldDevices ? limits.heldTopsBeyond : limits.heldTops))
}

export class HeldTops {
  readonly #deps: HeldTopsDeps
  /** What moved since the last time, by scope; of each feed once. */
  readonly #moved = new Map<Scope, { readonly feeds: Map<string, Feed>; readonly callOff: () => void }>()
  readonly #telling = new Set<Promise<void>>()

  constructor(deps: HeldTopsDeps) {
    this.#deps = deps
  }

  /** Entries of these feeds became durable here, brought by a peer. */
  arrived(scope: Scope, feeds: readonly Feed[]): void {
    const { self } = this.#deps
    if (self.cannotSign === true) return
    for (const feed of feeds) {
      if (feed.lane !== lanes.messages || feed.device === self.device) continue
      const moved = this.#moved.get(scope) ?? this.#begin(scope)
      // Behind those that moved before it.
      const key = feedKey(feed)
      moved?.feeds.delete(key)
      moved?.feeds.set(key, feed)
    }
  }

  #begin(scope: Scope): { readonly feeds: Map<string, Feed>; readonly callOff: () => void } | undefined {
    const { timers, devices, random } = this.#deps
    const count = devices(scope)
    if (count === 0) return undefined
    const ms = count > limits.heldDevices ? tellBeyondAfterMs * (0.5 + random() / 2) : tellAfterMs
    const callOff = timers.after(ms, () => {
      const telling: Promise<void> = this.#tell(scope).finally(() => this.#telling.delete(telling))
      this.#telling.add(telling)
    })
    const moved = { feeds: new Map<string, Feed>(), callOff }
    this.#moved.set(scope, moved)
    return moved
  }

  async #tell(scope: Scope): Promise<void> {
    const { registers, isLinked, topOf, devices, log } = this.#deps
    const feeds = [...(this.#moved.get(scope)?.feeds.values() ?? [])]
    this.#moved.delete(scope)
    const count = devices(scope)
    const moved = feeds.flatMap((feed): HeldTop[] => {
      const seq = isLinked(feed.device) ? 0 : topOf(feed)
      return seq === 0 ? [] : [{ device: feed.device, generation: feed.generation, seq }]
    })
    if (count === 0 || moved.length === 0) return
    const tops = toldTops(this.#told(scope), moved, count)
    try {
      await registers.set(scope, registerKeys.held, encodeHeld({ tops, watermark: undefined }))
    } catch {
      // What comes next tells it again.
      log('warn', 'what is held could not be told')
    }
  }

  #told(scope: Scope): readonly HeldTop[] {
    const { registers, self } = this.#deps
    const register = registers.get(scope, self.device, registerKeys.held)
    if (register === undefined) return []
    try {
      return readHeld(register.value).tops
    } catch (error) {
      if (error instanceof WarrenError) return []
      throw error
    }
  }

  /** Tells what waits, and nothing after that. */
  async close(): Promise<void> {
    for (const [scope, { callOff }] of this.#moved) {
      callOff()
      await this.#tell(scope)
    }
    await Promise.all(this.#telling)
  }
}
