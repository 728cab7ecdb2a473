/** The link in memory keeps the contract of links. */

import t from 'tap'
import { systemTimers } from '../../../daemon/timers.ts'
import { linkContract } from '../../contracts/link.ts'
import { fakeDevice } from '../../support/fake-device.ts'
import { linkPair } from '../../support/link-pair.ts'

linkContract(t, 'linkPair()', () => {
  const [here, there] = linkPair({ timers: systemTimers, devices: [fakeDevice(1).id, fakeDevice(2).id], delayMs: 0 })
  return Promise.resolve({ here, there, cut: () => here.wire.cut(), stop: () => here.wire.cut() })
})
