/** The fake log keeps the contract of logs. */

import t from 'tap'
import { syncLogContract, type LogEnd } from '../../contracts/sync-log.ts'
import { fakeDevice, fakeScope, topOf, type FakeDevice } from '../../support/fake-device.ts'
import { FakeLog } from '../../support/fake-log.ts'

const scope = fakeScope(1)

function end(device: FakeDevice, other: FakeDevice): LogEnd {
  const log = new FakeLog(device)
  log.share(scope, other.id)
  const post = (count: number, together = false): Promise<void> => {
    if (together) log.post({ scope }, { count })
    else
      for (let each = 0; each < count; each += 1) {
        const [run] = log.post({ scope }, { count: 1, atMs: 1_800_000_000_000 + each })
        const epoch = run && topOf(run).header.epoch
        if (epoch !== undefined) log.needKey(scope, epoch, new Uint8Array(32))
      }
    return Promise.resolve()
  }
  return { log, device: device.id, post }
}

syncLogContract(t, 'FakeLog', () => {
  const [alice, bob] = [fakeDevice(1), fakeDevice(2)]
  return Promise.resolve({
    alice: end(alice, bob),
    bob: end(bob, alice),
    scope,
    stranger: fakeDevice(3).id,
    stop: () => {},
  })
})
