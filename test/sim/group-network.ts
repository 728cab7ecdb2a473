/** Who reaches whom, and how news spread: each to at most eight at once, who pass it on, and a digest with one other now and then. */

import type { DeviceId } from '../../protocol/ids.ts'
import { idOf, type GroupDevice, type Item } from './group-device.ts'

interface Parcel {
  readonly from: GroupDevice
  readonly to: GroupDevice
  readonly items: readonly Item[]
}

export class GroupNetwork {
  readonly devices: readonly GroupDevice[]
  readonly #byId: ReadonlyMap<DeviceId, GroupDevice>
  readonly #random: () => number

  constructor(devices: readonly GroupDevice[], random: () => number) {
    this.devices = devices
    this.#byId = new Map(devices.map((each) => [each.device, each]))
    this.#random = random
  }

  pick<Each>(items: readonly Each[]): Each | undefined {
    return items[Math.floor(this.#random() * items.length)]
  }

  /** What has come since is passed on once, to whom it goes at once; true if there was anything. */
  spread(): boolean {
    const parcels = this.devices.flatMap((from) => this.#parcelsOf(from))
    for (const { from, to, items } of this.#shuffled(parcels)) {
      // Whoever is asked to take something looks at who brings it. A modified peer sends what it likes.
      if (!to.knows(from)) continue
      from.work.sent += items.length
      to.take(items)
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
      if (other === undefined || !one.knows(other) || !other.knows(one)) continue
      for (const [from, to] of [
        [one, other],
        [other, one],
      ] as const) {
        const lacking = [...from.held.values()].filter((each) => !to.held.has(idOf(each)))
        const items = from.givenTo(to, lacking)
        if (items.length > 0) hasMoved = true
        to.take(items)
      }
    }
    return hasMoved
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
  giveKeys(giver: GroupDevice, asker: GroupDevice, lacking: Iterable<Parameters<GroupDevice['keys']['add']>[0]>): void {
    for (const epoch of lacking) {
      if (giver.keys.has(epoch) && giver.roster.mayHaveKey(asker.device, epoch)) asker.keys.add(epoch)
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
