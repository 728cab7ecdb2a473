/** How much a person's own devices write into the log of their person. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import { recoveryRuns } from '../../../daemon/devices/recovery-runs.ts'
import { recoverySeedIn } from '../../../daemon/identity/identity.ts'
import { publicBytes, signBytes, signingKeyFromSeed } from '../../../protocol/crypto.ts'
import { lanes } from '../../../protocol/entry.ts'
import { deviceIdOf, type DeviceId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { counterMessage } from '../../../protocol/operation-proofs.ts'
import { neighbourhood, type Device } from '../../support/device.ts'
import { startAnother } from '../../support/own-devices.ts'
import { Pen } from '../../support/pen.ts'

const seedOf = (): Uint8Array => new Uint8Array(randomBytes(32))

/** A key that agreed to be a device of this person. */
async function add({ rooms }: Device): Promise<DeviceId> {
  const key = signingKeyFromSeed(seedOf())
  const device = deviceIdOf(publicBytes(key))
  const signature = signBytes(key, counterMessage(rooms.identity.person, device))
  await rooms.conversations.ownLog.add({ device, deviceClass: 'desktop' }, signature)
  return device
}

t.test('a log that takes no more devices takes removals, and one that takes no removals takes the words', async (t) => {
  const world = neighbourhood(t)
  const alice = await world.start('alice')
  const second = await startAnother(world, alice, 'second')
  const { person } = alice.rooms.identity
  const { ownLog, peers } = alice.rooms.conversations
  const pen = new Pen(second.rooms.identity, person, { lane: lanes.roster })
  await second.stop()
  const length = async (): Promise<number> => (await peers.personLog(person)).length
  const fillTo = async (count: number): Promise<void> => {
    const lacking = count - (await length())
    const runs = Array.from({ length: lacking }, () => pen.run([pen.write('?', { kind: 15, epoch: undefined })]))
    await peers.accept(person, runs, second.id)
    t.equal(await length(), count)
  }
  await fillTo(limits.personOperations - 81)
  const third = await add(alice)
  await t.rejects(add(alice), { code: 'NOT_ALLOWED', message: /full/ })
  await fillTo(limits.personOperations - 41)
  await ownLog.remove(third)
  await t.rejects(ownLog.remove(second.id), { code: 'NOT_ALLOWED', message: /full/ })
  const deviceSeed = seedOf()
  const runs = recoveryRuns({
    state: ownLog.state,
    recoveryKey: signingKeyFromSeed(recoverySeedIn(alice.store) ?? new Uint8Array(32)),
    deviceSeed,
    nextSeed: seedOf(),
    remove: [alice.id, second.id],
    generation: new Uint8Array(randomBytes(8)),
    now: 1,
  })
  await peers.accept(person, runs, second.id)
  t.strictSame([...ownLog.state.devices.keys()], [deviceIdOf(publicBytes(signingKeyFromSeed(deviceSeed)))])
})
