/** warren group members, add, accept, decline, remove, role and transfer. */

import type { Conversation } from '../../../protocol/http-conversations.ts'
import type { GroupAnswer, GroupMember, MemberPatch, NewMember } from '../../../protocol/http-groups.ts'
import type { Contact } from '../../../protocol/http-people.ts'
import { carefulLines } from '../careful.ts'
import { argument, type Call } from '../command.ts'
import { confirm } from '../confirm.ts'
import { safeLine } from '../terminal.ts'
import { callName, findContact, shortId } from '../who.ts'
import { findGroup, findMember, groupPath, membersOf, type NamedGroup } from './find.ts'
import { readRole, roleWish, type Verb } from './verb.ts'

const memberPath = (group: NamedGroup, { id }: GroupMember): string =>
  groupPath(group, `members/${encodeURIComponent(id)}`)

function stateText(member: GroupMember): string {
  if (member.state === 'invited') return 'was asked'
  return member.mine === true ? 'you' : member.online ? 'online' : 'offline'
}

async function members({ client, json, out, positionals }: Call): Promise<void> {
  const all = await membersOf(client, await findGroup(client, positionals[0] ?? ''))
  if (json) return out.json(all)
  out.rows(
    all.map((member) => [
      safeLine(callName(member)),
      shortId(member.id),
      member.root === true ? `${member.role}, cannot be removed` : member.role,
      stateText(member),
      member.devices.length === 1 ? '1 device' : `${member.devices.length} devices`,
      member.verified ? 'verified' : '',
    ]),
  )
  for (const member of all) for (const line of carefulLines(callName(member), member)) out.line(line)
  return undefined
}

const personId = /^[a-z2-7]{52}$/

/** A contact; or somebody who was a member, by their whole id. */
async function personOf({ client }: Call, who: string): Promise<{ id: string; name: string }> {
  const contacts = await client.list<Contact>('/contacts')
  if (personId.test(who) && !contacts.some(({ id }) => id === who)) return { id: who, name: shortId(who) }
  const found = findContact(contacts, who, ['accepted'])
  return { id: found.id, name: callName(found) }
}

async function add(call: Call): Promise<void> {
  const wish = roleWish(call.values)
  const group = await findGroup(call.client, argument(call, 0))
  const { id, name } = await personOf(call, argument(call, 1))
  const body: NewMember = { id, ...wish }
  const member = await call.client.ask<GroupMember>('POST', groupPath(group, 'members'), body)
  if (call.json) return call.out.json(member)
  return call.out.line(`${safeLine(name)} was asked to join ${safeLine(group.name)}`)
}

async function answer(call: Call, how: GroupAnswer['answer']): Promise<void> {
  const group = await findGroup(call.client, argument(call, 0))
  const body: GroupAnswer = { answer: how }
  const conversation = await call.client.ask<Conversation>('POST', groupPath(group, 'answer'), body)
  if (call.json) return call.out.json(conversation)
  return call.out.line(`${how === 'accept' ? 'you joined' : 'you declined'} ${safeLine(group.name)}`)
}

async function remove(call: Call): Promise<void> {
  const group = await findGroup(call.client, argument(call, 0))
  const member = await findMember(call.client, group, argument(call, 1))
  await call.client.ask('DELETE', memberPath(group, member))
  if (call.json) return call.out.json({ conversation: group.id, removed: member.id })
  const name = safeLine(callName(member))
  call.out.line(`${name} was removed from ${safeLine(group.name)}`)
  return call.out.line(`${name} may still see new messages until every other device learns of it: warren group show`)
}

async function change(call: Call, patch: MemberPatch, done: (name: string, group: string) => string): Promise<void> {
  const group = await findGroup(call.client, argument(call, 0))
  const member = await findMember(call.client, group, argument(call, 1))
  const [name, title] = [safeLine(callName(member)), safeLine(group.name)]
  if (patch.transfer === true) {
    const warning = `${name} will own "${title}" in your place, and only ${name} can give it back.`
    await confirm(call, warning, 'Type yes to hand it over:', 'nothing was changed')
  }
  const changed = await call.client.ask<GroupMember>('PATCH', memberPath(group, member), patch)
  if (call.json) return call.out.json(changed)
  return call.out.line(done(name, title))
}

export const memberVerbs: Readonly<Record<string, Verb>> = {
  members: {
    arguments: '<group>',
    takes: [1, 1],
    options: [],
    does: 'Lists everybody, those with most rights first. Prints [{id, name, role, state, online, devices}] with --json.',
    run: members,
  },
  add: {
    arguments: '<group> <who>',
    takes: [2, 2],
    options: ['role'],
    does: 'Asks a contact to join, or a former member by their whole id.',
    run: add,
  },
  accept: {
    arguments: '<group>',
    takes: [1, 1],
    options: [],
    does: 'Joins a group that somebody added you to.',
    run: async (call) => await answer(call, 'accept'),
  },
  decline: {
    arguments: '<group>',
    takes: [1, 1],
    options: [],
    does: 'Says no to it.',
    run: async (call) => await answer(call, 'decline'),
  },
  remove: {
    arguments: '<group> <who>',
    takes: [2, 2],
    options: [],
    does: 'Removes a member, or takes back that they were asked.',
    run: remove,
  },
  role: {
    arguments: '<group> <who> <role>',
    takes: [3, 3],
    options: [],
    does: 'Makes a member owner, admin, member or reader.',
    run: async (call) => {
      const role = readRole(argument(call, 2))
      await change(call, { role }, (name, group) => `${name} is ${role} of ${group} now`)
    },
  },
  transfer: {
    arguments: '<group> <who>',
    takes: [2, 2],
    options: ['yes'],
    does: 'Hands the group over: they cannot be removed from then on, and you can; asks first.',
    run: async (call) => await change(call, { transfer: true }, (name, group) => `${group} belongs to ${name} now`),
  },
}
