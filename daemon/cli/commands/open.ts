/** warren open: shows the page in a browser. */

import type { CodeAnswer } from '../../../protocol/http-access.ts'
import { surroundings } from '../../options.ts'
import { openBrowser } from '../browser.ts'
import { qrLines } from '../qr-text.ts'
import type { Command } from '../command.ts'

export const command: Command = {
  name: 'open',
  arguments: '',
  summary: 'open the page in a browser',
  description: [
    'Starts the browser on a private file that carries a code which works once, within a minute. Where no browser can be started, as over SSH, it prints a link that works once within 10 minutes.',
  ],
  options: {
    print: { type: 'boolean', help: 'only print the link' },
    phone: {
      type: 'boolean',
      help: 'show a QR code and a link for a browser elsewhere, where warren start --serve-origin says that it is served',
    },
  },
  takes: [0, 0],
  examples: [
    ['warren open', 'Opens the page.'],
    ['warren open --print', 'Prints a link, for instance for another browser.'],
    ['warren open --phone', 'Shows a code for the camera of a phone on the same tailnet.'],
  ],
  async run({ client, home, json, out, values }) {
    if (values['phone'] === true) {
      const link = await client.ask<CodeAnswer>('POST', '/sessions/links', {})
      if (json) return out.json({ opened: false, ...link })
      for (const line of qrLines(link.url)) out.line(line)
      return out.line(`Scan it within 10 minutes, it works once: ${link.url}`)
    }
    if (values['print'] !== true) {
      const code = await client.ask<CodeAnswer>('POST', '/session/code', { printed: false })
      if (await openBrowser(home, code.url, surroundings())) return json ? out.json({ opened: true }) : undefined
    }
    const printed = await client.ask<CodeAnswer>('POST', '/session/code', { printed: true })
    if (json) return out.json({ opened: false, ...printed })
    return out.line(`Open this link within 10 minutes, it works once: ${printed.url}`)
  },
}
