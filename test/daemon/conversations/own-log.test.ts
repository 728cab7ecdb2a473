/** How much a person's own devices write into the log of their person. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import { publicBytes, signBytes, signingKeyFromSeed } from '../../../protocol/crypto.ts'
import { lanes } from '../../../protocol/entry.ts'
import { deviceIdOf, type DeviceId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { counterMessage } from '../../../protocol/operation-proofs.ts'

import { neighbourhood, type Device } from '../../support/device.ts'
import { startAnother } from '../../support/own-devices.ts'
import { Pen } from '../../support/pen.ts'

/** A key that agreed to be a device of this person. */
async function add({ rooms }: Device): Promise<DeviceId> {
  const key = signingKeyFromSeed(new Uint8Array(randomBytes(32)))
  const device = deviceIdOf(publicBytes(key))
  const signature = signBytes(key, counterMessage(rooms.identity.person, device))
  await rooms.conversations.ownLog.add({ device, deviceClass: 'desktop' }, signature)
  return device
}

t.test('a device writes so much into the log of its person, and removes whoever is there all the same', async (t) => {
  const world = neighbourhood(t)
  const alice = await world.start('alice')
  const second = await startAnother(world, alice, 'second')
  const { person } = alice.rooms.identity
  const { ownLog, peers } = alice.rooms.conversations
  const pen = new Pen(second.rooms.identity, person, { lane: lanes.roster })
  await second.stop()
  const stored = async (count: number): Promise<void> => {
    const before = (await peers.personLog(person)).length
    const runs = Array.from({ length: count }, () => pen.run([pen.write('?', { kind: 15, epoch: undefined })]))
    await peers.accept(person, runs, second.id)
    t.equal((await peers.personLog(person)).length - before, Math.min(count, limits.personDeviceOperations))
  }
  await stored(limits.personDeviceOperations + 1)
  // Alice has added one, and goes on: what one device wrote is not counted to another.
  for (let written = 1; written < limits.personDeviceOperations; written += 1) {
    const { devices } = ownLog.state
    if (devices.size < 32) await add(alice)
    else await ownLog.remove([...devices.keys()].at(-1) ?? second.id)
  }
  await t.rejects(add(alice), { code: 'NOT_ALLOWED', message: /24 words/ })
  await ownLog.remove(second.id)
  t.notOk(ownLog.state.devices.has(second.id))
})
