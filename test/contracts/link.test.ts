/** The in-memory link that tests use keeps the contract of links. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import type { Timers } from '../../daemon/timers.ts'
import { deviceIdOf } from '../../protocol/ids.ts'
import { linkPair } from '../support/link-pair.ts'
import { linkContract } from './link.ts'

/** Unlike the daemon's, these keep the process alive: nothing else does here. */
const timers: Timers = {
  now: () => performance.now(),
  after: (ms, task) => {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  },
}

linkContract(t, 'linkPair', () => {
  const [first, second] = [deviceIdOf(randomBytes(32)), deviceIdOf(randomBytes(32))]
  const [here, there] = linkPair({ timers, devices: [first, second] })
  return Promise.resolve({ here, there, cut: () => here.wire.cut(), stop: () => undefined, losesTail: true })
})
