/** Who gives to which of the files that are fetched at this moment: nobody gives to so many that those of others find no place. */

import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { BlobRecord } from './blob-record.ts'

type Giver = PersonId | DeviceId

interface Place {
  /** When it was taken, epoch ms. */
  readonly since: number
  /** Who gives to it, and on how many streams; 0: will be asked. */
  readonly givers: Map<Giver, number>
  /** Its turn is over: it goes on behind the others. */
  isOver: boolean
}

export class Places {
  readonly #personOf: (device: DeviceId) => PersonId | undefined
  readonly #places = new Map<BlobRecord, Place>()

  constructor(personOf: (device: DeviceId) => PersonId | undefined) {
    this.#personOf = personOf
  }

  /** Those of them that may give to one file more, whatever they have. */
  free(devices: readonly DeviceId[]): DeviceId[] {
    if (this.#places.size >= limits.blobFetches) return []
    return devices.filter((device) => this.#mayGive(this.#giver(device)))
  }

  /** Takes one, for a file that is asked of these devices. */
  take(record: BlobRecord, devices: readonly DeviceId[], since: number): void {
    const givers = new Map(devices.map((device) => [this.#giver(device), 0] as const))
    this.#places.set(record, { since, givers, isOver: false })
  }

  leave(record: BlobRecord): void {
    this.#places.delete(record)
  }

  /** A stream to a device begins; false if its person gives to too many others. */
  begin(record: BlobRecord, device: DeviceId): boolean {
    const givers = this.#places.get(record)?.givers
    const giver = this.#giver(device)
    if (givers === undefined || (!givers.has(giver) && !this.#mayGive(giver))) return false
    givers.set(giver, (givers.get(giver) ?? 0) + 1)
    return true
  }

  /** A stream to a device ended. */
  end(record: BlobRecord, device: DeviceId): void {
    const givers = this.#places.get(record)?.givers
    const giver = this.#giver(device)
    const left = (givers?.get(giver) ?? 0) - 1
    if (left > 0) givers?.set(giver, left)
    else givers?.delete(giver)
  }

  /** All who will be asked were: who has no stream gives nothing. */
  settle(record: BlobRecord): void {
    const givers = this.#places.get(record)?.givers ?? new Map<Giver, number>()
    for (const [giver, count] of givers) if (count === 0) givers.delete(giver)
  }

  /** The file that has kept its place for longest of those in the way of one that is asked of these devices, and when its turn is over. */
  inTheWayOf(devices: readonly DeviceId[]): { readonly record: BlobRecord; readonly until: number } | undefined {
    const isFull = this.#places.size >= limits.blobFetches
    const wanted = devices.map((device) => this.#giver(device))
    // Each is behind those that were taken before it.
    for (const [record, { since, givers, isOver }] of this.#places)
      if (!isOver && (isFull || wanted.some((giver) => givers.has(giver))))
        return { record, until: since + limits.blobTurnMs }
    return undefined
  }

  endTurn(record: BlobRecord): void {
    const place = this.#places.get(record)
    if (place !== undefined) place.isOver = true
  }

  isTurnOver(record: BlobRecord): boolean {
    return this.#places.get(record)?.isOver === true
  }

  #giver(device: DeviceId): Giver {
    return this.#personOf(device) ?? device
  }

  #mayGive(giver: Giver): boolean {
    const theirs = [...this.#places.values()].filter(({ givers }) => givers.has(giver))
    return theirs.length < limits.blobPersonFetches
  }
}
