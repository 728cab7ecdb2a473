/** warren add: asks somebody to become a contact. */

import type { Contact, NewContact, Peer } from '../../../protocol/http-people.ts'
import { carefulLines } from '../careful.ts'
import { argument, textValue, type Call, type Command } from '../command.ts'
import { safeLine } from '../terminal.ts'
import { callName } from '../who.ts'

/** Trust on first use: says who answered there before anything is sent. */
async function look(call: Call, address: string): Promise<NewContact> {
  const peer = await call.client.ask<Peer>('POST', '/peers', { address })
  const name = safeLine(peer.name) || '(no name)'
  if (!call.json)
    for (const line of [`${name}, fingerprint ${peer.fingerprint}`, ...carefulLines(name, peer)]) call.out.line(line)
  return { deviceId: peer.deviceId }
}

export const command: Command = {
  name: 'add',
  arguments: '<link|host[:port]|multiaddr>',
  summary: 'ask somebody to become a contact',
  description: [
    'Sends a contact request to the person of a warren: link, or to whoever answers at an address: a host name, host:port, an IPv4 address, [IPv6]:port or a multiaddr.',
    'For an address it prints the name and the fingerprint that answered, then sends the request: compare the fingerprint with what `warren id` shows there.',
    'A line that begins with careful: says that another person than one you know answered, whose name or address is the same.',
    'Prints the contact with --json.',
  ],
  options: { note: { type: 'string', value: 'TEXT', help: 'words that go with the request, at most 256 characters' } },
  takes: [1, 1],
  examples: [
    ['warren add 192.168.1.7', 'Asks the person at this address, on the default port.'],
    ["warren add warren:AbC... --note 'It is me, Bob'", 'Asks the person of a link.'],
  ],
  async run(call) {
    const to = argument(call, 0)
    const note = textValue(call.values, 'note')
    const target = /^warren:/i.test(to) ? { link: to } : await look(call, to)
    const contact = await call.client.ask<Contact>('POST', '/contacts', {
      ...target,
      ...(note === undefined ? {} : { note }),
    })
    if (call.json) return call.out.json(contact)
    const name = safeLine(callName(contact))
    if (target.link !== undefined) for (const line of carefulLines(name, contact)) call.out.line(line)
    return call.out.line(contact.state === 'accepted' ? `${name} is a contact` : `request to ${name} is on its way`)
  },
}
