/** More devices of one person, without the talk in which they are taken in. */

import { randomBytes } from 'node:crypto'
import { becomeOther } from '../../daemon/become.ts'
import { publicBytes, signBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import { deviceIdOf } from '../../protocol/ids.ts'
import { counterMessage } from '../../protocol/operation-proofs.ts'
import type { Device, World } from './device.ts'

/** A new device of the person of `first`, running and linked to it. */
export async function startAnother(world: World, first: Device, name: string): Promise<Device> {
  const another = await world.start(name)
  await takeIn(world, first, another)
  return another
}

/** Makes a running device one of the person of `first`, under a new key, and links the two. */
export async function takeIn(world: World, first: Device, another: Device): Promise<void> {
  const { identity, conversations, profile } = first.rooms
  const { person } = identity
  const seed = new Uint8Array(randomBytes(32))
  const key = signingKeyFromSeed(seed)
  const device = deviceIdOf(publicBytes(key))
  await conversations.ownLog.add({ device, deviceClass: 'desktop' }, signBytes(key, counterMessage(person, device)))
  const log = await conversations.peers.personLog(person)
  const { name: called, status, color } = profile.data
  await becomeOther(another.rooms, another.store, { seed, person, log, card: { name: called, status, color } })
  if (world.place.devices.get(another.id) === another) world.place.devices.delete(another.id)
  await another.stop()
  await another.start()
  another.rooms.carried.tellAll()
  await first.rooms.contacts.start()
  for (let round = 0; round < 3; round += 1) {
    world.place.greetAll()
    await world.settle()
  }
}
