/** The four commands that answer or close off a person differ in one word. */

import type { Contact, ContactPatch, Successor } from '../../protocol/http-people.ts'
import { carefulLines } from './careful.ts'
import { argument, type Command } from './command.ts'
import { safeLine } from './terminal.ts'
import { callName, findContact, shortId } from './who.ts'

export interface ContactChange {
  readonly name: string
  readonly summary: string
  readonly description: readonly string[]
  readonly to: NonNullable<ContactPatch['state']>
  /** Contacts in these states are meant first. */
  readonly from: readonly Contact['state'][]
  readonly done: (name: string) => string
}

/** Whom the owner knows was meant, and they go on as another person. */
function movedLine(from: string, { name, id }: Successor, { to }: ContactChange): string {
  const [old, next] = [safeLine(from), safeLine(name) || shortId(id)]
  return to === 'accepted'
    ? `${old} goes on as ${next}: what is new is said there. That they are verified does not go along: warren verify`
    : `${old} is not followed: what was said stays`
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
      const isMoved = found.movedTo?.answer === 'open' && (change.to === 'accepted' || change.to === 'declined')
      const patch: ContactPatch = isMoved ? { follow: change.to === 'accepted' } : { state: change.to }
      const contact = await call.client.ask<Contact>('PATCH', path, patch)
      if (call.json) return call.out.json(contact)
      if (isMoved && found.movedTo !== undefined)
        return call.out.line(movedLine(callName(found), found.movedTo, change))
      call.out.line(change.done(safeLine(callName(contact))))
      if (contact.cameFrom?.answer === 'followed')
        call.out.line(`they were ${safeLine(contact.cameFrom.name)} until now: that conversation stays, to be read`)
      if (change.to === 'accepted') for (const line of carefulLines(callName(contact), contact)) call.out.line(line)
      return undefined
    },
  }
}
