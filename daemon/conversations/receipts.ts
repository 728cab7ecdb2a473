/** Who has one message of the owner's: person by person, device by device. */

import { WarrenError } from '../../protocol/errors.ts'
import { readEntryId, type DeviceId, type EntryId, type PersonId } from '../../protocol/ids.ts'
import { tables } from '../store/store.ts'
import type { Core } from './core.ts'
import type { Counts, Standing } from './delivery.ts'
import { orderIn, type FeedState, type ScopeState } from './scope-state.ts'
import type { StoredEntry } from './rows.ts'

export interface DeviceReceipt {
  readonly device: DeviceId
  readonly held: boolean
}

export interface PersonReceipt extends Standing {
  readonly person: PersonId
  readonly devices: readonly DeviceReceipt[]
}

export interface MessageReceipts {
  readonly id: EntryId
  readonly order: string
  readonly counts: Counts
  /** Other persons whom it was meant for. */
  readonly persons: readonly PersonReceipt[]
  /** The owner's devices but the one that wrote it. */
  readonly own: readonly DeviceReceipt[]
}

/** Messages among which one is looked for by its id, newest first. */
const mostLooked = 4096
const pageRows = 256

interface Place {
  readonly feed: FeedState
  readonly stored: StoredEntry
}

async function findById(core: Core, scope: ScopeState, id: EntryId): Promise<Place | undefined> {
  let before: readonly number[] | undefined
  for (let looked = 0; looked < mostLooked; looked += pageRows) {
    const options = { prefix: [scope.number], reverse: true, limit: pageRows }
    const rows = await core.store.rangeIndex(tables.order, before === undefined ? options : { ...options, before })
    for (const at of rows) {
      const found = core.scopes.listed(scope, at)?.found
      if (found?.stored.sealed.id === id) return found
    }
    before = rows.at(-1)?.slice(1)
    if (rows.length < pageRows) break
  }
  return undefined
}

/** `message`: an order key, or the id of one of the newest messages. Throws BAD_SHAPE, NOT_FOUND, NOT_ALLOWED for what others wrote. */
export async function receiptsOf(core: Core, scope: ScopeState, message: string): Promise<MessageReceipts> {
  const { delivery, people, scopes, self } = core
  const isOrder = /^[0-9a-f]{110}$/.test(message)
  const found = isOrder ? scopes.entryAt(scope, message) : await findById(core, scope, readEntryId(message))
  if (found === undefined) throw new WarrenError('NOT_FOUND', 'no such message')
  const { feed, stored } = found
  const { id, header } = stored.sealed
  if (people.authorOf(scope, header.device) !== self.person)
    throw new WarrenError('NOT_ALLOWED', 'who has a message is known to its author alone')
  const place = { seq: header.seq, epoch: header.epoch, order: orderIn(feed, header) }
  const circle = delivery.circleOf(scope, header.epoch)
  const receipt = (device: DeviceId): DeviceReceipt => ({
    device,
    held: device === self.device || delivery.holdsIt(feed, device, header.seq),
  })
  const others = new Set([...circle.persons.values()].flat())
  const own = [self.device, ...circle.devices].filter((device) => device !== header.device && !others.has(device))
  const persons = [...circle.persons].map(([person, devices]) => ({
    person,
    ...delivery.standingOf(scope, feed, person, place),
    devices: devices.filter((device) => circle.devices.has(device)).map((device) => receipt(device)),
  }))
  const counts = delivery.countsOf(scope, feed, place)
  return { id, order: place.order, counts, persons, own: own.map((device) => receipt(device)) }
}
