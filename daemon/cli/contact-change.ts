/** The four commands that answer or close off a person differ in one word. */

import type { Contact, ContactPatch } from '../../protocol/http-people.ts'
import { carefulLines } from './careful.ts'
import { argument, type Command } from './command.ts'
import { safeLine } from './terminal.ts'
import { callName, findContact } from './who.ts'

export interface ContactChange {
  readonly name: string
  readonly summary: string
  readonly description: readonly string[]
  readonly to: NonNullable<ContactPatch['state']>
  /** Contacts in these states are meant first. */
  readonly from: readonly Contact['state'][]
  readonly done: (name: string) => string
}

export function contactChange(change: ContactChange): Command {
  return {
    name: change.name,
    arguments: '<who>',
    summary: change.summary,
    description: [
      ...change.description,
      '<who> is a petname, a name, or the beginning of an id. Prints the contact with --json.',
    ],
    takes: [1, 1],
    examples: [[`warren ${change.name} bob`, `The same with an id: warren ${change.name} k5xw...`]],
    async run(call) {
      const found = findContact(await call.client.list<Contact>('/contacts'), argument(call, 0), change.from)
      const path = `/contacts/${encodeURIComponent(found.id)}`
      const contact = await call.client.ask<Contact>('PATCH', path, { state: change.to })
      if (call.json) return call.out.json(contact)
      call.out.line(change.done(safeLine(callName(contact))))
      if (change.to === 'accepted') for (const line of carefulLines(callName(contact), contact)) call.out.line(line)
      return undefined
    },
  }
}
