/** The four commands that answer or close off a person differ in one word. */

import type { Contact, ContactPatch, Successor } from '../../protocol/http-people.ts'
import { carefulLines } from './careful.ts'
import { argument, textValue, type Call, type Command } from './command.ts'
import { findGroup, findMember } from './groups/find.ts'
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
  /** Also for a member of a group who is no contact. */
  readonly ofGroups?: true
}

const groupOption = { type: 'string', value: 'GROUP', help: 'a group of yours, of which a member is meant' } as const

type Meant = Pick<Contact, 'id' | 'name' | 'petname' | 'movedTo'>

/** A contact, or a member of the group that the option names. */
async function meant(call: Call, from: ContactChange['from']): Promise<Meant> {
  const who = argument(call, 0)
  const group = textValue(call.values, 'group')
  if (group === undefined) return findContact(await call.client.list<Contact>('/contacts'), who, from)
  return await findMember(call.client, await findGroup(call.client, group), who)
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
    ...(change.ofGroups === true ? { options: { group: groupOption } } : {}),
    takes: [1, 1],
    examples: [[`warren ${change.name} bob`, `The same with an id: warren ${change.name} k5xw...`]],
    async run(call) {
      const found = await meant(call, change.from)
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
