/** warren open: shows the page in a browser. */

import type { CodeAnswer } from '../../../protocol/http-access.ts'
import { surroundings } from '../../options.ts'
import { openBrowser } from '../browser.ts'
import type { Command } from '../command.ts'

export const command: Command = {
  name: 'open',
  arguments: '',
  summary: 'open the page in a browser',
  description: [
    'Starts the browser on a private file that carries a code which works once, within a minute. Where no browser can be started, as over SSH, it prints a link that works once within 10 minutes.',
  ],
  options: { print: { type: 'boolean', help: 'only print the link' } },
  takes: [0, 0],
  examples: [
    ['warren open', 'Opens the page.'],
    ['warren open --print', 'Prints a link, for instance for another browser.'],
  ],
  async run({ client, home, json, out, values }) {
    if (values['print'] !== true) {
      const code = await client.ask<CodeAnswer>('POST', '/session/code', { printed: false })
      if (await openBrowser(home, code.url, surroundings())) return json ? out.json({ opened: true }) : undefined
    }
    const printed = await client.ask<CodeAnswer>('POST', '/session/code', { printed: true })
    if (json) return out.json({ opened: false, ...printed })
    return out.line(`Open this link within 10 minutes, it works once: ${printed.url}`)
  },
}
