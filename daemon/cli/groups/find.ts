/** Groups and their members, as people on a terminal call them. */

import type { Conversation } from '../../../protocol/http-conversations.ts'
import type { Group, GroupMember } from '../../../protocol/http-groups.ts'
import type { Client } from '../client.ts'
import { findNamed, isSelf, type Named } from '../who.ts'

export interface NamedGroup extends Named {
  readonly conversation: Conversation
  readonly group: Group
}

/** Every group that this device knows, also those that the owner belongs to no more. */
export async function groupsOf(client: Client): Promise<NamedGroup[]> {
  const all = await client.list<Conversation>('/conversations')
  return all.flatMap((conversation) => {
    const { id, title: name, group } = conversation
    return group === undefined ? [] : [{ id, name, petname: '', deviceIds: [], conversation, group }]
  })
}

/** The owner belongs, or may: what is meant if a former group has the same name. */
export const isCurrent = ({ group }: NamedGroup): boolean => group.standing === 'joined' || group.standing === 'invited'

/** Throws NOT_FOUND, or AMBIGUOUS with the candidates. */
export const findGroup = async (client: Client, which: string): Promise<NamedGroup> =>
  findNamed(await groupsOf(client), which, isCurrent, `there is no group called "${which}"`)

/** Below a group, such as `members`. */
export const groupPath = ({ id }: Pick<NamedGroup, 'id'>, what: string): string =>
  `/conversations/${encodeURIComponent(id)}/${what}`

export const membersOf = async (client: Client, group: NamedGroup): Promise<GroupMember[]> =>
  await client.list<GroupMember>(groupPath(group, 'members'))

/** The owner is `me`. Throws NOT_FOUND, or AMBIGUOUS with the candidates. */
export async function findMember(client: Client, group: NamedGroup, who: string): Promise<GroupMember> {
  const members = await membersOf(client, group)
  const mine = members.find((each) => each.mine === true)
  if (isSelf(who) && mine !== undefined) return mine
  const named = members.map((member) => ({
    id: member.id,
    name: member.name,
    petname: member.petname,
    deviceIds: member.devices.map(({ deviceId }) => deviceId),
    member,
  }))
  return findNamed(named, who, () => true, `nobody called "${who}" is in ${group.name}`).member
}
