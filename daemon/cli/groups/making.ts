/** warren group create, list, show, set, leave and close. */

import type { Conversation } from '../../../protocol/http-conversations.ts'
import type { Group, GroupPatch, NewGroup, OwnStanding } from '../../../protocol/http-groups.ts'
import type { Contact } from '../../../protocol/http-people.ts'
import { addFiles } from '../add-files.ts'
import { CommandError } from '../command-error.ts'
import { argument, textValue, type Call } from '../command.ts'
import { confirm } from '../confirm.ts'
import { safeLine } from '../terminal.ts'
import { findContact, shortId } from '../who.ts'
import { findGroup, groupPath, groupsOf } from './find.ts'
import { readWish, type Verb } from './verb.ts'

const standings: Readonly<Record<OwnStanding, string>> = {
  invited: 'you are invited',
  joined: '',
  left: 'you left',
  removed: 'you were removed',
  closed: 'closed',
}

const standingText = ({ standing, role }: Group): string =>
  standing === 'joined' ? `you are ${role}` : standings[standing]

const memberCount = ({ members }: Group): string => (members === 1 ? '1 member' : `${members} members`)

function rowsOf({ id, title }: Conversation, group: Group): string[][] {
  const { name = '' } = group.invitedBy ?? {}
  return [
    ['name', safeLine(title)],
    ['id', id],
    ...(group.description === '' ? [] : [['about', safeLine(group.description.replaceAll(/\s+/g, ' '))]]),
    ['you', `${standingText(group)}${name === '' ? '' : `, by ${safeLine(name)}`}`],
    ['members', String(group.members)],
    ['may write', group.post],
    ['may invite', group.invite],
    ['may change', group.change],
    ['newcomers read', group.history === 'everything' ? 'everything' : 'what is written since they joined'],
  ]
}

function show({ json, out }: Call, conversation: Conversation): void {
  const { group } = conversation
  if (json) return out.json(conversation)
  if (group === undefined) return undefined
  out.rows(rowsOf(conversation, group))
  for (const { removed, devices } of group.unaware ?? [])
    out.line(
      `${safeLine(removed.name)} was removed, and may still see new messages until ${devices === 1 ? 'one more device learns' : `${devices} more devices learn`} of it`,
    )
  return undefined
}

async function create(call: Call): Promise<void> {
  const wanted = [call.values['member'] ?? []].flat().map(String)
  const wish = readWish(call.values)
  const isBroadcast = call.values['broadcast'] === true
  if (isBroadcast && wish.post === 'member') throw new CommandError('USAGE', 'in a broadcast group members only read')
  const contacts = wanted.length === 0 ? [] : await call.client.list<Contact>('/contacts')
  const members = [...new Set(wanted.map((who) => findContact(contacts, who, ['accepted']).id))]
  const body: NewGroup = {
    kind: 'group',
    name: argument(call, 0),
    members,
    ...(isBroadcast ? { post: 'admin' } : {}),
    ...wish,
  }
  const made = await call.client.ask<Conversation>('POST', '/conversations', body)
  if (call.json) return call.out.json(made)
  const asked =
    members.length === 0 ? '' : `, and ${members.length === 1 ? 'one person' : `${members.length} people`} asked`
  return call.out.line(`${safeLine(made.title)} is made${asked}`)
}

async function list({ client, json, out }: Call): Promise<void> {
  const groups = await groupsOf(client)
  if (json) return out.json(groups.map(({ conversation }) => conversation))
  if (groups.length === 0) return out.line('no groups yet: warren group create')
  return out.rows(
    groups.map(({ id, name, group }) => [safeLine(name), shortId(id), memberCount(group), standingText(group)]),
  )
}

async function set(call: Call): Promise<void> {
  const name = textValue(call.values, 'name')
  const patch: GroupPatch = { ...readWish(call.values), ...(name === undefined ? {} : { name }) }
  const path = textValue(call.values, 'picture')
  if (Object.keys(patch).length === 0 && path === undefined)
    throw new CommandError('USAGE', 'say what to set, such as --name NAME')
  if (path !== undefined && patch.color !== undefined)
    throw new CommandError('USAGE', 'a group has a picture or a colour: give one of them')
  const group = await findGroup(call.client, argument(call, 0))
  if (path !== undefined) {
    const [added] = await addFiles(call.client, group.id, [path], call.json)
    if (added !== undefined) patch.picture = added.id
  }
  show(call, await call.client.ask<Conversation>('PATCH', groupPath(group, 'group'), patch))
}

async function end(call: Call, how: 'leave' | 'close'): Promise<void> {
  const group = await findGroup(call.client, argument(call, 0))
  const name = safeLine(group.name)
  const warning = `Nobody will be able to write in "${name}" any more, and it cannot be opened again.`
  if (how === 'close') await confirm(call, warning, 'Type yes to close it for everybody:', 'nothing was changed')
  await call.client.ask('POST', groupPath(group, how), {})
  if (call.json) return call.out.json({ conversation: group.id, standing: how === 'leave' ? 'left' : 'closed' })
  return call.out.line(how === 'leave' ? `you left ${name}: what you hold stays readable` : `${name} is closed`)
}

export const makingVerbs: Readonly<Record<string, Verb>> = {
  create: {
    arguments: '<name>',
    takes: [1, 1],
    options: ['member', 'description', 'color', 'broadcast', 'post', 'invite', 'change', 'history'],
    does: 'Makes a group that you own; each --member is asked to join. Prints the conversation with --json.',
    run: create,
  },
  list: {
    arguments: '',
    takes: [0, 0],
    options: [],
    does: 'Lists groups, also those that you were invited to, left or were removed from.',
    run: list,
  },
  show: {
    arguments: '<group>',
    takes: [1, 1],
    options: [],
    does: 'Prints what it is about, your role, and who may do what.',
    run: async (call) => show(call, (await findGroup(call.client, argument(call, 0))).conversation),
  },
  set: {
    arguments: '<group>',
    takes: [1, 1],
    options: ['name', 'description', 'color', 'picture', 'post', 'invite', 'change', 'history'],
    does: 'Changes the name, the description, the colour or the picture, or who may do what.',
    run: set,
  },
  leave: {
    arguments: '<group>',
    takes: [1, 1],
    options: [],
    does: 'Leaves; what you hold stays readable. Who founded the group, or was handed it, transfers it first.',
    run: async (call) => await end(call, 'leave'),
  },
  close: {
    arguments: '<group>',
    takes: [1, 1],
    options: ['yes'],
    does: 'Ends the group for everybody, for good; asks first.',
    run: async (call) => await end(call, 'close'),
  },
}
