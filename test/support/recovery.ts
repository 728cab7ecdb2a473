/** Coming back with the 24 words between devices of a neighbourhood. */

import { archiveKey, archiveRow } from '../../daemon/backup/archive-mark.ts'
import type { Recoveries } from '../../daemon/devices/recoveries.ts'
import { withoutKeys } from '../../daemon/identity/identity.ts'
import type { DeviceTalk } from '../../daemon/devices/talk.ts'
import { openFinder, openRecoveries } from '../../daemon/recover.ts'
import type { DeviceFrame } from '../../protocol/device-frames.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Recovery } from '../../protocol/http-recovery.ts'
import { randomBytes } from 'node:crypto'
import type { Device, World } from './device.ts'
import { talkPair } from './talk-pair.ts'

const never = new AbortController().signal

/** What a device answers in place of what Warren would. */
export type Lies = ReadonlyMap<Device, (talk: DeviceTalk, frame: DeviceFrame) => Promise<void>>

/** The room in which `device` recovers, over rooms that are open now; an address is the name of a device that runs. */
export function recoveriesOf(
  world: World,
  device: Device,
  nearby: readonly Device[] = [],
  lies: Lies = new Map(),
  devices: { readonly isAgreed: boolean } = { isAgreed: false },
): Recoveries {
  return openRecoveries({
    rooms: device.rooms,
    store: device.store,
    timers: world.time,
    devices,
    device: device.id,
    closing: never,
    nearby: async () => await Promise.resolve(nearby.map(({ name }) => name)),
    open: async (address) => {
      const other = [...world.place.devices.values()].find((each) => each.name === address && each.running)
      if (other === undefined) throw new WarrenError('REFUSED', 'nobody is there')
      const [here, there] = talkPair(device.id, other.id)
      const finder = openFinder(other.rooms)
      void (async () => {
        try {
          const frame = await there.next(never)
          const lie = lies.get(other)
          if (lie !== undefined) await lie(there, frame)
          else if (frame.is === 'find' || frame.is === 'recovered') await finder.answer(there, frame)
        } finally {
          there.end()
        }
      })().catch(() => undefined)
      return await Promise.resolve(here)
    },
    moved: () => undefined,
  })
}

/** Where it stands once it stands in none of these. */
export async function past(
  { settle }: World,
  recoveries: Recoveries,
  states: readonly Recovery['state'][],
): Promise<Recovery> {
  for (let round = 0; round < 200; round += 1) {
    const { shown } = recoveries
    if (shown.state !== 'none' && !states.includes(shown.state)) return shown
    await settle(10)
  }
  throw new Error(`still ${recoveries.shown.state}`)
}

/** Opens the rooms anew, as the house does once it became another. */
export async function reopen({ place, settle }: World, device: Device): Promise<void> {
  place.devices.delete(device.id)
  for (const [pair, ends] of place.links) if (pair.includes(device.id)) ends[0].wire.cut()
  await device.stop()
  await device.start()
  device.rooms.carried.tellAll()
  for (let round = 0; round < 4; round += 1) {
    place.greetAll()
    await settle()
  }
}

/** The 24 words of a device's person, which it still keeps. */
export const wordsOf = ({ rooms }: Device): string => rooms.phrase.show().words.join(' ')

/** Makes of the home of a running device what a restored backup of it would be. */
export async function archive(device: Device): Promise<void> {
  await device.rooms.conversations.signOwnTops()
  const [key, row] = withoutKeys({
    store: device.store,
    random: (length) => new Uint8Array(randomBytes(length)),
  })
  await device.store.commit((batch) => {
    batch.put(key, row)
    batch.put(archiveKey, archiveRow(1))
  })
}
