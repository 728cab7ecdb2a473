/** Who reaches whom, and how news spread: each to at most eight at once, who pass it on, and a digest with one other now and then. */

import type { DeviceId, EpochId } from '../../protocol/ids.ts'
import { idOf, type GroupDevice, type Item } from './group-device.ts'

/** A key that one device gave to another, and how much of all that it holds now it held then. */
export interface Gift {
  readonly epoch: EpochId
  readonly giver: GroupDevice
  readonly asker: GroupDevice
  readonly known: number
}

/** Of so many devices each can meet each. */
const mostPairs = 40

interface Parcel {
  readonly from: GroupDevice
  readonly to: GroupDevice
  readonly items: readonly Item[]
}

export class GroupNetwork {
  readonly devices: readonly GroupDevice[]
  /** Every key that was ever given. */
  readonly gifts: Gift[] = []
  readonly #byId: Map<DeviceId, GroupDevice>
  readonly #random: () => number

  constructor(devices: readonly GroupDevice[], random: () => number) {
    this.devices = devices
    this.#byId = new Map(devices.map((each) => [each.device, each]))
    this.#random = random
  }

  /** One more, of `devices`. */
  add(device: GroupDevice): void {
    this.#byId.set(device.device, device)
  }

  pick<Each>(items: readonly Each[]): Each | undefined {
    return items[Math.floor(this.#random() * items.length)]
  }

  /** What has come since is passed on once, to whom it goes at once; true if there was anything. */
  spread(): boolean {
    const parcels = this.devices.flatMap((from) => this.#parcelsOf(from))
    for (const { from, to, items } of this.#shuffled(parcels)) {
      from.work.sent += items.length
      to.takeFrom(from, items)
    }
    return parcels.length > 0
  }

  #parcelsOf(from: GroupDevice): Parcel[] {
    const { fresh } = from
    from.fresh = []
    if (fresh.length === 0) return []
    const partners = from.partners().flatMap((each) => this.#byId.get(each) ?? [])
    return partners
      .filter((to) => to.side === from.side)
      .map((to) => ({ from, to, items: from.givenTo(to, fresh) }))
      .filter(({ items }) => items.length > 0)
  }

  /** Each compares all that it holds with one other; true if anybody learnt anything. */
  compare(): boolean {
    let hasMoved = false
    for (const one of this.#shuffled(this.devices)) {
      const other = this.pick(this.devices.filter((each) => each !== one && each.side === one.side))
      if (other !== undefined && this.#meet(one, other)) hasMoved = true
    }
    return hasMoved
  }

  /** Everybody meets everybody, or in a large group the first one and their neighbours; true if anybody learnt anything. */
  compareAll(): boolean {
    const { devices } = this
    let hasMoved = false
    for (const [at, one] of devices.entries()) {
      const others = devices.length <= mostPairs ? devices.slice(at + 1) : [devices[0], devices[at + 1]]
      for (const other of others)
        if (other !== undefined && other !== one && other.side === one.side && this.#meet(one, other)) hasMoved = true
    }
    return hasMoved
  }

  /** Two compare all that they hold, and tell each other that they are out, if they are. */
  #meet(one: GroupDevice, other: GroupDevice): boolean {
    const before = one.held.size + other.held.size
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      const lacking = from.partFor(to) === undefined ? from.farewell(to) : from.givenTo(to, [...from.held.values()])
      to.takeFrom(
        from,
        lacking.filter((each) => !to.held.has(idOf(each))),
      )
    }
    return one.held.size + other.held.size > before
  }

  /** Keys on request: each asks a few that it reaches for those that it lacks; true if anybody was given one. */
  handOutKeys(): boolean {
    let isGiven = false
    for (const asker of this.devices) {
      const lacking = [...asker.roster.epochs.keys()].filter((epoch) => !asker.keys.has(epoch))
      if (lacking.length === 0) continue
      const givers = asker.partners().flatMap((each) => this.#byId.get(each) ?? [])
      const before = asker.keys.size
      for (const giver of givers.filter((each) => each.side === asker.side)) this.giveKeys(giver, asker, lacking)
      isGiven ||= asker.keys.size > before
    }
    return isGiven
  }

  /** What an honest device answers, whoever asks. */
  giveKeys(giver: GroupDevice, asker: GroupDevice, lacking: Iterable<EpochId>): void {
    for (const epoch of lacking) {
      if (!giver.keys.has(epoch) || asker.keys.has(epoch) || !giver.roster.mayHaveKey(asker.device, epoch)) continue
      asker.keys.add(epoch)
      this.gifts.push({ epoch, giver, asker, known: giver.held.size })
    }
  }

  /** Each device in a group of its own number of sides. */
  part(sides: number): void {
    for (const each of this.devices) each.side = Math.floor(this.#random() * sides)
  }

  #shuffled<Each>(items: readonly Each[]): Each[] {
    return items
      .map((item) => ({ item, draw: this.#random() }))
      .toSorted((a, b) => a.draw - b.draw)
      .map(({ item }) => item)
  }
}
