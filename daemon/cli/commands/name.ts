/** warren name: sets the own name. */

import type { Me } from '../../../protocol/http-people.ts'
import { argument, type Command } from '../command.ts'
import { safeLine } from '../terminal.ts'

export const command: Command = {
  name: 'name',
  arguments: '<name>',
  summary: 'set the name that others see',
  description: ['Sets the own name, at most 64 characters. The page does not ask for one any more.'],
  takes: [1, 1],
  examples: [["warren name 'Alice Liddell'", 'Contacts see this name from now on.']],
  async run(call) {
    const me = await call.client.ask<Me>('PATCH', '/me', { name: argument(call, 0), welcomed: true })
    if (call.json) return call.out.json({ name: me.name })
    return call.out.line(`others see you as ${safeLine(me.name)}`)
  },
}
