/**
 * Which devices of co-members are dialled: in small groups all, in larger ones a few that this device alone chooses, and others in turn
 * while those do not answer. So nobody is everybody's choice, and what a device does does not grow with its groups.
 */

import { compareBytes, utf8 } from '../../protocol/bytes.ts'
import { sha256 } from '../../protocol/crypto.ts'
import type { ConversationId, DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'

interface Choice {
  /** By rank. */
  readonly devices: readonly DeviceId[]
  /** Where those begin that are tried now. */
  turn: number
}

export class Neighbours {
  readonly #salt: string
  readonly #choices = new Map<ConversationId, Choice>()

  /** `random` gives numbers from 0 up to 1, so that nobody can know whom this device will choose. */
  constructor(random: () => number) {
    this.#salt = `${random()}/${random()}`
  }

  /** At most limits.coMembersKept; `turns`: those who did not answer make room for others. */
  choose(
    groups: ReadonlyMap<ConversationId, readonly DeviceId[]>,
    isLinked: (device: DeviceId) => boolean,
    turns: boolean,
  ): DeviceId[] {
    for (const group of this.#choices.keys()) if (!groups.has(group)) this.#choices.delete(group)
    const each = [...groups].map(([group, devices]) => this.#chooseIn(group, devices, isLinked, turns))
    const chosen = new Set<DeviceId>()
    // The first of all groups, then the second: a large group does not leave the others without anyone.
    for (let at = 0; each.some((some) => at < some.length); at += 1) {
      for (const some of each) {
        const device = some[at]
        if (device !== undefined && chosen.size < limits.coMembersKept) chosen.add(device)
      }
    }
    return [...chosen]
  }

  #chooseIn(
    group: ConversationId,
    devices: readonly DeviceId[],
    isLinked: (device: DeviceId) => boolean,
    turns: boolean,
  ): DeviceId[] {
    const choice = this.#choiceOf(group, devices)
    const most = limits.pushPartners
    if (choice.devices.length <= most) return [...choice.devices]
    const linked = choice.devices.filter(isLinked).slice(0, most)
    const others = choice.devices.filter((each) => !isLinked(each))
    const free = most - linked.length
    if (turns && free > 0) choice.turn += free
    const from = others.length === 0 ? 0 : choice.turn % others.length
    return [...linked, ...[...others.slice(from), ...others.slice(0, from)].slice(0, free)]
  }

  #choiceOf(group: ConversationId, devices: readonly DeviceId[]): Choice {
    const known = this.#choices.get(group)
    if (known !== undefined && known.devices.length === devices.length) {
      const before = new Set(known.devices)
      if (devices.every((each) => before.has(each))) return known
    }
    const choice = { devices: this.#ranked(group, devices), turn: known?.turn ?? 0 }
    this.#choices.set(group, choice)
    return choice
  }

  /** Rendezvous hashing, as in sync: a choice moves as little as it can when devices come and go. */
  #ranked(group: ConversationId, devices: readonly DeviceId[]): DeviceId[] {
    return devices
      .map((device) => ({ device, rank: sha256(utf8(`${this.#salt}/${group}/${device}`)) }))
      .toSorted((a, b) => compareBytes(a.rank, b.rank))
      .map(({ device }) => device)
  }
}
