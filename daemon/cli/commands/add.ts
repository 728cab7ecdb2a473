/** warren add: asks somebody to become a contact. */

import type { Contact, NewContact, Peer } from '../../../protocol/http-people.ts'
import { carefulLines } from '../careful.ts'
import { argument, textValue, type Call, type Command } from '../command.ts'
import { findGroup, findMember } from '../groups/find.ts'
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

/** A member of a group, whose devices are known: nothing is sent before it is said who that is. */
async function member(call: Call, who: string, group: string): Promise<NewContact> {
  const found = await findMember(call.client, await findGroup(call.client, group), who)
  const name = safeLine(callName(found))
  if (!call.json)
    for (const line of [`${name}, fingerprint ${found.fingerprint}`, ...carefulLines(name, found)]) call.out.line(line)
  return { contactId: found.id }
}

async function targetOf(call: Call, to: string): Promise<NewContact> {
  const group = textValue(call.values, 'group')
  if (group !== undefined) return await member(call, to, group)
  return /^warren:/i.test(to) ? { link: to } : await look(call, to)
}

export const command: Command = {
  name: 'add',
  arguments: '<link|host[:port]|multiaddr|member>',
  summary: 'ask somebody to become a contact',
  description: [
    'Sends a contact request to the person of a warren: link, or to whoever answers at an address: a host name, host:port, an IPv4 address, [IPv6]:port or a multiaddr.',
    'For an address it prints the name and the fingerprint that answered, then sends the request: compare the fingerprint with what `warren id` shows there.',
    'With --group it asks a member of a group of yours, by name or by the beginning of an id, who is told which group you share.',
    'A line that begins with careful: says that another person than one you know answered, whose name or address is the same.',
    'Prints the contact with --json.',
  ],
  options: {
    note: { type: 'string', value: 'TEXT', help: 'words that go with the request, at most 256 characters' },
    group: { type: 'string', value: 'GROUP', help: 'a group of yours, of which it asks a member' },
  },
  takes: [1, 1],
  examples: [
    ['warren add 192.168.1.7', 'Asks the person at this address, on the default port.'],
    ["warren add bob --group 'Book club'", 'Asks the Bob of your book club.'],
    ["warren add warren:AbC... --note 'It is me, Bob'", 'Asks the person of a link.'],
  ],
  async run(call) {
    const to = argument(call, 0)
    const note = textValue(call.values, 'note')
    const target = await targetOf(call, to)
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
