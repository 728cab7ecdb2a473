/** warren stop: ends the daemon and waits until it is gone. */

import { setTimeout as wait } from 'node:timers/promises'
import type { Status } from '../../../protocol/http.ts'
import { CommandError } from '../command-error.ts'
import type { Command } from '../command.ts'

const mostMs = 5000
const everyMs = 25

/** Another program's process can only be asked again and again. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export const command: Command = {
  name: 'stop',
  arguments: '',
  summary: 'stop the daemon',
  description: ['Asks the daemon of this home to close and waits until its process has ended.'],
  takes: [0, 0],
  examples: [['warren stop', 'Stops the daemon on the default home.']],
  async run({ client, json, out }) {
    const { pid } = await client.ask<Status>('GET', '/status')
    await client.ask('POST', '/stop', {})
    for (let waitedMs = 0; isAlive(pid); waitedMs += everyMs) {
      if (waitedMs >= mostMs) throw new CommandError('TIMED_OUT', `process ${pid} has not ended yet`)
      await wait(everyMs)
    }
    if (json) out.json({ stopped: true, pid })
    else out.line('stopped')
  },
}
