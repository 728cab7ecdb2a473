/** warren events: everything that changes, as it happens. */

import { CommandError } from '../command-error.ts'
import { textValue, type Command } from '../command.ts'
import { followEvents } from '../follow.ts'

export const command: Command = {
  name: 'events',
  arguments: '',
  summary: 'print every change as a JSON line',
  description: [
    'Prints a snapshot, then each change as it happens, one JSON object a line, with or without --json: docs/api.md explains them. Ends with 1 when the daemon stops.',
  ],
  options: { after: { type: 'string', value: 'ID', help: 'go on behind this event of the same daemon run' } },
  takes: [0, 0],
  examples: [['warren events | jq -r \'select(.type == "message").message.text\'', 'Texts as they come.']],
  async run({ client, out, values }) {
    const after = textValue(values, 'after')
    if (after !== undefined && !/^\d{1,16}$/.test(after)) throw new CommandError('USAGE', '--after is a number')
    for await (const event of followEvents(client, after === undefined ? {} : { after: Number(after) })) out.json(event)
  },
}
