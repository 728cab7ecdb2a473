/** Which of two links of one pair stays; both devices compute the same. */

import { toBase32 } from '../../protocol/bytes.ts'
import type { DeviceId } from '../../protocol/ids.ts'

/** What decides, taken from the two hellos that came before the link. */
export interface LinkOrder {
  /** The peer's boot, counted in the order in which we heard of them. */
  readonly boot: number
  /** The sum of both link numbers: each side counts up, so a later exchange has the greater sum. */
  readonly numbers: number
  readonly dialledByLower: boolean
  /** Of the side that dialled: never the same for two connections that one side dialled. */
  readonly diallerNumber: number
}

/** A device and its link number in the last exchange on a connection. */
export interface Numbered {
  readonly device: DeviceId
  readonly linkNumber: number
}

export function linkOrder(boot: number, dialler: Numbered, listener: Numbered): LinkOrder {
  return {
    boot,
    numbers: dialler.linkNumber + listener.linkNumber,
    dialledByLower: dialler.device < listener.device,
    diallerNumber: dialler.linkNumber,
  }
}

/**
 * True if a link of order `a` stays and one of order `b` goes: the newest boot, then the newest numbers. Where both dialled at
 * once the sums are equal and the one that the lower PeerId dialled stays.
 */
export function staysOver(a: LinkOrder, b: LinkOrder): boolean {
  if (a.boot !== b.boot) return a.boot > b.boot
  if (a.numbers !== b.numbers) return a.numbers > b.numbers
  if (a.dialledByLower !== b.dialledByLower) return a.dialledByLower
  return a.diallerNumber > b.diallerNumber
}

const mostBoots = 8

/** The boots of each device in the order in which they were heard of; bounded, the longest silent devices go first. */
export class Boots {
  readonly #seen = new Map<DeviceId, Map<string, number>>()
  readonly #mostDevices: number
  #next = 1

  constructor(mostDevices: number) {
    this.#mostDevices = mostDevices
  }

  /** The place of this boot in time, and whether a newer one was heard of before this one spoke. */
  heard(device: DeviceId, bootId: Uint8Array): { boot: number; outdated: boolean } {
    const boots = this.#seen.get(device) ?? new Map<string, number>()
    const id = toBase32(bootId)
    let boot = boots.get(id)
    if (boot === undefined) {
      boot = this.#next
      this.#next += 1
      boots.set(id, boot)
    }
    dropOldest(boots, mostBoots)
    this.#seen.delete(device)
    this.#seen.set(device, boots)
    dropOldest(this.#seen, this.#mostDevices)
    return { boot, outdated: boot < Math.max(...boots.values()) }
  }
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  const oldest = map.keys().next()
  if (map.size > most && oldest.done === false) map.delete(oldest.value)
}
